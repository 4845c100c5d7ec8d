"""Foreign programs that recompute a journal, and a small reader of our own that shares no code with the exporter."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

Balances = dict[tuple[str, str], Decimal]  # by account and commodity
ENTRY = re.compile(r"^(\d{4}-\d{2}-\d{2}) ")
POSTING = re.compile(r'^    (\S+)  (-?[\d.]+) "(\S+)"(?: = (-?[\d.]+) "(\S+)")?$')


class Read:
    """An hledger journal read by the plain rules of double entry: sums, zero per transaction, assertions by day.

    `wrong` lists what does not hold; the declarations of accounts and commodities are checked as `--strict` does.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self.balances: Balances = defaultdict(Decimal)
        self.transactions, self.assertions = 0, 0
        self.wrong: list[str] = []
        self.accounts: set[str] = set()
        self.commodities: set[str] = set()
        self.moves: list[tuple[str, int, str, str, Decimal, Decimal | None]] = []
        day, left = "", dict[str, Decimal]()
        for at, line in enumerate(lines, 1):
            if line.startswith("account "):
                self.accounts.add(line[8:].rstrip())
            elif line.startswith("commodity "):
                self.commodities.add(line.split('"')[1])
            elif found := ENTRY.match(line):
                self.zero(left, at)
                day, left = found[1], {}
                self.transactions += "(" in line
            elif found := POSTING.match(line.rstrip("\n")):
                account, amount, commodity, said, same = found.groups()
                assert same in (None, commodity)
                left[commodity] = left.get(commodity, Decimal(0)) + Decimal(amount)
                self.moves.append((day, at, account, commodity, Decimal(amount), Decimal(said) if said else None))
            elif line.strip() and not line.startswith(";"):
                self.wrong.append(f"line {at}: cannot be read: {line!r}")
        self.zero(left, 0)
        self.judge()

    def zero(self, left: dict[str, Decimal], at: int) -> None:
        if any(left.values()):
            self.wrong.append(f"the transaction before line {at} leaves {left}")

    def judge(self) -> None:
        for day, at, account, commodity, amount, said in sorted(self.moves, key=lambda move: move[:2]):
            if account not in self.accounts or commodity not in self.commodities:
                self.wrong.append(f"line {at}: {account} or {commodity} was not declared")
            self.balances[account, commodity] += amount
            if said is not None:
                self.assertions += 1
                if self.balances[account, commodity] != said:
                    self.wrong.append(f"line {at}: {account} has {self.balances[account, commodity]} on {day}, "
                                      f"{said} is asserted")


def hledger(journal: Path) -> tuple[str | None, Balances] | None:
    """(what `hledger check --strict` says against it, hledger's own balances); None, loudly, where it is not there."""
    program = shutil.which("hledger")
    if program is None:
        print("\n!!! hledger is not on the PATH: its own word on the journal was NOT heard; our reader judged it",
              file=sys.__stderr__, flush=True)
        return None
    env = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    done = subprocess.run([program, "-f", str(journal), "check", "--strict"], capture_output=True, text=True,
                          check=False, env=env)
    if done.returncode:
        return done.stderr, {}
    listed = subprocess.run([program, "-f", str(journal), "balance", "--flat", "--no-total", "--empty", "-O", "csv"],
                            capture_output=True, text=True, check=True, env=env).stdout
    found: Balances = {}
    for line in listed.splitlines()[1:]:
        account, amounts = (part.strip('"') for part in line.split('","', 1))
        for amount in amounts.replace('""', '"').split(", "):
            value, _, commodity = amount.partition(" ")
            found[account, commodity.strip('"')] = Decimal(value)
    return None, found


def beancount(journal: Path) -> tuple[str, Balances]:
    """(what `bean-check` says against it, beancount's own balances)."""
    from beancount import loader
    from beancount.core import realization

    program = Path(sys.executable).with_name("bean-check")
    done = subprocess.run([str(program), "--no-cache", str(journal)], capture_output=True, text=True, check=False)
    entries, errors, _ = loader.load_file(str(journal))
    assert bool(errors) == bool(done.returncode)
    found: Balances = {}
    for account in realization.iter_children(realization.realize(entries), leaf_only=True):
        for position in account.balance:
            found[account.account, position.units.currency] = position.units.number
    return done.stdout + done.stderr, found


def nonzero(balances: Balances) -> Balances:
    """hledger and beancount leave out some zeros."""
    return {key: value for key, value in balances.items() if value}


__all__ = ["Balances", "Read", "beancount", "hledger", "nonzero"]
