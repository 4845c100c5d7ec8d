"""A person known elsewhere is asked over: asked for by the new place, agreed to by the old one, with their consent.

    request = ask_transfer(s, AskTransfer(key, "230199…", home.id, "本人签字的转移申请"), by=clerk, at=now)
    decide_transfer(s, DecideTransfer(key, request.id, True, "本人来说过", Points(500)), by=committee, at=now)

Until the old place agrees nothing of the record is shown. The person keeps their id, so service hours, consents and
teams go along by themselves. Points are the household's: what share of them follows is agreed, and moves by ledger
transactions. The last member of a household takes everything along, and the old household is closed.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import false, or_, select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, can, places_with, require, require_seen
from pointsbank.amounts import Points
from pointsbank.clock import to_day
from pointsbank.crypto import keyed_hash, open_many, seal_json
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, DomainError, NotFound
from pointsbank.households.carrying import carry, lock
from pointsbank.households.changing import go_into
from pointsbank.households.commands import MergeHouseholds
from pointsbank.households.doing import POWER, check_reason, finish, sign_ins_follow
from pointsbank.households.errors import HouseholdClosed, NeedsHead, StepAsideHere
from pointsbank.households.models import (
    AGREED,
    ASKED,
    MOVE,
    REFUSED,
    TRANSFER,
    WITHDRAWN,
    TransferRequest,
)
from pointsbank.people import (
    Household,
    HouseholdCard,
    Person,
    household_cards,
    household_row,
    member_rows,
    move_person,
    person_cards,
    persons_of_households,
    relatives_of,
    set_head,
)
from pointsbank.people.moving import stay_since
from pointsbank.places import place_cards, stem_of
from pointsbank.records.keys import claim, settle
from pointsbank.sheets import parse_id_number

ASK = "imports.roster"
CONTEXT = "transfer_request"
NO_POINTS = Points(0)


class NotKnownElsewhere(DomainError):
    code, status = "not_known_elsewhere", 409
    zh = "这个证件号在别的村没有登记,请直接登记,不用申请。"
    en = "This number is registered in no other village; register the person instead."


class AskedAlready(DomainError):
    code, status = "asked_already", 409
    zh = "这个人已经有一份转移申请在等{place}答复。"
    en = "A request for this person already waits for {place}."


class AnsweredAlready(DomainError):
    code, status = "answered_already", 409
    zh = "这份申请已经办过了。"
    en = "This request was dealt with already."


@dataclass(frozen=True)
class AskTransfer:
    """`household`: where the person is to live, in the asking village. `consent`: how they said so."""

    key: UUID
    id_no: str
    household: UUID
    consent: str


@dataclass(frozen=True)
class DecideTransfer:
    """`head`: the old household's next head, when its head leaves. `points` go along with the person."""

    key: UUID
    request: UUID
    agreed: bool
    note: str
    points: Points = NO_POINTS
    head: UUID | None = None


@dataclass(frozen=True)
class WithdrawTransfer:
    key: UUID
    request: UUID


@dataclass(frozen=True)
class _Leaving:
    """The change as the old household's log has it."""

    key: UUID
    household: UUID
    on: date
    reason: str


class RequestView(NamedTuple):
    """`name` and `members` are the old place's to see; the asking place sees them once it has been agreed."""

    id: UUID
    status: str
    from_place: str
    to_place: str
    household: str
    name: str
    mine: bool  # to decide
    asked_at: datetime
    decided_at: datetime | None
    consent: str
    answer: str
    points: int
    alone: bool
    is_head: bool
    members: list[tuple[str, str]]


def normal_number(text: str) -> str:
    """Raises BadInput with what is wrong."""
    parsed = parse_id_number(text)
    if parsed.value is None:
        problem = parsed.problem
        raise BadInput("id_no", problem.zh if problem else "请填证件号。",
                       problem.en if problem else "Give the number.")
    return parsed.value.as_18


