"""Holding a backup against its note and against the laws, in a scratch place: the bank's own data is not touched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine

from ledger.sealing import standing
from ledger.verifier import open_note, read_key
from ledger.verifying import verify
from pointsbank.audit.verifying import verify as verify_trail
from pointsbank.backups.disk import sha256_of
from pointsbank.backups.errors import CannotBackUp, Damaged
from pointsbank.backups.making import unwatched
from pointsbank.backups.manifest import Manifest, read_manifest
from pointsbank.backups.proving import Facts, facts_of, is_of_this_program
from pointsbank.backups.sqlite_store import Progress
from pointsbank.backups.stores import Store, store_for
from pointsbank.migrate import newest
from pointsbank.sealing import KEY_FILE, TRAIL, key_line, one_moment, recall
from pointsbank.settings import Settings

CHECKED = "balance"  # what `ledger check` says already


def verify_backup(settings: Settings, file: Path, progress: Progress = unwatched,
                  kept: Sequence[str] = ()) -> tuple[Manifest, list[str]]:
    """Hash, figures, `ledger check` and seals of a backup: (its note, what is wrong). Raises CannotBackUp.

    `kept`: signed checkpoints from elsewhere; those that the backup has come to must be continued by its log.
    """
    manifest, store = usable(settings, file)
    if wrong := differs_from_note(file, manifest):
        return manifest, wrong
    try:
        with store.scratch(file, manifest.revision, progress) as engine, engine.connect() as connection:
            facts = facts_of(connection)
            return manifest, [*differences(facts, manifest), *seal_faults(engine, settings, facts, kept)]
    except Damaged as error:
        return manifest, [error.sentence("en")]


def usable(settings: Settings, file: Path) -> tuple[Manifest, Store]:
    """The note and the store of a backup that this installation can open. Raises CannotBackUp."""
    if not file.is_file():
        raise CannotBackUp(f"没有文件 {file}", f"there is no file {file}")
    manifest, store = read_manifest(file), store_for(settings)
    if manifest.database != store.kind:
        raise CannotBackUp(f"这是 {manifest.database} 的备份,这里用的是 {store.kind}",
                           f"this is a backup of {manifest.database}; {store.kind} is in use here")
    if not is_of_this_program(manifest.revision):
        raise CannotBackUp(f"这份备份是更新的程序做的(版本 {manifest.revision})",
                           f"this backup was made by a newer program (revision {manifest.revision})")
    return manifest, store


def differs_from_note(file: Path, manifest: Manifest) -> list[str]:
    """Whether the file's bytes are those that were written."""
    if (size := file.stat().st_size) != manifest.size:
        return [f"the file has {size} bytes, its manifest says {manifest.size}"]
    if (found := sha256_of(file)) != manifest.sha256:
        return [f"the file's sha256 is {found}, its manifest says {manifest.sha256}"]
    return []


def differences(facts: Facts, manifest: Manifest) -> list[str]:
    """What the restored copy says otherwise than its note, and every law it breaks."""
    wrong = []
    if facts.marks != manifest.books:
        wrong.append("the books are not those of the manifest")
    if manifest.revision == newest():  # a lifted copy may have more tables and rows than its note
        wrong += [f"table {name}: {facts.tables.get(name)} rows, the manifest says {manifest.tables.get(name)}"
                  for name in sorted(facts.tables.keys() | manifest.tables.keys())
                  if facts.tables.get(name) != manifest.tables.get(name)]
    wrong += [f"{one['book']}: {one['law']}: {one['account'] or '-'} {one['transaction'] or '-'}: {one['message']}"
              for one in facts.findings or []]
    return wrong


def seal_faults(engine: Engine, settings: Settings, facts: Facts, kept: Sequence[str] = ()) -> list[str]:
    """`ledger verify` of each book of the copy: rows against leaves, the log against every checkpoint it carries,
    against the signer's memory where the copy has come so far, and against checkpoints kept elsewhere.
    """
    wrong: list[str] = []
    if facts.findings is None or not (settings.keys_dir / KEY_FILE).exists():  # or never signed
        return wrong
    for mark in facts.marks:
        key = read_key(key_line(settings.keys_dir, mark.book))
        with one_moment(engine) as connection:
            size, memory = standing(connection, mark.book).size, recall(settings.keys_dir, mark.book).state
            notes = [open_note(note, key) for note in kept if note.startswith(f"{key.name}\n")]
            verdict = verify(connection, mark.book, key, kept=[one for one in notes if one.size <= size],
                             remembered=memory if memory and memory.size <= size else None)
            size, memory = standing(connection, mark.book, TRAIL.tables).size, recall(
                settings.keys_dir, mark.book, TRAIL).state
            trail = verify_trail(connection, mark.book, key,
                                 remembered=memory if memory and memory.size <= size else None)
        wrong += [f"{mark.book}: seal: {one.law}: {one.message}" for one in verdict.faults if one.law != CHECKED]
        wrong += [f"{mark.book}: trail: {one.law}: {one.message}" for one in trail.faults]
    return wrong
