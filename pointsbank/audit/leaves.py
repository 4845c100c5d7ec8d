"""The canonical bytes of an event, made from its stored row alone; in the form of `ledger.leaves`.

The layout (format t1): "t1", book, then FIELDS in order: ids as 32 hex digits, the instant in UTC with microseconds,
`detail` as JSON with sorted keys, a reason as the hex digits of its sealed bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.leaves import POSTGRESQL, SQLITE, Row, canonical_json, packed
from ledger.merkle import leaf_hash
from ledger.store import Store

FORMAT = "t1"
FIELDS = ("id", "at", "user_id", "scope", "action", "subject", "role", "place_code", "origin", "why", "why_subject",
          "detail")
SORTS = {"id": "uuid", "at": "instant", "user_id": "uuid", "why": "bytes", "why_subject": "uuid", "detail": "json"}


def columns(store: Store, alias: str, names: Sequence[str] = FIELDS) -> str:
    """The SELECT list that gives these columns of an event as their canonical texts."""
    forms = POSTGRESQL if store.connection.dialect.name == "postgresql" else SQLITE
    picked = (forms[SORTS.get(name, "plain")].format(f"{alias}.{name}") for name in names)
    return ", ".join(f"nullif({one}, '')" if name == "why" else one for one, name in zip(picked, names, strict=True))


def event_hash(book_id: int, row: Row) -> bytes:
    """The leaf hash of the FIELDS of a row."""
    *fields, detail = row[:len(FIELDS)]
    return leaf_hash(packed([FORMAT, book_id, *fields, canonical_json(str(detail))]))