def ask_transfer(s: Session, cmd: AskTransfer, *, by: Actor, at: datetime) -> TransferRequest:
    """Ask for a person of another village of the book. Says where they are, nothing else.

    Raises NotAllowed, NotFound, BadInput, NotKnownElsewhere, AskedAlready, HouseholdClosed, KeyReused.
    """
    number = normal_number(cmd.id_no)
    with unit_of_work(s):
        home = household_cards(s, by.book_id, [cmd.household]).get(cmd.household)
        if home is None:
            require(by, ASK)
            raise NotFound("household")
        require_seen(by, ASK, at_place=home.place_code, what="household")
        if (first := claim(s, cmd, "transfer.ask", by, at)) is not None:
            return s.get_one(TransferRequest, (by.book_id, UUID(first["request"])))
        if home.closed_on is not None:
            raise HouseholdClosed("household", code=home.code)
        consent = check_reason(cmd.consent)
        person = s.scalar(select(Person).where(Person.book_id == by.book_id, Person.left_on.is_(None),
                                               Person.id_hash == keyed_hash("id_no", number)).with_for_update())
        old = s.get(Household, (by.book_id, person.household_id)) if person else None
        if person is None or old is None or old.place_code == home.place_code:
            raise NotKnownElsewhere("id_no")
        if s.scalar(select(TransferRequest.id).where(
                TransferRequest.book_id == by.book_id, TransferRequest.person_id == person.id,
                TransferRequest.status == ASKED)):
            raise AskedAlready("id_no", place=place_cards(s, [old.place_code])[old.place_code].name)
        row = TransferRequest(
            book_id=by.book_id, id=new_id(), person_id=person.id, from_place=old.place_code, to_place=home.place_code,
            to_household=home.id, status=ASKED, points=0, asked_by=by.user_id, asked_at=at,
            sealed=seal_json(s, by.book_id, person.id, {"consent": consent}, CONTEXT))
        s.add(row)
        s.flush()
        audit.record(s, by, "transfer.asked", f"transfer:{row.id}", at=at, to=home.place_code)
        settle(s, cmd, by, {"request": str(row.id)})
        return row


def _request(s: Session, request_id: UUID, by: Actor, power: str, side: str) -> TransferRequest:
    """One's own side's request, locked. Raises NotAllowed, NotFound."""
    require(by, power)
    row = s.scalar(select(TransferRequest).where(TransferRequest.book_id == by.book_id,
                                                 TransferRequest.id == request_id).with_for_update())
    if row is None or not can(by, power, getattr(row, side)):
        raise NotFound("request")
    return row


def withdraw_transfer(s: Session, cmd: WithdrawTransfer, *, by: Actor, at: datetime) -> TransferRequest:
    """The asking place takes it back. Raises NotFound, AnsweredAlready, KeyReused."""
    with unit_of_work(s):
        row = _request(s, cmd.request, by, ASK, "to_place")
        if claim(s, cmd, "transfer.withdraw", by, at) is not None:
            return row
        if row.status != ASKED:
            raise AnsweredAlready("request")
        row.status, row.decided_by, row.decided_at = WITHDRAWN, by.user_id, at
        audit.record(s, by, "transfer.withdrawn", f"transfer:{row.id}", at=at)
        settle(s, cmd, by, {"request": str(row.id)})
        s.flush()
        return row


def decide_transfer(s: Session, cmd: DecideTransfer, *, by: Actor, at: datetime) -> TransferRequest:
    """The old place agrees, and the person moves at once, or refuses. Nobody answers what they asked themselves.

    Raises NotAllowed, NotFound, StepAsideHere, AnsweredAlready, NeedsHead, NotSoMany, OpenMatters, HouseholdClosed,
    BadInput, KeyReused.
    """
    with unit_of_work(s):
        row = _request(s, cmd.request, by, POWER, "from_place")
        if claim(s, cmd, "transfer.decide", by, at) is not None:
            return row
        if row.status != ASKED:
            raise AnsweredAlready("request")
        if by.user_id is not None and by.user_id == row.asked_by:
            raise StepAsideHere("request")
        note = check_reason(cmd.note)
        if cmd.agreed:
            _hand_over(s, row, cmd, note, by, at)
        row.status, row.decided_by, row.decided_at = AGREED if cmd.agreed else REFUSED, by.user_id, at
        row.answer = seal_json(s, by.book_id, row.person_id, {"note": note}, CONTEXT)
        audit.record(s, by, f"transfer.{row.status}", f"transfer:{row.id}", at=at, to=row.to_place, points=row.points)
        settle(s, cmd, by, {"request": str(row.id)})
        s.flush()
        return row


