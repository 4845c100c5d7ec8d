"""Where a cycle stands, and what comes next: the line of steps every page of a cycle begins with.

    stand = stand_of(s, by, cycle, today)      # stand.steps, stand.next: 'freeze', 'jury', 'confirm', 'publish', …
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from pointsbank.access import Actor
from pointsbank.clock import to_day
from pointsbank.errors import DomainError
from pointsbank.honours.errors import SameHand
from pointsbank.honours.models import NOTICE, OBJECTED
from pointsbank.honours.queries import HonourRow, NoticeView, honours_of_cycle, notice_of
from pointsbank.ratings import CycleView, Matrix, matrix
from pointsbank.ratings.confirming import refusal_of
from pointsbank.ratings.models import CONFIRMED

ORDER = ("enter", "freeze", "jury", "confirm", "publish", "award", "watch")


class Step(NamedTuple):
    """As the page's line of steps wants it."""

    label: str
    state: str
    when: str | None


class Stand(NamedTuple):
    """`next`: the step to take now. `due`: rows whose notice has run out. `why`: why this person may not take it."""

    cycle: CycleView
    table: Matrix | None
    notice: NoticeView | None
    rows: list[HonourRow]
    next: str
    due: int
    steps: list[Step]
    why: DomainError | None

    @property
    def objected(self) -> int:
        return sum(row.state == OBJECTED for row in self.rows)

    @property
    def running(self) -> int:
        return sum(row.state == NOTICE for row in self.rows) - self.due

    @property
    def last_day(self) -> date | None:
        return max((row.notice_until for row in self.rows if row.state == NOTICE), default=None)


def stand_of(s: Session, by: Actor, cycle: CycleView, today: date) -> Stand:
    """A dozen statements, whatever the number of households."""
    table = matrix(s, cycle, cycle.last) if cycle.last else None
    notice = notice_of(s, cycle.book_id, cycle.id)
    rows = honours_of_cycle(s, cycle) if notice else []
    due = sum(row.state == NOTICE and row.notice_until < today for row in rows)
    following = _next(cycle, table, notice, rows, today)
    own = notice is not None and by.user_id in (notice.published_by, cycle.confirmed_by)
    why = SameHand("cycle") if following == "award" and due and own else None
    return Stand(cycle, table, notice, rows, following, due, _steps(cycle, table, notice, following, today), why)


def _next(cycle: CycleView, table: Matrix | None, notice: NoticeView | None, rows: list[HonourRow],
          today: date) -> str:
    if notice is not None:
        waiting = any(row.state in (NOTICE, OBJECTED) for row in rows)
        return "award" if waiting else "watch"
    if cycle.status == CONFIRMED:
        return "publish"
    if cycle.frozen_at is None:
        open_still = cycle.apply_until is not None and today <= cycle.apply_until
        return "enter" if open_still else "freeze"
    if table is not None and table.undecided:
        return "jury"
    return "confirm"


def _steps(cycle: CycleView, table: Matrix | None, notice: NoticeView | None, following: str,
           today: date) -> list[Step]:
    jury = any(star.jury for star in cycle.scheme.stars)
    labels = {"enter": _("报名"), "freeze": _("固定数据、评定"), "jury": _("群众评议"), "confirm": _("“两委”确认"),
              "publish": _("公示"), "award": _("授牌"), "watch": _("动态管理")}
    when = {"enter": cycle.apply_until, "freeze": to_day(cycle.frozen_at) if cycle.frozen_at else None,
            "publish": notice.starts_on if notice else None,
            "award": to_day(notice.awarded_at) if notice and notice.awarded_at else None}
    here = "publish" if following == "award" and notice and notice.awarded_at is None and _runs(notice, today) else (
        following)
    at = ORDER.index(here)
    shown = [name for name in ORDER if name != "jury" or jury]
    return [Step(labels[name], "done" if ORDER.index(name) < at else "now" if name == here else "todo",
                 _day(when.get(name))) for name in shown]


def _runs(notice: NoticeView, today: date) -> bool:
    return today <= notice.ends_on


def _day(day: date | None) -> str | None:
    return _("%(month)s 月 %(day)s 日", month=day.month, day=day.day) if day else None


def refusal_to_confirm(stand: Stand) -> DomainError | None:
    """Why the committee cannot confirm yet: open stars, or more than the quota."""
    return refusal_of(stand.table) if stand.table is not None and stand.next == "confirm" else None
