"""`bank rate`: the year's evaluation of a village, or of every village of a town or county."""

from __future__ import annotations

import sys
from datetime import date

import click

from pointsbank import clock
from pointsbank.access import system_actor
from pointsbank.commands import bank
from pointsbank.console import show
from pointsbank.database import db, new_id
from pointsbank.errors import DomainError
from pointsbank.places import book_of, place_by_code, villages_under
from pointsbank.ratings.cycle import OpenCycle, RunEvaluation, open_cycle, run_evaluation
from pointsbank.ratings.queries import cycle_view, evaluation_of, matrix


@bank.command("rate")
@click.option("--place", required=True, help="12-digit code of a village, town or county.")
@click.option("--year", type=click.IntRange(2000, 2100), default=None, help="The year (default: this year).")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), default=None, help="The last day that counts.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def rate(place: str, year: int | None, as_of: object, as_json: bool) -> None:
    """Evaluate the stars of every household of a place.

    Example: flask --app wsgi bank rate --place 230199100200 --year 2026
    """
    s, at = db.session(), clock.now()
    wanted = year or clock.to_day(at).year
    last_day: date | None = as_of.date() if hasattr(as_of, "date") else None
    place_by_code(s, place)
    villages = villages_under(s, place)
    by = system_actor(book_of(place), "rate")
    done, refused = [], []
    with click.progressbar(villages, label="villages", file=sys.stderr, hidden=as_json or len(villages) < 2) as bar:
        for village in bar:
            try:
                cycle = open_cycle(s, OpenCycle(new_id(), village.code, wanted), by=by, at=at)
                run = run_evaluation(s, RunEvaluation(new_id(), cycle, last_day), by=by, at=at)
            except DomainError as refusal:
                refused.append((village.code, refusal))
                continue
            view = cycle_view(s, by.book_id, cycle)
            table = matrix(s, view, evaluation_of(view, run.number))
            done.append({"place": village.code, "year": wanted, "evaluation": run.number, "as_of": run.as_of,
                         "households": run.households, "undecided": table.undecided,
                         "bands": {band.code: held for band, held in table.bands}})
    for code, why in refused:
        click.echo(f"{code}: {why.sentence('zh')} / {why.sentence('en')}", err=True)
    lines = [f"{row['place']}  {row['year']}  #{row['evaluation']}  {row['as_of']}  households {row['households']}  "
             f"undecided {row['undecided']}  {row['bands']}" for row in done]
    show(done, as_json, "\n".join(lines) or "nothing was evaluated")
    if refused or not done:
        sys.exit(2 if not done else 1)
