"""Two databases, one behaviour: engines, the session, the unit of work, types.

Reading: a session opens a deferred transaction. Writing: always inside `unit_of_work(s)`.

    with unit_of_work(s):          # outermost: fresh transaction, the one writer on SQLite, commit at the end
        with unit_of_work(s):      # joins it
            ...

On SQLite a session that has read and then writes is refused at once by the database, whatever its timeout, so a unit
of work first ends the reading transaction, then takes the process-wide writer and BEGIN IMMEDIATE. Hence the rule:
decide on what you read inside the unit of work. On PostgreSQL (READ COMMITTED) the same call starts a fresh
transaction, so both behave alike.
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import ModuleType
from typing import Any, TypeVar

import uuid_utils
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Engine, create_engine, event
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError, TimeoutError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

try:
    from pysqlite3 import dbapi2 as _sqlite
except ImportError:  # platforms without a wheel fall back to the interpreter's own library
    import sqlite3 as _sqlite  # type: ignore[no-redef]

SQLITE_MODULE: ModuleType = _sqlite
# Releases before this one can corrupt a WAL database when two connections checkpoint together.
SQLITE_WITHOUT_WAL_RESET_BUG = (3, 51, 3)
BUSY_TIMEOUT_MS = 15_000
LOCK_TIMEOUT_MS = 30_000  # PostgreSQL's; without one a writer would wait for ever
WRITER_WAIT = 60  # seconds for the process's one writer; long jobs hold it for portions only
ATTEMPTS, GIVE_UP = 4, 12  # how often, and seconds after which nothing is tried again
# PostgreSQL: serialization failure, deadlock, lock not free. SQLite says it in words.
COLLISIONS = ("40001", "40P01", "55P03")
AWAY = ("08", "53", "57P")  # no connection, out of room or connections, being stopped
WRITE = {"pointsbank_write": True}
_writer = threading.RLock()
Found = TypeVar("Found")


class Base(DeclarativeBase):
    """Mother of the bank's tables; the ledger has its own MetaData."""


db = SQLAlchemy(model_class=Base)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in, aware UTC out. Refuses a time without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id() -> uuid.UUID:
    """A UUIDv7: random, and in order of creation."""
    return uuid.UUID(int=uuid_utils.uuid7().int)


def sqlite_warning() -> str | None:
    """A sentence when the SQLite library has the WAL-reset bug, else None."""
    if SQLITE_MODULE.sqlite_version_info >= SQLITE_WITHOUT_WAL_RESET_BUG:
        return None
    return (f"SQLite {SQLITE_MODULE.sqlite_version} has the WAL-reset bug (fixed in 3.51.3): "
            "run one process only, or install pysqlite3")


def engine_options(url: str) -> dict[str, Any]:
    """create_engine() arguments for a database address."""
    if url.startswith("sqlite"):
        return {"module": SQLITE_MODULE, "connect_args": {"check_same_thread": False}, "pool_size": 20,
                "max_overflow": 60, "pool_timeout": 30}
    return {"pool_size": 16, "max_overflow": 64, "pool_pre_ping": True, "pool_timeout": 30}


def engine_for(url: str) -> Engine:
    """An engine with this project's connection rules. Used by migrations, tests and tools; the app has its own."""
    engine = create_engine(url, **engine_options(url))
    prepare_engine(engine)
    return engine


def prepare_engine(engine: Engine) -> None:
    """Install the connection rules: how long one waits; on SQLite also pragmas and an explicit BEGIN."""
    if engine.dialect.name != "sqlite":
        @event.listens_for(engine, "connect")
        def _patience(connection: DBAPIConnection, _record: Any) -> None:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
            cursor.close()
            connection.autocommit = False
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: DBAPIConnection, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not open transactions behind our back
        cursor = connection.cursor()
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON",
                       f"busy_timeout = {BUSY_TIMEOUT_MS}", "recursive_triggers = ON",
                       # a batch of 1,000 touches some thousand pages: room for them, and for a few batches of log
                       "cache_size = -16000", "wal_autocheckpoint = 4000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("pointsbank_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def unit_of_work(s: Session) -> Iterator[Session]:
    """All or nothing. Joins an outer unit; only the outermost commits, and it rolls back on any error."""
    if s.info.get("unit_of_work"):
        yield s
        return
    one_writer = s.get_bind().dialect.name == "sqlite"
    s.rollback()  # end the reading transaction: decisions are taken on what is read from here on
    if one_writer:
        _take_the_writer()
    s.info["unit_of_work"] = True
    try:
        s.connection(execution_options=WRITE)
        yield s
        s.commit()
        s.info["commits"] = commits(s) + 1
    except BaseException:
        s.rollback()
        raise
    finally:
        s.info.pop("unit_of_work", None)
        if one_writer:
            _writer.release()


def commits(s: Session) -> int:
    """How many units of work this session has committed."""
    return int(s.info.get("commits", 0))


def _take_the_writer() -> None:
    if not _writer.acquire(timeout=WRITER_WAIT):
        raise TimeoutError(f"the one writer was not free for {WRITER_WAIT} seconds")


def collided(error: BaseException) -> bool:
    """Two were in each other's way and this one lost: nothing of it was kept, the same again may well go through."""
    if not isinstance(error, DBAPIError):
        return False
    return (getattr(error.orig, "sqlstate", None) in COLLISIONS
            or (isinstance(error, OperationalError) and " is locked" in str(error.orig)))


def unavailable(error: BaseException) -> bool:
    """Trouble that passes by itself or is an operator's to end, and is no bug: collisions, no connection, no room."""
    if isinstance(error, TimeoutError) or collided(error):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(AWAY)
    said = str(error.orig)
    return error.connection_invalidated or "disk is full" in said or (
        isinstance(error, OperationalError) and "psycopg" in type(error.orig).__module__)


def through(work: Callable[[], Found], *, may_repeat: Callable[[], bool] = lambda: True) -> Found:
    """Do the work, again when it collided, a few times and not for long; then the collision is the caller's.

    Only for work of which nothing stays when it fails: one unit of work, or a request that has committed nothing.
    """
    began = time.monotonic()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return work()
        except SQLAlchemyError as error:
            late = attempt == ATTEMPTS or time.monotonic() - began > GIVE_UP
            if late or not collided(error) or not may_repeat():
                raise
        time.sleep(random.randrange(10, 50 * attempt) / 1000)  # not in step with the other
    raise AssertionError("unreachable")


@contextmanager
def write_connection(engine: Engine) -> Iterator[Connection]:
    """The writer as a bare connection, for commands that need no session (rebuild, migrations' data steps)."""
    one_writer = engine.dialect.name == "sqlite"
    if one_writer:
        _take_the_writer()
    try:
        with engine.connect().execution_options(**WRITE) as connection, connection.begin():
            yield connection
    finally:
        if one_writer:
            _writer.release()
