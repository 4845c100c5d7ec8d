"""The seal's room of the bank: the signing key and the signer's own memory. The server's thread is in `sealer.py`.

    note = sign_now(db.engine, settings.keys_dir, book_id, at=clock.now())      # seal what waits, sign, store
    note = sign_now(db.engine, settings.keys_dir, book_id, at=clock.now(), log=TRAIL)

A book has two logs of one kind, LEDGER and TRAIL; they are sealed, signed, remembered and given up in the same way.

Key and memory live in KEYS_DIR, outside the database and its backups. The memory (`seal-state/<book>.json`: the newest
size signed, its root) is what finds a restored old database or a cut-off end: what does not continue it is not signed
until an operator acknowledges the loss, and every later checkpoint says so. The memory is written before a signature
leaves the house, so it can be ahead of what was handed out, never behind.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from sqlalchemy import Connection, Engine, Table

from ledger import checkpoints, sealing
from ledger.checkpoints import State
from ledger.sealing_errors import HistoryChanged, HistoryShrank, NotSettled, SignerForgot
from ledger.sealing_tables import TRANSACTIONS, LogTables
from ledger.tables import checkpoint as ledger_checkpoint
from ledger.turnover_keeping import PORTION, carry_turnovers
from pointsbank import clock
from pointsbank.audit import models as trail_models
from pointsbank.audit import sealing as trail
from pointsbank.database import write_connection

KEY_FILE, STATE_FOLDER = "seal-key.pem", "seal-state"
ATTEMPTS = 5


class Log(NamedTuple):
    """One of a book's logs, as the signer deals with it."""

    origin: Callable[[int], str]
    suffix: str  # of its memory's file
    tables: LogTables
    checkpoint: Table
    seal_batch: Callable[..., int]
    draw: Callable[..., checkpoints.Draft]


LEDGER = Log(checkpoints.origin, "", TRANSACTIONS, ledger_checkpoint, sealing.seal_batch, checkpoints.draw)
TRAIL = Log(trail.log_name, "-trail", trail_models.TRAIL, trail_models.CHECKPOINT, trail.seal_batch, trail.draw)


class SealKey:
    """The installation's Ed25519 signing key."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self.private, self.public = private, private.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)


def load_key(keys_dir: Path) -> SealKey:
    """The key, made at its first use. Raises RuntimeError on a damaged file."""
    path = keys_dir / KEY_FILE
    if not path.exists():
        keys_dir.mkdir(parents=True, exist_ok=True)
        made = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:  # x: two starting processes must not each make their own key
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(made)
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError:
            return load_key(keys_dir)
    try:
        private = load_pem_private_key(path.read_bytes(), None)
    except ValueError as error:
        raise RuntimeError(f"the key file {path} cannot be read; restore it from where you keep its copy") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise RuntimeError(f"the key file {path} holds no Ed25519 key")
    return SealKey(private)


def key_line(keys_dir: Path, book_id: int, log: Log = LEDGER) -> str:
    """The public key of a book's log, as auditors keep it."""
    return checkpoints.named_key_line(log.origin(book_id), load_key(keys_dir).public)


# -- the signer's memory -----------------------------------------------------------------------------------------------
@dataclass
class Memory:
    """What was signed last for a book, and the losses an operator has acknowledged."""

    path: Path
    state: State | None
    lost: list[dict[str, Any]]

    def lost_lines(self) -> list[str]:
        return [f"{one['first']} {one['size']} {checkpoints.b64(bytes.fromhex(one['root']))}" for one in self.lost]

    def write(self, state: State) -> None:
        """Replace the file as a whole; after a power cut it is the old one or the new one."""
        self.state = state
        fresh = self.path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            json.dump({"size": state.size, "root": state.root.hex(), "lost": self.lost}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, self.path)


def recall(keys_dir: Path, book_id: int, log: Log = LEDGER) -> Memory:
    """The signer's memory of a book's log. Raises RuntimeError on a damaged file."""
    path = keys_dir / STATE_FOLDER / f"{book_id}{log.suffix}.json"
    if not path.exists():
        return Memory(path, None, [])
    try:
        stored = json.loads(path.read_text(encoding="ascii"))
        return Memory(path, State(int(stored["size"]), bytes.fromhex(stored["root"])), list(stored["lost"]))
    except (ValueError, KeyError, TypeError) as error:
        raise RuntimeError(f"the signer's memory {path} cannot be read; restore it from where you keep its "
                           "copy") from error


@contextmanager
def memory_of(keys_dir: Path, book_id: int, log: Log = LEDGER) -> Iterator[Memory]:
    """The memory, to be read and written by one signer at a time, on this machine."""
    folder = keys_dir / STATE_FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(folder / f"{book_id}.lock", "a+b") as file:
        lock_file(file.fileno())
        yield recall(keys_dir, book_id, log)  # closing the file lets the next one in


