"""Asking for a statement, and printing one: the print is entered into the register, so its paper can be checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from pointsbank import clock
from pointsbank.access import Actor
from pointsbank.errors import NotFound
from pointsbank.people import HouseholdCard
from reports.register import RegisterDocument, check_code, register_document
from reports.statements.errors import BadPeriod, KnownTooEarly
from reports.statements.pdf import statement_pdf
from reports.statements.proving import proof_of
from reports.statements.queries import household_for, may_read, read_statement
from reports.statements.records import StatementData


@dataclass(frozen=True)
class AskStatement:
    """A period and a moment of knowledge; what is left out means: this year so far, as known now."""

    start: date | None = None
    end: date | None = None
    known_at: datetime | None = None
    place: str | None = None
    lang: str = "zh"
    position: int | None = None  # of the sealed log; see `reports.statements.proving`


def period_of(ask: AskStatement, today: date) -> tuple[date, date]:
    """First and last day; the last is never after today. Raises BadPeriod."""
    end = min(ask.end or today, today)
    start = ask.start or date(end.year, 1, 1)
    if start > end:
        raise BadPeriod("from", start=str(start), end=str(ask.end or today))
    return start, end


def ask_statement(s: Session, code: str, ask: AskStatement, *, by: Actor, at: datetime) -> StatementData:
    """The statement of the household a code means. Raises NotFound, WhichPlace, NotAllowed, BadPeriod."""
    return statement_of(s, household_for(s, by, code, ask.place), ask, by=by, at=at)


def statement_of(s: Session, home: HouseholdCard, ask: AskStatement, *, by: Actor, at: datetime) -> StatementData:
    """As `ask_statement`, for a household found already."""
    if not may_read(by, home.id, home.place_code):
        raise NotFound("household")
    if ask.known_at and ask.known_at > at:
        raise KnownTooEarly("known_at")
    start, end = period_of(ask, clock.to_day(at))
    return read_statement(s, home, start, end, known_at=ask.known_at or at, made_at=at, lang=ask.lang,
                          position=ask.position)


def print_statement(s: Session, data: StatementData, *, by: Actor, base_url: str) -> bytes:
    """The PDF, with a check code under which its figures are kept; with its proofs attached where they were sealed."""
    proof = proof_of(s, data)
    code = register_document(s, RegisterDocument(
        kind="statement", place_code=data.place_code, household_id=data.household_id, start_on=data.start,
        end_on=data.end, known_at=data.known_at, figures={
            "opening": data.opening, "earned": data.earned, "spent": data.spent, "closing": data.closing,
            "held": data.held, "available": data.available, "lines": len(data.lines),
            **({"position": data.position} if proof else {})}), by=by, at=data.made_at)
    return statement_pdf(data, check_code(code, base_url), proof)