def _hand_over(s: Session, row: TransferRequest, cmd: DecideTransfer, note: str, by: Actor, at: datetime) -> None:
    person = s.get(Person, (by.book_id, row.person_id))
    if person is None or person.left_on is not None:
        raise NotFound("person")
    cards = household_cards(s, by.book_id, [person.household_id, row.to_household])
    home, into = cards[person.household_id], cards[row.to_household]
    if home.place_code != row.from_place or into.closed_on is not None:
        raise HouseholdClosed("household", code=into.code)
    if {home.id, into.id} & relatives_of(s, by.book_id, by.person_id):
        raise StepAsideHere("request")
    on = to_day(at)
    change = _Leaving(uuid.uuid5(row.id, "handed over"), home.id, on, note)
    members = member_rows(s, by.book_id, home.id)
    if len(members) == 1:  # nobody stays behind: everything goes along
        done = go_into(s, MergeHouseholds(change.key, home.id, into.id, on, note), home, into, by=by, at=at, kind=MOVE)
        row.points = int(done.detail["points"])
        return
    _move_one(s, person, home, into, cmd, on)
    carried = carry(s, change.key, home, into, points=_share(cmd.points), score=0, on=on, at=at,
                    meta={"why": TRANSFER, "from": str(home.id), "to": str(into.id)})
    row.points = carried.points
    sign_ins_follow(s, by.book_id, [person], into.id)
    finish(s, change, by, at, kind=TRANSFER, home=home, other=into.id, points=carried.points,
           persons=[str(person.id)], transactions=[str(one) for one in carried.transactions])


def _share(points: Points) -> int:
    if points < 0:
        raise BadInput("points", "带走的积分从 0 起。", "The points taken along are 0 or more.")
    return points


def _move_one(s: Session, person: Person, home: HouseholdCard, into: HouseholdCard, cmd: DecideTransfer,
              on: date) -> None:
    """One of several leaves; a head leaves after the next one is named."""
    lock(s, home.book_id, [home, into])
    old, target = household_row(s, home.book_id, home.id), household_row(s, into.book_id, into.id)
    if old.head_person_id == person.id:
        heir = s.get(Person, (home.book_id, cmd.head)) if cmd.head else None
        if heir is None or heir.household_id != home.id or heir.id == person.id or heir.left_on is not None:
            raise NeedsHead("head")
        set_head(s, old, heir, on)
    move_person(s, person, target, max(on, stay_since(s, person)), as_head=target.head_person_id is None)


def requests_of(s: Session, *, by: Actor, most: int = 100) -> list[RequestView]:
    """What the actor's places asked for and are asked for, open ones first. A constant number of statements."""
    leaving, coming = places_with(by, POWER), {*places_with(by, POWER), *places_with(by, ASK)}
    rows = s.scalars(select(TransferRequest).where(TransferRequest.book_id == by.book_id, or_(
        false(), *(TransferRequest.from_place.startswith(stem_of(place)) for place in leaving),
        *(TransferRequest.to_place.startswith(stem_of(place)) for place in coming)))
        .order_by((TransferRequest.status == ASKED).desc(), TransferRequest.id.desc()).limit(most)).all()
    people = person_cards(s, by.book_id, {row.person_id for row in rows})
    homes = household_cards(s, by.book_id, {row.to_household for row in rows})
    places = place_cards(s, {place for row in rows for place in (row.from_place, row.to_place)})
    said = open_many(s, by.book_id, [(row.person_id, row.sealed) for row in rows], CONTEXT)
    answers = open_many(s, by.book_id, [(row.person_id, row.answer) for row in rows], CONTEXT)
    at_home = persons_of_households(s, by.book_id, {
        people[row.person_id].household_id for row in rows
        if row.status == ASKED and row.person_id in people and can(by, POWER, row.from_place)})
    views = []
    for row, told, answer in zip(rows, said, answers, strict=True):
        mine = can(by, POWER, row.from_place)
        card = people.get(row.person_id)
        seen = card is not None and (mine or row.status == AGREED)
        members = [(str(one.id), one.name) for one in at_home.get(card.household_id, [])
                   if one.id != row.person_id] if card and mine and row.status == ASKED else []
        views.append(RequestView(
            row.id, row.status, places[row.from_place].name, places[row.to_place].name,
            homes[row.to_household].code if row.to_household in homes else "", card.name if card and seen else "",
            mine and row.status == ASKED, row.asked_at, row.decided_at, (told or {}).get("consent", ""),
            (answer or {}).get("note", ""), row.points, not members, bool(card and card.is_head), members))
    return views
