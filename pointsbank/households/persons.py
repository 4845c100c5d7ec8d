"""The same person registered twice: found, compared field by field, merged, and split again if it was a mistake.

    preview = merge_preview(s, keep, lose, by=actor)            # every conflict, everything that hangs on the other
    merge = merge_persons(s, MergePersons(key, keep, lose, {"phone": "lose"}, "同一人"), by=actor, at=now)
    undo_merge(s, UndoMerge(key, merge.id), by=actor, at=now)

The losing record stays and leads to the other. Minutes move by ledger transactions that belong to no household, so
every household's year counts as it did. Consents, declared relatives and sign-ins follow. Records keep the id they
were made with. Approvals are looked through again: nobody may have approved their own deed under two names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

import ledger
from ledger import Entry, Party, Transfer
from pointsbank import accounts, audit
from pointsbank.access import Actor, AppUser, can
from pointsbank.amounts import MINUTE
from pointsbank.clock import to_day
from pointsbank.crypto import keyed_hash, open_json, seal_json
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, Conflict, NotFound
from pointsbank.households.carrying import IN, OUT
from pointsbank.households.doing import POWER, check_reason
from pointsbank.households.errors import HeadMerged, StepAsideHere
from pointsbank.households.models import PersonMerge
from pointsbank.people import Consent, Household, Kinship, Person, PersonCard, persons_of_place, relatives_of
from pointsbank.records.keys import claim, settle
from pointsbank.records.models import RecordDecision, ServiceRecord
from pointsbank.teams import follow_back, follow_person
from pointsbank.territory.models import Grid

FIELDS = ("name", "relation", "phone", "id_no", "born_on")
HASHED = {"name": "name_hash", "phone": "phone_hash", "id_no": "id_hash"}


@dataclass(frozen=True)
class MergePersons:
    """`take`: fields in which the losing record is right."""

    key: UUID
    keep: UUID
    lose: UUID
    take: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class UndoMerge:
    key: UUID
    merge: UUID


class Conflict_(NamedTuple):
    field: str
    keep: str
    lose: str


class MergePreview(NamedTuple):
    keep: Person
    lose: Person
    facts: tuple[dict[str, str], dict[str, str]]
    homes: tuple[Household, Household]
    conflicts: list[Conflict_]
    minutes: tuple[int, int]
    hangs: dict[str, int]


def duplicates(s: Session, place_code: str, *, by: Actor) -> list[tuple[UUID, UUID, str, str, str]]:
    """(keep, lose, name, household, household) of people of one name who are likely one. Raises NotFound."""
    if not can(by, POWER, place_code):
        raise NotFound("place")
    found: list[tuple[UUID, UUID, str, str, str]] = []
    seen: dict[str, list[PersonCard]] = {}
    for card in sorted(persons_of_place(s, place_code), key=lambda one: one.id):  # the older record is kept
        for other in seen.setdefault(card.name, []):
            if card.household_id == other.household_id or (card.born_on and card.born_on == other.born_on):
                found.append((other.id, card.id, card.name, other.household_code, card.household_code))
        seen[card.name].append(card)
    return found


def _row(s: Session, book_id: int, person_id: UUID, by: Actor) -> tuple[Person, Household]:
    person = s.scalar(select(Person).where(Person.book_id == book_id, Person.id == person_id).with_for_update())
    home = s.get(Household, (book_id, person.household_id)) if person else None
    if person is None or home is None or not can(by, POWER, home.place_code):
        raise NotFound("person")
    if home.id in relatives_of(s, book_id, by.person_id):
        raise StepAsideHere("person")
    return person, home


def _facts(s: Session, person: Person) -> dict[str, str]:
    return {**dict.fromkeys(FIELDS, ""), **(open_json(s, person.book_id, person.id, person.sealed, "person")
                                            if person.sealed else {})}


def merge_preview(s: Session, keep: UUID, lose: UUID, *, by: Actor) -> MergePreview:
    """Everything to be looked at before a merge. Raises NotFound, StepAsideHere, BadInput, Conflict."""
    if keep == lose:
        raise BadInput("lose", "请选两份不同的登记。", "Choose two different records.")
    (one, home), (other, away) = _row(s, by.book_id, keep, by), _row(s, by.book_id, lose, by)
    if one.left_on is not None or other.left_on is not None:
        raise Conflict("lose")
    told = _facts(s, one), _facts(s, other)
    conflicts = [Conflict_(field, told[0][field], told[1][field]) for field in FIELDS
                 if told[0][field] != told[1][field] and told[1][field]]
    owned = [accounts.hours(one.id), accounts.hours(other.id)]
    found = ledger.balances(s.connection(), by.book_id, owned)
    count = {name: int(s.scalar(select(func.count()).select_from(table).where(table.book_id == by.book_id,
                                                                              column == other.id)) or 0)
             for name, table, column in (("records", ServiceRecord, ServiceRecord.person_id),
                                         ("consents", Consent, Consent.person_id),
                                         ("relatives", Kinship, Kinship.person_id),
                                         ("sign_ins", AppUser, AppUser.person_id))}
    return MergePreview(one, other, told, (home, away), conflicts,
                        (found[owned[0]].posted, found[owned[1]].posted), count)


def _move_minutes(s: Session, book_id: int, key: str, giver: UUID, taker: UUID, minutes: int, at: datetime) -> None:
    """Two entries with no household as party: each household's year counts as it did."""
    if not minutes:
        return
    between, day = accounts.clearing(book_id, MINUTE), to_day(at)
    ledger.post(s.connection(), book_id, [
        Entry("person", f"{key}:out", OUT, day, (Transfer(accounts.hours(giver), between, minutes),),
              Party(person=giver), meta={"why": "person", "to": str(taker)}),
        Entry("person", f"{key}:in", IN, day, (Transfer(between, accounts.hours(taker), minutes),),
              Party(person=taker), meta={"why": "person", "from": str(giver)})], recorded_at=at)


