"""The auditor's file alone: signatures, notes, exports and statements, in good and in bad shape."""

from __future__ import annotations

import ast
import base64
import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from ledger import Transfer, verifier
from ledger.checkpoints import Draft, b64, signed, stored
from ledger.merkle import inclusion_path, leaf_hash, list_subtree, root_of
from ledger.proofs import StoredTree
from ledger.sealing_export import continued, statement
from ledger.verifier import Checkpoint, Unusable, Wrong, must_continue, open_note, read_key, signature_holds
from pointsbank import sealing
from tests.ledger.house import BOOK, SCORED, deduct, earn, entry, score, spend, wallet
from tests.ledger.sealed import SealedBook, alone, edited

FILE = Path(verifier.__file__)
# RFC 8032 7.1: key, message, signature
VECTORS = [
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
     "d25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
     "387b2eaeb4302aeeb00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
     "4a7c15e9716ed28dc027beceea1ec40a"),
]


@pytest.fixture
def book(engine: Engine, tmp_path: Path) -> SealedBook:
    made = SealedBook(engine, tmp_path / "seal-keys")
    made.some_past()
    return made


# -- signatures and notes ----------------------------------------------------------------------------------------------
def test_the_signatures_of_the_standard_hold_and_no_changed_one() -> None:
    for public, message, signature in VECTORS:
        parts = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
        assert signature_holds(*parts)
        for at in range(3):
            for place in range(0, len(parts[at]), 7):
                changed = bytearray(parts[at])
                changed[place] ^= 1
                assert not signature_holds(*parts[:at], bytes(changed), *parts[at + 1:])
        too_big = int.from_bytes(parts[2][32:], "little") + verifier.ORDER  # the same point, another signature
        assert not signature_holds(parts[0], parts[1], parts[2][:32] + too_big.to_bytes(32, "little"))


@settings(max_examples=15, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_it_agrees_with_the_library_that_signs(seed: bytes, message: bytes) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key().public_bytes_raw()
    assert signature_holds(public, message, private.sign(message))
    assert not signature_holds(public, message + b"!", private.sign(message))


def test_a_published_signed_note_of_other_software_is_read() -> None:
    # the example of Go's golang.org/x/mod/sumdb/note
    key = read_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    note = ("If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
            "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6"
            "RyyBwJnAM=\n")
    with pytest.raises(Wrong, match="no checkpoint of PeterNeumann"):  # the signature holds; it is a poem
        open_note(note, key)
    with pytest.raises(Wrong, match="not signed by the key"):
        open_note(note.replace("cryptography", "astrology"), key)


@pytest.mark.parametrize("text", ["", "a+b", "name+00000000+AQ==", "name+zz+!!"])
def test_a_damaged_key_cannot_be_used(text: str) -> None:
    with pytest.raises(Unusable):
        read_key(text)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 70), st.data())
