"""Asking for the trial balance of the reader's book, and printing it into the register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from pointsbank import clock
from pointsbank.access import Actor, require
from reports.pdf import CheckCode
from reports.register import RegisterDocument, check_code, register_document
from reports.statements.errors import DayNotOver, KnownTooEarly
from reports.trial_balance.pdf import trial_balance_pdf
from reports.trial_balance.queries import POWER, read_trial_balance
from reports.trial_balance.records import TrialBalance


@dataclass(frozen=True)
class AskTrialBalance:
    """A day and a moment of knowledge; left out: today, as known now."""

    as_of: date | None = None
    known_at: datetime | None = None
    lang: str = "zh"


def ask_trial_balance(s: Session, ask: AskTrialBalance, *, by: Actor, at: datetime) -> TrialBalance:
    """Sums by kind hold nothing personal, so whoever may audit a part of the book may see the whole's proof.

    Raises NotAllowed, DayNotOver, KnownTooEarly.
    """
    require(by, POWER)
    if ask.known_at and ask.known_at > at:
        raise KnownTooEarly("known_at")
    today = clock.to_day(at)
    if ask.as_of and ask.as_of > today:
        raise DayNotOver("on", day=str(ask.as_of), today=str(today))
    return read_trial_balance(s, by.book_id, ask.as_of or today, known_at=ask.known_at or at, made_at=at, lang=ask.lang)


def print_trial_balance(s: Session, data: TrialBalance, *, by: Actor, base_url: str) -> bytes:
    """The PDF, with a check code under which its totals are kept."""
    figures: dict[str, int | str] = {"accounts": sum(row.accounts for row in data.rows),
                                     "verdict": "balanced" if data.balances else "unbalanced"}
    figures |= {f"debits {total.commodity}": total.debits for total in data.totals[:3]}
    code = register_document(s, RegisterDocument(
        kind="trial_balance", place_code=str(data.book_id).ljust(12, "0"), end_on=data.as_of, known_at=data.known_at,
        figures=figures), by=by, at=data.made_at)
    check: CheckCode = check_code(code, base_url)
    return trial_balance_pdf(data, check)
