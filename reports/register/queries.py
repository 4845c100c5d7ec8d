"""Looking a paper up. Public: no actor, no personal data in the answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from pointsbank.places import place_by_code
from reports.register.codes import parts
from reports.register.models import ReportDocument


class DocumentCard(NamedTuple):
    """What the register says about a paper."""

    kind: str
    place_code: str
    issuer: str
    start_on: date | None
    end_on: date
    known_at: datetime
    made_at: datetime
    figures: Mapping[str, Any]


def find_document(s: Session, code: str) -> DocumentCard | None:
    """The print a code belongs to, or None. Two statements."""
    found = parts(code)
    row = s.get(ReportDocument, found) if found else None
    if row is None:
        return None
    place = place_by_code(s, row.place_code)
    return DocumentCard(row.kind, row.place_code, place.body or place.name, row.start_on, row.end_on, row.known_at,
                        row.made_at, row.figures)
