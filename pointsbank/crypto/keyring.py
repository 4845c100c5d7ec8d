"""The master secrets of an installation: made once, kept in KEYS_DIR, never in DATA_DIR or a backup of it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

KEY_BYTES = 32
FILE = "master-keys.json"


@dataclass(frozen=True)
class KeyRing:
    """wrap: wraps the subjects' keys; index: keyed hashes for search; session: signs what a browser keeps.

    `older`: wrapping keys that were replaced, with their last day (ISO). They open backups of their time and are
    destroyed after `OLDER_DAYS`: from then on no backup of before holds a subject's key that could be opened.
    """

    wrap: bytes
    index: bytes
    session: bytes
    older: tuple[tuple[str, bytes], ...] = ()
    directory: Path | None = None


_ring: KeyRing | None = None


def use_keys(ring: KeyRing) -> None:
    """Set the process's keys; called once by the composition root."""
    global _ring
    _ring = ring


def keyring() -> KeyRing:
    """The process's keys. Raises RuntimeError before use_keys()."""
    if _ring is None:
        raise RuntimeError("no keys loaded: call pointsbank.crypto.use_keys() first")
    return _ring


def load_keys(directory: Path) -> KeyRing:
    """Read the installation's keys, making them on the first start. Raises RuntimeError on a damaged file."""
    path = directory / FILE
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        made = {name: secrets.token_hex(KEY_BYTES) for name in ("wrap", "index", "session")}
        # x: two starting processes must not each make their own keys
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return load_keys(directory)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump(made, file)
            file.flush()
            os.fsync(file.fileno())
    try:
        stored = json.loads(path.read_text(encoding="ascii"))
        wrap, index, session = (bytes.fromhex(stored[name]) for name in ("wrap", "index", "session"))
        older = tuple((day, bytes.fromhex(key)) for day, key in stored.get("older", ()))
        ring = KeyRing(wrap, index, session, older, directory)
    except (ValueError, KeyError, TypeError) as error:
        raise RuntimeError(f"the key file {path} cannot be read; restore it from where you keep its copy") from error
    if {len(key) for key in (wrap, index, session, *(key for _, key in ring.older))} != {KEY_BYTES}:
        raise RuntimeError(f"the key file {path} holds keys of the wrong length")
    return ring


def reload_keys() -> KeyRing:
    """Read the file again: another process may have put a new wrapping key there."""
    ring = keyring()
    if ring.directory is not None:
        use_keys(load_keys(ring.directory))
    return keyring()


def write_ring(ring: KeyRing) -> None:
    """Replace the key file as a whole, and use it. Raises RuntimeError for a ring that came from no file."""
    if ring.directory is None:
        raise RuntimeError("these keys were not read from a folder")
    path = ring.directory / FILE
    part = path.with_suffix(".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        json.dump({"wrap": ring.wrap.hex(), "index": ring.index.hex(), "session": ring.session.hex(),
                   "older": [[day, key.hex()] for day, key in ring.older]}, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    use_keys(ring)


def keyed_hash(kind: str, text: str) -> bytes:
    """HMAC-SHA-256 over the kind and the text: equal values of one kind are found, nothing can be guessed offline."""
    return hmac.new(keyring().index, f"{kind}\0{text}".encode(), hashlib.sha256).digest()
