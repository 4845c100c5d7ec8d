"""Peers: what another ledger that installs from the package index does on the same server in the same run.

django-hordak needs PostgreSQL. It is looked for in this environment (`pip install '.[bench]'`) and in `.venv-bench`,
which `make bench` makes; where it is in neither, that is said and nothing is measured.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

import ledger
from tests import databases
from tests.bench.books import BOOK, fill, funded, house, wallets
from tests.bench.measuring import Rate, Table, timed
from tests.bench.posting import one_by_one

SCRIPT = Path(__file__).with_name("hordak_peer.py")


def python_with_hordak() -> str | None:
    if importlib.util.find_spec("hordak"):
        return sys.executable
    beside = Path(".venv-bench") / "bin" / "python"
    return str(beside) if beside.exists() else None


def bench(table: Table, kind: str, folder: Path) -> None:
    if kind == "sqlite":
        return  # it knows PostgreSQL and MySQL
    if (python := python_with_hordak()) is None:
        table.skip("django-hordak is not installed: python -m pip install '.[bench]'")
        return
    table.doing(f"{kind}: django-hordak, an account with {table.sizes.peer_lines:,} lines")
    name = f"peer_{uuid.uuid4().hex[:12]}"
    databases.admin(f"CREATE DATABASE {name}")
    try:
        with hordak(python, name, table) as ask:
            if ask is not None:
                compare(table, kind, folder, ask)
    finally:
        databases.admin(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def hordak(python: str, name: str, table: Table) -> Iterator[Callable[[str], float] | None]:
    """A process that measures when it is asked to; None, said aloud, when it cannot run."""
    url, sizes = make_url(databases.url_of(name)), table.sizes
    host, port = url.host or str(url.query.get("host", "")), str(url.port or url.query.get("port", ""))
    with tempfile.TemporaryFile("w+") as said, subprocess.Popen(
            [python, str(SCRIPT), name, url.username or "postgres", host, port, str(sizes.seconds),
             str(sizes.peer_lines)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True) as process:
        assert process.stdin and process.stdout

        def ask(what: str) -> float:
            assert process.stdin and process.stdout
            process.stdin.write(f"{what}\n")
            process.stdin.flush()
            return float(process.stdout.readline())

        if process.stdout.readline().strip() == "ready":
            yield ask
        else:
            said.seek(0)
            table.skip(f"django-hordak did not run: {said.read().strip().splitlines()[-1:]}")
            yield None
        process.stdin.close()


def compare(table: Table, kind: str, folder: Path, ask: Callable[[str], float]) -> None:
    sizes = table.sizes
    with house(kind, folder) as at:
        accounts, owner = wallets(100), ledger.member("POINT", "wallet:many")
        funded(at.engine, accounts)
        fill(at.engine, [owner], sizes.peer_lines)
        at.settle()
        table.rates(kind, "single transfers, in BEGIN and COMMIT", "django-hordak, transfer_to",
                    lambda: one_by_one(at, accounts, sizes.seconds, whole=True),
                    lambda: Rate(round(ask("transfers") * 1000), 1000.0))
        with at.engine.connect() as connection:
            table.times(kind, f"balance of an account with {sizes.peer_lines:,} lines", "django-hordak, get_balance",
                        lambda: timed(lambda: ledger.balances(connection, BOOK, [owner])), lambda: ask("balance"))
