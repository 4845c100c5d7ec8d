"""What is done with a book that stands: read, seal, verify, let points lapse."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

import ledger
from ledger import Account, Transfer
from ledger.leaves import HEAD, LINE, Posted, Row, columns, leaf_bytes, run
from ledger.merkle import leaf_hash
from ledger.sealing import BATCH, seal_batch
from ledger.store import Store
from ledger.stores import store_for
from ledger.verifying import READ, as_id, verify
from pointsbank.database import write_connection
from tests.bench.books import AT, BOOK, DAY, EXPIRED, House, entry, fill, funded, house, post, wallets
from tests.bench.measuring import Line, Rate, Sizes, Table, once, repeat, timed
from tests.bench.posting import one_by_one, ours_in_batches

LINES = 100  # of each wallet in the book that is read
GRID = 40  # transfers of each wallet that may lapse


# -- reads -----------------------------------------------------------------------------------------------------------
def reads(table: Table, kind: str, folder: Path) -> None:
    """Balance and the newest 50 lines of a wallet while the book grows around it."""
    sizes, found = table.sizes, dict[int, float]()
    wanted = [size for size in sizes.books if kind == "postgresql" or size <= 1_000_000]
    share, books, spent = sizes.share("reads"), list[int](), 0.0
    with house(kind, folder) as at:
        done = 0
        for size in wanted:
            if share is not None and spent > 1:  # long enough to tell by how long the rest takes
                size = table.shortened(f"{kind}: transfers in the book that is read", size,
                                       int(books[-1] * share / spent))
                if size <= books[-1]:
                    break
            table.doing(f"{kind}: reads in a book of {size:,} transfers")
            owners = wallets(size // min(LINES, size))
            start = time.perf_counter()
            fill(at.engine, owners[done:], min(LINES, size))
            done = len(owners)
            at.settle()
            spent += time.perf_counter() - start
            found[size] = statistics.median(reading(at, owners[0], sizes) for _ in range(sizes.rounds))
            books.append(size)
    for size in books[1:]:
        table.add(Line(kind, f"balance and newest 50 lines, {size:,} transfers", f"itself at {books[0]:,}",
                       found[size] * 1e3, found[books[0]] * 1e3, found[size] / found[books[0]], 1.3, at_most=True,
                       unit=" ms"))


def reading(at: House, owner: Account, sizes: Sizes) -> float:
    with at.engine.connect() as connection:
        def one() -> int:
            ledger.balances(connection, BOOK, [owner])
            assert len(ledger.newest_lines(connection, BOOK, owner)) == 50
            return 1

        return 1 / repeat(sizes.seconds / 2, one).per_second


# -- the seal --------------------------------------------------------------------------------------------------------
def seal_all(at: House) -> int:
    count, done = 0, BATCH
    while done == BATCH:
        with write_connection(at.engine) as connection:
            done = seal_batch(connection, BOOK, at=AT)
        count += done
    return count


def sealing(table: Table, kind: str, folder: Path) -> None:
    sizes = table.sizes
    with house(kind, folder) as at:
        accounts = wallets(sizes.accounts)
        funded(at.engine, accounts)
        at.settle()
        seal_all(at)
        table.rates(kind, "sealing", "posting in batches", lambda: once(lambda: seal_all(at)),
                    lambda: ours_in_batches(at, accounts, sizes)[0], 1.0)

        def with_sealer() -> Rate:
            stop = threading.Event()

            def work() -> None:
                while not stop.wait(0.2):
                    seal_all(at)

            sealer = threading.Thread(target=work)
            sealer.start()
            rate = one_by_one(at, accounts, sizes.seconds, whole=kind == "sqlite")
            stop.set()
            sealer.join()
            return rate

        def without() -> Rate:
            seal_all(at)
            return one_by_one(at, accounts, sizes.seconds, whole=kind == "sqlite")

        table.rates(kind, "single transfers with the sealer on", "with the sealer off", with_sealer, without, 0.85)


def verifying(table: Table, kind: str, folder: Path) -> None:
    what = f"{kind}: transactions that are verified"
    size = table.fitting(what, table.sizes.sealed, "verify", lambda size: verified(table, kind, folder, size, False))
    verified(table, kind, folder, size, True)


def verified(table: Table, kind: str, folder: Path, size: int, tell: bool) -> None:
    rounds = min(2, table.sizes.rounds)
    with house(kind, folder) as at:
        table.doing(f"{kind}: a book of {size:,} sealed transactions")
        fill(at.engine, wallets(size // 20), 20)
        seal_all(at)
        at.settle()

        def whole() -> None:
            with at.engine.connect() as connection:
                found = verify(connection, BOOK, None)
                assert not found.faults and found.size == size // 20 * 20, found

        def reference() -> None:
            with at.engine.connect() as connection:
                for row, lines in stored_rows(store_for(connection, BOOK)):
                    leaf_hash(leaf_bytes(BOOK, Posted(row, lines)))

        if tell:
            table.times(kind, f"verify {size:,} transactions", "reading and hashing them once", lambda: timed(whole),
                        lambda: timed(reference), 2.5, rounds=rounds)
        else:
            for _ in range(rounds):
                whole()
                reference()


def stored_rows(store: Store) -> Iterator[tuple[Row, list[Row]]]:
    """Every transaction with its lines, in the order of ids."""
    last = "0" * 32
    while page := run(store, f"SELECT {columns(store, 't', HEAD)} FROM ledger_transaction t WHERE t.book_id = ? "
                             f"AND t.id > {as_id(store)} ORDER BY t.id LIMIT {READ}", BOOK, last):
        lines: dict[str, list[Row]] = {}
        for row in run(store, f"SELECT {columns(store, 'f', ('transaction_id', *LINE))} FROM ledger_transfer f "
                              f"WHERE f.book_id = ? AND f.transaction_id > {as_id(store)} AND f.transaction_id <= "
                              f"{as_id(store)} ORDER BY f.transaction_id, f.line", BOOK, last, page[-1][0]):
            lines.setdefault(row[0], []).append(row[1:])
        for head in page:
            yield head, lines[head[0]]
        last = page[-1][0]


# -- expiry ----------------------------------------------------------------------------------------------------------
GROUP = text("""
    SELECT account, sum(CASE WHEN due_on < :today THEN amount ELSE 0 END), sum(amount) FROM (
        SELECT debit_account AS account, due_on, -amount AS amount FROM ledger_transfer
        WHERE book_id = :book AND debit_seq IS NOT NULL
        UNION ALL
        SELECT credit_account, due_on, amount FROM ledger_transfer
        WHERE book_id = :book AND credit_seq IS NOT NULL) AS side GROUP BY account""")


def lapsing(table: Table, kind: str, folder: Path) -> None:
    """Half of the wallets have something due. Each round fills a book anew, because lapsing happens once."""
    size = table.fitting(f"{kind}: wallets that lapse", table.sizes.wallets, "expiry",
                         lambda size: lapsed(table, kind, folder, max(2, size // 2 * 2)))
    pairs = [lapsed(table, kind, folder, size) for _ in range(2 if table.sizes.name == "quick" else 1)]
    ours, reference = (statistics.median(column) for column in zip(*pairs, strict=True))
    table.add(Line(kind, f"expiry of {size:,} wallets, half of them due", "one scan-and-group and as many posted by "
                   "batch", ours, reference, statistics.median(a / b for a, b in pairs), 1.5, at_most=True, unit=" s",
                   rounds=pairs))


def lapsed(table: Table, kind: str, folder: Path, size: int) -> tuple[float, float]:
    owners = wallets(size, expiring=True)
    table.doing(f"{kind}: {size:,} wallets with {GRID} transfers each")
    with house(kind, folder) as at:
        fill(at.engine, owners, GRID, half_due=True)
        at.settle()
        return timed(lambda: sweep_all(at, size)), timed(lambda: as_many(at, owners))


def sweep_all(at: House, size: int) -> None:
    done = 0
    while True:
        with write_connection(at.engine) as connection:
            more = ledger.expire(connection, BOOK, today=DAY, recorded_at=AT, limit=10_000)
        done += more
        if not more:
            break
    assert done == size // 2, done


def as_many(at: House, owners: list[Account]) -> None:
    with at.engine.connect() as connection:
        assert len(connection.execute(GROUP, {"book": BOOK, "today": DAY}).all()) == len(owners)
    half = owners[1::2]
    for start in range(0, len(half), 1_000):
        post(at.engine, [entry("reference", Transfer(one, EXPIRED, 10)) for one in half[start:start + 1_000]])


def bench(table: Table, kind: str, folder: Path) -> None:
    reads(table, kind, folder)
    sealing(table, kind, folder)
    verifying(table, kind, folder)
    lapsing(table, kind, folder)
