"""The pack as one sheet that filters well: figures first, each with its lines below it. Text cells are text, always."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from pointsbank.amounts import MINUTE
from pointsbank.sheets import Value, write_xlsx
from pointsbank.words import words
from reports.packs.records import Entry, Figure, PackData
from reports.position import position_words


def pack_xlsx(data: PackData) -> bytes:
    _ = words(data.lang)
    headers = [_("编码"), _("项目"), _("数值"), _("单位"), _("数据从哪里来"), _("附表号"), _("日期"), _("事项"),
               _("户号"), _("计入"), _("冲回"), _("封存号"), _("交易编号")]
    return write_xlsx(headers, _rows(data), sheet=f"{data.title} {data.start} {data.end}")


def _number(figure: Figure) -> Value:
    """Numbers as numbers: points with two decimals, time in minutes, shares with one decimal."""
    if figure.value is None:
        return None
    if figure.ask.shown == "points":
        return Decimal(figure.value).scaleb(-2)
    if figure.ask.shown == "percent":
        return Decimal(figure.value).scaleb(-1)
    return figure.value


def _rows(data: PackData) -> Iterator[list[Value]]:
    _ = words(data.lang)
    behind: dict[str, list[Entry]] = defaultdict(list)
    for entry in data.entries:
        behind[entry.code].append(entry)
    blank: list[Value] = [None] * 8
    for label, text in ((_("材料"), data.title), (_("所在地"), data.place_name), (_("推荐家庭"), data.whom),
                        (_("期间"), f"{data.start} — {data.end}"),
                        (_("账本位置"), position_words(data.position, data.lang)),
                        (_("校验根"), data.position.root), (_("规则版本"), " ".join(data.versions))):
        if text:
            yield [None, label, None, None, text, *blank]
    section = ""
    for figure in data.figures:
        if figure.section != section:
            section = figure.section
            yield [None, section, None, None, None, *blank]
        unit = _("分钟") if figure.ask.shown == "minutes" else figure.ask.unit
        yield [figure.ask.code, figure.ask.title, _number(figure), unit, figure.where, *blank]
        for entry in behind[figure.ask.code]:
            yield [entry.code, None, None, None, None, entry.number, entry.effective_on, entry.what, entry.household,
                   _amount(entry, entry.amount), _amount(entry, entry.taken_back), entry.position + 1,
                   str(entry.transaction_id)]
    for table in data.tables:
        yield [None, table.title, None, None, None, *blank]
        for cells in (table.heads, *(row.cells for row in table.rows)):
            yield [None, *cells, *[None] * (12 - len(cells))]


def _amount(entry: Entry, amount: int) -> Value:
    return amount if entry.commodity == MINUTE else Decimal(amount).scaleb(-2)
