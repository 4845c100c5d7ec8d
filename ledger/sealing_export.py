"""What an auditor takes home: a whole log as JSON lines, or one account's statement with its proofs.

    for line in log_lines(connection, book_id): file.write(line)
    json.dumps(statement(connection, book_id, account, opening, closing))

Both are checked by `ledger/verifier.py` alone. They hold ids, codes and amounts, no names. Lines of a log, in this
order: the heading; every checkpoint; every account; every leaf with the rows it was made from; the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from ledger.checkpoints import b64, origin, stored
from ledger.days import month_of, shanghai_day
from ledger.leaves import HEAD, LINE, Posted, Row, column, columns, ids_in, run, with_lines
from ledger.merkle import inclusion_path
from ledger.proofs import StoredTree
from ledger.records import Account
from ledger.sealing import standing
from ledger.sealing_accounts import AccountMap, current, recomputed
from ledger.sealing_errors import NotSettled, RowsChanged
from ledger.store import Store
from ledger.stores import store_for
from ledger.tables import checkpoint

READ = 1_000
NEWEST = 12
PROFILE = "sha256"


def as_line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def record(posted: Posted) -> dict[str, Any]:
    """A transaction and its transfers by the names of their columns, in the texts that were hashed."""
    head = dict(zip(HEAD, posted.head, strict=True))
    return {"transaction": head | {"meta": json.loads(head["meta"])},
            "transfers": [dict(zip(LINE, line, strict=True)) for line in posted.lines]}


def log_lines(connection: Connection, book_id: int) -> Iterator[str]:
    """The book's whole log as text lines, streamed. Give a connection on which all statements see one moment."""
    store, size = store_for(connection, book_id), standing(connection, book_id).size
    yield as_line({"origin": origin(book_id), "book": book_id, "format": 1, "profile": PROFILE, "size": size})
    for note in stored(connection, book_id).values():
        yield as_line({"checkpoint": note})
    sealed = {entry.account: entry for entry in recomputed(connection, book_id, size).entries}
    for name, commodity, code, is_member, floor in run(
            store, f"SELECT {column(store, 'a', 'id')}, a.commodity, a.code, a.is_member, a.floor "
                   "FROM ledger_account a WHERE a.book_id = ? ORDER BY a.commodity, a.code", book_id):
        one = sealed.get(name)
        yield as_line({"account": {
            "id": name, "commodity": commodity, "code": code, "is_member": bool(is_member), "floor": floor,
            "last_seq": one.last_seq if one else 0, "posted": one.posted if one else 0}})
    written = 0
    for first in range(0, size, READ):
        for position, hashed, posted in leaves_of(store, first, min(first + READ, size)):
            yield as_line({"leaf": position, "hash": hashed.hex(), **record(posted)})
            written += 1
    yield as_line({"end": written})


def leaves_of(store: Store, first: int, end: int) -> Iterator[tuple[int, bytes, Posted]]:
    """Leaves first … end-1 with their rows; two statements."""
    rows = run(store, f"SELECT {columns(store, 't', HEAD)}, l.position, l.hash FROM ledger_leaf l "
                      "JOIN ledger_transaction t ON t.book_id = l.book_id AND t.id = l.transaction_id "
                      "WHERE l.book_id = ? AND l.position >= ? AND l.position < ? ORDER BY l.position",
               store.book_id, first, end)
    for row, posted in zip(rows, with_lines(store, rows), strict=True):
        yield row[-2], bytes(row[-1]), posted


