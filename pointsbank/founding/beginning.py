"""An empty book for a real village: its places, the book, the first administrator. The demo is left behind first.

    begin_book(s, BeginBook("230183", "尚志市", …), at=now)

A book that is a demo stays one for good, so a real book never begins in a database that holds one: `leave_demo` puts
the whole file aside and makes a new one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import AddUser, AppUser, add_user, system_actor
from pointsbank.backups import make_backup
from pointsbank.backups.locks import SERVING, alone
from pointsbank.database import unit_of_work
from pointsbank.errors import DomainError
from pointsbank.migrate import migrate
from pointsbank.places import AddPlace, Book, add_place, open_book
from pointsbank.settings import Settings

PROVINCE, CITY = ("230000000000", "黑龙江省"), ("230100000000", "哈尔滨市")
FIRST_ROLES = ("admin", "security")


class DemoIsHere(DomainError):
    code, status = "demo_is_here", 409
    zh = "这个数据库里是演示村。请先离开演示(--leave-demo):演示数据会另存一份,不会混进真实的账。"
    en = "This database holds the demo. Leave it first (--leave-demo): it is put aside, and nothing of it is mixed in."


class BegunBefore(DomainError):
    code, status = "begun_before", 409
    zh = "这个区县的账本已经开始用了,已有系统管理员。请用他的账号登录,再添加别人。"
    en = "The book of this county is in use and has an administrator. Sign in as the administrator to add others."


class OwnEmptyDatabase(DomainError):
    code, status = "own_empty_database", 409
    zh = "PostgreSQL 上请另建一个空的数据库,把 DATABASE_URL 和 MIGRATE_URL 指向它,再运行一次。"
    en = "On PostgreSQL create another, empty database, point DATABASE_URL and MIGRATE_URL to it, and run this again."


@dataclass(frozen=True)
class BeginBook:
    """`villages`: (12-digit code, name). Names are the places' own; the county's code has six digits."""

    county: str
    county_name: str
    town: str
    town_name: str
    villages: tuple[tuple[str, str], ...]
    admin: str
    password: str


def begin_book(s: Session, cmd: BeginBook, *, at: datetime) -> int:
    """Places, book and first administrator, all or nothing. Returns the book.

    The first administrator is system and security administrator in one until there is somebody to give the second
    role to: without it nobody could add anybody.

    The administrator changes the first password at the first sign-in. Raises DemoIsHere, BegunBefore, BadInput.
    """
    with unit_of_work(s):
        if s.scalar(select(Book.book_id).where(Book.is_demo).limit(1)) is not None:
            raise DemoIsHere()
        county = cmd.county.ljust(12, "0")
        for code, level, name in ((PROVINCE[0], "province", PROVINCE[1]), (CITY[0], "city", CITY[1]),
                                  (county, "county", cmd.county_name), (cmd.town, "town", cmd.town_name),
                                  *((code, "village", name) for code, name in cmd.villages)):
            body = {"county": f"{name}新时代文明实践中心", "town": f"{name}新时代文明实践所",
                    "village": f"{name}新时代文明实践站"}.get(level)
            add_place(s, AddPlace(code, level, name, body))
        book_id = open_book(s, cmd.county, at=at)
        if s.scalar(select(AppUser.id).where(AppUser.book_id == book_id).limit(1)) is not None:
            raise BegunBefore("admin")
        roles = tuple((role, county) for role in FIRST_ROLES)
        user = add_user(s, AddUser(cmd.admin, "staff", county, cmd.password, roles, must_change=True), at=at)
        audit.record(s, system_actor(book_id, "begin"), "book.begun", f"user:{user.id}", at=at,
                     villages=len(cmd.villages))
        return book_id


def leave_demo(settings: Settings, *, at: datetime) -> Path:
    """Put the demo's database file aside and make a new, empty one. Raises OwnEmptyDatabase, InUse, CannotBackUp."""
    if not settings.database_url.startswith("sqlite"):
        raise OwnEmptyDatabase()
    file = Path(settings.database_url.removeprefix("sqlite:///"))
    with alone(settings.data_dir / SERVING):  # the server is stopped, and stays so meanwhile
        made = make_backup(settings, at=at, reason="demo", keep_all=True)
        for path in (file, *(file.with_name(file.name + ending) for ending in ("-wal", "-shm"))):
            path.unlink(missing_ok=True)
        migrate(settings.migrate_url, settings.database_url)
    return made.file
