"""The operator's commands of the seal: `ledger seal`, `ledger checkpoint`, `ledger verify`.

    flask --app wsgi ledger verify --checkpoint kept.txt

Exit status: 0 good, 1 found something wrong, 2 could not run.
"""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app

from ledger.checkpoints import newest
from ledger.sealing import standing, waiting
from ledger.sealing_export import log_lines
from ledger.verifier import Checkpoint, Unusable, Wrong, open_note, read_key
from ledger.verifying import Verdict, transactions_to_read, verify
from pointsbank import clock, sealing
from pointsbank.audit.verifying import trail_key
from pointsbank.audit.verifying import verify as verify_trail
from pointsbank.console import show
from pointsbank.database import db
from pointsbank.errors import DomainError
from pointsbank.ledger_cli import bar, book_option, chosen, group, json_option


def keys_dir() -> Path:
    folder: Path = current_app.extensions["settings"].keys_dir
    return folder


def one_book(only: int | None) -> int:
    """The one book meant; status 2 when there are several to choose from."""
    listed = chosen(only)
    if len(listed) != 1:
        click.echo(f"choose one book with --book: {', '.join(map(str, listed)) or 'there is none yet'}", err=True)
        sys.exit(2)
    return listed[0]


@click.command("seal")
@book_option
@click.option("--export", "target", type=click.Path(dir_okay=False, writable=True), default=None,
              help="Also sign, and write one book's whole log with its rows to this file, for verifier.py.")
@json_option
def seal(only: int | None, target: str | None, as_json: bool) -> None:
    """Make what waits part of the sealed log. The server does so every second; this does it now.

    Example: flask --app wsgi ledger seal --book 230199 --export log.jsonl
    """
    books = [one_book(only)] if target else chosen(only)
    done: dict[int, dict[str, Any]] = {}
    for book_id in books:
        done[book_id] = sealed_now(book_id, sealing.LEDGER, as_json) | {
            "trail": sealed_now(book_id, sealing.TRAIL, as_json)}
    refusal = write_export(target, books[0], as_json) if target else None
    if target:
        done[books[0]]["file"] = target
    said = "{}: {sealed} sealed, {size} in the log, root {root}"
    show(done, as_json, "\n".join(line for book_id, one in done.items() for line in (
        said.format(book_id, **one), said.format(f"{book_id} trail", **one["trail"])))
        or "no book yet: load the demo or add a county")
    if refusal is not None:
        click.echo(f"{refusal.sentence('zh')} / {refusal.sentence('en')}", err=True)
        sys.exit(1)


def sealed_now(book_id: int, log: sealing.Log, as_json: bool) -> dict[str, Any]:
    with db.engine.connect() as connection:
        queue = waiting(connection, book_id, log.tables)
    with bar(f"{book_id}{log.suffix}", queue, as_json) as moved:
        count = sealing.seal_waiting(db.engine, book_id, log=log, progress=moved)
    with db.engine.connect() as connection:
        state = standing(connection, book_id, log.tables)
    return {"sealed": count, "size": state.size, "root": state.root.hex()}


def write_export(target: str, book_id: int, as_json: bool) -> DomainError | None:
    """Sign and write the log. A log that is not signed any more is written all the same: it is the evidence."""
    refusal = None
    try:
        sealing.sign_now(db.engine, keys_dir(), book_id, at=clock.now())
    except DomainError as error:
        refusal = error
    with (open(target, "w", encoding="utf-8", newline="\n") as file, sealing.one_moment(db.engine) as connection,
          bar(target, transactions_to_read(connection, book_id), as_json) as moved):
        for line in log_lines(connection, book_id):
            file.write(line)
            moved(1)
    return refusal


@click.command("checkpoint")
@book_option
@click.option("--output", type=click.Path(dir_okay=False, writable=True), default=None,
              help="The file to write the signed checkpoint to (default: standard output).")
@click.option("--key", "show_key", is_flag=True, help="Print the public key line instead: auditors keep it.")
@click.option("--trail", "of_trail", is_flag=True,
              help="Of the audit trail's log, whose checkpoint names the ledger's state it was signed beside.")
@click.option("--acknowledge-loss", is_flag=True,
              help="After a restored old copy: accept that what was signed later is lost, and sign on from here.")
