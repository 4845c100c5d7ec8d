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
from json.encoder import encode_basestring as text
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


def hash_of_entry(entry: Entry, meta: str) -> bytes:
    """`hash_of` of an entry's content. Written out by hand: this runs once for each of a hundred thousand rows."""
    party, lines = entry.party, []
    for t in entry.transfers:
        debit, due = t.debit, t.due_on
        lines.append(f'[{text(debit.commodity)},{text(debit.code)},{text(t.credit.code)},{t.amount},'
                     + ("null]" if due is None else f'"{due}"]'))
    content = (f'["entry",{text(entry.kind)},"{entry.effective_on}",{text_of(party.household)},{text_of(party.person)},'
               f'{text_of(entry.rule)},{text_of(entry.place)},{text(meta)},{"true" if entry.may_go_below else "false"},'
               f'[{",".join(lines)}]]')
    return hashlib.sha256(content.encode()).digest()


def text_of(value: str | UUID | None) -> str:
    return "null" if value is None else text(value) if isinstance(value, str) else f'"{value}"'


def draft_of(entry: Entry) -> Draft:
    meta = as_json(entry.meta) if entry.meta else "{}"
    lines = tuple([DraftLine(t.debit, t.credit, t.amount, t.due_on) for t in entry.transfers])
    return Draft(entry.scope, entry.key, entry.kind, hash_of_entry(entry, meta), entry.effective_on, lines,
                 entry.party, entry.rule, entry.place, meta, entry.may_go_below)
