"""A statement's proofs: what `ledger/verifier.py` needs to check the paper offline, with a pinned key alone.

Before it is read, what waits is sealed and signed (`sealed_position`); the statement then shows what that position of
the log knows, and the attachment carries every line of the wallet with its path to the signed root, the wallet's place
in the signed map of accounts (so that no line is missing), and what the paper says of its period.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.orm import Session

import ledger
from ledger.sealing_export import statement
from pointsbank import accounts, sealing
from pointsbank.database import db
from pointsbank.errors import DomainError
from reports.statements.records import StatementData

ATTACHMENT = "statement.json"
log = logging.getLogger("reports.statements")


class Proof(NamedTuple):
    """The attachment's text, and the checkpoint it leads to: its size and root as printed."""

    text: str
    size: int
    root: str


def sealed_position(s: Session, keys_dir: Path, book_id: int, *, at: datetime) -> int | None:
    """Seal and sign what waits in the book; the log's size. None when the signer refuses: the paper then goes without
    proofs, since a household must get its statement, and the operator is told. Call it before anything is read.
    """
    s.rollback()  # what this session has read so far is older than what is sealed now
    try:
        return int(sealing.sign_now(db.engine, keys_dir, book_id, at=at).split("\n")[1])
    except DomainError as refusal:
        log.error("book %s: a statement goes without proofs: %s", book_id, refusal.sentence("en"))
        return None


def proof_of(s: Session, data: StatementData) -> Proof | None:
    """The proofs of a statement that was read at a position; None without one, or while the wallet has no line."""
    if data.position is None:
        return None
    wallet = accounts.wallet(data.household_id, data.place_code)
    try:
        bundle = statement(s.connection(), data.book_id, wallet, None, data.position)
    except LookupError:
        return None
    upto = data.position if data.known_at == data.made_at else min(
        data.position, ledger.position_at(s.connection(), data.book_id, data.known_at))
    bundle["period"] = {
        "from": data.start.isoformat(), "to": data.end.isoformat(), "opening": data.opening, "closing": data.closing,
        "position": upto, "known_at": data.known_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    size, root = bundle["closing"]["checkpoint"].split("\n")[1:3]
    return Proof(json.dumps(bundle, separators=(",", ":")), int(size), root)
