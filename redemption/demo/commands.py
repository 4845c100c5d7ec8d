"""`bank demo`: load the demo village into an empty database."""

from __future__ import annotations

import sys

import click

from pointsbank import clock
from pointsbank.console import show
from pointsbank.database import db
from redemption.demo.loading import load_demo, open_today, print_sign_ins


@click.command("demo")
@click.option("--bare", is_flag=True, help="Balances and stock only, without the past twelve months.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def demo(bare: bool, as_json: bool) -> None:
    """Load the demo village into an empty database (refused on any other).

    Example: flask --app wsgi bank demo --bare
    """
    s = db.session()
    village = load_demo(s, today=clock.today(), now=clock.now(), bare=bare, out=sys.stderr)
    open_today(s, at=clock.now())
    show({"village": village.place_code, "households": len(village.households), "bare": bare}, as_json,
         f"{village.place_code}: {len(village.households)} households")
    if not as_json:
        print_sign_ins(s, out=sys.stdout)
