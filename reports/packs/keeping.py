"""How long packs are kept, and a household's own data that stands above the bank's privacy room.

The daily retention job calls `put_old_away`: a pack holds names, and can be made anew from the ledger at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.crypto import erase_subject
from pointsbank.database import unit_of_work
from pointsbank.privacy import register_keeper, register_part
from pointsbank.reviews import results_of_household
from reports.packs.models import DISCARDED, EvidencePack

LONGER = timedelta(days=60)  # than uploads: three months in all


def put_old_away(s: Session, book_id: int, before: datetime, at: datetime) -> int:
    """Destroy the files of packs older than three months; how many."""
    with unit_of_work(s):
        rows = s.scalars(select(EvidencePack).where(
            EvidencePack.book_id == book_id, EvidencePack.status != DISCARDED,
            EvidencePack.made_at < before - LONGER)).all()
        for row in rows:
            row.pdf, row.xlsx, row.status = None, None, DISCARDED
            if row.household_id is None:
                erase_subject(s, book_id, row.subject_id)
    return len(rows)


def results_told(s: Session, book_id: int, household_id: UUID, persons: Sequence[UUID]) -> list[dict[str, Any]]:
    """What levels above decided about a household, for its own data file."""
    return [{"title": one.title, "level": one.level, "granted": one.granted, "decided_by": one.decided_by,
             "decided_on": str(one.decided_on), "document_no": one.document_no,
             "withdrawn_on": one.withdrawn_on and str(one.withdrawn_on)}
            for one in results_of_household(s, book_id, household_id)]


def register_keeping() -> None:
    register_keeper(put_old_away)
    register_part("review_results", results_told)
