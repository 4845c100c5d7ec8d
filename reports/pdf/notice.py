"""Public notices (公示) for the notice board: who gets what and why, and how to object. Names come masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from reportlab.platypus import Flowable

from reports.pdf.parts import Column, check_lines, paragraph, ruled_table, seal_room, space
from reports.pdf.sheet import CheckCode, Sheet, build_sheet
from reports.pdf.words import day_span, day_text, words


@dataclass(frozen=True)
class NoticeData:
    """A list put up for some days. `rows` fit `columns`; `lead` says in a sentence or two what it is
    about.
    """

    title: str
    issuer: str
    place_name: str
    lead: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    start: date
    end: date
    objections: str
    made_at: datetime
    totals: tuple[tuple[str, ...], ...] = ()
    demo: bool = False
    lang: str = "zh"


def notice_pdf(data: NoticeData, check: CheckCode | None = None) -> bytes:
    """A4, to be hung up: large enough to read standing, with the last day to object and room for the seal."""
    _ = words(data.lang)
    sheet = Sheet(
        title=data.title,
        issuer=data.issuer,
        made_at=data.made_at,
        check=check,
        lang=data.lang,
        mark=_("演示数据") if data.demo else "",
        running=day_span(data.start, data.end, data.lang),
        facts=(
            (_("所在地"), data.place_name),
            (_("公示期"), day_span(data.start, data.end, data.lang)),
            (_("条数"), str(len(data.rows))),
        ),
    )
    listed = (ruled_table(data.columns, data.rows, totals=data.totals, size=10) if data.rows
              else paragraph(_("本期没有需要公示的内容。"), 11))
    story: list[Flowable] = [space(2), paragraph(data.lead, 11), space(3), listed, space(4)]
    story.append(
        seal_room(
            data.lang,
            data.issuer,
            check_lines(
                [
                    (
                        _("异议"),
                        _(
                            "如有异议,请在 %(day)s 前(含当日)提出:%(how)s",
                            day=day_text(data.end, data.lang),
                            how=data.objections,
                        ),
                    ),
                    (_("说明"), _("为保护个人信息,姓名只显示一部分。")),
                ]
            ),
        )
    )
    return build_sheet(sheet, story)
