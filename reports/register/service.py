"""Entering a print into the register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor
from pointsbank.database import unit_of_work
from reports.pdf import CheckCode
from reports.register.codes import new_code, parts
from reports.register.models import ReportDocument


@dataclass(frozen=True)
class RegisterDocument:
    """What was printed. `figures` are what a reader compares: integers and short codes, nothing personal."""

    kind: str
    place_code: str
    end_on: date
    known_at: datetime
    figures: Mapping[str, Any]
    start_on: date | None = None
    household_id: UUID | None = None


def register_document(s: Session, cmd: RegisterDocument, *, by: Actor, at: datetime) -> str:
    """Keep the figures under a new random code and note in the trail who printed what. Returns the code.

    Every print gets a code of its own, so printing again is never wrong; whoever asks has been let in by the room
    that makes the document.
    """
    code = new_code(by.book_id)
    found = parts(code)
    assert found is not None
    book_id, code_hash = found
    subject = f"household:{cmd.household_id}" if cmd.household_id else f"place:{cmd.place_code}"
    with unit_of_work(s):
        s.add(
            ReportDocument(
                book_id=book_id, code_hash=code_hash, kind=cmd.kind, place_code=cmd.place_code,
                household_id=cmd.household_id, start_on=cmd.start_on, end_on=cmd.end_on, known_at=cmd.known_at,
                made_at=at, made_by=by.user_id, figures=dict(cmd.figures)))
        audit.record(s, by, "document_printed", subject, at=at, kind=cmd.kind, end_on=str(cmd.end_on))
    return code


def check_code(code: str, base_url: str) -> CheckCode:
    """What the paper carries: the public address of the code's page; the code alone where this machine has no other
    address than its own, which no phone can open.
    """
    return CheckCode(f"{base_url.rstrip('/')}/verify/{code}" if reachable(base_url) else None, code)


def reachable(base_url: str) -> bool:
    """Whether another device could open the address: not this machine's own, nor "all of its addresses"."""
    host = urlsplit(base_url).hostname or ""
    try:
        address = ip_address(host)
    except ValueError:
        return host not in ("", "localhost") and not host.endswith(".localhost")
    return not (address.is_loopback or address.is_unspecified)
