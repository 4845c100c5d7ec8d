"""What still stands of an honour: registered with the ratings, so that the till and /me count what is held today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.honours.models import AWARDED, LAPSED, REVOKED, SUSPENDED, Honour

FEW = 5_000
NOTHING: frozenset[str] = frozenset()


def standing(s: Session, book_id: int, household_ids: Sequence[UUID]) -> Mapping[tuple[UUID, UUID], frozenset[str]]:
    """{(cycle, household): stars that count}: none while suspended or after a revocation. One statement."""
    query = select(Honour.cycle_id, Honour.household_id, Honour.state, Honour.stars).where(
        Honour.book_id == book_id, Honour.state.in_((AWARDED, SUSPENDED, REVOKED, LAPSED)))
    if len(household_ids) <= FEW:
        query = query.where(Honour.household_id.in_(household_ids))
    return {(cycle_id, household_id): NOTHING if state in (SUSPENDED, REVOKED) else frozenset(stars)
            for cycle_id, household_id, state, stars in s.execute(query)}
