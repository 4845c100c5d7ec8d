"""A household's own data, whole: what is registered, what was recorded, every entry of every account. JSON.

Rooms of higher floors add their part (`register_part`); a part is (session, book, household, persons) -> data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

import ledger
from pointsbank import accounts, audit
from pointsbank.access import Actor, AppUser, can
from pointsbank.crypto import open_many
from pointsbank.database import unit_of_work
from pointsbank.errors import NotFound
from pointsbank.people import Consent, Household, Kinship, Person
from pointsbank.records.models import ServiceRecord

Part = Callable[[Session, int, UUID, Sequence[UUID]], Any]
_parts: dict[str, Part] = {}


def register_part(name: str, read: Part) -> None:
    """What a higher floor keeps about a household. Registering the same name again replaces it."""
    _parts[name] = read


def own_data(s: Session, household_id: UUID, *, by: Actor, at: datetime) -> dict[str, Any]:
    """Everything kept about a household, for itself, or for whoever may erase it. The look is in the trail.

    Raises NotFound, also for what lies out of reach.
    """
    home = s.get(Household, (by.book_id, household_id))
    own = by.household_id == household_id and can(by, "me.view")
    if home is None or not (own or can(by, "people.erase", home.place_code)):
        raise NotFound("household")
    book_id = home.book_id
    people = list(s.scalars(select(Person).where(Person.book_id == book_id, Person.household_id == home.id)))
    facts = open_many(s, book_id, [(one.id, one.sealed) for one in people], "person")
    tags = open_many(s, book_id, [(home.id, home.sealed)], "household")[0]
    ids = [one.id for one in people]
    told = {
        "made_at": at.isoformat(), "household": {
            "code": home.code, "place": home.place_code, "group": home.group_no, "opened_on": str(home.opened_on),
            "closed_on": home.closed_on and str(home.closed_on), **(tags or {})},
        "persons": [{"id": str(one.id), **(fact or {"erased": True}), "is_head": one.is_head,
                     "joined_on": str(one.joined_on), "left_on": one.left_on and str(one.left_on)}
                    for one, fact in zip(people, facts, strict=True)],
        "consents": [{"person": str(one.person_id), "guardian": str(one.guardian_id), "version": one.version,
                      "given_on": str(one.given_on), "withdrawn_on": one.withdrawn_on and str(one.withdrawn_on)}
                     for one in s.scalars(select(Consent).where(Consent.book_id == book_id,
                                                                Consent.person_id.in_(ids)))],
        "declared_relatives": [str(one.household_id) for one in s.scalars(select(Kinship).where(
            Kinship.book_id == book_id, Kinship.person_id.in_(ids)))],
        "sign_ins": list(s.scalars(select(AppUser.login).where(AppUser.book_id == book_id, or_(
            AppUser.household_id == home.id, AppUser.person_id.in_(ids))))),
        "records": _records(s, book_id, home.id), "accounts": _accounts(s, home, ids),
        **{name: read(s, book_id, home.id, ids) for name, read in sorted(_parts.items())}}
    with unit_of_work(s):
        audit.record(s, by, "household.exported", f"household:{household_id}", at=at)
    return told


def _records(s: Session, book_id: int, household_id: UUID) -> list[dict[str, Any]]:
    rows = list(s.scalars(select(ServiceRecord).where(ServiceRecord.book_id == book_id,
                                                      ServiceRecord.household_id == household_id)
                          .order_by(ServiceRecord.id)))
    texts = open_many(s, book_id, [(row.person_id or row.household_id, row.sealed) for row in rows], "service_record")
    return [{"id": str(row.id), "rule": row.rule_code, "day": str(row.service_on), "minutes": row.minutes,
             "status": row.status, "source": row.source, **(text or {})}
            for row, text in zip(rows, texts, strict=True)]


def _accounts(s: Session, home: Household, persons: Sequence[UUID]) -> list[dict[str, Any]]:
    owned = [accounts.wallet(home.id, home.place_code), accounts.score(home.id), *map(accounts.hours, persons)]
    return [{"account": account.code, "commodity": account.commodity, "entries": [
        {"day": str(line.effective_on), "kind": line.kind, "rule": line.rule, "amount": line.amount,
         "balance": line.balance, "due_on": line.due_on and str(line.due_on)}
        for line in ledger.lines(s.connection(), home.book_id, account)]} for account in owned]
