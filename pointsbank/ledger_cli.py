"""The operator's commands of the ledger: check, rebuild, expire, export.

    flask --app wsgi ledger check

Exit status: 0 good, 1 found something wrong, 2 could not run.
"""

from __future__ import annotations

import sys

import click
from flask import Flask

import ledger
from ledger.exporting import FORMATS
from pointsbank import clock
from pointsbank.console import Refusing, show
from pointsbank.database import db, write_connection
from pointsbank.places import books

book_option = click.option("--book", "only", type=int, default=None, help="One book only (default: all).")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


def chosen(only: int | None) -> list[int]:
    """The books to work on; a book that does not exist ends the command with status 2."""
    known = books(db.session())
    db.session.rollback()
    if only is not None and only not in known:
        click.echo(f"no such book: {only} (there are: {', '.join(map(str, known)) or 'none'})", err=True)
        sys.exit(2)
    return known if only is None else [only]


@click.group("ledger", cls=Refusing)
def group() -> None:
    """The ledger: prove it, rebuild what is derived, post what lapsed, take it out.

    Example: flask --app wsgi ledger check
    """


@group.command("check")
@book_option
@json_option
def check(only: int | None, as_json: bool) -> None:
    """Prove every law of the ledger on every transfer; silent figures when all hold, else each finding and status 1.

    Example: flask --app wsgi ledger check --json
    """
    found: dict[int, list[ledger.Finding]] = {}
    with db.engine.connect() as connection:
        for book_id in chosen(only):
            found[book_id] = ledger.check(connection, book_id)
    lines = [f"{book_id}: {len(findings)} findings" for book_id, findings in found.items()]
    lines += [f"{book_id}: {one.law}: {one.account or '-'} {one.transaction or '-'}: {one.message}"
              for book_id, findings in found.items() for one in findings]
    show({book_id: [one._asdict() for one in findings] for book_id, findings in found.items()}, as_json,
         "\n".join(lines) or "no book yet: load the demo or add a county")
    if any(found.values()):
        sys.exit(1)


@group.command("rebuild")
@book_option
@json_option
def rebuild(only: int | None, as_json: bool) -> None:
    """Drop balances and due days and refill them from the transfers. Posting waits meanwhile.

    Example: flask --app wsgi ledger rebuild --book 230199
    """
    done: dict[int, int] = {}
    for book_id in chosen(only):
        with write_connection(db.engine) as connection:
            done[book_id] = ledger.rebuild(connection, book_id)
    show(done, as_json, "\n".join(f"{book_id}: {count} balances rebuilt" for book_id, count in done.items()))


@group.command("expire")
@book_option
@json_option
def expire(only: int | None, as_json: bool) -> None:
    """Post what lapsed before today (Asia/Shanghai). Running it again, or never, changes no answer.

    Example: flask --app wsgi ledger expire
    """
    done: dict[int, int] = {}
    for book_id in chosen(only):
        done[book_id] = 0
        while True:
            with write_connection(db.engine) as connection:
                some = ledger.expire(connection, book_id, today=clock.today(), recorded_at=clock.now())
            done[book_id] += some
            if not as_json and some and sys.stderr.isatty():
                click.echo(f"{book_id}: {done[book_id]} accounts so far", err=True)
            if not some:
                break
    show(done, as_json, "\n".join(f"{book_id}: {count} accounts had points that lapsed"
                                  for book_id, count in done.items()))


@group.command("export")
@book_option
@click.option("--format", "form", type=click.Choice(sorted(FORMATS)), default="csv", show_default=True,
              help="csv: a row per transfer; jsonl: a transaction per line; hledger: a journal.")
@click.option("--output", type=click.Path(dir_okay=False, writable=True), default=None,
              help="The file to write (default: standard output).")
@json_option
def export(only: int | None, form: str, output: str | None, as_json: bool) -> None:
    """Write one book's whole history in smallest units, in the order of posting. It holds ids, no names.

    Example: flask --app wsgi ledger export --book 230199 --format hledger --output book.journal
    """
    listed = chosen(only)
    if len(listed) != 1:
        click.echo(f"choose one book with --book: {', '.join(map(str, listed)) or 'there is none yet'}", err=True)
        sys.exit(2)
    count = 0
    with click.open_file(output or "-", "w", encoding="utf-8") as file, db.engine.connect() as connection:
        for line in FORMATS[form](connection, listed[0]):
            count += line.count("\n")
            file.write(line)
    if output is not None:
        show({"book": listed[0], "format": form, "file": output, "lines": count}, as_json,
             f"{listed[0]}: {count} lines in {output}")


def register(app: Flask) -> None:
    app.cli.add_command(group)
