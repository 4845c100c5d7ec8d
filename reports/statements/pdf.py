"""The points statement on paper. Pure: `statement_pdf(data)` gives the same bytes for the same data."""

from __future__ import annotations

from reportlab.platypus import Flowable

from pointsbank.amounts import format_points, format_signed
from pointsbank.clock import to_day
from reports.pdf import (
    CheckCode,
    Column,
    Figure,
    Sheet,
    build_sheet,
    check_lines,
    day_span,
    day_text,
    figure_strip,
    heading,
    moment_text,
    note,
    ruled_table,
    seal_room,
    space,
    words,
)
from reports.statements.proving import ATTACHMENT, Proof
from reports.statements.records import StatementData, StatementLine

LATE_MARK = "※"


def statement_pdf(data: StatementData, check: CheckCode | None = None, proof: Proof | None = None) -> bytes:
    """A4 statement: figures first, then every line with its running balance, what lapses when, room for the
    seal. With `proof`, its attachment is in the file and the checkpoint it leads to on the paper.
    """
    _ = words(data.lang)
    sheet = Sheet(
        title=_("积分对账单"),
        issuer=data.issuer,
        made_at=data.made_at,
        lang=data.lang,
        check=check,
        mark=_("演示数据") if data.demo else "",
        running=f"{data.household_code} · {day_span(data.start, data.end, data.lang)}",
        facts=statement_facts(data),
    )
    story: list[Flowable] = [
        space(1),
        figure_strip(period_figures(data)),
        figure_strip(wallet_figures(data), 4),
        space(3),
    ]
    story += [statement_table(data), space(2)]
    if data.late_lines:
        story.append(note(late_sentence(data)))
    story += lapse_part(data)
    story += [space(4), seal_room(data.lang, data.issuer, check_lines(explanations(data, proof)))]
    return build_sheet(sheet, story, {ATTACHMENT: proof.text} if proof else None)


def statement_facts(data: StatementData) -> tuple[tuple[str, str], ...]:
    """Label and value of the head, in both languages."""
    _ = words(data.lang)
    return (
        (_("户号"), data.household_code),
        (_("户主"), data.head_name or "—"),
        (_("所在地"), data.place_name),
        (_("期间"), day_span(data.start, data.end, data.lang)),
        (_("截至日"), day_text(data.end, data.lang)),
        (_("记录截至"), moment_text(data.known_at, data.lang)),
    )


def period_figures(data: StatementData) -> list[Figure]:
    _ = words(data.lang)
    return [
        Figure(_("期初余额(分)"), format_points(data.opening)),
        Figure(_("本期增加(分)"), format_signed(data.earned)),
        Figure(_("本期减少(分)"), format_signed(data.spent)),
        Figure(_("期末余额(分)"), format_points(data.closing), strong=True),
    ]


def wallet_figures(data: StatementData) -> list[Figure]:
    _ = words(data.lang)
    figures = [Figure(_("账面(分)"), format_points(data.posted)), Figure(_("冻结(分)"), format_points(data.held))]
    if data.lapsed:
        figures.append(Figure(_("已到期待入账(分)"), format_points(data.lapsed)))
    return [*figures, Figure(_("可用(分)"), format_points(data.available))]


def statement_table(data: StatementData) -> Flowable:
    _ = words(data.lang)
    columns = [Column(_("序号"), 15), Column(_("日期"), 30), Column(_("事由"), wrap=True),
               Column(_("增"), 21, "right"), Column(_("减"), 21, "right"), Column(_("余额"), 23, "right")]
    opening = ["", day_text(data.start, data.lang), _("期初余额"), "", "", format_points(data.opening)]
    rows = [opening, *(line_row(data, line) for line in data.lines)]
    if not data.lines:
        rows.append(["", "", _("本期没有积分变动。"), "", "", ""])
    totals = [["", "", _("合计"), format_signed(data.earned), format_signed(data.spent), ""],
              ["", day_text(data.end, data.lang), _("期末余额"), "", "", format_points(data.closing)]]
    return ruled_table(columns, rows, totals=totals)


def line_row(data: StatementData, line: StatementLine) -> list[str]:
    reason = f"{LATE_MARK} {line.reason}" if data.is_late(line) else line.reason
    plus = format_signed(line.points) if line.points > 0 else ""
    minus = format_signed(line.points) if line.points < 0 else ""
    return [line.numbers, day_text(line.effective_on, data.lang), reason, plus, minus, format_points(line.balance)]


def late_sentence(data: StatementData) -> str:
    """Names what was recorded after the period ended, so that this print and an earlier one can be told apart."""
    _ = words(data.lang)
    late = data.late_lines
    parts = [_("%(number)s(%(day)s记入)", number=line.numbers, day=day_text(to_day(line.recorded_at), data.lang))
             for line in late]
    return _("%(mark)s 期末之后补记 %(count)s 笔,合计 %(points)s 分,序号 %(list)s。", mark=LATE_MARK, count=len(late),
             points=format_signed(sum(line.points for line in late)), list="、".join(parts[:12]))


def lapse_part(data: StatementData) -> list[Flowable]:
    """What lapses when, each day with its amount; nothing where nothing lapses."""
    _ = words(data.lang)
    if not data.lapses:
        return []
    columns = [Column(_("最后可用日"), 44), Column(_("说明"), wrap=True), Column(_("积分(分)"), 30, "right")]
    rows = [
        [day_text(lapse.due_on, data.lang), _("当日仍可使用,次日到期"), format_points(lapse.points)]
        for lapse in data.lapses
    ]
    return [
        heading(_("将到期的积分(按 %(day)s 余额)", day=day_text(data.as_of, data.lang))),
        ruled_table(columns, rows),
    ]


def explanations(data: StatementData, proof: Proof | None) -> list[tuple[str, str]]:
    _ = words(data.lang)
    proven = [(_("证明"), _("逐笔证明在附件 %(file)s 中,用 verifier.py 可离线核对;检查点 %(size)s · %(root)s",
                           file=ATTACHMENT, size=proof.size, root=proof.root))] if proof else []
    return [
        *proven,
        (_("余额"), _("按发生日逐笔累计。账面 = 可用 + 冻结;冻结的积分已被预留,暂时不能使用。")),
        (_("日期"), _("日期为事情发生的日子(北京时间);“记录截至”之后才录入的不在此单内。")),
        (_("序号"), _("本户积分账户的流水号,按记入先后连续编号,不跳号;问到某一笔时请报“户号-序号”,如 %(example)s。",
                     example=f"{data.household_code}-1")),
        (_("制单"), moment_text(data.made_at, data.lang)),
    ]
