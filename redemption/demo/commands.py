"""`bank demo`: the demo village into an empty database, or a year of a whole city (`--city`)."""

from __future__ import annotations

import sys
from fractions import Fraction

import click
from sqlalchemy.orm import Session

from pointsbank import clock
from pointsbank.console import show
from pointsbank.database import db
from redemption.city import live_the_city, plan_of
from redemption.demo.loading import load_demo, open_today, print_sign_ins
from redemption.demo.people import data


@click.command("demo")
@click.option("--bare", is_flag=True, help="Balances and stock only, without the past twelve months.")
@click.option("--city", is_flag=True, help="A year of a whole city instead; run again it goes on where it stopped.")
@click.option("--scale", default="1", help="With --city: the size, 1 for the whole city, 0.01 for a hundredth.")
@click.option("--seed", type=int, default=1, help="With --city: another seed, other people.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def demo(bare: bool, city: bool, scale: str, seed: int, as_json: bool) -> None:
    """Load the demo village into an empty database (refused on any other).

    Example: flask --app wsgi bank demo --bare
    """
    s = db.session()
    if city:
        _city(s, scale, seed, as_json)
        return
    village = load_demo(s, today=clock.today(), now=clock.now(), bare=bare, out=sys.stderr)
    open_today(s, at=clock.now())
    show({"village": village.place_code, "households": len(village.households), "bare": bare}, as_json,
         f"{village.place_code}: {len(village.households)} households")
    if not as_json:
        print_sign_ins(s, out=sys.stdout)


def _city(s: Session, scale: str, seed: int, as_json: bool) -> None:
    try:
        plan = plan_of(Fraction(scale), seed)
        if not 0 < Fraction(scale) <= 1:
            raise ValueError(scale)
    except (ValueError, ZeroDivisionError):
        raise click.UsageError("--scale is a number above 0 and at most 1, such as 0.01") from None
    with click.progressbar(length=1, label="city", file=sys.stderr) as bar:
        def tell(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        done = live_the_city(s, plan, password=data("staff.json")["password"], at=clock.now(), tell=tell)
    rates = [made // (seconds or 1) for made, seconds in ((done.made_persons, done.people_seconds),
                                                          (done.made_transfers, done.ledger_seconds))]
    show({**done._asdict(), "offices": plan.offices, "stations": plan.stations, "teams": plan.teams}, as_json,
         f"{done.books} books, {plan.offices} offices, {plan.stations} stations, {plan.teams} teams, "
         f"{done.households} households, {done.persons} persons, {done.transfers} transfers\n"
         f"this run: {done.made_persons} persons in {done.people_seconds} s ({rates[0]}/s), {done.made_transfers} "
         f"transfers in {done.ledger_seconds} s ({rates[1]}/s)\n"
         f"sign-ins: office-{plan.books[0].code[:6]}, auditor-…, admin-…, security-… (the demo's staff password)")
