"""Who holds the data: a lock file that the operating system opens again when its holder dies.

`DATA_DIR/serving.lock` is a tiny SQLite file. A server keeps a read transaction open on it (several servers may), a
restore an exclusive one. A file with nothing but a process number in it would say "in use" for ever after a power cut,
and would be believed by another machine or container in which that number means somebody else; SQLite's locks work the
same on Windows and leave with the process. The process number stands inside, for the message only.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pointsbank import clock
from pointsbank.backups.errors import InUse
from pointsbank.database import SQLITE_MODULE

SERVING = "serving.lock"
PATIENCE_SECONDS = 1


def _open(path: Path) -> Any:
    path.parent.mkdir(parents=True, exist_ok=True)
    return SQLITE_MODULE.connect(str(path), timeout=PATIENCE_SECONDS, isolation_level=None, check_same_thread=False)


def _holder(connection: Any) -> str:
    try:
        pid, since = connection.execute("SELECT pid, since FROM holder").fetchone()
    except (SQLITE_MODULE.Error, TypeError):
        return "another backup command"
    return f"process {pid}, since {since}"


@contextmanager
def serving(data_dir: Path) -> Iterator[None]:
    """Hold the data as a server does. Raises InUse while a restore has it alone."""
    connection = _open(data_dir / SERVING)
    try:
        try:
            connection.execute("CREATE TABLE IF NOT EXISTS holder (pid INTEGER, since TEXT)")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM holder")
            connection.execute("INSERT INTO holder VALUES (?, ?)", (os.getpid(), clock.now().isoformat("T", "seconds")))
            connection.execute("COMMIT")
        except SQLITE_MODULE.OperationalError:  # another server is here already: its number stays
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        try:
            connection.execute("BEGIN")
            connection.execute("SELECT pid FROM holder").fetchone()
        except SQLITE_MODULE.OperationalError as error:
            raise InUse(holder="backup restore") from error
        yield
    finally:
        connection.close()


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Have what the lock file stands for to oneself. Raises InUse with the holder's process number."""
    connection = _open(lock)
    try:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except SQLITE_MODULE.OperationalError as error:
            raise InUse(holder=_holder(connection)) from error
        yield
    finally:
        connection.close()
