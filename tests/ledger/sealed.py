"""A book with a seal: what the tests of sealing, verifying and tampering share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text

from ledger import verifier
from ledger.sealing_export import log_lines
from ledger.verifier import Checkpoint, read_key
from ledger.verifying import Verdict, verify
from pointsbank import sealing
from pointsbank.database import engine_for
from tests.ledger.house import BOOK, Book, earn, noon, score, spend, wallet

AT = noon("2026-03-10")
TABLES = ("ledger_transaction", "ledger_transfer", "ledger_leaf", "ledger_checkpoint")


class SealedBook(Book):
    """A book, its keys, and the verdicts on it."""

    def __init__(self, engine: Engine, keys_dir: Path) -> None:
        super().__init__(engine)
        self.keys_dir = keys_dir

    def some_past(self, households: int = 4, rounds: int = 3) -> None:
        """Earnings and purchases of a few households, sealed and signed after each round."""
        for at in range(rounds):
            self.post(*[earn(500 + number, f"2026-03-0{at + 1}", to=wallet(f"h{number}"), rule="V01",
                             meta={"record": f"r{at}-{number}"}) for number in range(households)])
            self.post(*[spend(100 + at, f"2026-03-0{at + 1}", by=wallet(f"h{number}"))
                        for number in range(households)])
            self.sign()

    def seal(self) -> int:
        return sealing.seal_waiting(self.engine, BOOK)

    def sign(self) -> str:
        return sealing.sign_now(self.engine, self.keys_dir, BOOK, at=AT)

    @property
    def key(self) -> str:
        return sealing.key_line(self.keys_dir, BOOK)

    def verify(self, *kept: Checkpoint, memory: bool = True) -> Verdict:
        remembered = sealing.recall(self.keys_dir, BOOK).state if memory else None
        with sealing.one_moment(self.engine) as connection:
            return verify(connection, BOOK, read_key(self.key), kept=kept, remembered=remembered)

    def leaves(self) -> list[tuple[int, str]]:
        with self.engine.connect() as connection:
            return [(row[0], str(row[1]).replace("-", "")) for row in connection.execute(
                text("SELECT position, transaction_id FROM ledger_leaf ORDER BY position"))]

    def export(self, target: Path) -> Path:
        with sealing.one_moment(self.engine) as connection:
            target.write_text("".join(log_lines(connection, BOOK)), encoding="utf-8")
        return target


@contextmanager
def as_owner(url: str) -> Iterator[Connection]:
    """Somebody with full access to the database, who has switched every trigger off."""
    engine = engine_for(url)
    with engine.connect() as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        else:
            for row in connection.execute(text(
                    "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'ledger_%'")).all():
                connection.execute(text(f"DROP TRIGGER {row[0]}"))
        yield connection
    engine.dispose()


def edited(lines: list[str], change: Callable[[list[dict[str, Any]]], None]) -> str:
    """JSON lines with something changed."""
    records = [json.loads(line) for line in lines]
    change(records)
    return "".join(json.dumps(record) + "\n" for record in records)


def alone(*arguments: str) -> int:
    """The stand-alone verifier, as a program."""
    return verifier.main(list(arguments))


__all__ = ["AT", "TABLES", "SealedBook", "alone", "as_owner", "edited", "score"]
