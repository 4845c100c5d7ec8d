"""Sealing and opening of personal texts with the subject's own key (AES-256-GCM)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Integer, LargeBinary, Uuid, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ledger.errors import DomainError
from pointsbank.crypto.keyring import KEY_BYTES, keyring, reload_keys
from pointsbank.database import db

NONCE_BYTES = 12
CHUNK = 500  # ids per statement: SQLite's parameter limit is far above, statements stay short


class SubjectKey(db.Model):  # type: ignore[name-defined, misc]
    """The wrapped key of one subject. Deleting the row is erasure."""

    __tablename__ = "subject_key"
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    subject_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class ErasedSubject(DomainError):
    code, status = "erased", 410
    zh = "这份个人信息已按规定删除,无法再显示。"
    en = "This personal information was erased and can no longer be shown."


class BrokenSeal(DomainError):
    code, status = "broken_seal", 500
    zh = "这份个人信息的加密校验没有通过,请联系管理员。"
    en = "This personal information failed its integrity check; please tell the administrator."


def _label(book_id: int, subject_id: UUID, context: str) -> bytes:
    return f"{book_id}|{subject_id}|{context}".encode()


def _encrypt(key: bytes, plain: bytes, label: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, label)


def _decrypt(key: bytes, blob: bytes, label: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], label)
    except InvalidTag as error:
        raise BrokenSeal() from error


def unwrap(wrapped: bytes, label: bytes) -> bytes:
    """A subject's key by the wrapping key in force, one of the older ones, or one another process has just made."""
    for ring in (keyring, reload_keys):
        keys = ring()
        for wrap in (keys.wrap, *(key for _, key in keys.older)):
            try:
                return AESGCM(wrap).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], label)
            except InvalidTag:
                continue
    raise BrokenSeal()


def _keys(s: Session, book_id: int, subjects: Iterable[UUID]) -> dict[UUID, bytes]:
    wanted = sorted(set(subjects))
    found: dict[UUID, bytes] = {}
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start:start + CHUNK]
        rows = s.execute(select(SubjectKey.subject_id, SubjectKey.wrapped)
                         .where(SubjectKey.book_id == book_id, SubjectKey.subject_id.in_(part)))
        for subject_id, wrapped in rows:
            found[subject_id] = unwrap(wrapped, _label(book_id, subject_id, "subject_key"))
    return found


def ensure_subjects(s: Session, book_id: int, subjects: Iterable[UUID]) -> dict[UUID, bytes]:
    """The subjects' keys, made where there are none yet. Inside a unit of work."""
    wanted = set(subjects)
    keys = _keys(s, book_id, wanted)
    for subject_id in sorted(wanted - keys.keys()):
        key = secrets.token_bytes(KEY_BYTES)
        wrapped = _encrypt(keyring().wrap, key, _label(book_id, subject_id, "subject_key"))
        s.add(SubjectKey(book_id=book_id, subject_id=subject_id, wrapped=wrapped))
        keys[subject_id] = key
    s.flush()
    return keys


def ensure_subject(s: Session, book_id: int, subject_id: UUID) -> bytes:
    """The subject's key, made on first use. Inside a unit of work."""
    return ensure_subjects(s, book_id, [subject_id])[subject_id]


def seal_text(s: Session, book_id: int, subject_id: UUID, text: str, context: str) -> bytes:
    """Encrypt a text for its subject. Inside a unit of work (the subject's key may be made)."""
    return _encrypt(ensure_subject(s, book_id, subject_id), text.encode(), _label(book_id, subject_id, context))


def seal_json(s: Session, book_id: int, subject_id: UUID, value: Any, context: str) -> bytes:
    """Encrypt a JSON value for its subject. Inside a unit of work."""
    return seal_text(s, book_id, subject_id, json.dumps(value, ensure_ascii=False, separators=(",", ":")), context)


def seal_many(s: Session, book_id: int, items: Sequence[tuple[UUID, Any]], context: str) -> list[bytes | None]:
    """Encrypt many JSON values, one statement for up to 500 keys; nothing stays nothing. Inside a unit of work."""
    keys = ensure_subjects(s, book_id, (subject_id for subject_id, value in items if value is not None))
    return [None if value is None else
            _encrypt(keys[subject_id], json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(),
                     _label(book_id, subject_id, context))
            for subject_id, value in items]


def seal_bytes(s: Session, book_id: int, subject_id: UUID, content: bytes, context: str) -> bytes:
    """Encrypt a file's content for its subject. Inside a unit of work."""
    return _encrypt(ensure_subject(s, book_id, subject_id), content, _label(book_id, subject_id, context))


def open_bytes(s: Session, book_id: int, subject_id: UUID, blob: bytes, context: str) -> bytes:
    """Raises ErasedSubject, BrokenSeal."""
    key = _keys(s, book_id, [subject_id]).get(subject_id)
    if key is None:
        raise ErasedSubject()
    return _decrypt(key, blob, _label(book_id, subject_id, context))


def erase_subject(s: Session, book_id: int, subject_id: UUID) -> None:
    """Destroy a subject's key: whatever was sealed for it can never be opened again. Inside a unit of work."""
    s.execute(delete(SubjectKey).where(SubjectKey.book_id == book_id, SubjectKey.subject_id == subject_id))


def open_text(s: Session, book_id: int, subject_id: UUID, blob: bytes, context: str) -> str:
    """Raises ErasedSubject when the key is gone, BrokenSeal when the bytes are not what was sealed there."""
    key = _keys(s, book_id, [subject_id]).get(subject_id)
    if key is None:
        raise ErasedSubject()
    return _decrypt(key, blob, _label(book_id, subject_id, context)).decode()


def open_json(s: Session, book_id: int, subject_id: UUID, blob: bytes, context: str) -> Any:
    return json.loads(open_text(s, book_id, subject_id, blob, context))


def open_many(s: Session, book_id: int, items: Sequence[tuple[UUID, bytes | None]], context: str) -> list[Any]:
    """Open many JSON values, one statement for up to 500 keys; None where there is nothing or it was erased."""
    keys = _keys(s, book_id, (subject_id for subject_id, blob in items if blob is not None))
    return [json.loads(_decrypt(keys[subject_id], blob, _label(book_id, subject_id, context)))
            if blob is not None and subject_id in keys else None
            for subject_id, blob in items]
