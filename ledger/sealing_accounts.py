"""The account map: for every member account, the last sealed number of its sequence and its sealed balance.

Its root stands in each checkpoint, so a statement can prove that it is complete: the lines between two maps carry
every number in between and lead from one balance to the other. The map is a tree over one leaf per account, in the
order of ids; it follows from the leaves, so only its root is kept.

`current` is quick (balances less what waits in the queue) and refuses a balance that its last line does not bear out;
`recomputed` adds up the sealed lines themselves and answers for any earlier size of the log.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from ledger.folding import whole_book
from ledger.leaves import column, packed, run
from ledger.merkle import inclusion_path, leaf_hash, list_subtree, root_of
from ledger.sealing_errors import NotSettled, RowsChanged
from ledger.stores import store_for

SIDES = """
    SELECT f.debit_account AS account, f.debit_seq AS seq, -f.amount AS amount FROM {source}
    WHERE {where} AND f.debit_seq IS NOT NULL
    UNION ALL
    SELECT f.credit_account, f.credit_seq, f.amount FROM {source} WHERE {where} AND f.credit_seq IS NOT NULL"""
WAITING = SIDES.format(where="u.book_id = ?", source="""ledger_unsealed u
    JOIN ledger_transfer f ON f.book_id = u.book_id AND f.transaction_id = u.transaction_id""")
SEALED = SIDES.format(where="l.book_id = ? AND l.position < ?", source="""ledger_leaf l
    JOIN ledger_transfer f ON f.book_id = l.book_id AND f.transaction_id = l.transaction_id""")
CURRENT = f"""
    SELECT {{account}}, a.code, a.floor, b.last_seq - coalesce(w.lines, 0), b.posted - coalesce(w.amount, 0), w.first,
           coalesce(d.debit_after, c.credit_after)
    FROM ledger_balance b JOIN ledger_account a ON a.book_id = b.book_id AND a.id = b.account_id
    LEFT JOIN (SELECT account, count(*) AS lines, min(seq) AS first, sum(amount) AS amount FROM ({WAITING}) AS side
               GROUP BY account) AS w ON w.account = b.account_id
    LEFT JOIN ledger_transfer d ON d.book_id = b.book_id AND d.debit_account = b.account_id
        AND d.debit_seq = b.last_seq - coalesce(w.lines, 0)
    LEFT JOIN ledger_transfer c ON c.book_id = b.book_id AND c.credit_account = b.account_id
        AND c.credit_seq = b.last_seq - coalesce(w.lines, 0)
    WHERE b.book_id = ? AND b.last_seq - coalesce(w.lines, 0) > 0"""
RECOMPUTED = f"""
    SELECT {{account}}, a.code, a.floor, count(*), max(side.seq), sum(side.amount) FROM ({SEALED}) AS side
    LEFT JOIN ledger_account a ON a.book_id = ? AND a.id = side.account GROUP BY 1, 2, 3"""


class Entry(NamedTuple):
    """One account of the map: its id (hex), floor, last sealed number and the balance after it."""

    account: str
    code: str | None
    floor: int | None
    last_seq: int
    posted: int

    def hash(self) -> bytes:
        return leaf_hash(packed(("account", self.account, self.floor, self.last_seq, self.posted)))


class AccountMap:
    """The entries in the order of ids, their root, and proofs for single accounts."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = sorted(entries)
        self.hashes = [entry.hash() for entry in self.entries]
        self.root = root_of(self.hashes)

    def __len__(self) -> int:
        return len(self.entries)

    def find(self, account: str) -> int | None:
        """The place of an account (hex id); None while it has no sealed line."""
        return next((at for at, entry in enumerate(self.entries) if entry.account == account), None)

    def path(self, index: int) -> list[bytes]:
        return inclusion_path(list_subtree(self.hashes), index, len(self.hashes))


def current(connection: Connection, book_id: int) -> AccountMap:
    """The map of all that is sealed now, from the balances; one statement.

    Raises NotSettled while an account's later line is sealed and an earlier one waits, RowsChanged for a balance that
    is not what its last line says.
    """
    store, entries = store_for(connection, book_id), []
    for account, code, floor, last_seq, posted, first, after in run(
            store, CURRENT.replace("{account}", column(store, "b", "account_id")), book_id, book_id, book_id):
        if first is not None and first != last_seq + 1:
            raise NotSettled(book=book_id)
        if after is None or int(posted) != after:
            what = {"zh": f"账户 {code} 的余额", "en": f"the balance of account {code}"}
            raise RowsChanged(book=book_id, what=what)
        entries.append(Entry(account, code, floor, int(last_seq), int(posted)))
    return AccountMap(entries)


def recomputed(connection: Connection, book_id: int, size: int) -> AccountMap:
    """The map of the first `size` leaves, added up from their lines; one statement that reads them all.

    An account whose numbers have a gap gives an entry with the last number, which no signed map agrees with.
    """
    store = store_for(connection, book_id)
    with whole_book(connection):
        rows = run(store, RECOMPUTED.replace("{account}", column(store, "side", "account_id").replace(
            "side.account_id", "side.account")), book_id, size, book_id, size, book_id)
    return AccountMap([Entry(account, code, floor, int(last) if lines == last else -1, int(amount))
                       for account, code, floor, lines, last, amount in rows])
