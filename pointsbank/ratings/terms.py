"""How a scheme is carried out, as data: rhythm, whom it rates, who puts the name down, prerequisites, bars, notice.

    terms_from_json({"terms": {"kind": "title", "registration": "apply", "entry": "stars >= 8"}})

`kind`: 'stars' are what a household holds, asked by the till and shown on /me; 'title' is an honour beside them.
`subject`: 'household', or 'person' for volunteers' stars. `registration`: 'all' take part, or 'apply' (报名).
`counts`: whether its parts are called stars or items (条件).
`entry`: a rule over facts that must hold to take part (参评条件). `bar_months`: how long a revocation bars (禁评).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from pointsbank.errors import BadInput
from pointsbank.ratings.periods import PERIODS

KINDS, SUBJECTS, REGISTRATIONS = ("stars", "title"), ("household", "person"), ("all", "apply")
COUNTS = ("stars", "items")
BAR_MAX, NOTICE_MAX = 120, 60


@dataclass(frozen=True, slots=True)
class Terms:
    """Periods of domain practice: two years' bar, five days' notice."""

    kind: str = "stars"
    subject: str = "household"
    rhythm: str = "year"
    registration: str = "all"
    entry: str | None = None
    bar_months: int = 24
    notice_days: int = 5
    plaque: bool = True  # whether one is hung at the gate; a certificate there always is
    counts: str = "stars"  # what its parts are called: 8 颗星, or 4 项

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "kind"}


USUAL = Terms()


def terms_from_json(body: Mapping[str, Any]) -> Terms:
    """From a scheme's data file; what it leaves out is as usual. Raises BadInput on names that mean nothing."""
    given = dict(body.get("terms", {}))
    if given.keys() - {field.name for field in fields(Terms)}:
        raise _wrong()
    return Terms(**given)


def terms_of(kind: str, stored: Mapping[str, Any] | None) -> Terms:
    return Terms(kind=kind, **(stored or {}))


def check_terms(terms: Terms) -> None:
    """Raises BadInput."""
    if (terms.kind not in KINDS or terms.subject not in SUBJECTS or terms.rhythm not in PERIODS
            or terms.registration not in REGISTRATIONS or terms.counts not in COUNTS
            or not 0 <= terms.bar_months <= BAR_MAX or not 1 <= terms.notice_days <= NOTICE_MAX
            or (terms.subject == "person" and terms.kind == "stars")):
        raise _wrong()


def _wrong() -> BadInput:
    return BadInput("terms", "评定办法的周期、对象、报名、禁评或公示天数不对。",
                    "The scheme's rhythm, subject, registration, bar or notice days are not right.")
