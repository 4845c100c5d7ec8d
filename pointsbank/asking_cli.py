"""The operator's questions to the ledger: `balance`, `turnovers`, `holds`, `assert`, `prove`.

    flask --app wsgi ledger balance budget:230199101201 --on 2026-03-31

Exit status: 0 good, 1 found something wrong, 2 could not run.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import click
from flask import Flask
from sqlalchemy import select

import ledger
from ledger.records import Account
from ledger.sealing_export import statement
from ledger.tables import account
from ledger.turnover import GROUPS
from pointsbank import clock, sealing
from pointsbank.amounts import POINT
from pointsbank.console import show
from pointsbank.database import db, unit_of_work
from pointsbank.ledger_cli import book_option, group, json_option
from pointsbank.period_cli import staff
from pointsbank.seal_cli import keys_dir, one_book

DAY = click.DateTime(formats=["%Y-%m-%d"])
MOMENT = click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
commodity_option = click.option("--commodity", default=POINT, show_default=True, help="What the account holds.")


def day_of(given: datetime | None) -> date | None:
    return None if given is None else given.date()


def the_account(book_id: int, commodity: str, code: str) -> Account:
    """The account of that code; status 2 when nobody has opened it."""
    with db.engine.connect() as connection:
        row = connection.execute(select(account.c.is_member, account.c.floor).where(
            account.c.book_id == book_id, account.c.commodity == commodity, account.c.code == code)).one_or_none()
    if row is None:
        click.echo(f"no account {code} for {commodity} in book {book_id}", err=True)
        sys.exit(2)
    return Account(commodity, code, row.is_member, row.floor)


@click.command("balance")
@click.argument("code")
@commodity_option
@click.option("--on", type=DAY, default=None, help="At the end of this day (default: as it stands now).")
@click.option("--known-at", type=MOMENT, default=None, help="As sealed by this moment, Asia/Shanghai.")
@click.option("--position", type=click.IntRange(min=0), default=None, help="As the first so many leaves knew it.")
@book_option
@json_option
def balance(code: str, commodity: str, on: datetime | None, known_at: datetime | None, position: int | None,
            only: int | None, as_json: bool) -> None:
    """What an account holds, in smallest units: posted, held, available.

    A day is when things count, --known-at and --position say up to where the record counts; a position of the log
    answers the same for ever, whatever is recorded later.

    Example: flask --app wsgi ledger balance spent:S1 --on 2026-03-31 --position 1284
    """
    book_id = one_book(only)
    owner = the_account(book_id, commodity, code)
    moment = known_at.replace(tzinfo=clock.SHANGHAI) if known_at else None
    with db.engine.connect() as connection:
        found = ledger.balances(connection, book_id, [owner], on=day_of(on), known_at=moment, position=position)[owner]
    show({"book": book_id, "account": code, "commodity": commodity, **found._asdict()}, as_json,
         f"{code}: posted {found.posted}, held {found.held}, available {found.available}")


@click.command("turnovers")
@click.argument("prefix")
@commodity_option
@click.option("--from", "start", type=DAY, default=None, help="First day.")
@click.option("--to", "end", type=DAY, default=None, help="Last day.")
@click.option("--by", default="month,kind", show_default=True, help=f"Some of: {', '.join(GROUPS)}.")
@book_option
@json_option
def turnovers(prefix: str, commodity: str, start: datetime | None, end: datetime | None, by: str, only: int | None,
              as_json: bool) -> None:
    """What went into and out of the accounts whose code begins with PREFIX, in smallest units.

    Example: flask --app wsgi ledger turnovers wallet: --from 2026-01-01 --to 2026-12-31 --by month,rule
    """
    book_id, groups = one_book(only), [name.strip() for name in by.split(",") if name.strip()]
    if unknown := set(groups) - set(GROUPS):
        raise click.UsageError(f"--by takes {', '.join(GROUPS)}; not {', '.join(sorted(unknown))}")
    with db.engine.connect() as connection:
        rows = ledger.turnovers(connection, book_id, commodity, prefix, day_of(start), day_of(end), groups)
    found = [{**{name: getattr(row, name) for name in groups}, "credits": row.credits, "debits": row.debits,
              "transfers": row.count} for row in rows]
    show(found, as_json, "\n".join("  ".join(f"{name} {value}" for name, value in row.items() if value is not None)
                                   for row in found) or "nothing moved")


@click.command("holds")
@book_option
@json_option
def holds(only: int | None, as_json: bool) -> None:
    """What is set aside and not yet taken: holds that end by themselves, and leases, which end only by a deed.

    Example: flask --app wsgi ledger holds --json
    """
    book_id = one_book(only)
    with db.engine.connect() as connection:
        found = page = ledger.open_holds(connection, book_id, limit=1_000)
        while page:
            page = ledger.open_holds(connection, book_id, after=page[-1].id, limit=1_000)
            found = [*found, *page]
    show([{"id": str(one.id), "account": one.account.code, "left": one.left, "amount": one.amount, "kind": one.kind,
           "reserved_at": one.reserved_at, "expires_at": one.expires_at} for one in found], as_json,
         "\n".join(f"{one.id}: {one.left} of {one.account.code} ({one.kind}), "
                   + (f"until {one.expires_at:%Y-%m-%d %H:%M} UTC" if one.expires_at else "a lease")
                   for one in found) or "nothing is set aside")


@click.command("assert")
@click.argument("code", required=False)
@click.argument("on", type=DAY, required=False)
@click.argument("amount", type=int, required=False)
@commodity_option
@click.option("--by", default=None, help="Sign-in name of the one who says so (or takes it back).")
@click.option("--withdraw", type=click.UUID, default=None, help="Take back the assertion of this id.")
@book_option
@json_option
def assert_command(code: str | None, on: datetime | None, amount: int | None, commodity: str, by: str | None,
                   withdraw: UUID | None, only: int | None, as_json: bool) -> None:
    """Record what an account held at the end of a day, in smallest units: "the passbook shows 54.00 on 25 March".

    It need not be true: `ledger check` judges it at the end of that day and lists each entry that breaks it. Without
    arguments: what was asserted.

    Example: flask --app wsgi ledger assert wallet:0198c2aa-51b8-7d3e-9d3f-5a5a3c1f2b10 2026-03-25 5400 --by auditor
    """
    book_id, s = one_book(only), db.session()
    if withdraw is None and code is None:
        with db.engine.connect() as connection:
            said = ledger.assertions(connection, book_id)
    elif by is None or (withdraw is None and (on is None or amount is None)):
        raise click.UsageError("an assertion takes CODE ON AMOUNT and --by; --withdraw takes an id and --by")
    else:
        with unit_of_work(s):
            who, at = staff(s, book_id, by).scope, clock.now()
            if withdraw is not None:
                said = [ledger.withdraw_assertion(s.connection(), book_id, withdraw, by=who, recorded_at=at)]
            else:
                assert code is not None and on is not None and amount is not None
                said = [ledger.assert_balance(s.connection(), book_id, the_account(book_id, commodity, code), on.date(),
                                              amount, by=who, recorded_at=at)]
    show([{"id": str(one.id), "account": one.account.code, "on": one.on, "amount": one.amount, "by": one.asserted_by,
           "withdrawn_at": one.withdrawn_at} for one in said], as_json,
         "\n".join(f"{one.id}: {one.account.code} {one.amount} on {one.on}, by {one.asserted_by}"
                   + (", withdrawn" if one.withdrawn_at else "") for one in said) or "nothing was asserted")


@click.command("prove")
@click.argument("code")
@commodity_option
@click.option("--since", type=click.IntRange(min=1), multiple=True,
              help="Also prove that the log continues a checkpoint of this size. May be given several times.")
@click.option("--output", type=click.Path(dir_okay=False, writable=True), required=True, help="The file to write.")
@book_option
@json_option
def prove(code: str, commodity: str, since: tuple[int, ...], output: str, only: int | None, as_json: bool) -> None:
    """Seal, sign, and write one member account's lines with their proofs, for verifier.py.

    Whoever gets the file needs the public key (`ledger checkpoint --key`) and, better, an old checkpoint:
    `python verifier.py --key KEY --checkpoint kept.txt FILE`.

    Example: flask --app wsgi ledger prove pool:help --since 1284 --output pool.json
    """
    book_id = one_book(only)
    owner = the_account(book_id, commodity, code)
    size = int(sealing.sign_now(db.engine, keys_dir(), book_id, at=clock.now()).split("\n")[1])
    with sealing.one_moment(db.engine) as connection:
        try:
            bundle = statement(connection, book_id, owner, None, size, since)
        except LookupError as error:
            click.echo(f"{code}: {error.args[0]}: it has no line, or is no member account", err=True)
            sys.exit(2)
    Path(output).write_text(json.dumps(bundle, separators=(",", ":")), encoding="utf-8")
    show({"book": book_id, "account": code, "file": output, "lines": len(bundle["lines"]), "size": size}, as_json,
         f"{output}: {len(bundle['lines'])} transactions of {code}, to checkpoint {size}")


def register(_app: Flask) -> None:
    """Hang the commands on the group `ledger`, which `pointsbank.ledger_cli` puts on the command line."""
    for command in (balance, turnovers, holds, assert_command, prove):
        group.add_command(command)
