"""What the till keeps about a household follows it into another: its proxies on file."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.crypto import open_many, seal_many
from pointsbank.database import new_id
from redemption.till.models import Proxy

CONTEXT = "proxy"


def proxies_follow(s: Session, book_id: int, old: UUID, new: UUID, at: datetime) -> None:
    """Proxies in force are filed for the new household too, sealed with its key; the old entries stay as they are."""
    rows = list(s.scalars(select(Proxy).where(Proxy.book_id == book_id, Proxy.household_id == old,
                                              Proxy.ended_on.is_(None))))
    texts = open_many(s, book_id, [(old, row.sealed) for row in rows], CONTEXT)
    sealed = seal_many(s, book_id, [(new, text) for text in texts], CONTEXT)
    s.add_all(Proxy(book_id=book_id, id=new_id(), household_id=new, sealed=blob, added_at=at, added_by=row.added_by,
                    ended_on=None) for row, blob in zip(rows, sealed, strict=True) if blob is not None)
    s.flush()
