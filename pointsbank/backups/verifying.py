"""Holding a backup against its note and against the laws, in a scratch place: the bank's own data is not touched."""

from __future__ import annotations

from pathlib import Path

from pointsbank.backups.disk import sha256_of
from pointsbank.backups.errors import CannotBackUp, Damaged
from pointsbank.backups.making import unwatched
from pointsbank.backups.manifest import Manifest, read_manifest
from pointsbank.backups.proving import Facts, facts_of, is_of_this_program
from pointsbank.backups.sqlite_store import Progress
from pointsbank.backups.stores import Store, store_for
from pointsbank.migrate import newest
from pointsbank.settings import Settings


def verify_backup(settings: Settings, file: Path, progress: Progress = unwatched) -> tuple[Manifest, list[str]]:
    """Hash, figures and `ledger check` of a backup: (its note, what is wrong). Raises CannotBackUp."""
    manifest, store = usable(settings, file)
    if wrong := differs_from_note(file, manifest):
        return manifest, wrong
    try:
        with store.scratch(file, manifest.revision, progress) as engine, engine.connect() as connection:
            return manifest, differences(facts_of(connection), manifest)
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
