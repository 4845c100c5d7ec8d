"""The second factor: six digits from an authenticator app (TOTP, RFC 6238), or a recovery code from paper.

    enrol(s, token, code, …)          # at the first sign-in: proves that the app holds the secret the page offered
    show_factor(s, token, code, …)    # at every later one; the half-open session becomes a whole one
    reset_factor(s, user_id, why, …)  # a second person, for a colleague whose phone is gone

A code counts for its half minute and the one before and after, and once: the newest time step used is kept, and only
later ones are taken. Wrong codes use up the same tries as wrong passwords.
"""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from unicodedata import normalize
from uuid import UUID

import pyotp
from pyotp.utils import strings_equal
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from pointsbank.access.actor import Actor, needs_second_factor
from pointsbank.access.devices import book_in, digest, end_all, is_known, remember
from pointsbank.access.models import AppUser, RecoveryCode, SecondFactor, SignInSession
from pointsbank.access.signin import NOWHERE, actor_of_user
from pointsbank.access.tries import Origin, give_back, take_a_try
from pointsbank.access.users import managed
from pointsbank.audit import record
from pointsbank.crypto import keyed_hash, open_text, seal_text
from pointsbank.database import unit_of_work
from pointsbank.errors import BadInput, Conflict, DomainError, NotAllowed, NotFound, NotSignedIn
from pointsbank.places import is_demo

STEP, WINDOW = 30, 1  # seconds; steps before and after the present one
PAPER_CODES = 8
TRUSTED = timedelta(days=30)
REASONS = ("lost", "new", "broken", "suspected")  # why a factor is reset; chosen, since the trail holds no free text
ISSUER = "PointsBank"
CONTEXT = "second_factor"


class WrongCode(DomainError):
    code, status = "wrong_code", 401
    zh = "验证码不对。请看手机验证器上现在的六位数,并核对手机的时间。"
    en = "The code is wrong. Take the six digits your app shows now, and check the phone's clock."


class UsedCode(DomainError):
    code, status = "used_code", 401
    zh = "这个验证码已经用过了,请等手机上换成下一个(最多半分钟)。"
    en = "This code was used already. Wait for the next one (half a minute at most)."


class Passed(NamedTuple):
    """`device`: the cookie by which the account knows the device again, or nothing."""

    actor: Actor
    device: str


def factor_of(s: Session, book_id: int, user_id: UUID) -> SecondFactor | None:
    return s.get(SecondFactor, (book_id, user_id))


def offered_secret(token: str) -> str:
    """What the enrolment page of a half-open session offers: the same at every look, another for every session."""
    return base64.b32encode(keyed_hash("second_factor_offer", token)[:20]).decode()


