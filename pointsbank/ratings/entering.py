"""Who takes part in a cycle: everybody, or who put the name down (自我认星); never who is barred.

A household puts its own name down on its phone, or the committee does it for them, until `apply_until` or until the
facts are frozen. What the scheme asks of all who take part (参评条件) is judged with everything else, once for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, can
from pointsbank.clock import to_day
from pointsbank.crypto import open_many, seal_json
from pointsbank.database import unit_of_work
from pointsbank.eligibility import Verdict, as_json, evaluate, from_json
from pointsbank.errors import BadInput, NotFound
from pointsbank.ratings.bars import bars_on
from pointsbank.ratings.errors import Barred, RegistrationOver
from pointsbank.ratings.models import OPEN, RatingCycle, RatingEntry
from pointsbank.ratings.scheme import Scheme, scheme_version
from pointsbank.ratings.subjects import home_of, subject_cards, subjects_there
from pointsbank.records.keys import claim, settle

CONTEXT = "rating_entry"
APPLIED, WITHDRAWN, KEPT_OUT = "applied", "withdrawn", "kept_out"
NOTE_MAX = 300


@dataclass(frozen=True)
class PutDown:
    """Put a name down, or take it back (`withdraw`). `claimed`: the stars they think they have."""

    key: UUID
    cycle_id: UUID
    household_id: UUID
    claimed: tuple[str, ...] = ()
    note: str = ""
    withdraw: bool = False


class EntryView(NamedTuple):
    """`why`: the verdict on the prerequisite, for who was kept out by it."""

    household_id: UUID
    state: str
    claimed: tuple[str, ...]
    on_behalf: bool
    note: str
    at: datetime
    why: Verdict | None


def put_down(s: Session, cmd: PutDown, *, by: Actor, at: datetime) -> str:
    """Put a household's (or volunteer's) name down, or take it back; returns the state.

    The own household's by any of its members; anybody's by the committee. Same key again: the first answer.
    Raises: NotAllowed, NotFound, RegistrationOver, Barred, BadInput, KeyReused.
    """
    with unit_of_work(s):
        cycle = s.get(RatingCycle, (by.book_id, cmd.cycle_id), with_for_update=True)
        if cycle is None:
            raise NotFound("cycle")
        scheme = scheme_version(s, cycle.scheme_code, cycle.scheme_version)
        card = subject_cards(s, by.book_id, scheme, [cmd.household_id]).get(cmd.household_id)
        if card is None or card.place_code != cycle.place_code:
            raise NotFound("cycle")
        own = by.household_id is not None and by.household_id == home_of(s, by.book_id, scheme, card.id)
        if not (own and can(by, "ratings.enter")) and not can(by, "ratings.run", cycle.place_code):
            raise NotFound("cycle")
        if (first := claim(s, cmd, "rating_entry", by, at)) is not None:
            return str(first["state"])
        _may_still(cycle, to_day(at))
        if until := bars_on(s, by.book_id, [card.id], to_day(at), scheme.code).get(card.id):
            raise Barred("household", day=until)
        if set(cmd.claimed) - {star.code for star in scheme.stars} or len(cmd.note) > NOTE_MAX:
            raise BadInput("claimed", "没有这样的星,或者说明太长。", "No such star, or the note is too long.")
        row = s.get(RatingEntry, (by.book_id, cycle.id, card.id))
        if row is None:
            row = RatingEntry(book_id=by.book_id, cycle_id=cycle.id, household_id=card.id)
            s.add(row)
        row.state, row.claimed = WITHDRAWN if cmd.withdraw else APPLIED, sorted(set(cmd.claimed))
        row.on_behalf, row.at, row.by_user = not own, at, by.user_id
        row.sealed = seal_json(s, by.book_id, card.id, {"note": cmd.note.strip()}, CONTEXT)
        audit.record(s, by, f"ratings.{row.state}", f"cycle:{cycle.id}", at=at, on_behalf=not own)
        settle(s, cmd, by, {"state": row.state})
        s.flush()
        return row.state


def _may_still(cycle: RatingCycle, today: date) -> None:
    last = cycle.apply_until
    if cycle.frozen_at is not None or cycle.status not in (OPEN, "evaluated") or (last is not None and today > last):
        raise RegistrationOver("cycle")


def entries_of(s: Session, book_id: int, cycle_id: UUID, household_id: UUID | None = None) -> dict[UUID, EntryView]:
    """Who put the name down, or was kept out. Two statements."""
    query = select(RatingEntry).where(RatingEntry.book_id == book_id, RatingEntry.cycle_id == cycle_id)
    if household_id is not None:
        query = query.where(RatingEntry.household_id == household_id)
    rows = s.scalars(query.order_by(RatingEntry.at, RatingEntry.household_id)).all()
    opened = open_many(s, book_id, [(row.household_id, row.sealed) for row in rows], CONTEXT)
    return {row.household_id: EntryView(row.household_id, row.state, tuple(row.claimed), row.on_behalf,
                                        (facts or {}).get("note", ""), row.at,
                                        from_json(facts["why"]) if facts and "why" in facts else None)
            for row, facts in zip(rows, opened, strict=True)}


def taking_part(s: Session, cycle: RatingCycle, scheme: Scheme, on: date) -> list[UUID]:
    """Who is judged: everybody there, or who applied; without the barred. Three statements."""
    there = subjects_there(s, cycle.book_id, cycle.place_code, scheme, on)
    barred = bars_on(s, cycle.book_id, there, on, scheme.code)
    if scheme.terms.registration == "apply":
        entered = set(s.scalars(select(RatingEntry.household_id).where(
            RatingEntry.book_id == cycle.book_id, RatingEntry.cycle_id == cycle.id, RatingEntry.state != WITHDRAWN)))
        there = [subject for subject in there if subject in entered]
    return [subject for subject in there if subject not in barred]


def keep_out(s: Session, cycle: RatingCycle, scheme: Scheme, facts: dict[UUID, dict[str, Any]], *, by: Actor,
             at: datetime) -> dict[UUID, dict[str, Any]]:
    """The facts of those who meet the prerequisite; the others are noted with the verdict that says why."""
    if scheme.entry is None or not facts:
        return facts
    verdicts = {subject: evaluate(scheme.entry, mine) for subject, mine in facts.items()}
    rows = {row.household_id: row for row in s.scalars(select(RatingEntry).where(
        RatingEntry.book_id == cycle.book_id, RatingEntry.cycle_id == cycle.id))}
    for subject, verdict in verdicts.items():
        row = rows.get(subject)
        if verdict.outcome is True:
            if row is not None and row.state == KEPT_OUT:
                row.state = APPLIED
            continue
        if row is None:
            row = RatingEntry(book_id=cycle.book_id, cycle_id=cycle.id, household_id=subject, claimed=[],
                              on_behalf=True, at=at, by_user=by.user_id)
            s.add(row)
        row.state = KEPT_OUT
        row.sealed = seal_json(s, cycle.book_id, subject, {"why": as_json(verdict), "note": ""}, CONTEXT)
    s.flush()
    return {subject: mine for subject, mine in facts.items() if verdicts[subject].outcome is True}
