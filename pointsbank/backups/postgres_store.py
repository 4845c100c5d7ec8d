"""PostgreSQL: its own tools, found on PATH or in PG_BIN, called with the password in the environment only.

The figures and `ledger check` of a copy are read under the very snapshot that pg_dump is given, so they are those of
the copy. A restore is made into a database of its own, proved there, and then takes the old one's name.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, Engine, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from pointsbank.backups.errors import CannotBackUp, Damaged, InUse
from pointsbank.backups.proving import Facts, facts_of
from pointsbank.database import engine_for
from pointsbank.migrate import migrate
from pointsbank.settings import Settings

Progress = Callable[[int, int], None]
NAME_CHARACTERS = 36  # of the database's name, so that what is added stays under PostgreSQL's 63


class PostgresStore:
    """The bank's database when it is on a server. Everything is done as the owner (MIGRATE_URL)."""

    kind, ending = "postgresql", ".dump"

    def __init__(self, settings: Settings) -> None:
        self.settings, self.url = settings, make_url(settings.migrate_url)
        self.name = self.url.database or ""

    def engine(self) -> Engine:
        return engine_for(self.settings.migrate_url)

    def exists(self) -> bool:
        return True

    def copy(self, target: Path, progress: Progress) -> Facts:
        """pg_dump into a file, its list read back by pg_restore. Raises CannotBackUp, Damaged."""
        engine = self.engine()
        try:
            with (engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection,
                  connection.begin()):
                snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
                facts = facts_of(connection)
                self.call_on("pg_dump", self.url, "--format=custom", f"--snapshot={snapshot}", f"--file={target}",
                          seen=_counter("dumping contents of table", len(facts.tables), progress))
        finally:
            engine.dispose()
        self._listed(target, facts.tables)
        return facts

    def _listed(self, file: Path, tables: dict[str, int]) -> None:
        """Raises Damaged when the copy's table of contents cannot be read or lacks a table."""
        said = self._call(["pg_restore", "--list", str(file)], os.environ.copy(), None)
        data = {line.split(" TABLE DATA ", 1)[1].split()[1] for line in said.splitlines() if " TABLE DATA " in line}
        if missing := sorted(set(tables) - data):
            raise Damaged(f"缺少表:{', '.join(missing)}", f"tables are missing: {', '.join(missing)}")

    @contextmanager
    def scratch(self, file: Path, revision: str | None, progress: Progress) -> Iterator[Engine]:
        """The backup restored into a database made for it, at today's schema, dropped afterwards."""
        name = f"{self.name[:NAME_CHARACTERS]}_verify_{uuid.uuid4().hex[:8]}"
        with self._restored(file, name, progress) as engine:
            yield engine

    @contextmanager
    def incoming(self, file: Path, stamp: str, progress: Progress) -> Iterator[tuple[Engine, Callable[[], str]]]:
        """The backup in a database beside, at today's schema, and the call that gives it the bank's name."""
        name = f"{self.name[:NAME_CHARACTERS]}_incoming_{uuid.uuid4().hex[:8]}"
        self._refuse_sessions()
        with self._restored(file, name, progress) as engine:
            def swap() -> str:
                engine.dispose()
                self._refuse_sessions()
                aside = f"{self.name[:NAME_CHARACTERS]}_replaced_{stamp.lower()}"
                self._rename(name, aside)
                return aside

            yield engine, swap

    def _rename(self, name: str, aside: str) -> None:
        """Both renames or none: PostgreSQL allows them inside one transaction."""
        maintenance = self._maintenance()
        quote = maintenance.dialect.identifier_preparer.quote
        role = make_url(self.settings.database_url).username
        try:
            with maintenance.begin() as connection:
                connection.execute(text(f"ALTER DATABASE {quote(self.name)} RENAME TO {quote(aside)}"))
                connection.execute(text(f"ALTER DATABASE {quote(name)} RENAME TO {quote(self.name)}"))
                if role:
                    connection.execute(text(f"GRANT CONNECT ON DATABASE {quote(self.name)} TO {quote(role)}"))
        finally:
            maintenance.dispose()

    def _refuse_sessions(self) -> None:
        maintenance = self._maintenance()
        try:
            with maintenance.connect() as connection:
                others = connection.scalar(text("SELECT count(*) FROM pg_stat_activity WHERE datname = :name "
                                                "AND backend_type = 'client backend'"), {"name": self.name})
        finally:
            maintenance.dispose()
        if others:
            raise InUse(holder=f"{others} sessions on {self.name}")

    @contextmanager
    def _restored(self, file: Path, name: str, progress: Progress) -> Iterator[Engine]:
        url = self.url.set(database=name)
        self._admin("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", name)
        engine = None
        try:
            self.call_on("pg_restore", url, "--no-owner", "--no-privileges", "--exit-on-error", str(file),
                      seen=_counter("processing data for table", 1, progress))
            address = url.render_as_string(hide_password=False)
            migrate(address, self.settings.database_url)
            engine = engine_for(address)
            yield engine
        finally:
            if engine is not None:
                engine.dispose()
            self._admin("DROP DATABASE IF EXISTS {}", name)  # after a swap the name is gone already

    def _admin(self, statement: str, name: str) -> None:
        maintenance = self._maintenance()
        quoted = maintenance.dialect.identifier_preparer.quote(name)
        try:
            with maintenance.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text(statement.format(quoted)))
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or type(error).__name__).strip()
            raise CannotBackUp(f"MIGRATE_URL 的用户要能建库(CREATEDB):{reason}",
                               f"the user of MIGRATE_URL must be able to create databases (CREATEDB): {reason}"
                               ) from error
        finally:
            maintenance.dispose()

    def _maintenance(self) -> Engine:
        return create_engine(self.url.set(database="postgres"), poolclass=NullPool)

    def call_on(self, tool: str, url: URL, *options: str, seen: Callable[[str], None]) -> None:
        """Run a tool on a database. The command line carries everything of the address but the password."""
        _, facts = create_engine(url).dialect.create_connect_args(url)
        password = facts.pop("password", None)
        address = make_conninfo(**{name: value for name, value in facts.items() if name != "context"})
        environment = os.environ | ({"PGPASSWORD": str(password)} if password else {})
        self._call([tool, "--verbose", "--no-password", f"--dbname={address}", *options], environment, seen)

    def _call(self, command: list[str], environment: dict[str, str], seen: Callable[[str], None] | None) -> str:
        command[0] = str(find_tool(command[0], self.settings.pg_bin))
        with subprocess.Popen(command, env={**environment, "LC_ALL": "C"}, text=True, errors="replace",
                              stdout=None if seen else subprocess.PIPE, stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE if seen else subprocess.DEVNULL) as process:
            said: list[str] = []
            try:
                for line in (process.stderr if seen else process.stdout) or ():
                    said.append(line)
                    if seen:
                        seen(line)
            except BaseException:  # interrupted: the tool must not go on writing
                process.kill()
                raise
        if process.returncode:
            last = next((line.strip() for line in reversed(said) if "error" in line.lower()), "")
            raise CannotBackUp(f"{Path(command[0]).stem} 没有成功:{last or process.returncode}",
                               f"{Path(command[0]).stem} failed: {last or process.returncode}")
        return "".join(said)


def find_tool(name: str, folder: Path | None) -> Path:
    """pg_dump or pg_restore. Raises CannotBackUp when neither PG_BIN nor PATH has it."""
    found = shutil.which(name, path=str(folder) if folder else None)
    if found is None:
        raise CannotBackUp(f"找不到 {name};装上 PostgreSQL 客户端工具,或用 PG_BIN 指明它所在的文件夹",
                           f"{name} was not found; install PostgreSQL's client tools or set PG_BIN to their folder")
    return Path(found)


def _counter(mark: str, total: int, progress: Progress) -> Callable[[str], None]:
    done: list[Any] = []

    def seen(line: str) -> None:
        if mark in line:
            done.append(line)
            progress(len(done), max(total, len(done)))

    return seen
