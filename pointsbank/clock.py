"""The only place where the time is read. Services take the time as an argument; pages, jobs and commands ask here.

The village's days are days in Asia/Shanghai, whatever zone the server is set to.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)


def to_day(at: datetime) -> date:
    """The day in Asia/Shanghai on which the instant falls."""
    if at.tzinfo is None:
        raise ValueError("an instant without a time zone has no day")
    return at.astimezone(SHANGHAI).date()


def today() -> date:
    """Today in Asia/Shanghai."""
    return to_day(now())
