"""An ID number put on a person's record: at once when it checks, by a second person when its check digit is wrong.

    claim = give_number(s, GiveNumber(key, person, "110105194912310021", "看过身份证原件"), by=recorder, at=now)
    confirm_number(s, ConfirmNumber(key, claim.id, True), by=committee, at=now)

Only the check digit may be wrong, and only as it stands on the real card: a wrong day or a letter is a slip of the pen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, can, require, require_seen
from pointsbank.crypto import keyed_hash, open_json, open_many, seal_json
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, NotFound
from pointsbank.households.doing import POWER, check_reason
from pointsbank.households.errors import StepAsideHere
from pointsbank.households.models import AGREED, ASKED, REFUSED, NumberClaim
from pointsbank.households.transfers import AnsweredAlready
from pointsbank.people import Person, PersonCard, person_cards
from pointsbank.people.service import AlreadyThere, born_from_id
from pointsbank.records.keys import claim, settle
from pointsbank.sheets import parse_id_number

GIVE = "imports.roster"
CONTEXT = "number_claim"


@dataclass(frozen=True)
class GiveNumber:
    """`seen`: what was looked at; needed for a number that does not check."""

    key: UUID
    person: UUID
    id_no: str
    seen: str


@dataclass(frozen=True)
class ConfirmNumber:
    key: UUID
    claim: UUID
    agreed: bool


class ClaimView(NamedTuple):
    id: UUID
    name: str
    household: str
    number: str
    seen: str
    made_at: datetime
    own: bool  # of the one who looks: somebody else decides


def checked(text: str) -> tuple[str, bool]:
    """(number, whether it checks). Raises BadInput for anything but a wrong check digit."""
    parsed = parse_id_number(text, allow_old=False)
    if parsed.value is not None:
        return parsed.value.as_18, True
    problem = parsed.problem
    number = "".join(text.split()).upper()
    if problem is not None and problem.code == "id_check_digit":
        return number, False
    raise BadInput("id_no", problem.zh if problem else "请填证件号。", problem.en if problem else "Give the number.")


def _person(s: Session, person_id: UUID, by: Actor, power: str) -> tuple[Person, PersonCard]:
    card = person_cards(s, by.book_id, [person_id]).get(person_id)
    if card is None or card.left_on is not None:
        require(by, power)
        raise NotFound("person")
    require_seen(by, power, at_place=card.place_code, what="person")
    return s.get_one(Person, (by.book_id, person_id), with_for_update=True), card


def _put(s: Session, person: Person, number: str) -> None:
    """Raises AlreadyThere for a number of somebody else."""
    hashed = keyed_hash("id_no", number)
    if s.scalar(select(Person.id).where(Person.book_id == person.book_id, Person.id_hash == hashed,
                                        Person.id != person.id)):
        raise AlreadyThere("id_no", what={"zh": "这个证件号", "en": "This ID number"})
    facts = open_json(s, person.book_id, person.id, person.sealed, "person") if person.sealed else {}
    born = born_from_id(number)
    told = {**facts, "id_no": number, "born_on": born.isoformat() if born else facts.get("born_on", "")}
    person.sealed, person.id_hash = seal_json(s, person.book_id, person.id, told, "person"), hashed
    s.flush()


def give_number(s: Session, cmd: GiveNumber, *, by: Actor, at: datetime) -> NumberClaim:
    """Store a number that checks; keep one that does not for a second person.

    Raises NotAllowed, NotFound, BadInput, AlreadyThere, KeyReused.
    """
    number, good = checked(cmd.id_no)
    with unit_of_work(s):
        person, _ = _person(s, cmd.person, by, GIVE)
        if (first := claim(s, cmd, "number.give", by, at)) is not None:
            return s.get_one(NumberClaim, (by.book_id, UUID(first["claim"])))
        seen = check_reason(cmd.seen)
        if good:
            _put(s, person, number)
        row = NumberClaim(
            book_id=by.book_id, id=new_id(), person_id=person.id, status=AGREED if good else ASKED, made_by=by.user_id,
            made_at=at, decided_by=None, decided_at=at if good else None,
            sealed=seal_json(s, by.book_id, person.id, {"id_no": number, "seen": seen}, CONTEXT))
        s.add(row)
        s.flush()
        audit.record(s, by, "number.given" if good else "number.claimed", f"person:{person.id}", at=at)
        settle(s, cmd, by, {"claim": str(row.id)})
        return row


def confirm_number(s: Session, cmd: ConfirmNumber, *, by: Actor, at: datetime) -> NumberClaim:
    """A second person has looked at the card too, or refuses. Never the one who gave it.

    Raises NotAllowed, NotFound, StepAsideHere, AnsweredAlready, AlreadyThere, KeyReused.
    """
    with unit_of_work(s):
        require(by, POWER)
        row = s.scalar(select(NumberClaim).where(NumberClaim.book_id == by.book_id, NumberClaim.id == cmd.claim)
                       .with_for_update())
        if row is None:
            raise NotFound("claim")
        try:
            person, card = _person(s, row.person_id, by, POWER)
        except NotFound:
            raise NotFound("claim") from None
        if claim(s, cmd, "number.confirm", by, at) is not None:
            return row
        if row.status != ASKED:
            raise AnsweredAlready("claim")
        if (by.user_id is not None and by.user_id == row.made_by) or card.household_id == by.household_id:
            raise StepAsideHere("claim")
        if cmd.agreed:
            _put(s, person, open_json(s, by.book_id, person.id, row.sealed, CONTEXT)["id_no"])
        row.status, row.decided_by, row.decided_at = AGREED if cmd.agreed else REFUSED, by.user_id, at
        audit.record(s, by, "number.confirmed" if cmd.agreed else "number.refused", f"person:{person.id}", at=at)
        settle(s, cmd, by, {"claim": str(row.id)})
        s.flush()
        return row


def waiting_numbers(s: Session, *, by: Actor) -> list[ClaimView]:
    """What waits for a second person within the actor's reach; the number whole, for it is compared with the card."""
    rows = list(s.scalars(select(NumberClaim).where(NumberClaim.book_id == by.book_id, NumberClaim.status == ASKED)
                          .order_by(NumberClaim.id)))
    cards = person_cards(s, by.book_id, {row.person_id for row in rows})
    told = open_many(s, by.book_id, [(row.person_id, row.sealed) for row in rows], CONTEXT)
    return [ClaimView(row.id, card.name, card.household_code, said["id_no"], said["seen"], row.made_at,
                      by.user_id is not None and row.made_by == by.user_id)
            for row, said in zip(rows, told, strict=True)
            if said and (card := cards.get(row.person_id)) is not None and can(by, POWER, card.place_code)]
