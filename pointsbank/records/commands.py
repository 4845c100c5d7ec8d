"""What can be asked of this room: frozen commands. Every `key` is made by the client before its first try.

    SubmitRecord(key, RecordFacts(household_id, "V01", service_on, person_id=…, minutes=180, started=9 * 60))

Quantities are counted in the rule's unit with at most two decimals; amounts of money in fen; service in minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

MANY_MOST = 20_000  # rows of one submit_many, records of one decide_many


@dataclass(frozen=True)
class ActivityFacts:
    """What several people did together: the title groups their records. `minutes`: how long it lasted as planned."""

    title: str
    started: int | None = None
    minutes: int | None = None


@dataclass(frozen=True)
class RecordFacts:
    """One deed. `minutes` None with an activity that has an end: nobody checked out, so it counts to that end.

    `late_reason` is the late mark (补录): why the deed is typed in so late. `timing`: timed (by a check-in) or typed.
    """

    household_id: UUID
    rule: str
    service_on: date
    person_id: UUID | None = None
    minutes: int | None = 0
    started: int | None = None
    quantity: Decimal | int = 1
    amount_fen: int = 0
    level: str | None = None
    coefficients: tuple[str, ...] = ()
    cause: str | None = None
    activity: ActivityFacts | None = None
    external_no: str | None = None
    note: str = ""
    evidence: str = ""
    late_reason: str = ""
    timing: str = "typed"
    team: UUID | None = None


@dataclass(frozen=True)
class SubmitRecord:
    key: UUID
    facts: RecordFacts
    source: str = "typed"
    source_system: str | None = None


@dataclass(frozen=True)
class SubmitMany:
    """Many deeds in one unit of work. `import_id` links them to their upload.

    `same_is_same`: a row without an external number whose every figure was recorded before is that record.
    """

    key: UUID
    rows: tuple[RecordFacts, ...]
    source: str = "import"
    source_system: str | None = None
    import_id: UUID | None = None
    same_is_same: bool = True


@dataclass(frozen=True)
class ResubmitRecord:
    """A returned record with its facts put right, or a voided one posted anew as its next revision."""

    key: UUID
    record_id: UUID
    facts: RecordFacts


@dataclass(frozen=True)
class Decide:
    """`decision`: approve, return (to be put right and submitted again) or reject."""

    key: UUID
    record_id: UUID
    decision: str = "approve"
    reason: str = ""


@dataclass(frozen=True)
class DecideMany:
    key: UUID
    record_ids: tuple[UUID, ...]
    decision: str = "approve"
    reason: str = ""


@dataclass(frozen=True)
class Withdraw:
    key: UUID
    record_id: UUID
    reason: str = ""


@dataclass(frozen=True)
class RaiseObjection:
    key: UUID
    record_id: UUID
    text: str


@dataclass(frozen=True)
class ResolveObjection:
    """`upheld`: the objection is right, the record is rejected or, when posted, voided."""

    key: UUID
    objection_id: UUID
    upheld: bool
    reason: str


@dataclass(frozen=True)
class VoidRecord:
    key: UUID
    record_id: UUID
    reason: str
