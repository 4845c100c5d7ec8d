"""Taking hold of an honour for a write: its row locked, the power asked for, relatives stepping aside."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require_seen
from pointsbank.errors import NotFound
from pointsbank.honours.errors import WriteWhy, WrongState
from pointsbank.honours.models import Honour
from pointsbank.honours.words import HONOUR_STATES
from pointsbank.people import relatives_of
from pointsbank.ratings import Scheme, home_of, scheme_version
from pointsbank.ratings.errors import StepAside
from pointsbank.ratings.models import RatingCycle

REASON_MIN, REASON_MAX = 5, 500


def cycle_of(s: Session, honour: Honour) -> RatingCycle:
    return s.get_one(RatingCycle, (honour.book_id, honour.cycle_id))


def scheme_of(s: Session, cycle: RatingCycle) -> Scheme:
    return scheme_version(s, cycle.scheme_code, cycle.scheme_version)


def lock_honour(s: Session, by: Actor, honour_id: UUID, power: str | None, what: str = "honour") -> Honour:
    """The row, locked. `what`: the thing that was asked for. Raises NotFound, NotAllowed."""
    row = s.get(Honour, (by.book_id, honour_id), with_for_update=True)
    if row is None:
        raise NotFound(what)
    if power is not None:
        require_seen(by, power, at_place=row.place_code, what=what)
    return row


def step_aside(s: Session, by: Actor, honour: Honour) -> None:
    """Raises StepAside for one's own household and relatives'."""
    home = home_of(s, by.book_id, scheme_of(s, cycle_of(s, honour)), honour.household_id)
    if home in relatives_of(s, by.book_id, by.person_id):
        raise StepAside("household")


def must_be(honour: Honour, *states: str) -> None:
    """Raises WrongState."""
    if honour.state not in states:
        raise WrongState("honour", state=HONOUR_STATES[honour.state])


def reason_of(text: str, field: str = "reason") -> str:
    """Raises WriteWhy."""
    found = text.strip()[:REASON_MAX]
    if len(found) < REASON_MIN:
        raise WriteWhy(field)
    return found


def note(s: Session, by: Actor, what: str, honour: Honour, at: datetime, why: str = "", **facts: Any) -> None:
    audit.record(s, by, f"honours.{what}", f"honour:{honour.id}", at=at, why=why, about=honour.household_id, **facts)
