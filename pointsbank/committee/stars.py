"""The year's rating as the committee meets it: which step it stands at, and the households by their stars."""

from __future__ import annotations

from typing import NamedTuple

from flask import url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from pointsbank.access import Actor, can
from pointsbank.ratings import CycleView, Matrix, cycles_of, matrix
from pointsbank.ratings.models import CONFIRMED
from pointsbank.web.charts import MatrixCell, MatrixRow, StarColumn, star_matrix

STATES = {True: "yes", False: "no", None: "open"}


class Stars(NamedTuple):
    """The newest cycle of a village; `table` None before its first evaluation. `step`: 1 compute, 2 jury, 3 confirm, 4
    done."""

    cycle: CycleView | None
    table: Matrix | None

    @property
    def step(self) -> int:
        if self.table is None or self.cycle is None:
            return 1
        if self.cycle.status == CONFIRMED:
            return 4
        return 2 if self.table.undecided else 3

    def state(self, step: int) -> str:
        """done, now or todo, as the page's line of steps wants it."""
        return "done" if step < self.step else "now" if step == self.step else "todo"


def stars_of(s: Session, by: Actor, place_code: str) -> Stars | None:
    """None for who may not see ratings here."""
    if not can(by, "ratings.view", place_code):
        return None
    cycle = next(iter(cycles_of(s, by.book_id, place_code, "stars")), None)
    return Stars(cycle, matrix(s, cycle, cycle.last) if cycle and cycle.last else None)


def stars_chart(by: Actor, cycle: CycleView, table: Matrix, lang: str, caption: str) -> Markup:
    """One row a household, one column a star; every cell leads to its verdict."""
    named = can(by, "people.view", cycle.place_code)
    rows = []
    for row in table.rows:
        page = url_for("ratings.household", cycle_id=cycle.id, code=row.card.code)
        cells = tuple(MatrixCell(STATES[row.outcomes.get(star.code)], f"{page}#{star.code}")
                      for star in cycle.scheme.stars)
        rows.append(MatrixRow(row.card.code, row.card.head_name if named else row.card.masked_name, row.stars, cells,
                              page))
    return star_matrix([StarColumn(star.code, star.title(lang)) for star in cycle.scheme.stars], rows, caption)
