"""Tables: published rules, the turnovers counted facts are read from, and what surveys of a whole book found.

A version of a rule is written once and never changed: verdicts of years ago rest on it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Date, Integer, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import UtcDateTime, db


class EligibilityRule(db.Model):  # type: ignore[name-defined, misc]
    """One version of one rule. Grows with rules only, hence its simple key.

    `adopted_by`: the meeting's minutes that adopted it (number and day, no names). `review_on`: past this day whoever
    relies on the rule is warned that it is due for review.
    """

    __tablename__ = "eligibility_rule"
    __table_args__ = (UniqueConstraint("scope", "key", name="uq_eligibility_rule_key"),)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    title_zh: Mapped[str] = mapped_column(String(80))
    title_en: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(String(500))
    effective_on: Mapped[date] = mapped_column(Date)
    review_on: Mapped[date | None] = mapped_column(Date)
    adopted_by: Mapped[str | None] = mapped_column(String(200))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_by: Mapped[UUID | None] = mapped_column(Uuid)
    scope: Mapped[str] = mapped_column(String(80))
    key: Mapped[UUID] = mapped_column(Uuid)


class Turnover(db.Model):  # type: ignore[name-defined, misc]
    """Derived from the ledger: what stands of a household's deeds, by month of the deed, rule, kind and person.

    Corrections are taken out of the month of the deed they correct, so these sums cannot be read off the postings'
    own months. Can be dropped and made again at any time (`turnovers.rebuild`). `rule` and `kind` are empty for none.
    """

    __tablename__ = "eligibility_turnover"
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    household_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    month: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)  # year × 12 + month − 1
    commodity: Mapped[str] = mapped_column(String(40), primary_key=True)
    rule: Mapped[str] = mapped_column(String(80), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)  # all zero: nobody in particular
    amount: Mapped[int] = mapped_column(BigInteger)
    times: Mapped[int] = mapped_column(Integer)


class TurnoverPosition(db.Model):  # type: ignore[name-defined, misc]
    """Up to which leaf of the sealed log a book's turnovers are made; locked by whoever moves them on."""

    __tablename__ = "eligibility_turnover_position"
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)


class Survey(db.Model):  # type: ignore[name-defined, misc]
    """One judgement of many households at once by some rules: a county in one run. `rules`: [[code, version, text]]."""

    __tablename__ = "eligibility_survey"
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    place_code: Mapped[str] = mapped_column(String(12))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    rules: Mapped[list[Any]] = mapped_column(JSON)
    ledger_size: Mapped[int] = mapped_column(BigInteger)  # the log's position it was judged on
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_by: Mapped[UUID | None] = mapped_column(Uuid)
    households: Mapped[int] = mapped_column(Integer)


class SurveyFinding(db.Model):  # type: ignore[name-defined, misc]
    """What a survey found of one household. Figures of facts that are kept sealed elsewhere are left out.

    No foreign key: it would be looked up for each of a county's rows, and both are only ever written and dropped
    together (see `surveying`).
    """

    __tablename__ = "eligibility_survey_finding"
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    survey_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    household_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    met: Mapped[int] = mapped_column(Integer)  # how many of the rules
    undecided: Mapped[int] = mapped_column(Integer)
    findings: Mapped[str] = mapped_column(Text)  # see `compiling`: one list for each rule
