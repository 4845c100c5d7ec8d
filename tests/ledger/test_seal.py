"""Sealing: contiguous, complete, whatever commits when, whoever seals, and whenever it is killed."""

from __future__ import annotations

import random
import subprocess
import sys
import textwrap
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError

import ledger
from ledger import Party, verifier
from ledger.leaves import HEAD, LINE, Posted, leaf_bytes, with_lines
from ledger.merkle import consistency_holds, inclusion_holds, leaf_hash, root_of
from ledger.proofs import StoredTree, consistency, inclusion
from ledger.sealing import books, locked_tree, seal_batch, standing, waiting, waiting_books, waiting_heads
from ledger.sealing_errors import NotSettled
from ledger.sealing_export import record
from ledger.stores import store_for
from ledger.tables import transaction, transfer
from pointsbank import sealing
from pointsbank.database import engine_for, write_connection
from tests.ledger.house import BOOK, counted, earn, entry, noon, spend, wallet
from tests.ledger.sealed import AT, SealedBook


@pytest.fixture
def book(engine: Engine, tmp_path: Path) -> SealedBook:
    return SealedBook(engine, tmp_path / "seal-keys")


def test_every_transaction_becomes_one_leaf_and_leaves_the_queue(book: SealedBook) -> None:
    posted = [book.one(earn(100, "2026-03-01")) for _ in range(5)]
    with book.engine.connect() as connection:
        assert (waiting(connection, BOOK), waiting_books(connection), books(connection)) == (5, [BOOK], [])
    with write_connection(book.engine) as connection:
        sealed = ledger.seal_now(connection, BOOK, at=AT)
        assert ledger.seal_now(connection, BOOK, at=AT) == sealed
    assert book.leaves() == list(enumerate(one.hex for one in posted))
    with book.engine.connect() as connection:
        assert (waiting(connection, BOOK), standing(connection, BOOK)) == (0, sealed)
        hashes = [bytes(row[0]) for row in connection.execute(text("SELECT hash FROM ledger_leaf ORDER BY position"))]
    assert (sealed.size, sealed.root) == (5, root_of(hashes))
    assert book.findings() == [] == book.verify().faults


def test_nothing_sealed_yet_stands_at_the_empty_tree(book: SealedBook) -> None:
    with book.engine.connect() as connection:
        assert standing(connection, BOOK) == (0, root_of([]))


def test_a_batch_takes_a_constant_number_of_statements(book: SealedBook) -> None:
    seen = []
    for size in (1, 300):
        book.post(*[earn(100, "2026-03-01", to=wallet(f"h{at}")) for at in range(size)])
        with counted(book.engine) as statements:
            assert book.seal() == size
        seen.append(len(statements))
    assert seen[0] <= 11 and seen[1] <= 8  # a book's first batch begins its log


def test_a_transaction_that_commits_late_under_an_early_id_is_sealed(book: SealedBook) -> None:
    early = uuid.UUID(int=1)  # before every id the door will ever make
    book.one(earn(100, "2026-03-01"))
    book.seal()
    with write_connection(book.engine) as connection:  # as the door would have written it, committed late
        store = store_for(connection, BOOK)
        store.insert_transactions([(early, "late", "k", "earned", b"0" * 32, noon("2026-03-01").date(), None, None,
                                    None, None, None, False, "{}")], noon("2026-03-01"))
        store.insert_unsealed([early])
    assert book.seal() == 1
    assert book.leaves()[-1] == (1, early.hex)


def test_an_open_transaction_keeps_nobody_waiting_and_is_sealed_after_it_commits(book: SealedBook) -> None:
    if book.engine.dialect.name == "sqlite":
        return  # one writer at a time: nothing else can be posted or sealed meanwhile
    book.one(earn(1, "2026-03-01", to=wallet("slow")))
    book.seal()
    with book.engine.connect() as slow, slow.begin():
        late, = ledger.post(slow, BOOK, [earn(1, "2026-03-01", to=wallet("slow"))], recorded_at=noon("2026-03-01"))
        for at in range(4):
            book.one(earn(100, "2026-03-01", to=wallet(f"h{at}")))
        assert book.seal() == 4
    assert book.seal() == 1
    assert late.transaction_id is not None
    assert book.leaves()[-1] == (5, late.transaction_id.hex)
    assert book.verify().faults == []


def test_two_sealers_and_many_writers_leave_no_gap_and_miss_nothing(book: SealedBook) -> None:
    over, trouble, rounds = threading.Event(), [], 12

    def guarded(work: Any) -> threading.Thread:
        def run() -> None:
            try:
                work()
            except Exception as error:
                trouble.append(error)
        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def seals() -> None:
        while not over.is_set():
            with write_connection(book.engine) as connection:
                seal_batch(connection, BOOK, at=AT, limit=random.choice((1, 3, 50)),
                           wait=random.choice((True, False)))

    def posts(name: str) -> None:
        for at in range(rounds):
            book.post(*[earn(100, "2026-03-01", to=wallet(f"{name}{at % 3}")) for _ in range(1 + at % 4)])

    sealers = [guarded(seals) for _ in range(2)]
    for writer in [guarded(lambda name=name: posts(name)) for name in ("a", "b", "shared", "shared")]:
        writer.join()
    over.set()
    for sealer in sealers:
        sealer.join()
    assert not trouble
    book.sign()
    with book.engine.connect() as connection:
        posted = connection.scalar(text("SELECT count(*) FROM ledger_transaction"))
    assert posted == 4 * sum(1 + at % 4 for at in range(rounds))
    leaves = book.leaves()
    assert [position for position, _ in leaves] == list(range(posted)) and len({one for _, one in leaves}) == posted
    assert book.verify().faults == [] and book.findings() == []


