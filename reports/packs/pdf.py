"""The pack on paper: figures with where each comes from, its lists, the transactions, the versions. Pure."""

from __future__ import annotations

from reportlab.platypus import Flowable

from reports.packs.records import PackData, Table
from reports.packs.wording import amount_words
from reports.pdf import (
    CheckCode,
    Column,
    Sheet,
    build_sheet,
    check_lines,
    day_span,
    day_text,
    heading,
    moment_text,
    note,
    ruled_table,
    seal_room,
    space,
    words,
)
from reports.position import position_words

PRINTED = 200  # transactions on paper; the sheet holds all of the list
BLANK = "__________"


def pack_pdf(data: PackData, check: CheckCode | None = None) -> bytes:
    """A4, black and white: what people above read first is the table of figures."""
    _ = words(data.lang)
    facts = [(_("所在地"), data.place_name), (_("期间"), day_span(data.start, data.end, data.lang)),
             (_("账本位置"), position_words(data.position, data.lang)),
             (_("记录截至"), moment_text(data.known_at, data.lang))]
    if data.whom:
        facts.insert(0, (_("推荐家庭"), data.whom))
    sheet = Sheet(title=data.title, issuer=data.issuer, made_at=data.made_at, lang=data.lang, check=check,
                  mark=_("演示数据") if data.demo else "", facts=tuple(facts),
                  running=" · ".join(part for part in (data.title, data.whom.split(" ")[0]) if part))
    story: list[Flowable] = [space(2), figures_table(data), space(3)]
    for table in data.tables:
        story += _own_table(data, table)
    story += _entries_part(data)
    story += [space(4), seal_room(data.lang, data.issuer, check_lines(_explained(data)))]
    return build_sheet(sheet, story)


def figures_table(data: PackData) -> Flowable:
    """Figures by section; the numbers in the last column are those of the list of transactions."""
    _ = words(data.lang)
    columns = [Column(_("编码"), 14), Column(_("项目"), wrap=True), Column(_("数值"), 26, "right"),
               Column(_("单位"), 16), Column(_("数据从哪里来"), 62, wrap=True)]
    rows: list[list[str]] = []
    groups: list[int] = []
    section = ""
    for figure in data.figures:
        if figure.section != section:
            section = figure.section
            groups.append(len(rows))
            rows.append(["", section, "", "", ""])
        where = figure.where
        if figure.first:
            span = f"{figure.first}–{figure.last}" if figure.last > figure.first else str(figure.first)
            where += _(";附表 %(span)s", span=span)
        rows.append([figure.ask.code, figure.ask.title, BLANK if figure.value is None else figure.text,
                     figure.ask.unit, where])
    return ruled_table(columns, rows, strong=groups)


def _own_table(data: PackData, table: Table) -> list[Flowable]:
    _ = words(data.lang)
    wide = max(range(len(table.heads)), key=lambda n: max((len(row.cells[n]) for row in table.rows), default=0))
    columns = [Column(head, 0 if n == wide else _width(table, n), "right" if n in table.right else "left",
                      wrap=n == wide) for n, head in enumerate(table.heads)]
    empty = [[_("没有登记。"), *[""] * (len(columns) - 1)]]
    if wide != 0:
        empty = [["", *[""] * (len(columns) - 1)]]
        empty[0][wide] = _("没有登记。")
    parts: list[Flowable] = [heading(table.title),
                             ruled_table(columns, [list(row.cells) for row in table.rows] or empty)]
    if table.left_out:
        parts.append(note(_("还有 %(n)s 行没有印出来。", n=table.left_out)))
    return [*parts, space(3)]


def _width(table: Table, column: int) -> int:
    """Millimetres for the longest text of a column: Chinese characters count double."""
    texts = [table.heads[column], *(row.cells[column] for row in table.rows)]
    longest = max(sum(2 if ord(char) > 0x2E7F else 1 for char in text) for text in texts)
    return min(max(longest * 17 // 10 + 4, 14), 60)


def _entries_part(data: PackData) -> list[Flowable]:
    """The transactions behind the figures, by number; what is not printed stands in the sheet made together with it."""
    _ = words(data.lang)
    if not data.entries:
        return []
    columns = [Column(_("附表号"), 16, "right"), Column(_("编码"), 14), Column(_("日期"), 30),
               Column(_("事项"), wrap=True), Column(_("户号"), 20), Column(_("计入"), 20, "right"),
               Column(_("冲回"), 20, "right"), Column(_("封存号"), 20, "right")]
    rows = [[str(entry.number), entry.code, day_text(entry.effective_on, data.lang), entry.what, entry.household,
             amount_words(entry.commodity, entry.amount),
             amount_words(entry.commodity, entry.taken_back) if entry.taken_back else "", str(entry.position + 1)]
            for entry in data.entries[:PRINTED]]
    parts: list[Flowable] = [heading(_("附表:数值背后的每一笔")), ruled_table(columns, rows, size=8)]
    if len(data.entries) > PRINTED:
        parts.append(note(_("附表共 %(n)s 笔,这里印到第 %(m)s 笔,其余在同时生成的表格里。", n=len(data.entries),
                            m=PRINTED)))
    if data.entries_left_out:
        parts.append(note(_("有 %(n)s 项笔数太多,没有列入附表,按“数据来源”页上的同一查询可逐笔查看。",
                            n=data.entries_left_out)))
    return parts


def _explained(data: PackData) -> list[tuple[str, str]]:
    _ = words(data.lang)
    return [
        (_("规则版本"), " ".join(data.versions) or "—"),
        (_("账本位置"), _("%(where)s。数值只算到这个位置:以后补记、更正都不改变这份材料,再算一次得到同样的数。",
                          where=position_words(data.position, data.lang))),
        (_("怎样核对"), _("每一项的编码、规则、期间就是查询条件;附表每行的封存号是这一笔在封存记录里的位置,"
                          "审计员可逐笔打开。")),
        (_("说明"), _("只计已入账、未冲回的记录;评价分不因兑换减少。横线处本系统不记,请按实填写。"
                      "本材料只供推荐,由上级评定。"))]
