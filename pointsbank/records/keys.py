"""Idempotency of this room's writes: the same key and content give the first answer again, marked as a replay.

    answer = claim(s, cmd, "decide", by, at)      # first thing inside the unit of work
    if answer is not None: return …               # a replay
    …
    settle(s, cmd, by, {"record": str(record_id)})

The claim is an INSERT that does nothing when the key is there: a second request with the same key waits for the first
one's commit and then reads its answer, on PostgreSQL and on SQLite alike.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from pointsbank.access import Actor
from pointsbank.crypto import keyed_hash
from pointsbank.errors import KeyReused
from pointsbank.records.models import RecordCommand


class Keyed(Protocol):
    @property
    def key(self) -> UUID: ...


def _plain(value: object) -> str:
    if isinstance(value, UUID | date | Decimal):
        return str(value)
    raise TypeError(f"no canonical text for {type(value).__name__}")


def digest(kind: str, content: Any) -> str:
    """A keyed hash of any command or tuple of plain values: equal content, equal digest; nothing to be guessed."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=_plain)
    return keyed_hash(kind, text).hex()


def claim(s: Session, cmd: Keyed, verb: str, by: Actor, at: datetime) -> dict[str, Any] | None:
    """Take the key, or give the first answer. Raises KeyReused when the content differs."""
    asked = keyed_hash(f"command:{verb}", repr(cmd)).hex()  # frozen values: equal commands have equal reprs
    row = {"book_id": by.book_id, "scope": by.scope, "key": cmd.key, "verb": verb, "asked": asked, "answer": None,
           "at": at}
    dialect = sqlite if s.get_bind().dialect.name == "sqlite" else postgresql
    taken = s.scalar(dialect.insert(RecordCommand).values(row).on_conflict_do_nothing().returning(RecordCommand.key))
    if taken is not None:
        return None
    first = s.execute(select(RecordCommand.verb, RecordCommand.asked, RecordCommand.answer).where(
        RecordCommand.book_id == by.book_id, RecordCommand.scope == by.scope, RecordCommand.key == cmd.key)).one()
    if (first.verb, first.asked) != (verb, asked):
        raise KeyReused("key")
    answer: dict[str, Any] = first.answer or {}
    return answer


def settle(s: Session, cmd: Keyed, by: Actor, answer: dict[str, Any]) -> None:
    """Keep the answer beside the key."""
    s.execute(update(RecordCommand).where(RecordCommand.book_id == by.book_id, RecordCommand.scope == by.scope,
                                          RecordCommand.key == cmd.key).values(answer=answer)
              .execution_options(synchronize_session=False))
