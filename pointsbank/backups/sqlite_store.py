"""SQLite: a copy by its own backup interface while others write, and a file put in the place of another.

The copy is taken under one read transaction of the source, so it is the database of one instant: without it every
commit of a writer would make the copy begin again.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.pool import NullPool

from pointsbank.backups.disk import flush_folder, move
from pointsbank.backups.errors import CannotBackUp, Damaged
from pointsbank.backups.proving import Facts, facts_of
from pointsbank.database import BUSY_TIMEOUT_MS, SQLITE_MODULE, engine_for
from pointsbank.migrate import migrate, newest
from pointsbank.settings import Settings

Progress = Callable[[int, int], None]
PAGES_A_STEP = 1024
SIDES = ("-wal", "-shm")


class SqliteStore:
    """The bank's database when it is one file."""

    kind, ending = "sqlite", ".db"

    def __init__(self, settings: Settings) -> None:
        name = make_url(settings.migrate_url).database
        if not name or name == ":memory:":
            raise CannotBackUp("内存里的数据库没有文件", "a database in memory has no file")
        self.path, self.settings = Path(name).resolve(), settings

    def engine(self) -> Engine:
        return engine_for(self.settings.migrate_url)

    def exists(self) -> bool:
        return self.path.exists()

    def copy(self, target: Path, progress: Progress) -> Facts:
        """Copy page by page into an empty file, then prove the copy. Raises Damaged, CannotBackUp."""
        needed = sum(part.stat().st_size for part in self._parts(self.path))
        if shutil.disk_usage(target.parent).free < needed + needed // 10:
            raise CannotBackUp(f"{target.parent} 的空间不够,要 {needed} 字节",
                               f"not enough room in {target.parent}: {needed} bytes needed")
        with closing(_connect(self.path, "rw")) as source, closing(_connect(target, "rw")) as made:
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
            source.backup(made, pages=PAGES_A_STEP, sleep=0,
                          progress=lambda _status, remaining, total: progress(total - remaining, total))
            source.execute("ROLLBACK")
            made.execute("PRAGMA journal_mode = DELETE")  # one file by itself, without -wal and -shm
        with self.scratch_as_is(target) as engine, engine.connect() as connection:
            return facts_of(connection)

    @contextmanager
    def scratch_as_is(self, file: Path) -> Iterator[Engine]:
        """The file itself, opened so that nothing can change it. Raises Damaged when its pages are not whole."""
        engine = create_engine("sqlite://", module=SQLITE_MODULE, poolclass=NullPool,
                               creator=lambda: _connect(file, "ro&immutable=1"))
        try:
            _whole(file)
            yield engine
        finally:
            engine.dispose()

    def scratch(self, file: Path, revision: str | None, progress: Progress) -> AbstractContextManager[Engine]:
        """The backup opened in a scratch place at today's schema."""
        return self.scratch_as_is(file) if revision == newest() else self._lifted(file)

    @contextmanager
    def _lifted(self, file: Path) -> Iterator[Engine]:
        with tempfile.TemporaryDirectory(dir=self.settings.data_dir, prefix="backup-scratch-") as folder:
            copy = Path(folder) / "scratch.db"
            shutil.copyfile(file, copy)
            migrate(f"sqlite:///{copy.as_posix()}")
            engine = engine_for(f"sqlite:///{copy.as_posix()}")
            try:
                yield engine
            finally:
                engine.dispose()

    @contextmanager
    def incoming(self, file: Path, stamp: str, progress: Progress) -> Iterator[tuple[Engine, Callable[[], str]]]:
        """The backup beside the database, at today's schema, and the call that puts it in its place.

        The call returns where the replaced database stands (empty when there was none).
        """
        beside = self.path.with_name(f"{self.path.name}.incoming")
        self._remove(beside)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, beside)
        _whole(beside)
        migrate(f"sqlite:///{beside.as_posix()}")
        engine = engine_for(f"sqlite:///{beside.as_posix()}")

        def swap() -> str:
            engine.dispose()
            _settle(beside)
            aside = self._set_aside(stamp)
            move(beside, self.path)
            return aside

        try:
            yield engine, swap
        finally:
            engine.dispose()
            self._remove(beside)

    def _set_aside(self, stamp: str) -> str:
        """Keep the replaced database under another name; at no moment is there no database at all."""
        if not self.path.exists():
            return ""
        aside = self.path.with_name(f"{self.path.name}.replaced-{stamp}")
        try:
            _settle(self.path)
        except SQLITE_MODULE.Error:  # a damaged file is kept as it is, its side files with it
            for side in SIDES:
                if (part := Path(f"{self.path}{side}")).exists():
                    os.replace(part, f"{aside}{side}")
        for side in SIDES:
            Path(f"{self.path}{side}").unlink(missing_ok=True)
        try:
            os.link(self.path, aside)
        except OSError:  # a file system without second names
            shutil.copy2(self.path, aside)
        flush_folder(aside.parent)
        return str(aside)

    def _parts(self, path: Path) -> list[Path]:
        return [part for part in (path, Path(f"{path}-wal")) if part.exists()]

    def _remove(self, path: Path) -> None:
        for part in (path, *(Path(f"{path}{side}") for side in SIDES)):
            part.unlink(missing_ok=True)


def _connect(path: Path, mode: str) -> Any:
    return SQLITE_MODULE.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, isolation_level=None,
                                 timeout=BUSY_TIMEOUT_MS // 1000, check_same_thread=False)


def _settle(path: Path) -> None:
    """Bring everything into the one file: the last connection to close takes -wal and -shm away."""
    with closing(_connect(path, "rw")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _whole(path: Path) -> None:
    """Raises Damaged when SQLite itself finds the file broken."""
    try:
        with closing(_connect(path, "ro&immutable=1")) as connection:
            said = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
    except SQLITE_MODULE.DatabaseError as error:
        said = [str(error)]
    if said != ["ok"]:
        raise Damaged(f"SQLite 检查不通过:{'; '.join(said)}", f"SQLite's own check fails: {'; '.join(said)}")
