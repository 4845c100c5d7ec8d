"""Somebody with full access to the database, triggers off: every edit is found, and where it was is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

import ledger
from ledger.checkpoints import origin, stored
from ledger.leaves import HEAD, columns, leaf_bytes, run, with_lines
from ledger.merkle import Frontier, leaf_hash
from ledger.sealing import locked_tree
from ledger.sealing_errors import HistoryChanged, HistoryShrank, RowsChanged, SignerForgot
from ledger.stores import store_for
from ledger.verifier import Checkpoint, open_note, read_key
from pointsbank import sealing
from pointsbank.database import write_connection
from tests.ledger.house import BOOK, earn, wallet
from tests.ledger.sealed import AT, SealedBook, alone, as_owner

VICTIM = 9  # the leaf that is edited; 24 are sealed, checkpoints stand at 8, 16 and 24


@pytest.fixture
def book(engine: Engine, tmp_path: Path) -> SealedBook:
    made = SealedBook(engine, tmp_path / "seal-keys")
    made.some_past()
    return made


class Forger:
    """SQL with the ids of the victim filled in."""

    def __init__(self, connection: Connection, leaves: list[tuple[int, str]]) -> None:
        self.connection, self.leaves = connection, dict(leaves)

    def id(self, leaf: int) -> str:
        text_id = self.leaves[leaf]
        return f"'{text_id}'"

    def do(self, statement: str) -> None:
        done = self.connection.execute(text(statement.replace(":victim", self.id(VICTIM))))
        assert done.rowcount, statement


def rehash(forger: Forger, leaf: int) -> None:
    """Write the leaf that the edited rows give: the log looks untouched."""
    store = store_for(forger.connection, BOOK)
    heads = run(store, f"SELECT {columns(store, 't', HEAD)} FROM ledger_transaction t WHERE t.book_id = ? "
                       "AND t.id {ids}", BOOK,
                [forger.leaves[leaf]] if store.connection.dialect.name == "postgresql"
                else json.dumps([forger.leaves[leaf]]))
    posted, = with_lines(store, heads)
    forger.connection.execute(text("UPDATE ledger_leaf SET hash = :hash WHERE position = :at"),
                              {"hash": leaf_hash(leaf_bytes(BOOK, posted)), "at": leaf})


def rewrite(forger: Forger) -> None:
    """The whole history in the forger's favour: rows, leaves, tiles, log, all but the signatures."""
    forger.do("UPDATE ledger_transfer SET amount = amount + 1, credit_after = credit_after + 1 "
              "WHERE transaction_id = :victim")
    for leaf in forger.leaves:
        rehash(forger, leaf)
    tree = Frontier()
    for row in forger.connection.execute(text("SELECT hash FROM ledger_leaf ORDER BY position")):
        tree.append(bytes(row[0]))
    forger.connection.execute(text("UPDATE ledger_log SET frontier = :frontier"), {"frontier": tree.packed()})


def swap(forger: Forger) -> None:
    """Two transactions change places in the log."""
    a, b = forger.id(VICTIM), forger.id(VICTIM + 1)
    forger.do(f"UPDATE ledger_leaf SET position = 1000 WHERE transaction_id = {a}")
    forger.do(f"UPDATE ledger_leaf SET position = {VICTIM} WHERE transaction_id = {b}")
    forger.do(f"UPDATE ledger_leaf SET position = {VICTIM + 1} WHERE position = 1000")


def swap_numbers(forger: Forger) -> None:
    """The purchase of the same wallet comes before the earning."""
    forger.do("UPDATE ledger_transfer SET credit_seq = 4 WHERE transaction_id = :victim")
    forger.do(f"UPDATE ledger_transfer SET debit_seq = 3 WHERE transaction_id = {forger.id(VICTIM + 4)}")


def delete_with_leaf(forger: Forger) -> None:
    """A transaction vanishes with its leaf, and the leaves after it close the gap."""
    forger.do("DELETE FROM ledger_transfer WHERE transaction_id = :victim")
    forger.do("DELETE FROM ledger_transaction WHERE id = :victim")
    forger.do("DELETE FROM ledger_leaf WHERE transaction_id = :victim")
    for position in range(VICTIM + 1, len(forger.leaves)):
        forger.do(f"UPDATE ledger_leaf SET position = {position - 1} WHERE position = {position}")


