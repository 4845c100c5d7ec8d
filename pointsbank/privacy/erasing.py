"""Erasure: the subject's key is destroyed, its hashes go, what names it goes; the ledger, which knows only ids, stays.

    erase_person(s, ErasePerson(key, person_id, "withdrawn"), by=admin, at=now)

What was sealed for the person can never be opened again, wherever a copy lies; a backup's copy of the key follows when
its wrapping key is destroyed (`pointsbank.crypto.rotating`). The list of erased ids is also kept beside the keys, so
that a younger backup that is restored forgets them again (`forget_again`).
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, AppUser, RoleGrant, SignInSession, can
from pointsbank.clock import to_day
from pointsbank.crypto import erase_subject, keyring
from pointsbank.database import unit_of_work
from pointsbank.errors import BadInput, DomainError, KeyReused, NotFound
from pointsbank.people import Household, Person, leave, relatives_of
from pointsbank.privacy.models import Erasure

POWER = "people.erase"
REASONS = ("withdrawn", "asked", "died", "retention")  # 撤回同意, 本人要求, 去世, 保存期满
LIST = "erased.jsonl"


class OwnErasure(DomainError):
    code, status = "own_erasure", 403
    zh = "自己和亲属家的资料,请由别人来删除。"
    en = "Your own and your relatives' records are erased by somebody else."


@dataclass(frozen=True)
class ErasePerson:
    key: UUID
    person: UUID
    reason: str


def erase_person(s: Session, cmd: ErasePerson, *, by: Actor, at: datetime) -> Erasure:
    """Forget a person for good. Hours, points and approvals stay, with ids only. Same key, same answer.

    Raises: NotFound (also out of reach), OwnErasure, BadInput, KeyReused.
    """
    if cmd.reason not in REASONS:
        raise BadInput("reason", "请选一个原因。", "Choose a reason.")
    with unit_of_work(s):
        first = s.scalar(select(Erasure).where(Erasure.book_id == by.book_id, Erasure.scope == by.scope,
                                               Erasure.key == cmd.key))
        if first is not None:
            if (first.subject_id, first.reason) != (cmd.person, cmd.reason):
                raise KeyReused("key")
            return first
        person = s.scalar(select(Person).where(Person.book_id == by.book_id, Person.id == cmd.person)
                          .with_for_update())
        home = s.get(Household, (by.book_id, person.household_id)) if person else None
        if person is None or home is None or not can(by, POWER, home.place_code):
            raise NotFound("person")
        if home.id in relatives_of(s, by.book_id, by.person_id):
            raise OwnErasure("person")
        if (done := s.get(Erasure, (by.book_id, person.id))) is not None:
            return done
        row = Erasure(book_id=by.book_id, subject_id=person.id, kind="person", reason=cmd.reason, scope=by.scope,
                      key=cmd.key, made_by=by.user_id, made_at=at)
        s.add(row)
        if _forget(s, person, at):
            s.add(Erasure(book_id=by.book_id, subject_id=person.household_id, kind="household", reason=cmd.reason,
                          scope=by.scope, key=uuid5(cmd.key, "household"), made_by=by.user_id, made_at=at))
        audit.record(s, by, "person.erased", f"person:{person.id}", at=at, reason=cmd.reason)
        s.flush()
    note_erasures(s, by.book_id)
    return row


def _forget(s: Session, person: Person, at: datetime) -> bool:
    """Whether the household went too, because nobody is left in it."""
    book_id = person.book_id
    if person.left_on is None:
        leave(s, person, to_day(at), "erased")
    person.sealed = person.name_hash = person.phone_hash = person.id_hash = None
    erase_subject(s, book_id, person.id)
    users = list(s.scalars(select(AppUser).where(AppUser.book_id == book_id, AppUser.person_id == person.id)))
    for user in users:
        if user.kind == "staff":  # its name may be the person's; the household's own sign-in is the family's
            user.login, user.password_hash = f"erased-{user.id}", secrets.token_hex(16)
            user.disabled_at = user.disabled_at or at
            s.execute(delete(RoleGrant).where(RoleGrant.book_id == book_id, RoleGrant.user_id == user.id))
            s.execute(update(SignInSession).where(SignInSession.book_id == book_id, SignInSession.user_id == user.id,
                                                  SignInSession.ended_at.is_(None)).values(ended_at=at))
        user.person_id = None
    left = s.scalar(select(func.count()).select_from(Person).where(
        Person.book_id == book_id, Person.household_id == person.household_id, Person.left_on.is_(None)))
    if not left:  # notes, tags and reasons about a household of nobody are about the erased
        erase_subject(s, book_id, person.household_id)
        s.execute(update(Household).where(Household.book_id == book_id, Household.id == person.household_id)
                  .values(sealed=None).execution_options(synchronize_session=False))
    return not left


def note_erasures(s: Session, book_id: int) -> None:
    """Write the ids of what was erased beside the keys, not inside the data: a restored backup does not know of it."""
    folder = keyring().directory
    known = {subject for book, subject in noted() if book == book_id}
    new = [one for one in s.scalars(select(Erasure.subject_id).where(Erasure.book_id == book_id)) if one not in known]
    if folder is None or not new:
        return
    handle = os.open(folder / LIST, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a", encoding="ascii") as file:
        file.writelines(json.dumps([book_id, str(subject)]) + "\n" for subject in new)
        file.flush()
        os.fsync(file.fileno())


def noted() -> list[tuple[int, UUID]]:
    """Every erased subject of this installation."""
    folder = keyring().directory
    path = folder / LIST if folder is not None else None
    if path is None or not path.exists():
        return []
    return [(int(book), UUID(subject)) for book, subject in map(json.loads, path.read_text("ascii").splitlines())]


def forget_again(s: Session, book_id: int, at: datetime) -> int:
    """After a restore: whoever was erased after the backup was made is erased from it too. How many."""
    note_erasures(s, book_id)
    done = 0
    for book, subject in noted():
        if book != book_id:
            continue
        with unit_of_work(s):
            person = s.get(Person, (book_id, subject))
            if person is not None and person.sealed is not None:
                _forget(s, person, at)
                s.merge(Erasure(book_id=book_id, subject_id=subject, kind="person", reason="asked", scope="restore",
                                key=subject, made_by=None, made_at=at))
                done += 1
            elif person is None:
                erase_subject(s, book_id, subject)
    return done
