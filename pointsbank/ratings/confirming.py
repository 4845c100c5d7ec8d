"""The last step of a year's rating: the committee stands by the outcome, and nothing in it changes any more.

Not before every star of every household has a yes or a no, by the newest evaluation or by the committee's decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require_seen
from pointsbank.database import unit_of_work
from pointsbank.errors import NotFound
from pointsbank.ratings.errors import NotEvaluated, OverQuota, StarsUndecided
from pointsbank.ratings.models import CONFIRMED, RatingCycle
from pointsbank.ratings.queries import HouseholdRow, Matrix, cycle_view, matrix

CODES_NAMED = 10


@dataclass(frozen=True)
class ConfirmCycle:
    cycle_id: UUID


def undecided_rows(table: Matrix) -> list[HouseholdRow]:
    """The households with a star that neither the figures nor people have settled."""
    return [row for row in table.rows if row.undecided]


def over_quota(table: Matrix) -> OverQuota | None:
    """Levels held by more than their quota. A higher level's places are its own."""
    over = [(band, held, most) for band, held in table.bands
            if (most := band.quota(len(table.rows))) is not None and held > most]
    if not over:
        return None
    return OverQuota("cycle", bands={
        "zh": "、".join(f"{band.title_zh} {held} 户(名额 {most})" for band, held, most in over),
        "en": ", ".join(f"{band.title_en} {held} (quota {most})" for band, held, most in over)})


def refusal_of(table: Matrix) -> StarsUndecided | OverQuota | None:
    """Why the outcome cannot be confirmed; None when it can."""
    rows = undecided_rows(table)
    if not rows:
        return over_quota(table)
    codes = [row.card.code for row in rows[:CODES_NAMED]]
    more = len(rows) > CODES_NAMED
    return StarsUndecided("cycle", n=len(rows), codes={"zh": "、".join(codes) + ("等" if more else ""),
                                                       "en": ", ".join(codes) + (", …" if more else "")})


def confirm_cycle(s: Session, cmd: ConfirmCycle, *, by: Actor, at: datetime) -> None:
    """The committee stands by the outcome: no more scores, decisions or evaluations. Twice is once.

    Raises: NotAllowed, NotFound, NotEvaluated, StarsUndecided, OverQuota.
    """
    with unit_of_work(s):
        cycle = s.get(RatingCycle, (by.book_id, cmd.cycle_id), with_for_update=True)
        if cycle is None:
            raise NotFound("cycle")
        require_seen(by, "ratings.run", at_place=cycle.place_code, what="cycle")
        if cycle.status == CONFIRMED:
            return
        view = cycle_view(s, by.book_id, cycle.id)
        if view.last is None:
            raise NotEvaluated("cycle")
        table = matrix(s, view, view.last)
        refusal = refusal_of(table)
        if refusal is not None:
            raise refusal
        if cycle.frozen_run is None:  # what was judged last is what stands
            cycle.frozen_run, cycle.frozen_at, cycle.frozen_by = view.last.id, at, by.user_id
        cycle.status, cycle.confirmed_at, cycle.confirmed_by = CONFIRMED, at, by.user_id
        audit.record(s, by, "ratings.confirmed", f"cycle:{cycle.id}", at=at, year=cycle.year, number=view.last.number,
                     as_of=view.last.as_of.isoformat(), households=len(table.rows),
                     stars=sum(row.stars for row in table.rows), bands={band.code: held for band, held in table.bands})