@click.option("--reason", default=None, help="Why (with --acknowledge-loss); it is kept with the signer.")
@json_option
def checkpoint(only: int | None, output: str | None, show_key: bool, of_trail: bool, acknowledge_loss: bool,
               reason: str | None, as_json: bool) -> None:
    """Seal what waits, sign it, and give out the checkpoint. Keep some elsewhere: they prove what the book once was.

    Example: flask --app wsgi ledger checkpoint --book 230199 --output checkpoint.txt
    """
    book_id, log = one_book(only), sealing.TRAIL if of_trail else sealing.LEDGER
    key = sealing.key_line(keys_dir(), book_id, log)
    if show_key:
        show({"book": book_id, "key": key}, as_json, key)
        return
    loss = None
    if acknowledge_loss:
        if not reason:
            click.echo("say why with --reason: it stays with the signer's memory", err=True)
            sys.exit(2)
        sealing.seal_waiting(db.engine, book_id, log=log)
        loss = sealing.acknowledge_loss(db.engine, keys_dir(), book_id, reason=reason, by=getpass.getuser(),
                                        at=clock.now(), log=log)
        click.echo(f"{book_id}: leaves {loss['first']} to {loss['size'] - 1} are acknowledged as lost" if loss
                   else f"{book_id}: nothing was lost", err=True)
    note = sealing.sign_now(db.engine, keys_dir(), book_id, at=clock.now(), log=log)
    if output:
        Path(output).write_text(note, encoding="utf-8", newline="\n")
    show({"book": book_id, "checkpoint": note, "key": key, "file": output, "lost": loss}, as_json,
         f"{output}: checkpoint of size {note.splitlines()[1]}\nkey: {key}" if output else note)


@click.command("verify")
@book_option
@click.option("--checkpoint", "kept", type=click.Path(dir_okay=False, exists=True), multiple=True,
              help="A checkpoint kept elsewhere, of the ledger or the trail; its log must continue it. "
                   "May be given several times.")
@click.option("--key", "key_text", default=None,
              help="The public key line to trust, or a file with it (default: this installation's own key).")
@json_option
def verify_command(only: int | None, kept: tuple[str, ...], key_text: str | None, as_json: bool) -> None:
    """Hash every sealed transaction and every event of the trail again; hold them against logs, checkpoints, memory.

    Names the bad leaves, transactions, accounts and events; status 1. Reads everything, changes nothing.

    Example: flask --app wsgi ledger verify --book 230199 --checkpoint kept.txt
    """
    books = [one_book(only)] if kept or key_text else chosen(only)
    found: dict[int, dict[str, Verdict]] = {}
    for book_id in books:
        try:
            found[book_id] = verified(book_id, kept, key_text, as_json)
        except (Unusable, Wrong, OSError) as error:
            click.echo(f"could not verify: {error}", err=True)
            sys.exit(2)
    lines = [line for book_id, both in found.items() for log, verdict in both.items()
             for line in in_words(f"{book_id}:{log}", verdict)]
    show({book_id: as_json_of(both[""]) | {"trail": as_json_of(both[" trail:"])} for book_id, both in found.items()},
         as_json, "\n".join(lines) or "no book yet: load the demo or add a county")
    if any(verdict.faults for both in found.values() for verdict in both.values()):
        sys.exit(1)


def in_words(log: str, verdict: Verdict) -> list[str]:
    return [f"{log} {verdict.size} sealed, {verdict.waiting} waiting, {verdict.checkpoints} checkpoints, "
            f"{len(verdict.faults)} faults",
            *(f"{log} {one.law}: {one.message}" + "".join(f" ({what} {value})" for what, value in (
                ("transaction", one.transaction), ("account", one.account)) if value is not None)
              for one in verdict.faults)]


def as_json_of(verdict: Verdict) -> dict[str, Any]:
    return verdict._asdict() | {"faults": [one._asdict() for one in verdict.faults]}


def verified(book_id: int, kept: tuple[str, ...], key_text: str | None, as_json: bool) -> dict[str, Verdict]:
    """The verdicts on both logs of a book, as of one moment."""
    with sealing.one_moment(db.engine) as connection:
        key = read_key(text_of(key_text) if key_text else sealing.key_line(keys_dir(), book_id))
        of_trail = trail_key(key, book_id)
        notes, trail_notes = list[Checkpoint](), list[Checkpoint]()
        for text in (Path(name).read_text(encoding="utf-8") for name in kept):
            (trail_notes if text.startswith(f"{of_trail.name}\n") else notes).append(
                open_note(text, of_trail if text.startswith(f"{of_trail.name}\n") else key))
        memory = sealing.recall(keys_dir(), book_id).state
        if memory is None and newest(connection, book_id) is not None:
            click.echo(f"{book_id}: the signer has no memory of this book; a cut-off end cannot be seen", err=True)
        total = transactions_to_read(connection, book_id)
        with bar(book_id, total, as_json) as moved:
            ledger = verify(connection, book_id, key, kept=notes, remembered=memory, progress=moved)
        return {"": ledger, " trail:": verify_trail(
            connection, book_id, key, kept=trail_notes,
            remembered=sealing.recall(keys_dir(), book_id, sealing.TRAIL).state)}


def text_of(key_text: str) -> str:
    """A key line as given, or the one in the file of that name."""
    if "+" in key_text:
        return key_text
    return next((line for line in Path(key_text).read_text(encoding="utf-8").splitlines() if "+" in line), "")


def register(_app: Flask) -> None:
    """Hang the commands on the group `ledger`, which `pointsbank.ledger_cli` puts on the command line."""
    for command in (seal, checkpoint, verify_command):
        group.add_command(command)
