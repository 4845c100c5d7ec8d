"""Peers: what another ledger that installs from the package index does on the same server in the same run.

django-hordak needs PostgreSQL. It is looked for in this environment (`pip install '.[bench]'`) and in `.venv-bench`,
which `make bench` makes; where it is in neither, that is said and nothing is measured.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import uuid
from pathlib import Path

from sqlalchemy import make_url

import ledger
from tests import databases
from tests.bench.books import BOOK, fill, funded, house, wallets
from tests.bench.measuring import Line, Table, repeat
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
    sizes = table.sizes
    table.doing(f"{kind}: django-hordak, an account with {sizes.peer_lines:,} lines")
    name = f"peer_{uuid.uuid4().hex[:12]}"
    databases.admin(f"CREATE DATABASE {name}")
    try:
        url = make_url(databases.url_of(name))
        host = url.host or str(url.query.get("host", ""))
        ran = subprocess.run([python, str(SCRIPT), name, url.username or "postgres", host,
                              str(url.port or url.query.get("port", "")), str(sizes.seconds), str(sizes.peer_lines)],
                             capture_output=True, text=True, check=False, timeout=1_800)
    finally:
        databases.admin(f"DROP DATABASE {name} WITH (FORCE)")
    if ran.returncode:
        table.skip(f"django-hordak did not run: {ran.stderr.strip().splitlines()[-1:]}")
        return
    theirs = json.loads(ran.stdout)
    with house(kind, folder) as at:
        accounts = wallets(100)
        funded(at.engine, accounts)
        rate = one_by_one(at, accounts, sizes.seconds, whole=True).per_second
        owner = ledger.member("POINT", "wallet:many")
        fill(at.engine, [owner], sizes.peer_lines)
        at.settle()
        with at.engine.connect() as connection:
            balance = 1 / repeat(sizes.seconds / 2, lambda: len(ledger.balances(connection, BOOK, [owner]))).per_second
    table.add(Line(kind, "single transfers, in BEGIN and COMMIT", "django-hordak, transfer_to", rate,
                   theirs["transfers"], rate / theirs["transfers"]))
    table.add(Line(kind, f"balance of an account with {sizes.peer_lines:,} lines", "django-hordak, get_balance",
                   balance * 1e3, theirs["balance"] * 1e3, balance / theirs["balance"], unit=" ms"))
