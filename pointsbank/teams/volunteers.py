"""Volunteers: who offers what, in which languages, when. What somebody says of themselves exists only sealed.

    keep_volunteer(s, KeepVolunteer(key, person, ("hair",), ("korean",), ("weekend",), "有理发工具"), by=…, at=now)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require_seen
from pointsbank.clock import to_day
from pointsbank.crypto import open_many, seal_json
from pointsbank.database import unit_of_work
from pointsbank.errors import BadInput, NotFound
from pointsbank.people import Household, Person, PersonCard, person_cards, recordable, sort_key
from pointsbank.records.keys import claim, settle
from pointsbank.teams.models import Volunteer
from pointsbank.teams.service import EDIT, check_person
from pointsbank.teams.words import LANGUAGES, SKILLS, TIMES

CONTEXT = "volunteer"
NOTE_MAX = 200


@dataclass(frozen=True)
class KeepVolunteer:
    """The profile as it is to be. `active` False: volunteers no more; what was said stays sealed with the person."""

    key: UUID
    person: UUID
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    note: str = ""
    active: bool = True


class VolunteerView(NamedTuple):
    card: PersonCard
    since: date
    skills: tuple[str, ...]
    languages: tuple[str, ...]
    times: tuple[str, ...]
    note: str
    active: bool


def keep_volunteer(s: Session, cmd: KeepVolunteer, *, by: Actor, at: datetime) -> Volunteer:
    """Register a volunteer or change what they offer. Minors only with their guardian's consent.

    Raises NotAllowed, NotFound, NeedsConsent, BadInput, KeyReused.
    """
    with unit_of_work(s):
        place = _place_of(s, by.book_id, cmd.person)
        require_seen(by, EDIT, at_place=place, what="person")
        if claim(s, cmd, "volunteer.keep", by, at) is not None:
            return s.get_one(Volunteer, (by.book_id, cmd.person))
        check_person(s, by.book_id, cmd.person, place, to_day(at))
        for field, given, known in (("skills", cmd.skills, SKILLS), ("languages", cmd.languages, LANGUAGES),
                                    ("times", cmd.times, TIMES)):
            if not set(given) <= known.keys():
                raise BadInput(field, "没有这个选项。", "There is no such choice.")
        note = cmd.note.strip(" \u3000\u00a0")
        if len(note) > NOTE_MAX:
            raise BadInput("note", f"说明最多 {NOTE_MAX} 个字。", f"A note has at most {NOTE_MAX} characters.")
        told = {"skills": sorted(set(cmd.skills)), "languages": sorted(set(cmd.languages)),
                "times": sorted(set(cmd.times)), "note": note}
        sealed = seal_json(s, by.book_id, cmd.person, told, CONTEXT)
        row = s.get(Volunteer, (by.book_id, cmd.person))
        if row is None:
            row = Volunteer(book_id=by.book_id, person_id=cmd.person, since=to_day(at), sealed=sealed)
            s.add(row)
        row.sealed, row.ended_on = sealed, None if cmd.active else row.ended_on or to_day(at)
        s.flush()
        audit.record(s, by, "volunteer.kept", f"person:{cmd.person}", at=at, active=cmd.active)
        settle(s, cmd, by, {"person": str(cmd.person)})
        return row


def _place_of(s: Session, book_id: int, person_id: UUID) -> str:
    place = s.scalar(select(Household.place_code).join(
        Person, (Person.book_id == Household.book_id) & (Person.household_id == Household.id)).where(
        Person.book_id == book_id, Person.id == person_id, Person.left_on.is_(None)))
    if place is None:
        raise NotFound("person")
    return place


def _views(s: Session, book_id: int, rows: list[Volunteer], on: date) -> list[VolunteerView]:
    cards = person_cards(s, book_id, {row.person_id for row in rows})
    shown = recordable(s, cards.values(), on)  # a minor without a consent in force is not shown either
    told = open_many(s, book_id, [(row.person_id, row.sealed) for row in rows], CONTEXT)
    return [VolunteerView(card, row.since, tuple(said["skills"]), tuple(said["languages"]), tuple(said["times"]),
                          said["note"], row.ended_on is None)
            for row, said in zip(rows, told, strict=True)
            if said is not None and (card := cards.get(row.person_id)) is not None and card.left_on is None
            and shown[card.id]]


def volunteers_of_place(s: Session, book_id: int, place_code: str, *, on: date, skill: str = "", language: str = "",
                        time: str = "") -> list[VolunteerView]:
    """The active volunteers of a village, in pinyin order, by what is looked for. Five statements."""
    rows = list(s.scalars(select(Volunteer).join(
        Person, (Person.book_id == Volunteer.book_id) & (Person.id == Volunteer.person_id)).join(
        Household, (Household.book_id == Person.book_id) & (Household.id == Person.household_id)).where(
        Volunteer.book_id == book_id, Volunteer.ended_on.is_(None), Person.left_on.is_(None),
        Household.place_code == place_code)))
    found = [one for one in _views(s, book_id, rows, on) if (not skill or skill in one.skills)
             and (not language or language in one.languages) and (not time or time in one.times)]
    return sorted(found, key=lambda one: sort_key(one.card.name))


def volunteer_of(s: Session, person_id: UUID, *, by: Actor, on: date, power: str) -> tuple[PersonCard, Any]:
    """The person and their profile, if any. Raises NotFound, also out of reach or where a consent is missing."""
    card = person_cards(s, by.book_id, [person_id]).get(person_id)
    if card is None or card.left_on is not None:
        raise NotFound("person")
    require_seen(by, power, at_place=card.place_code, what="person")
    if not recordable(s, [card], on)[card.id]:
        raise NotFound("person")
    row = s.get(Volunteer, (by.book_id, person_id))
    return card, next(iter(_views(s, by.book_id, [row], on)), None) if row else None


def own_part(s: Session, book_id: int, household_id: UUID, persons: Any) -> list[dict[str, Any]]:
    """For a household's own data: what is kept about its volunteers."""
    rows = list(s.scalars(select(Volunteer).where(Volunteer.book_id == book_id, Volunteer.person_id.in_(persons))))
    told = open_many(s, book_id, [(row.person_id, row.sealed) for row in rows], CONTEXT)
    return [{"person": str(row.person_id), "since": str(row.since), "ended_on": row.ended_on and str(row.ended_on),
             **(said or {"erased": True})} for row, said in zip(rows, told, strict=True)]