def provisioning_address(secret: str, login: str) -> str:
    """What the QR code holds for the authenticator app."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def step_of(at: datetime) -> int:
    return int(at.timestamp()) // STEP


def code_at(secret: str, step: int) -> str:
    return pyotp.TOTP(secret).generate_otp(step)


def next_step(last: int | None, at: datetime) -> int | None:
    """The time step whose code would be taken now, the present one if it can be; None when all are used up."""
    now = step_of(at)
    step = now if last is None or last < now else last + 1
    return step if step <= now + WINDOW else None


def matching_step(secret: str, code: str, last: int | None, at: datetime) -> int:
    """The time step the code is of. Raises WrongCode, UsedCode."""
    fitting = [step for step in range(step_of(at) - WINDOW, step_of(at) + WINDOW + 1)
               if strings_equal(code_at(secret, step), code)]
    if not fitting:
        raise WrongCode("code")
    fresh = [step for step in fitting if last is None or step > last]
    if not fresh:
        raise UsedCode("code")
    return fresh[0]


def typed(code: str) -> str:
    """A code without what people put between its digits."""
    return "".join(mark for mark in normalize("NFKC", code).lower() if mark.isalnum())


def half_open(s: Session, token: str) -> tuple[AppUser, SignInSession]:
    """The user and the session of a cookie, for who needs a second factor. Raises NotSignedIn, NotFound."""
    book_id = book_in(token)
    row = s.get(SignInSession, (book_id, digest(token))) if book_id is not None else None
    if row is None or row.ended_at is not None:
        raise NotSignedIn()
    user = s.get_one(AppUser, (row.book_id, row.user_id))
    if user.disabled_at is not None:
        raise NotSignedIn()
    if not needs_second_factor(actor_of_user(s, user)):
        raise NotFound("second_factor")
    return user, row


def prove(s: Session, user: AppUser, code: str, *, at: datetime) -> str:
    """Use a code up: 'app' or 'paper'. Inside the caller's unit of work. Raises WrongCode, UsedCode."""
    factor = s.scalar(select(SecondFactor).where(SecondFactor.book_id == user.book_id, SecondFactor.user_id == user.id)
                      .with_for_update().execution_options(populate_existing=True))
    if factor is None:
        raise WrongCode("code")
    given = typed(code)
    if len(given) != 6:
        paper = s.get(RecoveryCode, (user.book_id, user.id, _paper_hash(user.id, given)), populate_existing=True)
        if paper is None:
            raise WrongCode("code")
        if paper.used_at is not None:
            raise UsedCode("code")
        paper.used_at = at
        return "paper"
    factor.last_step = matching_step(secret_of(s, factor), given, factor.last_step, at)
    return "app"


def secret_of(s: Session, factor: SecondFactor) -> str:
    return open_text(s, factor.book_id, factor.user_id, factor.sealed, CONTEXT)


def show_factor(s: Session, token: str, code: str, *, at: datetime, origin: Origin = NOWHERE,
                trust: bool = False) -> Passed:
    """The second factor of a half-open session; `trust` asks for none on this device for 30 days.

    Raises WrongCode, UsedCode, SlowDown, NotSignedIn.
    """
    user, _row = half_open(s, token)
    one = take_a_try(s, user.login, origin, known=is_known(s, user, origin), at=at)
    with unit_of_work(s):
        how = prove(s, user, code, at=at)
        give_back(s, one)
        return _open(s, token, at, origin, trusted_until=at + TRUSTED if trust else None, code=how)


def _open(s: Session, token: str, at: datetime, origin: Origin, *, trusted_until: datetime | None = None,
          **how: Any) -> Passed:
    user, row = half_open(s, token)
    row.second_at = row.seen_at = at
    actor = actor_of_user(s, user, origin=f"{origin.label} {origin.source}".strip())
    device = remember(s, user, origin, at, trusted_until=trusted_until) if origin.source else ""
    record(s, actor, "signed_in", f"user:{user.id}", at=at, **how)
    return Passed(actor, device)


def enrol(s: Session, token: str, code: str, *, at: datetime, origin: Origin = NOWHERE) -> tuple[Passed, list[str]]:
    """Take the offered secret over, proved by one code; the recovery codes, shown this once.

    Raises WrongCode, SlowDown, NotSignedIn, Conflict where the user has a second factor already.
    """
    user, _row = half_open(s, token)
    secret = offered_secret(token)
    one = take_a_try(s, user.login, origin, known=is_known(s, user, origin), at=at)
    step = matching_step(secret, typed(code), None, at)
    with unit_of_work(s):
        give_back(s, one)
        if factor_of(s, user.book_id, user.id) is not None:
            raise Conflict()
        _store(s, user, secret, at, step)
        papers = _new_papers(s, user.book_id, user.id)
        passed = _open(s, token, at, origin, code="app")
        record(s, passed.actor, "second_factor_set", f"user:{user.id}", at=at)
        return passed, papers


def _store(s: Session, user: AppUser, secret: str, at: datetime, step: int | None, *,
           of_the_demo: bool = False) -> None:
    s.add(SecondFactor(book_id=user.book_id, user_id=user.id, last_step=step, made_at=at, of_the_demo=of_the_demo,
                       sealed=seal_text(s, user.book_id, user.id, secret, CONTEXT)))
    s.flush()


