"""The sweep of holds whose time is over. A debit ends its own account's holds by itself: late is as good."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

import ledger
from pointsbank.database import unit_of_work


def end_holds(s: Session, book_id: int, at: datetime) -> str:
    """End what timed out by `at`, in portions, each its own unit of work. Returns a sentence."""
    done = 0
    while True:
        with unit_of_work(s):
            some = ledger.expire_holds(s.connection(), book_id, at)
        done += some
        if not some:
            return f"{done} holds"