def test_a_sealer_that_finds_another_at_work_goes_on_without_waiting(book: SealedBook) -> None:
    if book.engine.dialect.name == "sqlite":
        return  # there the second one waits for the one writer
    book.one(earn(100, "2026-03-01"))
    book.seal()
    book.one(earn(100, "2026-03-01"))
    with book.engine.connect() as first, first.begin():
        assert seal_batch(first, BOOK, at=AT) == 1
        with book.engine.connect() as second, second.begin():
            assert seal_batch(second, BOOK, at=AT, wait=False) == 0
    assert len(book.leaves()) == 2


class Killed(Exception):
    """The sealer's process ends here."""


@contextmanager
def killed_after(engine: Engine, statements: int) -> Iterator[None]:
    """The next writer dies when it has run so many statements."""
    left = [statements]

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        left[0] -= not statement.startswith("BEGIN")
        if left[0] == 0:
            raise Killed

    event.listen(engine, "after_cursor_execute", count)
    try:
        with pytest.raises(Killed):
            yield
    finally:
        event.remove(engine, "after_cursor_execute", count)


def test_a_sealer_that_dies_between_any_two_statements_has_done_nothing(book: SealedBook) -> None:
    book.post(*[earn(100, "2026-03-01") for _ in range(254)])
    book.seal()
    book.post(earn(7, "2026-03-01"), earn(7, "2026-03-01"))  # completes a tile, so that every statement is run
    with counted(book.engine) as statements, book.engine.connect() as connection, connection.begin() as dry:
        seal_batch(connection.execution_options(pointsbank_write=True), BOOK, at=AT)
        dry.rollback()
    before = book.leaves()
    for at in range(1, len(statements) + 1):
        with killed_after(book.engine, at):
            book.seal()
        assert book.leaves() == before
        with book.engine.connect() as connection:
            assert waiting(connection, BOOK) == 2
    assert book.seal() == 2 and len(statements) >= 6
    assert book.verify(memory=False).faults == []


def test_a_killed_process_leaves_whole_batches_only(book: SealedBook, database_urls: tuple[str, str]) -> None:
    book.post(*[earn(100, "2026-03-01", to=wallet(f"h{at % 9}")) for at in range(600)])
    program = textwrap.dedent("""
        import sys
        from datetime import UTC, datetime
        from ledger.sealing import seal_batch
        from pointsbank.database import engine_for, write_connection
        engine = engine_for(sys.argv[1])
        print("ready", flush=True)
        for _ in range(200):
            with write_connection(engine) as connection:
                seal_batch(connection, 230199, at=datetime.now(UTC), limit=3)
    """)
    for wait in (0.02, 0.05, 0.11):
        process = subprocess.Popen([sys.executable, "-c", program, database_urls[0]], stdout=subprocess.PIPE,
                                   cwd=Path(__file__).parents[2])
        assert process.stdout is not None
        process.stdout.readline()
        threading.Event().wait(wait)
        process.kill()
        process.wait()
        process.stdout.close()
        assert [position for position, _ in book.leaves()] == list(range(len(book.leaves())))
        assert len(book.leaves()) % 3 == 0
        assert book.verify(memory=False).faults == []
    book.seal()
    assert len(book.leaves()) == 600 and book.verify(memory=False).faults == []


def test_a_lost_log_row_is_made_again_from_the_leaves(book: SealedBook) -> None:
    book.post(*[earn(100, "2026-03-01") for _ in range(300)])
    book.seal()
    with write_connection(book.engine) as connection:
        before = standing(connection, BOOK)
        connection.execute(text("DELETE FROM ledger_log"))
        tree = locked_tree(store_for(connection, BOOK), True)
        assert tree is not None and (tree.size, tree.root()) == before


def test_proofs_from_the_stored_log_hold(book: SealedBook) -> None:
    book.post(*[earn(100, "2026-03-01", to=wallet(f"h{at % 9}")) for at in range(700)])
    book.seal()
    leaves = book.leaves()
    with book.engine.connect() as connection:
        tree, root = StoredTree(connection, BOOK), standing(connection, BOOK).root
        for at in (0, 1, 255, 256, 511, 512, 699):
            proof = inclusion(connection, BOOK, uuid.UUID(leaves[at][1]), 700, tree)
            assert proof.position == at
            assert inclusion_holds(proof.leaf, at, 700, proof.path, root)
        for old in (1, 255, 256, 257, 512, 699, 700):
            assert consistency_holds(old, tree.root(old), 700, root, consistency(connection, BOOK, old, 700))
        with counted(book.engine) as statements:
            inclusion(connection, BOOK, uuid.UUID(leaves[300][1]), 700)
        assert len(statements) < 20
        with pytest.raises(ledger.UnknownTransaction):
            inclusion(connection, BOOK, uuid.UUID(leaves[300][1]), 300)


