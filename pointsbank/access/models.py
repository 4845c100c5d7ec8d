"""Tables of users, role grants, second factors, server-side sessions and API tokens.

Secrets are stored as hashes only, but for the one a second factor is computed from: that one is sealed.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    Uuid,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import UtcDateTime, db


class AppUser(db.Model):  # type: ignore[name-defined, misc]
    """Someone who can sign in: staff by user name, a household by its code (login '<place code>/<household code>')."""

    __tablename__ = "app_user"
    __table_args__ = (UniqueConstraint("book_id", "login", name="uq_app_user_login"),
                      Index("ix_app_user_login", "login"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    login: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(12))  # staff | household
    place_code: Mapped[str] = mapped_column(String(12))
    person_id: Mapped[UUID | None] = mapped_column(Uuid)
    household_id: Mapped[UUID | None] = mapped_column(Uuid)
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change: Mapped[bool] = mapped_column(Boolean, server_default=false(), default=False)  # a first password
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    large_type: Mapped[bool] = mapped_column(Boolean)


class RoleGrant(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "role_grant"
    __table_args__ = (ForeignKeyConstraint(["book_id", "user_id"], ["app_user.book_id", "app_user.id"],
                                           name="fk_role_grant_user"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    user_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    place_code: Mapped[str] = mapped_column(String(12), primary_key=True)


class SecondFactor(db.Model):  # type: ignore[name-defined, misc]
    """What an authenticator app of a user computes its codes from. `last_step`: the newest one used."""

    __tablename__ = "second_factor"
    __table_args__ = (ForeignKeyConstraint(["book_id", "user_id"], ["app_user.book_id", "app_user.id"],
                                           name="fk_second_factor_user"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    user_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int | None] = mapped_column(Integer)
    of_the_demo: Mapped[bool] = mapped_column(Boolean)  # known to everybody: the demo's pages show its code
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RecoveryCode(db.Model):  # type: ignore[name-defined, misc]
    """A code on paper for the day the phone is gone; each opens the door once."""

    __tablename__ = "recovery_code"
    __table_args__ = (ForeignKeyConstraint(["book_id", "user_id"], ["second_factor.book_id", "second_factor.user_id"],
                                           name="fk_recovery_code_factor", ondelete="CASCADE"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    user_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignInSession(db.Model):  # type: ignore[name-defined, misc]
    """A browser's session: ends when its row says so, whatever the cookie holds."""

    __tablename__ = "sign_in_session"
    __table_args__ = (UniqueConstraint("book_id", "id", name="uq_sign_in_session_id"),
                      Index("ix_sign_in_session_user", "book_id", "user_id"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid)
    user_id: Mapped[UUID] = mapped_column(Uuid)
    csrf: Mapped[str] = mapped_column(String(64))
    label: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(45))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    second_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the second factor was shown


class KnownDevice(db.Model):  # type: ignore[name-defined, misc]
    """A browser from which an account has signed in: guesses made elsewhere do not lock it out there."""

    __tablename__ = "known_device"
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    label: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trusted_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # asks for no second factor until then


class SignInTry(db.Model):  # type: ignore[name-defined, misc]
    """A try at a sign-in that was not right (or is being looked at); account and source as keyed hashes only."""

    __tablename__ = "sign_in_try"
    __table_args__ = (Index("ix_sign_in_try_subject", "book_id", "subject", "at"),
                      Index("ix_sign_in_try_source", "book_id", "source", "at"),
                      Index("ix_sign_in_try_at", "book_id", "at"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    subject: Mapped[bytes] = mapped_column(LargeBinary)
    source: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class PhoneCode(db.Model):  # type: ignore[name-defined, misc]
    """A code sent to a phone, or not sent because nobody has it: the row is the same. Keyed hashes only."""

    __tablename__ = "phone_code"
    __table_args__ = (UniqueConstraint("book_id", "token_hash", name="uq_phone_code_token"),
                      Index("ix_phone_code_phone", "book_id", "phone_hash", "made_at"),
                      Index("ix_phone_code_source", "book_id", "source", "made_at"),
                      Index("ix_phone_code_made", "book_id", "made_at"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)  # of the browser that asked
    phone_hash: Mapped[bytes] = mapped_column(LargeBinary)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    source: Mapped[bytes] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ApiToken(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "api_token"
    __table_args__ = (UniqueConstraint("book_id", "id", name="uq_api_token_id"),
                      Index("ix_api_token_user", "book_id", "user_id"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid)
    user_id: Mapped[UUID] = mapped_column(Uuid)
    name: Mapped[str] = mapped_column(String(60))
    scopes: Mapped[list[str] | None] = mapped_column(JSON)  # the powers it may use; None: all of its user's
    place_code: Mapped[str | None] = mapped_column(String(12))  # where; None: wherever its user may
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
