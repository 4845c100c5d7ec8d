"""The operator's commands of the ledger: check, rebuild, expire, export. More hang on the group: `seal_cli` (seal,
checkpoint, verify), `period_cli` (close), `asking_cli` (balance, turnovers, holds, assert, prove).

    flask --app wsgi ledger check

Exit status: 0 good, 1 found something wrong, 2 could not run.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from flask import Flask

import ledger
from ledger.checking import LAWS
from ledger.exporting import ROWS
from ledger.journals import JOURNALS, Decimals
from ledger.rebuilding import REBUILT
from ledger.verifying import transactions_to_read
from pointsbank import clock, sealing
from pointsbank.amounts import POINT, SCORE
from pointsbank.console import Refusing, show
from pointsbank.database import db, write_connection
from pointsbank.places import books

book_option = click.option("--book", "only", type=int, default=None, help="One book only (default: all).")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


CAP_AT_ONCE = 500
DECIMALS: Decimals = {POINT: 2, SCORE: 2}


@contextmanager
def bar(label: object, length: int, as_json: bool) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error, for a person at a terminal only; gives what moves it on by so much."""
    with click.progressbar(length=max(length, 1), label=str(label), file=sys.stderr,
                           hidden=as_json or not sys.stderr.isatty()) as shown:
        yield shown.update


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

    By itself the server seals every second, signs every minute, ends holds and posts what lapsed every night. By hand:

    \b
    every week      check, verify --checkpoint kept.txt    no law broken, no history changed
    every month     close 2026-03 --by admin               nothing gets into the month any more
                    checkpoint --output kept.txt           to be kept where no one here can reach it
    an auditor asks seal --export, prove, export           a log, an account, a journal: each proves itself
    a figure is odd balance, turnovers, holds, assert      what was known when, and what somebody says it was
    a finding       rebuild                                where it names a balance; else keep a copy, tell the auditor

    Every command ends with 0 when all is good, 1 when it found something wrong, 2 when it could not run.

    Example: flask --app wsgi ledger check
    """


@group.command("check")
@book_option
@json_option
def check(only: int | None, as_json: bool) -> None:
    """Prove every law of the ledger on every transfer; silent figures when all hold, else each finding and status 1.

    A finding about a balance, a due day or a turnover: these are computed, `ledger rebuild` makes them anew. A finding
    about a transfer itself: somebody has worked on the database behind the program. Keep a copy, tell the auditor.

    Example: flask --app wsgi ledger check --json
    """
    found: dict[int, list[ledger.Finding]] = {}
    with db.engine.connect() as connection:
        for book_id in chosen(only):
            with bar(book_id, len(LAWS), as_json) as moved:
                found[book_id] = ledger.check(connection, book_id, moved)
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
    """Drop balances, due days and turnovers and refill them from the transfers. Posting waits meanwhile.

    Nothing that was posted is touched. Run `ledger check` afterwards: it must be silent.

    Example: flask --app wsgi ledger rebuild --book 230199
    """
    done: dict[int, int] = {}
    for book_id in chosen(only):
        with write_connection(db.engine) as connection, bar(book_id, len(REBUILT), as_json) as moved:
            done[book_id] = ledger.rebuild(connection, book_id, moved)
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
        done[book_id], today, at = 0, clock.today(), clock.now()
        with db.engine.connect() as connection:
            waiting = len(ledger.overdue(connection, book_id, today))
        with bar(book_id, waiting, as_json) as moved:
            while True:
                with write_connection(db.engine) as connection:
                    some = ledger.expire(connection, book_id, today=today, recorded_at=at)
                done[book_id] += some
                moved(some)
                if not some:
                    break
    show(done, as_json, "\n".join(f"{book_id}: {count} accounts had points that lapsed"
                                  for book_id, count in done.items()))


@group.command("cap")
@click.option("--on", "cut_off", type=click.DateTime(formats=["%Y-%m-%d"]), required=True,
              help="The cut-off day: what is there at its end is capped.")
@click.option("--most", type=click.IntRange(min=0), default=None, help="The most to carry on, in smallest units.")
@click.option("--percent", type=click.IntRange(0, 100), default=None, help="Carry on no more than this share.")
@click.option("--prefix", default="wallet:", show_default=True, help="Accounts whose code begins like this.")
@book_option
@json_option
def cap(cut_off: datetime, most: int | None, percent: int | None, prefix: str, only: int | None, as_json: bool) -> None:
    """Of what each wallet holds at the end of a day, carry on only so much; the rest lapses, oldest first.

    For schedules that cap what goes into the new year. What lapses that day by its own due day is not counted twice,
    what is held is left alone. A wallet is capped once for a day: running it again changes nothing.

    Example: flask --app wsgi ledger cap --on 2026-12-31 --most 10000 --percent 50
    """
    if most is None and percent is None:
        raise click.UsageError("give --most, --percent or both")
    done: dict[int, dict[str, int]] = {}
    for book_id in chosen(only):
        with db.engine.connect() as connection:
            wallets = ledger.lapsing_accounts(connection, book_id, POINT, prefix)
        done[book_id] = {}
        with bar(book_id, len(wallets), as_json) as moved:
            for start in range(0, len(wallets), CAP_AT_ONCE):
                some = wallets[start:start + CAP_AT_ONCE]
                with write_connection(db.engine) as connection:
                    taken = ledger.cap_carried(connection, book_id, some, cut_off=cut_off.date(), most=most,
                                               percent=percent, recorded_at=clock.now())
                done[book_id] |= {one.code: amount for one, amount in taken.items()}
                moved(len(some))
    show(done, as_json, "\n".join(f"{book_id}: {len(taken)} wallets had {sum(taken.values())} too much"
                                  for book_id, taken in done.items()))


@group.command("export")
@book_option
@click.option("--format", "form", type=click.Choice(sorted({**ROWS, **JOURNALS})), default="csv", show_default=True,
              help="csv: a row per transfer; jsonl: a transaction per line; hledger, beancount: a journal.")
@click.option("--output", type=click.Path(dir_okay=False, writable=True), default=None,
              help="The file to write (default: standard output).")
@json_option
def export(only: int | None, form: str, output: str | None, as_json: bool) -> None:
    """Write one book's whole history, as of one moment, in the order of posting. It holds ids, no names.

    csv and jsonl keep amounts in smallest units (1234 is 12.34 points). A journal writes points with their decimals
    and asserts balances at each month's end, so that another program recomputes the book:
    `hledger -f book.journal check --strict`, `bean-check book.beancount`.

    Example: flask --app wsgi ledger export --book 230199 --format hledger --output book.journal
    """
    listed = chosen(only)
    if len(listed) != 1:
        click.echo(f"choose one book with --book: {', '.join(map(str, listed)) or 'there is none yet'}", err=True)
        sys.exit(2)
    count = 0
    with click.open_file(output or "-", "w", encoding="utf-8") as file, sealing.one_moment(db.engine) as connection:
        lines = (ROWS[form](connection, listed[0]) if form in ROWS
                 else JOURNALS[form](connection, listed[0], DECIMALS))
        total = transactions_to_read(connection, listed[0])
        with bar(listed[0], total, as_json or output is None) as moved:
            for line in lines:
                count += line.count("\n")
                file.write(line)
                moved(1)
    if output is not None:
        show({"book": listed[0], "format": form, "file": output, "lines": count}, as_json,
             f"{listed[0]}: {count} lines in {output}")


def register(app: Flask) -> None:
    app.cli.add_command(group)
