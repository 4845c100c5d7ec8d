"""禁评: after a revocation the household takes no part for as long as the scheme says (two years by default).

From the day of the revocation until the same day of the month two years later, when it may take part again: revoked
on 15 October 2026, it is free on 15 October 2028.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.database import new_id
from pointsbank.eligibility import months_back
from pointsbank.ratings.models import RatingBar
from pointsbank.ratings.scheme import Scheme

FEW = 5_000


def bar_household(s: Session, book_id: int, household_id: UUID, scheme: Scheme, cause: UUID, on: date) -> date:
    """Bar from this day on; returns the first free day. The same cause twice is once. In the caller's unit of work."""
    until = months_back(on, -scheme.terms.bar_months)
    first = s.scalar(select(RatingBar).where(RatingBar.book_id == book_id, RatingBar.cause == cause))
    if first is not None:
        return first.until_on
    s.add(RatingBar(book_id=book_id, id=new_id(), household_id=household_id, scheme_code=scheme.code, from_on=on,
                    until_on=until, cause=cause))
    s.flush()
    return until


def bars_on(s: Session, book_id: int, household_ids: Sequence[UUID], on: date,
            scheme_code: str | None = None) -> dict[UUID, date]:
    """{household: the day it may take part again} for those barred on the day. One statement."""
    query = select(RatingBar.household_id, RatingBar.until_on).where(
        RatingBar.book_id == book_id, RatingBar.from_on <= on, RatingBar.until_on > on)
    if scheme_code is not None:
        query = query.where(RatingBar.scheme_code == scheme_code)
    if len(household_ids) <= FEW:
        query = query.where(RatingBar.household_id.in_(household_ids))
    wanted, found = set(household_ids), dict[UUID, date]()
    for household_id, until in s.execute(query):
        if household_id in wanted:
            found[household_id] = max(until, found.get(household_id, until))
    return found
