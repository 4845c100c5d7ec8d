"""Days of the ledger: an instant falls on a day in Asia/Shanghai, whatever zone the server is set to.

    >>> from datetime import UTC, datetime
    >>> shanghai_day(datetime(2027, 3, 31, 15, 59, 59, tzinfo=UTC)).isoformat()
    '2027-03-31'
    >>> shanghai_day(datetime(2027, 3, 31, 16, 0, tzinfo=UTC)).isoformat()
    '2027-04-01'

China keeps one zone without summer time (since 1991), so a fixed offset serves and no zone data is needed.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
ONE_DAY = timedelta(days=1)
NEVER = date.max  # the due day of value that never lapses, where a day is needed to compare
LATE_GRACE_DAYS = 30  # a credit posted after its day can be spent for at least so long


def shanghai_day(at: datetime) -> date:
    """The day in Asia/Shanghai of an aware instant."""
    if at.tzinfo is None:
        raise ValueError("an instant without a time zone has no day")
    return at.astimezone(SHANGHAI).date()


def month_of(day: date) -> str:
    """'2026-03' for any day of March 2026."""
    return f"{day:%Y-%m}"