def sql(*statements: str) -> Callable[[Forger], None]:
    def edit(forger: Forger) -> None:
        for statement in statements:
            forger.do(statement)

    return edit


def with_new_leaf(*statements: str) -> Callable[[Forger], None]:
    def edit(forger: Forger) -> None:
        sql(*statements)(forger)
        rehash(forger, VICTIM)

    return edit


NAMED, RANGE = "the transaction", "the range between two checkpoints"
T, F = "UPDATE ledger_transaction SET", "UPDATE ledger_transfer SET"
OF_T, OF_F = "WHERE id = :victim", "WHERE transaction_id = :victim"
FORGED = ("INSERT INTO ledger_transaction (book_id, id, scope, key, kind, content_hash, effective_on, recorded_at, "
          "household, person, rule, place, reverses, may_go_below, meta) SELECT book_id, :new, scope, 'forged', kind, "
          "content_hash, effective_on, recorded_at, household, person, rule, place, reverses, may_go_below, meta "
          "FROM ledger_transaction WHERE id = :victim").replace(":new", f"'{'ab' * 16}'")
EDITS: dict[str, tuple[Callable[[Forger], None], str]] = {
    "amount": (sql(f"{F} amount = amount + 1 {OF_F}"), NAMED),
    "amount with the balances after it": (sql(f"{F} amount = amount + 1, credit_after = credit_after + 1 {OF_F}"),
                                          NAMED),
    "account": (sql(f"{F} credit_account = (SELECT id FROM ledger_account WHERE code = 'wallet:h3'), "
                    f"credit_seq = 900 {OF_F}"), NAMED),
    "effective day": (sql(f"{T} effective_on = '2026-01-01' {OF_T}", f"{F} effective_on = '2026-01-01' {OF_F}"),
                      NAMED),
    "time of recording": (sql(f"{T} recorded_at = '2026-01-01 00:00:00.000000' {OF_T}"), NAMED),
    "due day": (sql(f"{F} due_on = '2030-01-01' {OF_F}"), NAMED),
    "who did it": (sql(f"{T} scope = 'somebody' {OF_T}"), NAMED),
    "reason": (sql(f"{T} rule = 'V99' {OF_T}"), NAMED),
    "kind": (sql(f"{T} kind = 'opening' {OF_T}"), NAMED),
    "meta": (sql(f"{T} meta = '{{\"record\": \"other\"}}' {OF_T}"), NAMED),
    "household": (sql(f"{T} household = '{'cd' * 16}' {OF_T}"), NAMED),
    "right to go below": (sql(f"{T} may_go_below = NOT may_go_below {OF_T}"), NAMED),
    "sequence number": (sql(f"{F} credit_seq = credit_seq + 500 {OF_F}"), NAMED),
    "two numbers of an account swapped": (swap_numbers, NAMED),
    "transfer deleted": (sql(f"DELETE FROM ledger_transfer {OF_F}"), NAMED),
    "transaction deleted": (sql(f"DELETE FROM ledger_transfer {OF_F}", f"DELETE FROM ledger_transaction {OF_T}"),
                            NAMED),
    "transfer added": (sql(
        "INSERT INTO ledger_transfer (book_id, transaction_id, line, debit_account, credit_account, commodity, amount, "
        "effective_on, credit_seq, credit_after) SELECT book_id, transaction_id, 2, debit_account, credit_account, "
        f"commodity, 500, effective_on, 901, 901 FROM ledger_transfer {OF_F}"), NAMED),
    "forged transaction beside the door": (sql(FORGED), "forged"),
    "transaction and leaf deleted": (delete_with_leaf, RANGE),
    "leaf deleted": (sql("DELETE FROM ledger_leaf WHERE transaction_id = :victim"), "missing leaf"),
    "two leaves swapped": (swap, RANGE),
    "amount and its leaf": (with_new_leaf(f"{F} amount = amount + 1, credit_after = credit_after + 1 {OF_F}"), RANGE),
    "whole history without the key": (rewrite, RANGE),
    "balance only": (sql("UPDATE ledger_balance SET posted = posted + 1000 WHERE account_id = "
                         "(SELECT id FROM ledger_account WHERE code = 'wallet:h1')"), "wallet:h1"),
    "floor of an account": (sql("UPDATE ledger_account SET floor = -100000 WHERE code = 'wallet:h1'"), "map"),
    "account renamed": (sql("UPDATE ledger_account SET code = 'wallet:friend' WHERE code = 'wallet:h1'"),
                        "wallet:friend"),
    "checkpoint replaced": (sql("UPDATE ledger_checkpoint SET note = replace(note, '16', '17') WHERE size = 16"),
                            "checkpoint"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_found_and_named(book: SealedBook, database_urls: tuple[str, str], tmp_path: Path,
                                    capsys: pytest.CaptureFixture[str], edit: str) -> None:
    assert book.verify().faults == []
    change, where = EDITS[edit]
    leaves = book.leaves()
    with as_owner(database_urls[1]) as connection:
        change(Forger(connection, leaves))
    faults = book.verify().faults
    assert faults
    first, victim = faults[0], dict(leaves)[VICTIM]
    if where == NAMED:
        assert (first.leaf, first.transaction) == (VICTIM, victim)
    elif where == RANGE:
        assert first.law == "root" and first.leaf == 8 and "leaves 8 to 15" in first.message
    elif where == "missing leaf":
        assert (first.law, first.leaf) == ("leaves", VICTIM) and any(one.transaction == victim for one in faults)
    elif where == "forged":
        assert [(one.law, one.transaction) for one in faults] == [("unsealed", "ab" * 16)]
    elif where == "map":
        assert [(one.law, one.leaf) for one in faults] == [("accounts", 23)]
    elif where == "checkpoint":
        assert first.law == "checkpoint" and first.leaf == 15
    else:
        assert where in [one.account for one in faults]
    assert_the_auditor_finds_it_too(book, tmp_path, capsys, edit, where)


def assert_the_auditor_finds_it_too(book: SealedBook, tmp_path: Path, capsys: pytest.CaptureFixture[str], edit: str,
                                    where: str) -> None:
    """From the export alone, with the stand-alone file. What the log does not hold at all it cannot see."""
    if where in ("forged", "wallet:h1"):
        return  # a row beside the log, and a derived balance: the export carries neither
    try:
        target = book.export(tmp_path / "edited.jsonl")
    except ValueError:
        assert edit in ("transaction deleted", "leaf deleted")
        return
    capsys.readouterr()
    assert alone("--key", book.key, str(target)) == 1
    said = capsys.readouterr().out
    if where == NAMED:
        assert f"leaf {VICTIM}" in said or f"leaf {VICTIM + 1}" in said
    elif where == RANGE:
        assert "leaves 8 to 15" in said or f"leaf {VICTIM + 4}" in said  # the range, or the line it no longer fits


def test_clean_copies_give_no_alarm(book: SealedBook, tmp_path: Path) -> None:
    """Fifty different books: after each posting, sealed or waiting, signed or not yet."""
    kept: list[Checkpoint] = [open_note(book.sign(), read_key(book.key))]
    for copy in range(50):
        book.one(earn(100 + copy, "2026-03-05", to=wallet(f"h{copy % 5}")))
        if copy % 3:
            book.seal()
        if copy % 20 == 19:
            kept = [kept[-1], open_note(book.sign(), read_key(book.key))]
        assert book.verify(*kept).faults == []
        if copy % 10 == 9:
            assert alone("--key", book.key, str(book.export(tmp_path / "clean.jsonl"))) == 0
    assert book.findings() == []


# -- what only a memory outside the database can see -------------------------------------------------------------------
def cut(book: SealedBook, url: str, size: int) -> None:
    """The database as an old backup had it: nothing after the first `size` transactions ever happened."""
    gone = [one for position, one in book.leaves() if position >= size]
    with as_owner(url) as connection:
        for one in gone:
            for table, column in (("ledger_transfer", "transaction_id"), ("ledger_leaf", "transaction_id"),
                                  ("ledger_transaction", "id")):
                connection.execute(text(f"DELETE FROM {table} WHERE {column} = '{one}'"))
        connection.execute(text(f"DELETE FROM ledger_checkpoint WHERE size > {size}"))
        connection.execute(text("DELETE FROM ledger_log"))
    with write_connection(book.engine) as connection:
        ledger.rebuild(connection, BOOK)
        locked_tree(store_for(connection, BOOK), True)


def test_a_cut_off_end_is_seen_by_the_signers_memory_and_by_a_kept_checkpoint(
        book: SealedBook, database_urls: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text(book.sign(), encoding="utf-8")
    cut(book, database_urls[1], 16)
    assert book.verify(memory=False).faults == []  # by itself it is a perfect book of yesterday
    fault, = book.verify().faults
    assert (fault.law, fault.leaf) == ("truncated", 16) and "leaves 16 to 23" in fault.message
    fault, = book.verify(open_note(kept.read_text(encoding="utf-8"), read_key(book.key)), memory=False).faults
    assert fault.law == "truncated"
    target = str(book.export(tmp_path / "cut.jsonl"))
    assert alone("--key", book.key, target) == 0
    assert alone("--key", book.key, "--checkpoint", str(kept), target) == 1
    assert "leaves 16 to 23 are missing" in capsys.readouterr().out


def test_a_restored_old_database_is_not_signed_until_the_loss_is_acknowledged(
        book: SealedBook, database_urls: tuple[str, str]) -> None:
    cut(book, database_urls[1], 16)
    with pytest.raises(HistoryShrank) as refusal:
        book.sign()
    assert refusal.value.facts == {"book": BOOK, "size": 16, "signed": 24, "last": 23}
    for number in range(9):  # life goes on and overtakes the old size: still not the history that was signed
        book.one(earn(100 + number, "2026-03-06", to=wallet("h9")))
    with pytest.raises(HistoryChanged):
        book.sign()
    loss = sealing.acknowledge_loss(book.engine, book.keys_dir, BOOK, reason="disk died", by="office", at=AT)
    assert loss is not None and (loss["size"], loss["reason"]) == (24, "disk died")
    book.one(earn(1, "2026-03-06"))
    note = book.sign()
    assert f"\nlost {loss['first']} 24 " in note
    assert book.verify().faults == []
    assert sealing.acknowledge_loss(book.engine, book.keys_dir, BOOK, reason="again", by="office", at=AT) is None


def test_a_history_signed_once_is_not_signed_in_another_form(book: SealedBook,
                                                             database_urls: tuple[str, str]) -> None:
    with as_owner(database_urls[1]) as connection:
        rewrite(Forger(connection, book.leaves()))
    book.one(earn(1, "2026-03-06"))
    with pytest.raises(HistoryChanged):
        book.sign()


def test_rows_edited_between_sealing_and_signing_are_not_signed(book: SealedBook,
                                                                database_urls: tuple[str, str]) -> None:
    book.one(earn(100, "2026-03-06"))
    book.seal()
    with as_owner(database_urls[1]) as connection:
        Forger(connection, book.leaves()).do(
            f"UPDATE ledger_transaction SET rule = 'V99' WHERE id = '{book.leaves()[-1][1]}'")
    with pytest.raises(RowsChanged, match="第 24 条"):
        book.sign()


def test_a_balance_that_its_lines_do_not_bear_out_is_not_signed(book: SealedBook) -> None:
    with write_connection(book.engine) as connection:
        connection.execute(text("UPDATE ledger_balance SET posted = posted + 1 WHERE account_id = "
                                "(SELECT id FROM ledger_account WHERE code = 'wallet:h2')"))
    with pytest.raises(RowsChanged, match="wallet:h2"):
        book.sign()


def test_a_signer_without_its_memory_says_so(book: SealedBook) -> None:
    (book.keys_dir / "seal-state" / f"{BOOK}.json").unlink()
    with pytest.raises(SignerForgot):
        book.sign()


def test_another_key_cannot_sign_for_the_bank(book: SealedBook, tmp_path: Path) -> None:
    stranger = SealedBook(book.engine, tmp_path / "stolen")
    note = book.sign()
    forged = note.replace(note.splitlines()[2], "A" * 43 + "=")
    for wrong, key in ((note, stranger.key), (forged, book.key)):
        with pytest.raises(Exception, match="not signed by the key"):
            open_note(wrong, read_key(key))
    assert note.startswith(f"{origin(BOOK)}\n24\n")
    with book.engine.connect() as connection:
        assert sorted(stored(connection, BOOK)) == [8, 16, 24]