def lock_file(number: int) -> None:
    """Wait for an exclusive lock on an open file."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        getattr(msvcrt, "locking")(number, getattr(msvcrt, "LK_LOCK"), 1)  # noqa: B009
    else:
        fcntl.flock(number, fcntl.LOCK_EX)


# -- sealing and signing -----------------------------------------------------------------------------------------------
@contextmanager
def one_moment(engine: Engine) -> Iterator[Connection]:
    """A reading connection on which every statement sees the same committed rows."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def seal_waiting(engine: Engine, book_id: int, *, wait: bool = True, log: Log = LEDGER,
                 progress: Callable[[int], None] = lambda _: None) -> int:
    """Seal what waits for a book's log, a committed batch at a time; how many rows. `progress`: told each batch's."""
    total = 0
    while True:
        with write_connection(engine) as connection:
            done = log.seal_batch(connection, book_id, at=clock.now, wait=wait)
        total += done
        progress(done)
        if done < sealing.BATCH:
            return total


def keep_turnovers(engine: Engine, book_id: int) -> None:
    """Bring the kept months of a book to what is sealed, a committed portion at a time."""
    done = PORTION
    while done == PORTION:
        with write_connection(engine) as connection:
            done = carry_turnovers(connection, book_id)


def sign(engine: Engine, keys_dir: Path, book_id: int, *, at: datetime, log: Log = LEDGER) -> str:
    """Sign the log as it stands and store the checkpoint; the signed note.

    Raises what its `draw` refuses, and SignerForgot. Nothing was signed then.
    """
    key = load_key(keys_dir)
    with memory_of(keys_dir, book_id, log) as memory:
        with one_moment(engine) as connection:
            if memory.state is None and checkpoints.newest(connection, book_id, log.checkpoint) is not None:
                raise SignerForgot(book=book_id)
            draft = log.draw(connection, book_id, memory.state, memory.lost_lines())
        return issue(engine, key, memory, draft, at, log)


def issue(engine: Engine, key: SealKey, memory: Memory, draft: checkpoints.Draft, at: datetime, log: Log) -> str:
    memory.write(State(draft.size, draft.root))
    note = checkpoints.signed(draft, key)
    with write_connection(engine) as connection:
        checkpoints.keep(connection, draft, note, at=at, checkpoint=log.checkpoint)
    return note


def sign_now(engine: Engine, keys_dir: Path, book_id: int, *, at: datetime, log: Log = LEDGER) -> str:
    """Seal what waits and sign it: the newest checkpoint, which covers everything committed before the call."""
    for _ in range(ATTEMPTS):
        seal_waiting(engine, book_id, log=log)
        try:
            return sign(engine, keys_dir, book_id, at=at, log=log)
        except NotSettled:  # another sealer was between two of its batches
            continue
    raise NotSettled(book=book_id)


def acknowledge_loss(engine: Engine, keys_dir: Path, book_id: int, *, reason: str, by: str, at: datetime,
                     log: Log = LEDGER) -> dict[str, Any] | None:
    """Accept that what was signed is lost and sign the log as it stands; what was lost, None when nothing was.

    Every checkpoint from now on carries a line that says so. Rows that do not bear out their leaves are refused still.
    """
    key = load_key(keys_dir)
    with memory_of(keys_dir, book_id, log) as memory:
        with one_moment(engine) as connection:
            loss = what_is_lost(connection, memory, book_id, log)
            if loss is None:
                return None
            loss |= {"reason": reason, "by": by, "at": at.isoformat()}
            memory.lost.append(loss)
            draft = log.draw(connection, book_id, None, memory.lost_lines())
        issue(engine, key, memory, draft, at, log)
    return loss


def what_is_lost(connection: Connection, memory: Memory, book_id: int, log: Log) -> dict[str, Any] | None:
    """From which leaf on the log is not what was signed; None when it continues it. When the log was changed rather
    than cut, the first leaf is not known: then it is 0."""
    size, root = sealing.standing(connection, book_id, log.tables)
    state, first = memory.state, 0
    if state is None:
        note = checkpoints.newest(connection, book_id, log.checkpoint)
        if note is None:
            return None
        state = State(int(note.split("\n")[1]), bytes.fromhex("00" * 32))
    else:
        try:
            checkpoints.must_continue(connection, book_id, state, size, root, log.tables)
            return None
        except HistoryShrank:
            first = size
        except HistoryChanged:
            first = 0
    return {"first": first, "size": state.size, "root": state.root.hex()}
