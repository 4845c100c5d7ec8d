"""The operator's command for months: `ledger close`. It closes a month that is over, reopens one, or lists them.

    flask --app wsgi ledger close 2026-03 --by admin
    flask --app wsgi ledger close 2026-03 --reopen --by admin --with office --reason minutes-2026-17

Reopening takes two people who can sign in and are not the same person, and the number of the paper in which they say
why; the words of that paper stay on the paper. Every step goes to the audit trail of those who took it.
"""

from __future__ import annotations

import re
from datetime import date

import click
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

import ledger
from ledger.sealing import standing
from pointsbank import audit, clock, sealing
from pointsbank.access import Actor, AppUser, actor_of_user
from pointsbank.console import show
from pointsbank.database import db, unit_of_work
from pointsbank.errors import DomainError
from pointsbank.ledger_cli import book_option, chosen, group, json_option

MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
REASON = re.compile(r"[A-Za-z0-9._:/-]{1,80}")


class NoSuchStaff(DomainError):
    code, status = "no_such_staff", 404
    zh = "没有可用的工作人员账号:{login}。"
    en = "No working staff account of that name: {login}."


def month_option(_context: click.Context, _parameter: click.Parameter, text: str | None) -> date | None:
    if text is None:
        return None
    if (found := MONTH.fullmatch(text)) is None:
        raise click.BadParameter(f"{text} is no month; write it as 2026-03")
    return date(int(found[1]), int(found[2]), 1)


def reason_option(_context: click.Context, _parameter: click.Parameter, text: str | None) -> str | None:
    if text is not None and REASON.fullmatch(text) is None:
        raise click.BadParameter("the number of a paper: letters, digits and . _ : / - only, no words about anybody")
    return text


@click.command("close")
@click.argument("month", callback=month_option, required=False)
@click.option("--by", default=None, help="Sign-in name of the one who closes (or asks to reopen).")
@click.option("--reopen", is_flag=True, help="Reopen the month instead: the last one closed.")
@click.option("--with", "agreed", default=None, help="Sign-in name of the second person, who agrees to reopen.")
@click.option("--reason", callback=reason_option, default=None, help="Number of the paper that says why.")
@book_option
@json_option
def close(month: date | None, by: str | None, reopen: bool, agreed: str | None, reason: str | None, only: int | None,
          as_json: bool) -> None:
    """Close a month that is over: nothing can become effective in it any more, and its trial balance is kept. Months
    close in order. Without a month: what is closed. Late facts are recorded today, about that day.

    Example: flask --app wsgi ledger close 2026-03 --by admin
    """
    if month is None:
        return listed(only, as_json)
    if by is None or (reopen and (agreed is None or reason is None)):
        raise click.UsageError("closing takes --by; --reopen takes --by, --with and --reason")
    done: dict[int, dict[str, object]] = {}
    for book_id in chosen(only):
        s = db.session()
        with unit_of_work(s):
            first = staff(s, book_id, by)
            if reopen:
                assert agreed is not None and reason is not None
                done[book_id] = reopened(s, month, first, staff(s, book_id, agreed), reason)
            else:
                done[book_id] = closed(s, month, first)
        if not reopen:  # what it says of the month stands on a position of the log
            sealing.seal_waiting(db.engine, book_id)
            with db.engine.connect() as connection:
                done[book_id]["log"] = standing(connection, book_id).size
    show(done, as_json, "\n".join(
        f"{book_id}: {month:%Y-%m} {'reopened' if reopen else 'closed'}"
        + ("" if reopen else f", {one['accounts']} accounts moved in it; {one['log']} in the log")
        for book_id, one in done.items()))


def closed(s: Session, month: date, by: Actor) -> dict[str, object]:
    at = clock.now()
    period = ledger.close_period(s.connection(), by.book_id, month, by=by.scope, recorded_at=at)
    rows = ledger.closed_balance(s.connection(), by.book_id, period)
    if period.closed_at == at:
        audit.record(s, by, "period.closed", f"period:{month:%Y-%m}", at=at, accounts=len(rows))
    return {"month": f"{month:%Y-%m}", "closed_at": period.closed_at, "accounts": len(rows)}


def reopened(s: Session, month: date, by: Actor, agreed: Actor, reason: str) -> dict[str, object]:
    if by.person_id is not None and by.person_id == agreed.person_id:  # two accounts of one person are one person
        raise ledger.SecondPersonNeeded("agreed_by")
    at = clock.now()
    period = ledger.reopen_period(s.connection(), by.book_id, month, asked_by=by.scope, agreed_by=agreed.scope,
                                  reason=reason, recorded_at=at)
    if period.reopened_at == at:
        for one in (by, agreed):
            audit.record(s, one, "period.reopened", f"period:{month:%Y-%m}", at=at, reason=reason)
    return {"month": f"{month:%Y-%m}", "reopened_at": period.reopened_at, "reason": reason}


def staff(s: Session, book_id: int, login: str) -> Actor:
    user = s.scalar(select(AppUser).where(AppUser.book_id == book_id, AppUser.login == login.strip(),
                                          AppUser.kind == "staff", AppUser.disabled_at.is_(None)))
    if user is None:
        raise NoSuchStaff("by", login=login)
    return actor_of_user(s, user)


def listed(only: int | None, as_json: bool) -> None:
    found: dict[int, list[dict[str, object]]] = {}
    with db.engine.connect() as connection:
        for book_id in chosen(only):
            found[book_id] = [one._asdict() | {"month": f"{one.month:%Y-%m}"}
                              for one in ledger.periods(connection, book_id)]
    lines = [f"{book_id}: {one['month']} closed {one['closed_at']:%Y-%m-%d %H:%M} UTC by {one['closed_by']}"
             + (f", reopened by {one['reopened_by']} with {one['reopened_with']} ({one['reason']})"
                if one["reopened_at"] else "") for book_id, periods in found.items() for one in periods]
    show(found, as_json, "\n".join(lines) or "no month is closed")


def register(_app: Flask) -> None:
    """Hang the command on the group `ledger`, which `pointsbank.ledger_cli` puts on the command line."""
    group.add_command(close)