def _paper_hash(user_id: UUID, given: str) -> bytes:
    return keyed_hash("recovery_code", f"{user_id}|{given}")


def _new_papers(s: Session, book_id: int, user_id: UUID) -> list[str]:
    """Eight codes of 48 bits; the ones before are worth nothing any more."""
    s.execute(delete(RecoveryCode).where(RecoveryCode.book_id == book_id, RecoveryCode.user_id == user_id))
    papers = ["-".join(secrets.token_hex(2) for _ in range(3)) for _ in range(PAPER_CODES)]
    s.add_all(RecoveryCode(book_id=book_id, user_id=user_id, code_hash=_paper_hash(user_id, typed(paper)), used_at=None)
              for paper in papers)
    s.flush()
    return papers


def papers_left(s: Session, book_id: int, user_id: UUID) -> int:
    """How many recovery codes are unused."""
    return s.scalar(select(func.count()).select_from(RecoveryCode).where(
        RecoveryCode.book_id == book_id, RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))) or 0


def new_papers(s: Session, code: str, *, by: Actor, at: datetime, origin: Origin = NOWHERE) -> list[str]:
    """New recovery codes for oneself, for a code of the app. Raises WrongCode, UsedCode, SlowDown, NotFound."""
    user = s.get(AppUser, (by.book_id, by.user_id)) if by.user_id else None
    if user is None or factor_of(s, user.book_id, user.id) is None:
        raise NotFound("second_factor")
    one = take_a_try(s, user.login, origin, known=is_known(s, user, origin), at=at)
    with unit_of_work(s):
        prove(s, user, code, at=at)
        give_back(s, one)
        record(s, by, "recovery_codes_made", f"user:{user.id}", at=at)
        return _new_papers(s, user.book_id, user.id)


def _forget(s: Session, user: AppUser, at: datetime) -> None:
    s.execute(delete(RecoveryCode).where(RecoveryCode.book_id == user.book_id, RecoveryCode.user_id == user.id))
    s.execute(delete(SecondFactor).where(SecondFactor.book_id == user.book_id, SecondFactor.user_id == user.id))
    end_all(s, user.book_id, user.id, at, devices=True)
    s.expire_all()


def reset_factor(s: Session, user_id: UUID, why: str, *, by: Actor, at: datetime) -> None:
    """A colleague's phone and paper are gone: the next sign-in enrols anew, all sessions end.

    Never one's own. Raises NotAllowed, NotFound, NotOneself, BadInput without a reason.
    """
    if why not in REASONS:
        raise BadInput("why", "请选择原因。", "Choose why.")
    with unit_of_work(s):
        user = managed(s, user_id, by)
        _forget(s, user, at)
        record(s, by, "second_factor_reset", f"user:{user.id}", at=at, reason=why)


def reset_factor_of(s: Session, user: AppUser, why: str, *, by: Actor, at: datetime) -> None:
    """As `reset_factor`, for the operator at the machine: where one administrator is alone."""
    with unit_of_work(s):
        _forget(s, user, at)
        record(s, by, "second_factor_reset", f"user:{user.id}", at=at, reason=why)


def give_demo_factor(s: Session, user: AppUser, secret: str, *, at: datetime) -> None:
    """The demo's people have a secret everybody may know. Raises NotAllowed in any other book."""
    with unit_of_work(s):
        if not is_demo(s, user.book_id):
            raise NotAllowed("second_factor")
        if needs_second_factor(actor_of_user(s, user)):
            _store(s, user, secret, at, None, of_the_demo=True)


def demo_code(s: Session, user: AppUser, at: datetime) -> tuple[str, str] | None:
    """(secret, the code that would be taken now) of a demo's user, in a demo's book; None for everybody else."""
    factor = factor_of(s, user.book_id, user.id)
    if factor is None or not factor.of_the_demo or not is_demo(s, user.book_id):
        return None
    secret, step = secret_of(s, factor), next_step(factor.last_step, at)
    return secret, code_at(secret, step) if step is not None else ""


