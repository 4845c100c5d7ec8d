"""Pictures of figures: records in, Markup out, the figures themselves always beneath as a table.

    months_chart([MonthFlow(date(2026, 3, 1), earned=4600, spent=1200), …], title=_("十二个月的收入和兑换"))
    village_year(months, [CategorySum("志愿服务", 120000), …])
    sparkline([120, 80, 260], label=_("近十二周"))
    star_matrix([StarColumn("S01", "爱党爱国星"), …],
                [MatrixRow("H001", "王德顺家", 7, (MatrixCell("yes", url), …)), …])

Binary fractions occur here only, for where a bar stands: per cent across, pixels down, so that letters keep their
size on every width. Values stay integers and are formatted by the filters.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from flask import render_template
from flask_babel import gettext as _
from markupsafe import Markup

BARS_HEIGHT = 200  # pixels
BARS_LEFT = 9.0  # per cent kept for the scale
STEPS = (1, 2, 5)


class MonthFlow(NamedTuple):
    """A month (its first day); both amounts in hundredths of a point, not negative."""

    month: date
    earned: int
    spent: int


class CategorySum(NamedTuple):
    name: str
    points: int


class MatrixCell(NamedTuple):
    """state: yes, no, or open (cannot be decided yet). The words are read aloud and shown on touch."""

    state: str
    href: str | None = None
    words: str | None = None


class MatrixRow(NamedTuple):
    code: str
    name: str
    total: int
    cells: tuple[MatrixCell, ...]
    href: str | None = None


class StarColumn(NamedTuple):
    code: str
    name: str


class Bar(NamedTuple):
    """x and width in per cent of the picture, y and height in pixels."""

    x: float
    width: float
    y: float
    height: float


class MonthBars(NamedTuple):
    month: date
    middle: float
    earned: Bar
    spent: Bar
    minor: bool  # its label is left out where there is little room


class GridLine(NamedTuple):
    y: float
    value: int


def round_top(largest: int) -> int:
    """The top of the scale: 1, 2 or 5 times a power of ten, in whole points, not below the largest value."""
    power = 100
    while True:
        for step in STEPS:
            if step * power >= largest:
                return step * power
        power *= 10


def month_bars(flows: Sequence[MonthFlow]) -> tuple[list[MonthBars], list[GridLine]]:
    """Where each bar and line of the scale stands."""
    top = round_top(max((max(flow.earned, flow.spent) for flow in flows), default=0))
    step = (100.0 - BARS_LEFT) / max(len(flows), 1)
    wide = step * 0.36

    def bar(start: float, value: int) -> Bar:
        height = value * BARS_HEIGHT / top
        return Bar(round(start, 3), round(wide, 3), round(BARS_HEIGHT - height, 2), round(height, 2))

    bars = []
    for index, flow in enumerate(flows):
        left = BARS_LEFT + step * index
        bars.append(MonthBars(flow.month, round(left + step / 2, 3), bar(left + step * 0.12, flow.earned),
                              bar(left + step * 0.52, flow.spent), minor=(len(flows) - 1 - index) % 3 != 0))
    lines = [GridLine(BARS_HEIGHT * (4 - quarter) / 4, top * quarter // 4) for quarter in (0, 2, 4)]
    return bars, lines


def months_chart(flows: Sequence[MonthFlow], title: str | None = None, *, earned: str | None = None,
                 spent: str | None = None, open_table: bool = False) -> Markup:
    """Bars by month: what came in (solid) beside what went out (hatched), and the figures."""
    bars, lines = month_bars(flows)
    return Markup(render_template(
        "web/charts/months.svg", flows=flows, bars=bars, lines=lines, height=BARS_HEIGHT, open_table=open_table,
        title=title or _("每月入账和兑换"), earned=earned or _("入账"), spent=spent or _("兑换"),
        total_earned=sum(flow.earned for flow in flows), total_spent=sum(flow.spent for flow in flows)))


def bars_chart(sums: Sequence[CategorySum], title: str) -> Markup:
    """Lying bars, longest first, each with its figure."""
    ordered = sorted(sums, key=lambda item: (-item.points, item.name))
    largest = max((item.points for item in ordered), default=0) or 1
    rows = [(item, round(max(item.points, 0) * 100 / largest, 2)) for item in ordered]
    return Markup(render_template("web/charts/bars.svg", title=title, rows=rows))


def village_year(flows: Sequence[MonthFlow], categories: Sequence[CategorySum], top: int = 6) -> Markup:
    """The year of the village: points in and out by month, and what they were earned for."""
    first = sorted(categories, key=lambda item: (-item.points, item.name))
    rest = sum(item.points for item in first[top:])
    shown = [*first[:top], *([CategorySum(_("其他"), rest)] if rest else [])]
    return Markup(render_template("web/charts/village_year.svg", months=months_chart(flows, _("全村每月入账和兑换")),
                                  categories=bars_chart(shown, _("积分从哪里来"))))


def spark_points(values: Sequence[int]) -> list[tuple[float, float]]:
    """The line's corners in a box of 100 x 30."""
    low, high = min(values, default=0), max(values, default=0)
    reach = (high - low) or 1
    step = 100.0 / max(len(values) - 1, 1)
    return [(round(index * step, 2), round(28 - (value - low) * 26 / reach, 2)) for index, value in enumerate(values)]


def sparkline(values: Sequence[int], label: str) -> Markup:
    """A small line beside a figure; the label says in words what it shows."""
    return Markup(render_template("web/charts/spark.svg", corners=spark_points(values), label=label))


def star_matrix(columns: Sequence[StarColumn], rows: Sequence[MatrixRow], caption: str | None = None) -> Markup:
    """Households by stars: one row a household, one column a star; a cell leads to its verdict. Prints on A4."""
    words = {"yes": _("达到"), "no": _("还没达到"), "open": _("现在还不能判定")}
    return Markup(render_template("web/charts/matrix.svg", columns=columns, rows=rows, words=words,
                                  caption=caption or _("各户星级")))