def test_leaves_are_the_same_bytes_in_the_bank_and_in_the_auditors_file(book: SealedBook) -> None:
    book.post(entry("sale", "2026-03-01", *earn(100, "2026-03-01", "2026-06-30").transfers,
                    party=Party(uuid.uuid4(), uuid.uuid4()), rule="V01·扶贫", place="230199101201",
                    meta={"z": 1, "a": ["é", None, True, {"b": "积分"}], "quote": '"\\'}, scope="用户:7"),
              earn(1, "2026-03-01"), spend(1, "2026-03-01"))
    with book.engine.connect() as connection:
        store = store_for(connection, BOOK)
        posted = list(with_lines(store, waiting_heads(store, 10)))
    assert len(posted) == 3
    for one in posted:
        assert isinstance(one, Posted) and len(one.head) == len(HEAD) and len(one.lines[0]) == len(LINE)
        assert leaf_hash(leaf_bytes(BOOK, one)) == verifier.transaction_hash(BOOK, record(one))
    assert (verifier.HEAD, verifier.LINE) == (HEAD, LINE)


def test_both_databases_give_one_leaf_for_one_content(book: SealedBook) -> None:
    with write_connection(book.engine) as connection:
        store = store_for(connection, BOOK)
        day = noon("2026-03-01").date()
        store.insert_transactions([(uuid.UUID(int=7), "user:7", "k1", "earned", bytes(range(32)), day,
                                    uuid.UUID(int=8), None, "V01", "230199101201", None, False, '{"a":1}')],
                                  noon("2026-03-01"))
        store.insert_transfers([(uuid.UUID(int=7), 1, uuid.UUID(int=1), uuid.UUID(int=2), "POINT", 300, day, None,
                                 None, None, 1, 300, None)])
        store.insert_unsealed([uuid.UUID(int=7)])
        posted, = with_lines(store, waiting_heads(store, 10))
        bytes_of = leaf_bytes(BOOK, posted)
    assert bytes_of.decode() == (
        "1:1,6:230199,32:00000000000000000000000000000007,6:user:7,2:k1,6:earned,"
        "64:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f,10:2026-03-01,"
        "27:2026-03-01T04:00:00.000000Z,32:00000000000000000000000000000008,-3:V01,12:230199101201,-1:0,7:{\"a\":1},"
        "1:1,1:1,32:00000000000000000000000000000001,32:00000000000000000000000000000002,5:POINT,3:300,"
        "10:2026-03-01,---1:1,3:300,-")


def test_leaves_and_checkpoints_cannot_be_changed_by_anyone(book: SealedBook, database_urls: tuple[str, str]) -> None:
    book.one(earn(100, "2026-03-01"))
    book.sign()
    owner = engine_for(database_urls[1])
    forbidden = ["UPDATE ledger_leaf SET position = 9", "UPDATE ledger_checkpoint SET size = 9",
                 "DELETE FROM ledger_leaf", "DELETE FROM ledger_checkpoint"]
    forbidden += ["INSERT INTO ledger_leaf SELECT * FROM ledger_leaf WHERE true "
                  "ON CONFLICT (book_id, position) DO UPDATE SET position = 9"]
    forbidden += (["INSERT OR REPLACE INTO ledger_leaf SELECT * FROM ledger_leaf",
                   "INSERT OR REPLACE INTO ledger_checkpoint SELECT * FROM ledger_checkpoint"]
                  if owner.dialect.name == "sqlite" else ["TRUNCATE ledger_leaf", "TRUNCATE ledger_checkpoint"])
    for who in (owner, book.engine):
        for statement in forbidden:
            with pytest.raises(DBAPIError, match=r"append-only|permission denied"), who.begin() as connection:
                connection.execute(text(statement))
    owner.dispose()


def test_half_an_account_sealed_is_never_signed(book: SealedBook) -> None:
    ids = sorted(book.one(earn(100, "2026-03-01")) for _ in range(2))
    with write_connection(book.engine) as connection:  # another sealer has taken the second line only
        connection.execute(text("DELETE FROM ledger_unsealed WHERE transaction_id = :id").bindparams(
            id=ids[0].hex if book.engine.dialect.name == "sqlite" else ids[0]))
        seal_batch(connection, BOOK, at=AT)
        store_for(connection, BOOK).insert_unsealed([ids[0]])
    with pytest.raises(NotSettled):
        sealing.sign(book.engine, book.keys_dir, BOOK, at=AT)
    book.sign()
    assert book.verify().faults == []


def test_no_column_of_a_posted_row_stays_outside_the_seal() -> None:
    assert set(HEAD) == {column.name for column in transaction.c} - {"book_id"}
    assert set(LINE) == {column.name for column in transfer.c} - {"book_id", "transaction_id"}
