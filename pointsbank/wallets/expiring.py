"""The daily sweep of lapsed points. It only brings forward what every debit does by itself: late is as good."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

import ledger
from pointsbank.clock import to_day
from pointsbank.database import unit_of_work


def expire_points(s: Session, book_id: int, at: datetime) -> str:
    """Post what lapsed before the day of `at`, in portions, each its own unit of work. Returns a sentence."""
    done = 0
    while True:
        with unit_of_work(s):
            some = ledger.expire(s.connection(), book_id, today=to_day(at), recorded_at=at)
        done += some
        if not some:
            return f"{done} accounts"