def _write(s: Session, person: Person, facts: Mapping[str, str]) -> None:
    person.sealed = seal_json(s, person.book_id, person.id, dict(facts), "person")
    for field, column in HASHED.items():
        setattr(person, column, keyed_hash(field, facts[field]) if facts.get(field) else None)


def merge_persons(s: Session, cmd: MergePersons, *, by: Actor, at: datetime) -> PersonMerge:
    """Merge two records of one person. Same key: the first answer.

    Raises: NotFound, StepAsideHere, Conflict, HeadMerged, BadInput, KeyReused.
    """
    with unit_of_work(s):
        if (answer := claim(s, cmd, "person.merge", by, at)) is not None:
            return s.get_one(PersonMerge, (by.book_id, UUID(answer["merge"])))
        check_reason(cmd.reason)
        ledger.lock_members(s.connection(), by.book_id, [accounts.hours(cmd.keep), accounts.hours(cmd.lose)])
        seen = merge_preview(s, cmd.keep, cmd.lose, by=by)
        keep, lose, before = seen.keep, seen.lose, seen.facts
        if lose.is_head and keep.household_id != lose.household_id:
            raise HeadMerged("lose")
        facts = {field: before[1][field] if field in cmd.take or not before[0][field] else before[0][field]
                 for field in FIELDS}
        moved = seen.minutes[1]
        _move_minutes(s, by.book_id, str(cmd.key), lose.id, keep.id, moved, at)
        lose.id_hash = None  # a number is one person's
        s.flush()
        _write(s, keep, facts)
        detail: dict[str, Any] = {"minutes": moved, "was_head": lose.is_head, **_follow(s, keep, lose)}
        if lose.is_head:
            lose.is_head, keep.is_head, seen.homes[0].head_person_id = False, True, keep.id
        lose.left_on, lose.left_why, lose.merged_into = to_day(at), "merged", keep.id
        detail["self_approved"] = [str(id_) for id_ in self_approvals(s, by.book_id, keep.id, lose.id)]
        row = PersonMerge(book_id=by.book_id, id=new_id(), keep_id=keep.id, lose_id=lose.id, detail=detail,
                          sealed=seal_json(s, by.book_id, keep.id, {"keep": before[0], "lose": before[1],
                                                                    "reason": cmd.reason}, "person_merge"),
                          made_by=by.user_id, made_at=at, undone_by=None, undone_at=None)
        s.add(row)
        audit.record(s, by, "person.merged", f"person:{keep.id}", at=at, why=check_reason(cmd.reason), about=keep.id,
                     lose=str(lose.id), minutes=moved, self_approved=len(detail["self_approved"]))
        settle(s, cmd, by, {"merge": str(row.id)})
        s.flush()
        return row


