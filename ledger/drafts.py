"""Drafts: what the door is asked to write, the same shape for an entry and for a reversal.

A draft's content hash tells a replay from a reused key. It covers what was asked for, not what was computed from it,
and holds ids and amounts only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from ledger.held import Share
from ledger.records import Account, Entry, Party


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A transfer to be. With `reverses_line` it takes a credit back (debit side) and returns a debit (credit side)."""

    debit: Account
    credit: Account
    amount: int
    due_on: date | None
    reverses_line: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    scope: str
    key: str
    kind: str
    content_hash: bytes
    effective_on: date
    lines: tuple[DraftLine, ...]
    party: Party
    rule: str | None
    place: str | None
    meta: str  # JSON text
    may_go_below: bool
    reverses: UUID | None = None
    captures: tuple[Share, ...] = ()  # the holds its debits come out of, at most one of each account


def plain(value: object) -> str:
    """Ids and days may stand in meta; nothing else that JSON does not know."""
    if isinstance(value, (UUID, date)):
        return str(value)
    raise TypeError(f"meta holds plain values and ids, not {type(value).__name__}")


def as_json(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """Canonical: the same content gives the same text, whatever the order of its keys."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=plain)


def hash_of(*content: Any) -> bytes:
    return hashlib.sha256(as_json(content).encode()).digest()


def draft_of(entry: Entry) -> Draft:
    meta = as_json(entry.meta)
    content = hash_of(
        "entry", entry.kind, entry.effective_on, entry.party.household, entry.party.person, entry.rule, entry.place,
        meta, entry.may_go_below,
        [(t.debit.commodity, t.debit.code, t.credit.code, t.amount, t.due_on) for t in entry.transfers])
    lines = tuple(DraftLine(t.debit, t.credit, t.amount, t.due_on) for t in entry.transfers)
    return Draft(entry.scope, entry.key, entry.kind, content, entry.effective_on, lines, entry.party, entry.rule,
                 entry.place, meta, entry.may_go_below)
