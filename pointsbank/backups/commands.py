"""`backup`: make, verify, restore, acknowledge, list.

    flask --app wsgi backup make

Exit status: 0 good, 1 found something wrong, 2 could not run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from ledger.verifier import Wrong
from pointsbank import clock
from pointsbank.backups.errors import Damaged
from pointsbank.backups.making import folder_of, make_backup, unwatched
from pointsbank.backups.manifest import backups_in, said_of
from pointsbank.backups.noticing import acknowledge, in_words
from pointsbank.backups.restoring import restore_backup
from pointsbank.backups.sqlite_store import Progress
from pointsbank.backups.stores import store_for
from pointsbank.backups.verifying import verify_backup
from pointsbank.console import Refusing, show
from pointsbank.database import db
from pointsbank.settings import Settings

json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
folder_option = click.option("--output", type=click.Path(file_okay=False, path_type=Path), default=None,
                             help="The folder of the backups (default: DATA_DIR/backups).")
file_argument = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


def settings_in_force() -> Settings:
    """The app's settings; its own connections are closed, so that they hold nothing back."""
    db.session.remove()
    db.engine.dispose()
    settings: Settings = current_app.extensions["settings"]
    return settings


@contextmanager
def bar(label: str, as_json: bool) -> Iterator[Progress]:
    """A progress bar on standard error, for a person at a terminal only."""
    if as_json or not sys.stderr.isatty():
        yield unwatched
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as shown:
        def moved(done: int, total: int) -> None:
            shown.length = total
            shown.update(done - shown.pos)

        yield moved


class Careful(Refusing):
    """Also a database or disk that does not answer is one line and status 2, not a heap of program text."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (SQLAlchemyError, OSError) as error:
            click.echo(str(getattr(error, "orig", None) or error).strip(), err=True)
            sys.exit(2)


@click.group("backup", cls=Careful)
def group() -> None:
    """Backups: make one while the bank is open, prove it, put it back.

    Example: flask --app wsgi backup make
    """


@group.command("make")
@folder_option
@click.option("--keep-all", is_flag=True, help="Remove no older backup (else 7 days, 4 weeks, 12 months stay).")
@json_option
def make(output: Path | None, keep_all: bool, as_json: bool) -> None:
    """Copy the database, prove the copy, write its manifest beside it. Keys are never inside; keep KEYS_DIR apart.

    Example: flask --app wsgi backup make --output /media/stick
    """
    with bar("backup", as_json) as progress:
        made = make_backup(settings_in_force(), at=clock.now(), output=output, progress=progress, keep_all=keep_all)
    lines = [str(made.file), said_of(made.manifest), *(f"removed {name}" for name in made.removed),
             *(f"{one['book']}: {one['law']}: {one['message']}" for one in made.findings)]
    show({"path": str(made.file), **made.manifest.as_json(), "removed": made.removed, "found": made.findings},
         as_json, "\n".join(lines))
    if made.findings:
        sys.exit(1)


@group.command("list")
@folder_option
@json_option
def list_backups(output: Path | None, as_json: bool) -> None:
    """The backups of a folder, oldest first.

    Example: flask --app wsgi backup list
    """
    found = [one for _, one in backups_in(folder_of(settings_in_force(), output))]
    show([one.as_json() for one in found], as_json, "\n".join(map(said_of, found)) or "no backup yet")


@group.command("verify")
@file_argument
@click.option("--checkpoint", "kept", type=click.Path(dir_okay=False, exists=True, path_type=Path), multiple=True,
              help="A checkpoint kept elsewhere, which the backup's log must continue. May be given several times.")
@json_option
def verify(file: Path, kept: tuple[Path, ...], as_json: bool) -> None:
    """Hold a backup against its manifest and, in a scratch place, against every law of the ledger and every seal.

    Example: flask --app wsgi backup verify var/backups/pointsbank-20260305T164000Z.db
    """
    with bar("verify", as_json) as progress:
        try:
            manifest, wrong = verify_backup(settings_in_force(), file, progress,
                                            [one.read_text(encoding="utf-8") for one in kept])
        except Wrong as error:
            click.echo(f"a checkpoint that was given is none of ours: {error}", err=True)
            sys.exit(2)
    show({"file": str(file), "good": not wrong, "wrong": wrong, "manifest": manifest.as_json()}, as_json,
         "\n".join([said_of(manifest), *(wrong or ["good: the file, its figures, every law and every seal"])]))
    if wrong:
        sys.exit(1)


@group.command("restore")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--yes", is_flag=True, help="Replace the database (the replaced one is kept aside).")
@click.option("--acknowledge", "accept", is_flag=True,
              help="Accept that what is newer than the backup is lost. Alone, without FILE: the same as `acknowledge`.")
@click.option("--despite-findings", is_flag=True, help="Restore although a law of the ledger is broken in it.")
@json_option
def restore(file: Path | None, yes: bool, accept: bool, despite_findings: bool, as_json: bool) -> None:
    """Put a backup in the place of the database, while no server runs. Names what is lost by it.

    Example: flask --app wsgi backup restore var/backups/pointsbank-20260305T164000Z.db --yes
    """
    settings = settings_in_force()
    if file is None:
        if not accept:
            raise click.UsageError("name the backup to restore")
        _acknowledge(settings, as_json)
        return
    if not yes:
        click.echo("this replaces the database: say --yes", err=True)
        sys.exit(2)
    try:
        with bar("restore", as_json) as progress:
            done = restore_backup(settings, file, at=clock.now(), progress=progress,
                                  despite_findings=despite_findings)
    except Damaged as error:
        click.echo(f"{error.sentence('zh')} / {error.sentence('en')}", err=True)
        sys.exit(1)
    lost = in_words(done.lost) if done.lost else None
    lines = [f"restored {said_of(done.manifest)}", f"the replaced database: {done.aside or 'there was none'}"]
    if lost:
        lines += [f"{lost['zh']} / {lost['en']}",
                  "acknowledged" if accept else "not served until: flask --app wsgi backup acknowledge"]
    if lost and accept:
        _accept(settings)
    show({"restored": done.manifest.as_json(), "aside": done.aside, "lost": done.lost,
          "acknowledged": bool(lost and accept)}, as_json, "\n".join(lines))


@group.command("acknowledge")
@json_option
def acknowledge_command(as_json: bool) -> None:
    """Say that an older copy of the database is known to be one; the server starts again after this.

    Example: flask --app wsgi backup acknowledge
    """
    _acknowledge(settings_in_force(), as_json)


def _acknowledge(settings: Settings, as_json: bool) -> None:
    lost = _accept(settings)
    words = in_words(lost) if lost is not None else None
    show({"acknowledged": lost or []}, as_json,
         f"acknowledged: {words['zh']} / {words['en']}" if words else "there is nothing to acknowledge")


def _accept(settings: Settings) -> list[dict[str, object]] | None:
    engine = store_for(settings).engine()
    try:
        return acknowledge(engine, settings, at=clock.now())
    finally:
        engine.dispose()
