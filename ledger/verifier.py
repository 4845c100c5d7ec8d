"""Check a book of the points bank without the points bank: one file, standard library only, no network.

    python verifier.py --key KEY --checkpoint OLD export.jsonl    # a whole log, from `ledger seal --export`
    python verifier.py --key KEY statement.pdf                    # one account's statement (or its statement.json)

KEY is the bank's public key line (`pointsbank/<book>+<id>+<base64>`) or a file that holds it; OLD a file with an old
signed checkpoint. Get both by a road that does not pass through the bank's computer: all that is proved rests on them.

Exit status: 0 all holds · 1 something is wrong, its first place is named · 2 could not check.
Formats: tree RFC 9162, signatures RFC 8032 (Ed25519), notes C2SP signed-note and tlog-checkpoint.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
import uuid
from collections import namedtuple
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ACCOUNT_NAMESPACE = uuid.UUID("6a0f6f0e-5f0c-5d57-9d0e-2f9b6a1c7e11")
HEAD = ("id", "scope", "key", "kind", "content_hash", "effective_on", "recorded_at", "household", "person", "rule",
        "place", "reverses", "may_go_below", "meta")
LINE = ("line", "debit_account", "credit_account", "commodity", "amount", "effective_on", "due_on", "debit_seq",
        "debit_after", "credit_seq", "credit_after", "reverses_line")


class Wrong(Exception):
    """Something does not hold; the text says what and where."""


class Unusable(Exception):
    """The check could not be made."""


P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT_OF_MINUS_ONE = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while scalar:
        total = add(total, point) if scalar & 1 else total
        point, scalar = add(point, point), scalar >> 1
    return total


def point_from(raw: bytes) -> Point | None:
    y, sign = int.from_bytes(raw, "little") & (1 << 255) - 1, raw[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


BASE = point_from((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
Key = namedtuple("Key", ("name", "id", "public"))


def signature_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Is this Ed25519 signature of the message by the key?"""
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r, s = point_from(public), point_from(signature[:32]), int.from_bytes(signature[32:], "little")
    if not a or not r or not BASE or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    left, right = times(s, BASE), add(r, times(k, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 == (left[1] * right[2] - right[1] * left[2]) % P


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes
    accounts: int | None  # how many the signed map of accounts holds; None when the checkpoint carries no map
    map_root: bytes | None


def read_key(text: str) -> Key:
    """A public key line. Raises Unusable."""
    try:
        name, shown, encoded = text.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise Unusable("the key is not of the form name+id+base64") from None
    wanted = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if len(raw) != 33 or raw[0] != 1 or wanted.hex() != shown:
        raise Unusable("the key is damaged: its id is not that of its bytes")
    return Key(name, wanted, raw[1:])


def open_note(note: str, key: Key) -> Checkpoint:
    """The checkpoint in a signed note. Raises Wrong when the key has not signed it or it is none."""
    text, _, signatures = note.partition("\n\n")
    found = [decoded(line.rpartition(" ")[2]) for line in signatures.splitlines()
             if line.startswith(f"\u2014 {key.name} ")]
    if not any(raw[:4] == key.id and signature_holds(key.public, f"{text}\n".encode(), raw[4:]) for raw in found):
        raise Wrong("the checkpoint is not signed by the key")
    lines = text.split("\n")
    if len(lines) < 3 or lines[0] != key.name or not lines[1].isdecimal() or len(decoded(lines[2])) != 32:
        raise Wrong(f"the signed text is no checkpoint of {key.name}")
    more = [line.split(" ") for line in lines[3:]]
    accounts = next((words for words in more if words[0] == "accounts" and len(words) == 3), None)
    return Checkpoint(key.name, int(lines[1]), decoded(lines[2]), int(accounts[1]) if accounts else None,
                      decoded(accounts[2]) if accounts else None)


def decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise Wrong(f"not base64: {text[:60]}") from None


def leaf_hash(fields: Iterable[object]) -> bytes:
    """Each field as `<bytes>:<text>,`, a missing one as `-`; then the leaf hash of RFC 9162."""
    texts = (None if field is None else str(field).encode("utf-8", "surrogatepass") for field in fields)
    packed = b"".join(b"-" if text is None else b"%d:%b," % (len(text), text) for text in texts)
    return hashlib.sha256(b"\x00" + packed).digest()


def transaction_hash(book: int, record: dict[str, Any]) -> bytes:
    head, lines = record["transaction"], record["transfers"]
    meta = json.dumps(head["meta"], sort_keys=True, separators=(",", ":"))
    return leaf_hash(["1", book, *(head[name] for name in HEAD[:-1]), meta, len(lines),
                      *(line[name] for line in lines for name in LINE)])


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def account_hash(account: dict[str, Any], last_seq: int, posted: int) -> bytes:
    return leaf_hash(["account", uuid.UUID(account["id"]).hex, account["floor"], last_seq, posted])


class Tree:
    """The log's tree, leaf after leaf."""
    def __init__(self) -> None:
        self.size, self.hashes = 0, list[bytes]()

    def append(self, leaf: bytes) -> None:
        place = self.size
        while place & 1:
            leaf, place = node(self.hashes.pop(), leaf), place >> 1
        self.hashes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        root = self.hashes[-1] if self.hashes else hashlib.sha256(b"").digest()
        for left in reversed(self.hashes[:-1]):
            root = node(left, root)
        return root


def root_by(leaf: bytes, index: int, size: int, path: Iterable[bytes], lefts: list[bytes] | None = None) -> bytes:
    """The root to which a leaf's path leads (RFC 9162 2.1.3.2), its left steps put into `lefts`. Raises Wrong."""
    here, last, fits = index, size - 1, 0 <= index < size
    for step in path:
        fits = fits and last > 0
        leaf = node(step, leaf) if (right := here & 1 or here == last) else node(leaf, step)
        if right and lefts is not None:
            lefts.append(step)
        while right and here and not here & 1:
            here, last = here >> 1, last >> 1
        here, last = here >> 1, last >> 1
    if last or not fits:
        raise Wrong(f"the path does not lead from leaf {index} to the root of {size}")
    return leaf


class Running:
    """A member account as its lines build it. Lines may come in any order; gaps are kept until they are filled."""
    def __init__(self, last_seq: int = 0, posted: int = 0) -> None:
        self.last_seq, self.posted = last_seq, posted
        self.later: dict[int, tuple[int, int]] = {}

    def add(self, seq: int, amount: int, after: int) -> None:
        if seq <= self.last_seq or seq in self.later:
            raise Wrong(f"number {seq} of its account stands twice")
        self.later[seq] = amount, after
        while (line := self.later.pop(self.last_seq + 1, None)) is not None:
            self.last_seq, self.posted = self.last_seq + 1, self.posted + line[0]
            if self.posted != line[1]:
                raise Wrong(f"number {self.last_seq}: the balance after it is {line[1]}, the lines give {self.posted}")


def sides(transfers: list[dict[str, Any]]) -> Iterator[tuple[str, int | None, int, int]]:
    """(account, sequence number, signed amount, balance after) of both sides of each transfer."""
    for at, line in enumerate(transfers, 1):
        if line["line"] != at or type(line["amount"]) is not int or line["amount"] <= 0:
            raise Wrong(f"line {line['line']} stands as number {at} with {line['amount']}")
        yield line["debit_account"], line["debit_seq"], -line["amount"], line["debit_after"]
        yield line["credit_account"], line["credit_seq"], line["amount"], line["credit_after"]


def known_account(account: dict[str, Any]) -> str:
    """The account's id. Raises Wrong when it is not that of its commodity and code: somebody renamed it."""
    wanted = uuid.uuid5(ACCOUNT_NAMESPACE, f"{account['commodity']}\n{account['code']}").hex
    if uuid.UUID(account["id"]).hex != wanted:
        raise Wrong(f"account {account['code']}: its id belongs to another name")
    return wanted


class Export:
    """A whole log, line by line."""
    def __init__(self, key: Key, old: Checkpoint | None) -> None:
        self.key, self.old, self.tree, self.book, self.newest, self.good = key, old, Tree(), 0, 0, 0
        self.signed = {old.size: [old]} if old else dict[int, list[Checkpoint]]()
        self.accounts, self.running, self.ended = dict[str, dict[str, Any]](), dict[str, Running](), False

    def take(self, record: dict[str, Any]) -> None:
        if "checkpoint" in record:
            one = open_note(record["checkpoint"], self.key)
            self.signed.setdefault(one.size, []).append(one)
            self.newest = max(self.newest, one.size)
        elif "account" in record:
            self.accounts[known_account(record["account"])] = record["account"]
        elif "leaf" in record:
            self.take_leaf(record)
        elif record.get("end") == self.tree.size:
            self.ended = True
        else:
            raise Wrong(f"a line of no known kind, or not the end of {self.tree.size} leaves: {str(record)[:60]}")

    def take_leaf(self, record: dict[str, Any]) -> None:
        size, name = self.tree.size, f"leaf {record['leaf']} (transaction {record['transaction']['id']})"
        if record["leaf"] != size:
            raise Wrong(f"{name} stands where leaf {size} should be")
        if (hashed := transaction_hash(self.book, record)).hex() != record["hash"]:
            raise Wrong(f"{name} was changed after it was sealed")
        self.tree.append(hashed)
        try:
            for account, seq, amount, after in sides(record["transfers"]):
                if account not in self.accounts or self.accounts[account]["is_member"] == (seq is None):
                    raise Wrong(f"account {account} is missing or of another kind")
                if seq is not None:
                    self.running.setdefault(account, Running()).add(seq, amount, after)
        except Wrong as wrong:
            raise Wrong(f"{name}: {wrong}") from None
        size = self.tree.size
        for one in self.signed.get(size, ()):
            if one.root != self.tree.root():
                raise Wrong(f"leaves {self.good} to {size - 1} are not those that were signed in the checkpoint "
                            f"of size {size}: one of them was changed together with its hash")
            if one.map_root is not None and (one is self.old or size == self.newest):
                self.check_map(one)
            self.good = size

    def check_map(self, one: Checkpoint) -> None:
        tree = Tree()
        for account, state in sorted(self.running.items()):
            if state.later:
                raise Wrong(f"account {self.accounts[account]['code']}: number {state.last_seq + 1} is missing")
            tree.append(account_hash(self.accounts[account], state.last_seq, state.posted))
        if (tree.size, tree.root()) != (one.accounts, one.map_root):
            raise Wrong(f"the accounts after leaf {one.size - 1} are not those of the signed map: "
                        "an account's floor was changed, or one is missing")

    def finish(self) -> str:
        size, last = self.tree.size, max(self.signed, default=0)
        if last > size:
            raise Wrong(f"the log ends too early: leaves {size} to {last - 1} are missing, they were signed")
        if not self.ended:
            raise Wrong("the file breaks off: its last line is missing")
        for account, one in self.accounts.items():
            state = self.running.get(account, Running())
            if one["is_member"] and (one["last_seq"], one["posted"]) != (state.last_seq, state.posted):
                raise Wrong(f"account {one['code']}: balance {one['posted']} after number {one['last_seq']}, "
                            f"its lines give {state.posted} after number {state.last_seq}")
        return (f"{size} transactions, {len(self.running)} accounts and {len(self.signed)} checkpoints hold; "
                f"{size - self.newest} are newer than the newest checkpoint")


def check_export(lines: Iterable[str], key: Key, old: Checkpoint | None) -> str:
    """Check a whole log; what holds, in a sentence. Raises Wrong with the first bad line."""
    export = Export(key, old)
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
            if number > 1:
                export.take(record)
            elif record.get("origin") != key.name or record.get("profile") != "sha256":
                raise Unusable(f"the file is of {record.get('origin')}, the key of {key.name}")
            else:
                export.book = record["book"]
        except (Wrong, ValueError, KeyError, TypeError, AttributeError) as error:
            said = error if isinstance(error, Wrong) else f"cannot be read ({type(error).__name__}: {error})"
            raise Wrong(f"line {number}: {said}") from None
    return export.finish()


def check_statement(text: Iterable[str], key: Key, old: Checkpoint | None) -> str:
    """Check one account's statement: nothing added, changed or left out between its two checkpoints."""
    bundle = json.loads("".join(text))
    account, own, closing = bundle["account"], known_account(bundle["account"]), open_note(
        bundle["closing"]["checkpoint"], key)
    opening = open_note(bundle["opening"]["checkpoint"], key) if bundle["opening"] else None
    state = entry_of(bundle["opening"], account, opening) if opening else Running()
    if old is not None and old not in (opening, closing):
        must_continue(old, closing, bundle.get("continues", {}).get(str(old.size)))
    end = entry_of(bundle["closing"], account, closing)
    for at, line in enumerate(bundle["lines"], 1):
        name = f"line {at}: leaf {line['leaf']} (transaction {line['transaction']['id']})"
        hashed = transaction_hash(bundle["book"], line)
        try:
            mine, path = [side for side in sides(line["transfers"]) if side[0] == own], map(decoded, line["path"])
            if not mine or root_by(hashed, line["leaf"], closing.size, list(path)) != closing.root:
                raise Wrong("is not in the log as shown here, or none of this account's")
            for _, seq, amount, after in mine:
                state.add(seq or 0, amount, after)
        except Wrong as wrong:
            raise Wrong(f"{name}: {wrong}") from None
    if state.later or (state.last_seq, state.posted) != (end.last_seq, end.posted):
        raise Wrong(f"number {state.last_seq + 1} of the account is missing: the lines end with {state.posted}, "
                    f"the sealed balance is {end.posted} after number {end.last_seq}")
    return (f"{len(bundle['lines'])} transactions of {account['code']} hold; balance {end.posted}"
            + (check_period(bundle, own, bundle["period"]) if "period" in bundle and opening is None else ""))


def check_period(bundle: dict[str, Any], own: str, said: dict[str, Any]) -> str:
    """What the paper says of its period, held against all lines of the account. Raises Wrong."""
    seen = [(one["transaction"]["effective_on"], side[2]) for one in bundle["lines"] for side in sides(one["transfers"])
             if side[0] == own and (one["leaf"] < said["position"] if "position" in said  # papers of old have a moment
                                    else one["transaction"]["recorded_at"] <= said["known_at"])]
    found = {"opening": sum(amount for day, amount in seen if day < said["from"]),
             "closing": sum(amount for day, amount in seen if day <= said["to"])}
    for name in (name for name in found if said[name] != found[name]):
        raise Wrong(f"the paper's {name} balance is {said[name]}, its lines give {found[name]}")
    return f"; {said['from']} to {said['to']}: from {found['opening']} to {found['closing']}"


def must_continue(old: Checkpoint, new: Checkpoint, proof: dict[str, Any] | None) -> None:
    """The last leaf of the old log and all before it (the left steps of its path) are in the new. Raises Wrong."""
    if not proof:
        raise Unusable(f"the statement has no proof from your checkpoint: ask for one since size {old.size}")
    last, leaf, lefts = old.size - 1, decoded(proof["leaf"]), list[bytes]()
    if (root_by(leaf, last, new.size, map(decoded, proof["path"]), lefts) != new.root
            or root_by(leaf, last, old.size, lefts) != old.root):
        raise Wrong(f"the log does not continue your checkpoint of size {old.size}: what it had signed was changed")


def entry_of(part: dict[str, Any], account: dict[str, Any], one: Checkpoint) -> Running:
    """The account's sealed state in the map of a checkpoint. Raises Wrong."""
    hashed, path = account_hash(account, part["last_seq"], part["posted"]), [decoded(step) for step in part["path"]]
    if root_by(hashed, part["index"], one.accounts or 0, path) != one.map_root:
        raise Wrong(f"the balance {part['posted']} after number {part['last_seq']} is not the sealed one")
    return Running(part["last_seq"], part["posted"])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="verifier.py", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--key", required=True, help="the public key line, or a file that holds it")
    parser.add_argument("--checkpoint", help="a file with a checkpoint you kept from earlier")
    parser.add_argument("file", help="export.jsonl, statement.pdf or the statement.json attached to it")
    options = parser.parse_args(arguments)
    try:
        shown = options.key if "+" in options.key else Path(options.key).read_text(encoding="utf-8")
        key = read_key(next((line for line in shown.splitlines() if "+" in line), ""))
        try:
            old = open_note(Path(options.checkpoint).read_text("utf-8"), key) if options.checkpoint else None
        except Wrong as wrong:
            raise Unusable(f"{options.checkpoint}: {wrong}") from None
        with open(options.file, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            first, _ = file.readline(), file.seek(0)
            text = re.findall(r'stream\s+(\{"opening":.*?)\s+endstream', file.read()) if first[:4] == "%PDF" else file
            if not text:
                raise Unusable("no statement is attached as we attach it: save its statement.json and check that")
            sentence = (check_export if text is file and '"opening"' not in first else check_statement)(text, key, old)
    except Wrong as wrong:
        print(f"WRONG: {options.file}: {wrong}")  # noqa: T201
        return 1
    except (Unusable, OSError, ValueError, KeyError, TypeError) as error:
        print(f"could not check: {error}", file=sys.stderr)  # noqa: T201
        return 2
    print(f"good: {sentence}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