def test_paths_lead_to_the_root_and_no_other_leaf_does(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    path, root = inclusion_path(list_subtree(leaves), index, size), root_of(leaves)
    assert verifier.root_by(leaves[index], index, size, path) == root
    assert verifier.root_by(leaf_hash(b"other"), index, size, path) != root
    for wrong in ([*path, root], path[:-1]) if path else ([root],):
        with pytest.raises(Wrong):
            verifier.root_by(leaves[index], index, size, wrong)


# -- exports -----------------------------------------------------------------------------------------------------------
def test_it_runs_with_the_standard_library_alone(book: SealedBook, tmp_path: Path) -> None:
    kept, export, key = tmp_path / "kept.txt", tmp_path / "log.jsonl", tmp_path / "key.txt"
    kept.write_text(book.sign(), encoding="utf-8")
    key.write_text(f"# our bank\n{book.key}\n", encoding="utf-8")
    book.one(earn(100, "2026-03-05"))
    book.sign()
    book.export(export)
    moved = tmp_path / "verifier.py"
    moved.write_bytes(FILE.read_bytes())

    def run(*arguments: object) -> tuple[int, str]:  # -I -S: no project, no installed package
        done = subprocess.run([sys.executable, "-I", "-S", str(moved), *map(str, arguments)], capture_output=True,
                              text=True, cwd=tmp_path, check=False)
        return done.returncode, done.stdout + done.stderr

    code, said = run("--key", key, "--checkpoint", kept, export)
    assert code == 0 and said.startswith("good: 25 transactions"), said
    lines = export.read_text(encoding="utf-8").splitlines()
    export.write_text(edited(lines, lambda records: records[20]["transfers"][0].update(amount=999)), encoding="utf-8")
    code, said = run("--key", key, export)
    assert code == 1 and "line 21: leaf" in said and "was changed after it was sealed" in said
    for broken in (("--key", "nonsense+1+2", export), ("--key", key, tmp_path / "missing.jsonl"),
                   ("--key", key, "--checkpoint", key, export), ()):
        assert run(*broken)[0] == 2


def test_it_imports_nothing_but_the_standard_library() -> None:
    names = {alias.name for node in ast.walk(ast.parse(FILE.read_text())) if isinstance(node, ast.Import)
             for alias in node.names} | {node.module or "." for node in ast.walk(ast.parse(FILE.read_text()))
                                         if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def first_leaf(records: list[dict[str, Any]]) -> int:
    return next(at for at, record in enumerate(records) if "leaf" in record)


def drop_leaf(records: list[dict[str, Any]]) -> None:
    del records[first_leaf(records) + 5]


def swap_leaves(records: list[dict[str, Any]]) -> None:
    at = first_leaf(records) + 5
    records[at], records[at + 1] = records[at + 1], records[at]


def cut_off(records: list[dict[str, Any]]) -> None:
    del records[-3:]


def cut_off_neatly(records: list[dict[str, Any]]) -> None:
    del records[-3:-1]
    records[-1]["end"] -= 2


def floor(records: list[dict[str, Any]]) -> None:
    next(record for record in records if "account" in record and record["account"]["code"] == "wallet:h1")[
        "account"]["floor"] = -100


def posted(records: list[dict[str, Any]]) -> None:
    next(record for record in records if "account" in record and record["account"]["code"] == "wallet:h1")[
        "account"]["posted"] += 1


def rename(records: list[dict[str, Any]]) -> None:
    next(record for record in records if "account" in record and record["account"]["code"] == "wallet:h1")[
        "account"]["code"] = "wallet:friend"


def meta(records: list[dict[str, Any]]) -> None:
    records[first_leaf(records)]["transaction"]["meta"]["record"] = "other"


def rubbish(records: list[dict[str, Any]]) -> None:
    records[first_leaf(records) + 2] = {"leaf": 2}


def forged_note(records: list[dict[str, Any]]) -> None:
    record = next(record for record in records if "checkpoint" in record)
    record["checkpoint"] = record["checkpoint"].replace("\n8\n", "\n9\n")


@pytest.mark.parametrize(("change", "says"), [
    (drop_leaf, "stands where leaf 5 should be"), (swap_leaves, "stands where leaf 5 should be"),
    (cut_off, "the log ends too early"), (cut_off_neatly, "leaves 22 to 23 are missing"),
    (floor, "floor was changed"), (posted, "wallet:h1: balance"), (rename, "wallet:friend"),
    (meta, "leaf 0 (transaction"), (rubbish, "line 14: cannot be read"), (forged_note, "not signed by the key")])
def test_a_changed_export_is_found(book: SealedBook, tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                   change: Callable[[list[dict[str, Any]]], None], says: str) -> None:
    target = book.export(tmp_path / "log.jsonl")
    assert alone("--key", book.key, str(target)) == 0
    target.write_text(edited(target.read_text(encoding="utf-8").splitlines(), change), encoding="utf-8")
    assert alone("--key", book.key, str(target)) == 1
    assert says in capsys.readouterr().out


def test_the_export_of_another_book_cannot_be_checked_with_this_key(book: SealedBook, tmp_path: Path) -> None:
    other = book.key.replace("pointsbank/", "elsewhere/")
    raw = base64.b64decode(book.key.split("+", 2)[2])
    wanted = f"{other.split('+')[0]}+{verifier.hashlib.sha256(b'elsewhere/230199' + bytes([10]) + raw).hexdigest()[:8]}"
    assert alone("--key", f"{wanted}+{base64.b64encode(raw).decode()}", str(book.export(tmp_path / "log.jsonl"))) == 2


# -- statements --------------------------------------------------------------------------------------------------------
def the_statement(book: SealedBook, opening: int | None, closing: int) -> dict[str, Any]:
    with book.engine.connect() as connection:
        return statement(connection, BOOK, wallet("h1"), opening, closing)


def checked(book: SealedBook, bundle: dict[str, Any], tmp_path: Path, *more: str) -> int:
    target = tmp_path / "statement.json"
    target.write_text(json.dumps(bundle, ensure_ascii=False), encoding="utf-8")
    return alone("--key", book.key, *more, str(target))


def test_a_statement_proves_itself_and_that_nothing_is_left_out(book: SealedBook, tmp_path: Path,
                                                                capsys: pytest.CaptureFixture[str]) -> None:
    book.one(deduct(5000, "2026-03-05", by=wallet("h1")))
    book.one(entry("earned", "2026-03-05", Transfer(SCORED, score("h1"), 300)))
    book.one(spend(1, "2026-03-05", by=wallet("h2")))
    kept = tmp_path / "kept.txt"
    kept.write_text(book.sign(), encoding="utf-8")
    for opening, count in ((None, 7), (8, 5), (16, 3), (24, 1), (27, 0)):
        bundle = the_statement(book, opening, 27)
        assert len(bundle["lines"]) == count
        assert checked(book, bundle, tmp_path) == 0 == checked(book, bundle, tmp_path, "--checkpoint", str(kept))
    whole = the_statement(book, 8, 27)
    for at in range(len(whole["lines"])):
        shorter = copy.deepcopy(whole)
        del shorter["lines"][at]
        assert checked(book, shorter, tmp_path) == 1
        changed = copy.deepcopy(whole)
        changed["lines"][at]["transfers"][0]["amount"] += 1
        assert checked(book, changed, tmp_path) == 1
        assert f"line {at + 1}: leaf" in capsys.readouterr().out.splitlines()[-1]
    for name, value in (("posted", 1), ("last_seq", 1), ("index", 0)):
        for part in ("opening", "closing"):
            changed = copy.deepcopy(whole)
            changed[part][name] = changed[part][name] + value if name != "index" else value
            assert checked(book, changed, tmp_path) == 1
    doubled = copy.deepcopy(whole)
    doubled["lines"].append(doubled["lines"][0])
    assert checked(book, doubled, tmp_path) == 1
    other = tmp_path / "other.txt"
    other.write_text(book.sign(), encoding="utf-8")
    with book.engine.connect() as connection, pytest.raises(LookupError):
        statement(connection, BOOK, wallet("nobody"), None, 27)
    assert checked(book, the_statement(book, None, 16), tmp_path, "--checkpoint", str(other)) == 2


def test_a_statement_continues_an_old_checkpoint_that_somebody_kept(book: SealedBook, tmp_path: Path,
                                                                    capsys: pytest.CaptureFixture[str]) -> None:
    with book.engine.connect() as connection:
        notes = stored(connection, BOOK)
    whole, kept = the_statement(book, None, 24), tmp_path / "kept.txt"
    assert sorted(notes) == [8, 16, 24] and sorted(map(int, whole["continues"])) == [8, 16, 24]
    for size, note in notes.items():
        kept.write_text(note, encoding="utf-8")
        assert checked(book, whole, tmp_path, "--checkpoint", str(kept)) == 0
        for name in ("leaf", "path"):
            changed = copy.deepcopy(whole)
            proof = changed["continues"][str(size)]
            if name == "leaf":
                proof["leaf"] = b64(bytes(32))
            else:
                proof["path"][0] = b64(bytes(32))
            assert checked(book, changed, tmp_path, "--checkpoint", str(kept)) == (1 if size < 24 else 0)
    kept.write_text(notes[8], encoding="utf-8")
    del whole["continues"]["8"]
    assert checked(book, whole, tmp_path, "--checkpoint", str(kept)) == 2
    assert "ask for one since size 8" in capsys.readouterr().err


def test_every_size_is_shown_to_continue_every_smaller_one(book: SealedBook) -> None:
    with book.engine.connect() as connection:
        tree = StoredTree(connection, BOOK)
        roots = {size: tree.root(size) for size in range(1, 25)}
        for old, size in ((old, size) for size in roots for old in roots if old <= size):
            one, two = (Checkpoint("o", n, roots[n], None, None) for n in (old, size))
            must_continue(one, two, continued(tree, old, size))
            with pytest.raises(Wrong):  # a first log that had another leaf somewhere before its last
                must_continue(one._replace(root=bytes(32)), two, continued(tree, old, size))


def test_what_the_paper_says_of_its_period_is_held_against_the_lines(book: SealedBook, tmp_path: Path,
                                                                     capsys: pytest.CaptureFixture[str]) -> None:
    whole = the_statement(book, None, 24)
    whole["period"] = {"from": "2026-03-02", "to": "2026-03-02", "opening": 401, "closing": 801,
                       "known_at": "2026-03-10T00:00:00.000000Z"}
    assert checked(book, whole, tmp_path) == 0
    assert "2026-03-02 to 2026-03-02: from 401 to 801" in capsys.readouterr().out
    whole["period"]["closing"] = 802
    assert checked(book, whole, tmp_path) == 1
    assert "the paper's closing balance is 802, its lines give 801" in capsys.readouterr().out
    whole["period"] |= {"closing": 801, "position": 24}
    assert checked(book, whole, tmp_path) == 0
    whole["period"]["position"] = 2  # as known when the log had two leaves
    assert checked(book, whole, tmp_path) == 1


def test_an_old_account_map_is_verified_too_online_and_from_an_export(book: SealedBook, tmp_path: Path,
                                                                      capsys: pytest.CaptureFixture[str]) -> None:
    with book.engine.connect() as connection:
        note = stored(connection, BOOK)[8]
    old, kept, log = open_note(note, read_key(book.key)), tmp_path / "kept.txt", book.export(tmp_path / "log.jsonl")
    assert old.accounts == 4 and book.verify(old).faults == []
    fault, = book.verify(old._replace(map_root=bytes(32))).faults
    assert (fault.law, fault.leaf) == ("accounts", 7) and "size 8" in fault.message
    kept.write_text(note, encoding="utf-8")
    assert alone("--key", book.key, "--checkpoint", str(kept), str(log)) == 0
    text = note.partition("\n\n")[0].rpartition("accounts ")[0] + f"accounts 4 {b64(bytes(32))}\n"
    forged = signed(Draft(BOOK, 8, old.root, text), sealing.load_key(book.keys_dir))  # with the key itself
    kept.write_text(forged, encoding="utf-8")
    assert alone("--key", book.key, "--checkpoint", str(kept), str(log)) == 1
    assert "the accounts after leaf 7 are not those of the signed map" in capsys.readouterr().out
