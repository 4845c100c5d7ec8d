"""`flask --app wsgi reports …`: papers and figures for the operator and for scripts.

Exit status: 0 good, 1 found something wrong (a book out of balance), 2 could not run.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app

from pointsbank import clock
from pointsbank.access import system_actor
from pointsbank.amounts import format_points, format_signed
from pointsbank.console import Refusing, show
from pointsbank.database import db
from pointsbank.errors import BadInput
from pointsbank.jobs import books
from pointsbank.places import book_of
from reports.api import statement_json
from reports.statements.pages import for_paper
from reports.statements.records import StatementData
from reports.statements.schemas import StatementSchema
from reports.statements.service import AskStatement, ask_statement, print_statement
from reports.statements.sheet import statement_csv, statement_xlsx
from reports.trial_balance.names import commodity_name, kind_name
from reports.trial_balance.records import TrialBalance, amount_text
from reports.trial_balance.schemas import TrialBalanceSchema
from reports.trial_balance.service import AskTrialBalance, ask_trial_balance, print_trial_balance
from reports.trial_balance.sheet import trial_balance_csv, trial_balance_xlsx

DAY = click.DateTime(["%Y-%m-%d"])
MOMENT = click.DateTime(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"])
LANG = click.Choice(["zh", "en"])


@click.group("reports", cls=Refusing)
def reports() -> None:
    """Statements and the trial balance.

    Example: flask --app wsgi reports statement H011 --output H011.pdf
    """


@reports.command("statement")
@click.argument("household")
@click.option("--place", help="Division code of the village (needed when several use the household code).")
@click.option("--book", type=int, help="The book, when there are several.")
@click.option("--from", "start", type=DAY, help="First day (default: 1 January).")
@click.option("--to", "end", type=DAY, help="Last day (default: today).")
@click.option("--known-at", type=MOMENT, help="As known at this moment, Asia/Shanghai (default: now).")
@click.option("--lang", type=LANG, default="zh", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A .pdf, .xlsx or .csv file to write.")
@click.option("--base-url", help="Address printed in the check code (default: PUBLIC_URL, else this server's).")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def statement(household: str, place: str | None, book: int | None, start: datetime | None, end: datetime | None,
              known_at: datetime | None, lang: str, output: Path | None, base_url: str | None, as_json: bool) -> None:
    """A household's statement: printed here, or written to a file.

    Example: flask --app wsgi reports statement H011 --from 2026-03-01 --to 2026-03-31 --output H011.pdf
    """
    s = db.session()
    by = system_actor(book_of(place) if place else the_book(book), "cli")
    ask = AskStatement(start.date() if start else None, end.date() if end else None, instant(known_at), place, lang)
    kind = known_kind(output) if output else ""
    data = ask_statement(s, household, for_paper(ask, kind, by), by=by, at=clock.now())
    if output:
        write(output, print_statement(s, data, by=by, base_url=base_url or own_url()) if kind == "pdf"
              else statement_xlsx(data) if kind == "xlsx" else statement_csv(data))
    figures = StatementSchema().dump(statement_json(data))
    show({**figures, "output": str(output) if output else None}, as_json, statement_text(data, output))


@reports.command("trial-balance")
@click.option("--book", type=int, help="The book, when there are several.")
@click.option("--on", "as_of", type=DAY, help="At the end of this day (default: today).")
@click.option("--known-at", type=MOMENT, help="As known at this moment, Asia/Shanghai (default: now).")
@click.option("--lang", type=LANG, default="zh", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A .pdf, .xlsx or .csv file to write.")
@click.option("--base-url", help="Address printed in the check code (default: PUBLIC_URL, else this server's).")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def trial_balance(book: int | None, as_of: datetime | None, known_at: datetime | None, lang: str, output: Path | None,
                  base_url: str | None, as_json: bool) -> None:
    """The book's trial balance. Exit status 1 when it does not balance.

    Example: flask --app wsgi reports trial-balance --output balance.pdf
    """
    s, by = db.session(), system_actor(the_book(book), "cli")
    data = ask_trial_balance(s, AskTrialBalance(as_of.date() if as_of else None, instant(known_at), lang), by=by,
                             at=clock.now())
    if output:
        kind = known_kind(output)
        write(output, print_trial_balance(s, data, by=by, base_url=base_url or own_url()) if kind == "pdf"
              else trial_balance_xlsx(data) if kind == "xlsx" else trial_balance_csv(data))
    figures = TrialBalanceSchema().dump(data)
    show({**figures, "output": str(output) if output else None}, as_json, trial_balance_text(data, output))
    if not data.balances:
        sys.exit(1)


def the_book(book: int | None) -> int:
    """The book asked for, or the only one. Raises BadInput."""
    found = books(db.session())
    if book is None and len(found) == 1:
        return found[0]
    if book not in found:
        known = ", ".join(map(str, found)) or "-"
        raise BadInput("book", f"请用 --book 指定账簿:{known}。", f"Name the book with --book: {known}.")
    return book


def instant(typed: datetime | None) -> datetime | None:
    return typed.replace(tzinfo=clock.SHANGHAI).astimezone(UTC) if typed else None


def known_kind(output: Path) -> str:
    kind = output.suffix.lower().removeprefix(".")
    if kind not in ("pdf", "xlsx", "csv"):
        raise BadInput("output", "文件名请以 .pdf、.xlsx 或 .csv 结尾。",
                       "The file's name must end in .pdf, .xlsx or .csv.")
    return kind


def write(output: Path, body: bytes) -> None:
    try:
        output.write_bytes(body)
    except OSError as problem:
        raise BadInput("output", f"文件写不进去:{output}:{problem.strerror}",
                       f"cannot write {output}: {problem.strerror}") from problem


def own_url() -> str:
    """Where this installation's pages are reached, as far as its settings tell."""
    settings = current_app.extensions["settings"]
    own = f"{'https' if settings.tls_cert else 'http'}://{settings.host}:{settings.port}"
    return settings.public_url or own


def statement_text(data: StatementData, output: Path | None) -> str:
    lines = [f"{data.household_code}  {data.place_name}  {data.start} - {data.end}",
             f"{'':>7}  {'':10}  {format_points(data.opening):>12}  "]
    lines += [f"{line.numbers:>7}  {line.effective_on}  {format_points(line.balance):>12}  "
              f"{format_signed(line.points):>10}  {line.reason}" for line in data.lines]
    lines.append(f"{'':>7}  {data.end}  {format_points(data.closing):>12}  ({format_points(data.available)})")
    return "\n".join([*lines, *([f"-> {output}"] if output else [])])


def trial_balance_text(data: TrialBalance, output: Path | None) -> str:
    lines = [f"{data.book_id}  {data.as_of}  {'OK' if data.balances else 'OUT OF BALANCE'}"]
    for row in data.rows:
        amounts = "  ".join(f"{amount_text(row.commodity, value):>16}"
                            for value in (row.debits, row.credits, row.balance))
        name = f"{commodity_name(row.commodity, data.lang)} · {kind_name(row.kind, data.lang)}"
        lines.append(f"{amounts}  {row.accounts:>8}  {name}")
    return "\n".join([*lines, *([f"-> {output}"] if output else [])])
