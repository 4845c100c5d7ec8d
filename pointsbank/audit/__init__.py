"""The audit trail: who did what to what, when, in which role, from where, and why.

An event is written inside the unit of work it is about and never changed. It waits there for its seal: every second
the server makes what waits leaves of the trail's own Merkle log (`audit.sealing`), whose checkpoints are signed with
the ledger's, and `ledger verify` names every event that was changed, taken away or slipped in (`audit.verifying`).

`subject` is a random id or a code ('record:0198…', 'sale:…'), never a name; `detail` holds plain figures only. A reason
(`why`) is free text and may name people: it is stored sealed for whom it is about, and the leaf covers the sealed
bytes, so that an erasure takes the words away and leaves the proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.audit.models import AuditEvent, AuditWaiting
from pointsbank.crypto import open_many, seal_json
from pointsbank.database import new_id

__all__ = ["NEEDS_WHY", "AuditEvent", "events_of", "reasons_of", "record"]
CONTEXT = "audit_event.why"
# What takes something from somebody, or goes against what stands: nobody does it without saying why. In words (`why`)
# or by one of the room's own kinds of reason (`reason=`); of many records at once, each record's course keeps it.
NEEDS_WHY = frozenset({
    "records.return", "records.reject", "records.void", "records.object", "records.objection_upheld",
    "records.objection_dismissed", "honours.objected", "honours.objection_upheld", "honours.objection_dismissed",
    "honours.proposed", "honours.measure_in_force", "honours.measure_refused", "honours.recheck_kept",
    "ratings.veto_entered", "ratings.veto_lifted", "household.split", "household.merge", "household.move",
    "household.away", "household.death", "household.head", "person.merged", "person.erased", "review_result.withdrawn",
    "sale.returned", "stock.write_off", "period.reopened"})


class Doer(Protocol):
    """What the trail needs to know of an actor."""

    @property
    def book_id(self) -> int: ...
    @property
    def user_id(self) -> UUID | None: ...
    @property
    def scope(self) -> str: ...
    @property
    def place_code(self) -> str: ...
    @property
    def roles(self) -> str: ...
    @property
    def origin(self) -> str: ...


def record(s: Session, by: Doer, action: str, subject: str, *, at: datetime, why: str = "", about: UUID | None = None,
           **detail: Any) -> None:
    """Add one event to the running unit of work. `about` is the subject a reason goes with when it is erased."""
    if action in NEEDS_WHY and not (why or detail.get("reason") or subject.startswith("batch:")):
        raise ValueError(f"{action} needs a reason on the trail")
    event_id = new_id()
    whom = (about or event_id) if why else None
    sealed = seal_json(s, by.book_id, whom, why, CONTEXT) if whom else None
    s.add(AuditEvent(book_id=by.book_id, id=event_id, at=at, user_id=by.user_id, scope=by.scope[:80], action=action,
                     subject=subject[:100], detail=detail, role=by.roles[:60] or None, place_code=by.place_code,
                     origin=by.origin[:80] or None, why=sealed, why_subject=whom))
    s.add(AuditWaiting(book_id=by.book_id, event_id=event_id))


def events_of(s: Session, book_id: int, subject: str) -> list[AuditEvent]:
    """All events about one subject, oldest first."""
    return list(s.scalars(select(AuditEvent).where(AuditEvent.book_id == book_id, AuditEvent.subject == subject)
                          .order_by(AuditEvent.at, AuditEvent.id)))


def reasons_of(s: Session, book_id: int, events: Sequence[AuditEvent]) -> dict[UUID, str | None]:
    """The reasons of those events that have one; None where whom it was about is erased. One statement."""
    given = [(one.id, one.why_subject, one.why) for one in events if one.why is not None and one.why_subject]
    told = open_many(s, book_id, [(whom, why) for _, whom, why in given], CONTEXT) if given else []
    return {one[0]: text for one, text in zip(given, told, strict=True)}