def _follow(s: Session, keep: Person, lose: Person) -> dict[str, list[str]]:
    """Consents, declared relatives and sign-ins go along; the ids that changed, so that they can go back."""
    book_id = keep.book_id
    consents = list(s.scalars(select(Consent).where(Consent.book_id == book_id, Consent.person_id == lose.id)))
    guarded = list(s.scalars(select(Consent).where(Consent.book_id == book_id, Consent.guardian_id == lose.id)))
    users = list(s.scalars(select(AppUser).where(AppUser.book_id == book_id, AppUser.person_id == lose.id)))
    kin = [row.household_id for row in s.scalars(select(Kinship).where(Kinship.book_id == book_id,
                                                                       Kinship.person_id == lose.id))]
    have = set(s.scalars(select(Kinship.household_id).where(Kinship.book_id == book_id,
                                                            Kinship.person_id == keep.id)))
    for row in consents:
        row.person_id = keep.id
    for row in guarded:
        row.guardian_id = keep.id
    for user in users:
        user.person_id = keep.id
    new = [household_id for household_id in kin if household_id not in have]
    s.add_all(Kinship(book_id=book_id, person_id=keep.id, household_id=household_id, declared_on=lose.joined_on)
              for household_id in new)
    s.flush()
    stays = follow_person(s, book_id, keep.id, lose.id)
    walked = list(s.scalars(select(Grid.id).where(Grid.book_id == book_id, Grid.worker_id == lose.id)))
    _walk(s, book_id, walked, keep.id)
    return {"stays": [str(id_) for id_ in stays], "grids": [str(id_) for id_ in walked],
            "consents": [str(row.id) for row in consents], "guarded": [str(row.id) for row in guarded],
            "users": [str(user.id) for user in users], "kinship": [str(household_id) for household_id in new]}


def _walk(s: Session, book_id: int, grids: Iterable[UUID], worker: UUID) -> None:
    s.execute(update(Grid).where(Grid.book_id == book_id, Grid.id.in_(list(grids))).values(worker_id=worker)
              .execution_options(synchronize_session=False))


def self_approvals(s: Session, book_id: int, *people: UUID) -> list[UUID]:
    """Records that one of these people approved though they are about, or were entered by, another of them."""
    return list(s.scalars(select(ServiceRecord.id).join(RecordDecision, (
        RecordDecision.book_id == ServiceRecord.book_id) & (RecordDecision.record_id == ServiceRecord.id)).where(
        ServiceRecord.book_id == book_id, RecordDecision.decision == "approve", RecordDecision.person_id.in_(people),
        or_(ServiceRecord.person_id.in_(people), ServiceRecord.submitted_person.in_(people))).distinct()))


def _within_reach(s: Session, merge: PersonMerge, by: Actor) -> bool:
    """Whether the actor may change households where both people are; else the merge is not there."""
    places = s.scalars(select(Household.place_code).join(
        Person, (Person.book_id == Household.book_id) & (Person.household_id == Household.id))
        .where(Person.book_id == by.book_id, Person.id.in_([merge.keep_id, merge.lose_id]))).all()
    return bool(places) and all(can(by, POWER, place) for place in places)


def undo_merge(s: Session, cmd: UndoMerge, *, by: Actor, at: datetime) -> PersonMerge:
    """Split two records again: minutes go back by transactions, facts and links as they were.

    What was recorded since stays with the record it was made for. Raises: NotFound, StepAsideHere, KeyReused.
    """
    with unit_of_work(s):
        row = s.scalar(select(PersonMerge).where(PersonMerge.book_id == by.book_id, PersonMerge.id == cmd.merge)
                       .with_for_update())
        if row is None or not _within_reach(s, row, by):
            raise NotFound("merge")
        try:
            (keep, home), (lose, _) = _row(s, by.book_id, row.keep_id, by), _row(s, by.book_id, row.lose_id, by)
        except NotFound:
            raise NotFound("merge") from None  # another village's merge answers as one that is not there
        if claim(s, cmd, "person.unmerge", by, at) is not None or row.undone_at is not None:
            return row
        before, detail = open_json(s, by.book_id, keep.id, row.sealed, "person_merge"), row.detail
        _move_minutes(s, by.book_id, str(cmd.key), keep.id, lose.id, detail["minutes"], at)
        keep.id_hash = None
        s.flush()
        _write(s, keep, before["keep"])
        _write(s, lose, before["lose"])
        lose.left_on = lose.left_why = lose.merged_into = None
        if detail["was_head"]:
            lose.is_head, keep.is_head, home.head_person_id = True, False, lose.id
        for name, table, column in (("consents", Consent, "person_id"), ("guarded", Consent, "guardian_id"),
                                    ("users", AppUser, "person_id")):
            ids = [UUID(one) for one in detail[name]]
            s.execute(update(table).where(table.book_id == by.book_id, table.id.in_(ids)).values({column: lose.id})
                      .execution_options(synchronize_session=False))
        follow_back(s, by.book_id, lose.id, [UUID(one) for one in detail.get("stays", ())])
        _walk(s, by.book_id, [UUID(one) for one in detail.get("grids", ())], lose.id)
        for household_id in detail["kinship"]:
            if (kin := s.get(Kinship, (by.book_id, keep.id, UUID(household_id)))) is not None:
                s.delete(kin)
        row.undone_by, row.undone_at = by.user_id, at
        audit.record(s, by, "person.split_again", f"person:{keep.id}", at=at, lose=str(lose.id))
        settle(s, cmd, by, {"merge": str(row.id)})
        s.flush()
        return row
