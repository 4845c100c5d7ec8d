"""Registering what levels above decided: this system prepares and records, it never awards an honour from above."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require, require_seen
from pointsbank.clock import to_day
from pointsbank.crypto import seal_json
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, NotFound
from pointsbank.people import find_household
from pointsbank.places import book_of, place_by_code
from pointsbank.records.keys import claim, settle
from pointsbank.reviews.errors import NotDecidedYet, NotWithdrawable
from pointsbank.reviews.models import ReviewResult

POWER = "reviews.register"
CONTEXT = "review_result"
KINDS = ("family", "village", "unit", "commendation")
LEVELS = ("village", "town", "county", "city", "province", "nation")
OF_HOUSEHOLDS = ("family",)  # always a household's
OF_PLACES = ("village", "unit")  # always a place's; a commendation may be either


@dataclass(frozen=True)
class RegisterResult:
    """A joint review's result. `household`: its code, for a household's honour. `reviewers`: who took part, as text."""

    key: UUID
    place_code: str
    kind: str
    level: str
    title: str
    decided_by: str
    decided_on: date
    document_no: str
    granted: bool = True
    household: str | None = None
    reviewers: str = ""
    note: str = ""


@dataclass(frozen=True)
class WithdrawResult:
    """The level above took it back: when, by which document."""

    key: UUID
    result_id: UUID
    withdrawn_on: date
    document_no: str
    reason: str = ""


def _check(cmd: RegisterResult, at: datetime) -> None:
    if cmd.kind not in KINDS or cmd.level not in LEVELS:
        raise BadInput("kind", "没有这种荣誉或这一级。", "There is no such honour or level.")
    for name, text, longest in (("title", cmd.title, 60), ("decided_by", cmd.decided_by, 100),
                                ("document_no", cmd.document_no, 100)):
        if not 1 <= len(text.strip()) <= longest:
            raise BadInput(name, f"应为 1 到 {longest} 个字。", f"1 to {longest} characters.")
    if (cmd.kind in OF_HOUSEHOLDS) and not cmd.household:
        raise BadInput("household", "文明家庭要写明是哪一户。", "A civilized family is a household's: say which.")
    if cmd.kind in OF_PLACES and cmd.household:
        raise BadInput("household", "这种荣誉是村镇或单位的,不写户号。",
                       "This honour is a place's: leave the household out.")
    if cmd.decided_on > to_day(at):
        raise NotDecidedYet("decided_on", day=str(cmd.decided_on))


def register_result(s: Session, cmd: RegisterResult, *, by: Actor, at: datetime) -> UUID:
    """Keep a joint review's result with who decided, when, and by which document. Same key again: the same honour.

    Raises: NotAllowed, BadInput, NotDecidedYet, NotFound (the household), KeyReused.
    """
    require(by, POWER, at_place=cmd.place_code)
    _check(cmd, at)
    book_id = book_of(cmd.place_code)
    with unit_of_work(s):
        if (first := claim(s, cmd, "review.register", by, at)) is not None:
            return UUID(first["result"])
        place_by_code(s, cmd.place_code)
        home = find_household(s, cmd.place_code, cmd.household.strip().upper()) if cmd.household else None
        if cmd.household and home is None:
            raise NotFound("household")
        result_id, subject = new_id(), home.id if home else new_id()
        told = {"title": cmd.title.strip(), "decided_by": cmd.decided_by.strip(),
                "document_no": cmd.document_no.strip(), "reviewers": cmd.reviewers.strip(), "note": cmd.note.strip()}
        s.add(ReviewResult(
            book_id=book_id, id=result_id, place_code=cmd.place_code, household_id=home.id if home else None,
            kind=cmd.kind, level=cmd.level, granted=cmd.granted, decided_on=cmd.decided_on, subject_id=subject,
            sealed=seal_json(s, book_id, subject, told, CONTEXT), entered_at=at, entered_by=by.user_id,
            withdrawn_on=None, withdrawn_at=None, withdrawn_by=None, withdrawn_sealed=None))
        audit.record(s, by, "review_result.registered", f"result:{result_id}", at=at, kind=cmd.kind, level=cmd.level,
                     granted=cmd.granted)
        settle(s, cmd, by, {"result": str(result_id)})
        return result_id


def withdraw_result(s: Session, cmd: WithdrawResult, *, by: Actor, at: datetime) -> UUID:
    """Note that the level above took an honour back. Raises NotFound, NotAllowed, NotWithdrawable, BadInput."""
    if not 1 <= len(cmd.document_no.strip()) <= 100:
        raise BadInput("document_no", "应为 1 到 100 个字。", "1 to 100 characters.")
    with unit_of_work(s):
        row = s.scalar(select(ReviewResult).where(ReviewResult.book_id == by.book_id, ReviewResult.id == cmd.result_id)
                       .with_for_update())
        if row is None:
            raise NotFound("result")
        require_seen(by, POWER, at_place=row.place_code, what="result")
        if claim(s, cmd, "review.withdraw", by, at) is not None:
            return row.id
        if not row.granted or row.withdrawn_on is not None:
            raise NotWithdrawable("result")
        if not row.decided_on <= cmd.withdrawn_on <= to_day(at):
            raise BadInput("withdrawn_on", "撤销的日子不能早于授予,也不能晚于今天。",
                           "The day lies neither before the award nor after today.")
        told = {"document_no": cmd.document_no.strip(), "reason": cmd.reason.strip()}
        row.withdrawn_on, row.withdrawn_at, row.withdrawn_by = cmd.withdrawn_on, at, by.user_id
        row.withdrawn_sealed = seal_json(s, row.book_id, row.subject_id, told, CONTEXT)
        audit.record(s, by, "review_result.withdrawn", f"result:{row.id}", at=at,
                     why=told["reason"] or told["document_no"], about=row.subject_id)
        settle(s, cmd, by, {"result": str(row.id)})
        return row.id