# -- a statement -------------------------------------------------------------------------------------------------------
def statement(connection: Connection, book_id: int, account: Account, opening: int | None,
              closing: int, since: Iterable[int] = ()) -> dict[str, Any]:
    """A member account's lines between two checkpoints (by size), with everything that proves them complete, and that
    the closing one continues those that somebody may have kept: see `may_be_kept`, and any size in `since`.

    `opening` None: from its first line. Raises LookupError when there is no such checkpoint, or when the account has
    no sealed line at the opening or by the closing. Statements: about 10, and two reads of the sealed lines.
    """
    store, notes = store_for(connection, book_id), stored(connection, book_id)
    tree, name = StoredTree(connection, book_id), account.id.hex
    end = part(notes, accounts_at(connection, book_id, closing), name, closing)
    start = None if opening is None else part(notes, recomputed(connection, book_id, opening), name, opening)
    rows = lines_between(store, account.id, start["last_seq"] if start else 0, end["last_seq"])
    posted = with_lines(store, rows)
    floor = run(store, "SELECT floor FROM ledger_account WHERE book_id = ? AND commodity = ? AND code = ?", book_id,
                account.commodity, account.code)[0][0]
    return {
        "opening": start, "closing": end, "book": book_id,
        "continues": {str(size): continued(tree, size, closing)
                      for size in {*may_be_kept(connection, book_id), *since} if 0 < size <= closing},
        "account": {"id": name, "commodity": account.commodity, "code": account.code, "floor": floor},
        "lines": [{"leaf": row[-1], **record(one), "path": [
            b64(step) for step in inclusion_path(tree.subtree, row[-1], closing)]}
            for row, one in zip(rows, posted, strict=True)]}


def may_be_kept(connection: Connection, book_id: int) -> set[int]:
    """Sizes of the checkpoints that papers and auditors hold most often: each month's last, and the newest few."""
    rows = connection.execute(select(checkpoint.c.size, checkpoint.c.signed_at).where(
        checkpoint.c.book_id == book_id).order_by(checkpoint.c.size)).all()
    return {*{month_of(shanghai_day(row.signed_at)): row.size for row in rows}.values(),
            *(row.size for row in rows[-NEWEST:])}


def continued(tree: StoredTree, old: int, size: int) -> dict[str, Any]:
    """That the first `old` leaves begin the first `size`: their last leaf and its path. The left steps of that path
    stand for all leaves before it, in either tree.
    """
    return {"leaf": b64(tree.subtree(old - 1, old)),
            "path": [b64(step) for step in inclusion_path(tree.subtree, old - 1, size)]}


def accounts_at(connection: Connection, book_id: int, size: int) -> AccountMap:
    """The account map of a checkpoint: that of the newest one from the balances, of an older one from its lines."""
    if standing(connection, book_id).size == size:
        try:
            return current(connection, book_id)
        except (NotSettled, RowsChanged):  # the lines themselves have the say
            pass
    return recomputed(connection, book_id, size)


def part(notes: dict[int, str], accounts: AccountMap, name: str, size: int) -> dict[str, Any]:
    """The account in the signed map of a checkpoint, with its path."""
    index = accounts.find(name)
    if size not in notes or index is None:
        raise LookupError(f"no checkpoint of size {size} that holds the account")
    entry = accounts.entries[index]
    return {"checkpoint": notes[size], "index": index, "last_seq": entry.last_seq, "posted": entry.posted,
            "path": [b64(step) for step in accounts.path(index)]}


def lines_between(store: Store, account: UUID, after: int, last: int) -> list[Row]:
    """HEAD values and leaf of every transaction with a line of the account numbered after+1 … last."""
    found = run(store, f"""
        SELECT {column(store, 'f', 'transaction_id')} FROM ledger_transfer f
        WHERE f.book_id = ? AND f.debit_account {{ids}} AND f.debit_seq > ? AND f.debit_seq <= ?
        UNION SELECT {column(store, 'f', 'transaction_id')} FROM ledger_transfer f
        WHERE f.book_id = ? AND f.credit_account {{ids}} AND f.credit_seq > ? AND f.credit_seq <= ?""",
                store.book_id, ids_in(store, [account.hex]), after, last,
                store.book_id, ids_in(store, [account.hex]), after, last)
    return list(run(store, f"SELECT {columns(store, 't', HEAD)}, l.position FROM ledger_transaction t "
                           "JOIN ledger_leaf l ON l.book_id = t.book_id AND l.transaction_id = t.id "
                           "WHERE t.book_id = ? AND t.id {ids} ORDER BY l.position", store.book_id,
                    ids_in(store, [row[0] for row in found])))
