"""Running the ledger's check from the page. The outcome is kept in the audit trail: when, by whom, what was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

import ledger
from pointsbank import audit
from pointsbank.access import Actor, require
from pointsbank.database import unit_of_work

POWER = "audit.view"
ACTION = "ledger_checked"
KEPT = 50  # findings kept with a check; the command line shows all


@dataclass(frozen=True)
class RunCheck:
    key: UUID


@dataclass(frozen=True)
class CheckResult:
    """`found` is how many laws were seen broken, `findings` the first of them."""

    at: datetime
    found: int
    findings: tuple[dict[str, Any], ...]
    replay: bool = False

    @property
    def clean(self) -> bool:
        return self.found == 0


def run_check(s: Session, cmd: RunCheck, *, by: Actor, at: datetime) -> CheckResult:
    """Prove every law of the reader's book, and note the outcome. Reads the whole book, holds no lock meanwhile.

    The same key again: the first outcome. Raises NotAllowed.
    """
    require(by, POWER)
    for event in checks_of(s, by.book_id):
        if event.detail.get("key") == str(cmd.key):
            return _result(event, replay=True)
    findings = [{"law": found.law, "account": found.account, "message": found.message,
                 "transaction": str(found.transaction) if found.transaction else None}
                for found in ledger.check(s.connection(), by.book_id)]
    with unit_of_work(s):
        audit.record(s, by, ACTION, subject(by.book_id), at=at, key=str(cmd.key), found=len(findings),
                     findings=findings[:KEPT])
    return CheckResult(at, len(findings), tuple(findings[:KEPT]))


def last_check(s: Session, book_id: int) -> CheckResult | None:
    """The newest outcome, or None when nobody has checked yet."""
    events = checks_of(s, book_id)
    return _result(events[-1]) if events else None


def checks_of(s: Session, book_id: int) -> list[audit.AuditEvent]:
    return [event for event in audit.events_of(s, book_id, subject(book_id)) if event.action == ACTION]


def subject(book_id: int) -> str:
    return f"book:{book_id}"


def _result(event: audit.AuditEvent, replay: bool = False) -> CheckResult:
    return CheckResult(event.at, event.detail["found"], tuple(event.detail["findings"]), replay)
