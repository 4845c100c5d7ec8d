"""`bank policy`: what a place has ruled about late entries, days, expiry and what goes on into the new year.

    flask --app wsgi bank policy 230199100200 --carry-most 100 --by admin
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import click

from pointsbank import clock
from pointsbank.amounts import format_points, parse_points
from pointsbank.console import show
from pointsbank.database import db
from pointsbank.period_cli import staff
from pointsbank.places import book_of, place_by_code
from pointsbank.records.policy import EXPIRIES, Policy, SetPolicy, policy_of, set_policy


@click.command("policy")
@click.argument("place")
@click.option("--carry-most", default=None, help="The most points a wallet carries on after 31 December.")
@click.option("--carry-percent", type=click.IntRange(0, 100), default=None, help="Carry on no more than this share.")
@click.option("--no-cap", is_flag=True, help="From now on everything is carried on.")
@click.option("--expiry", type=click.Choice(EXPIRIES), default=None, help="When points lapse.")
@click.option("--expiry-months", type=click.IntRange(0, 120), default=None, help="Months of grace, or of rolling.")
@click.option("--late-days", type=click.IntRange(0, 3660), default=None, help="Older deeds need the late mark.")
@click.option("--day-minutes", type=click.IntRange(1, 1440), default=None, help="The longest day of service.")
@click.option("--begins-on", type=click.DateTime(formats=["%Y-%m-%d"]), default=None, help="The book's first day.")
@click.option("--by", default=None, help="Sign-in name of the one who rules so.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def policy(place: str, carry_most: str | None, no_cap: bool, begins_on: datetime | None, by: str | None,
           as_json: bool, **given: Any) -> None:
    """Show what a place has ruled, or rule anew; what is not named stays. It holds for every place below, too.

    A cap takes from the oldest points, once a year, by the daily job `cap-carried`; it holds for the year in which it
    was set and later ones. Rules about expiry hold for points posted from now on.

    Example: flask --app wsgi bank policy 230199100200 --carry-most 100 --carry-percent 50 --by admin
    """
    s = db.session()
    card = place_by_code(s, place)
    stands = policy_of(s, card.code)
    changes = {name: value for name, value in given.items() if value is not None}
    if carry_most is not None:
        changes["carry_most"] = parse_points(carry_most, "carry_most")
    if no_cap:
        changes |= {"carry_most": None, "carry_percent": None}
    if begins_on is not None:
        changes["begins_on"] = begins_on.date()
    if changes:
        if by is None:
            raise click.UsageError("to rule something takes --by")
        stands = set_policy(s, replace(command_of(card.code, stands), **changes), by=staff(s, book_of(card.code), by),
                            at=clock.now())
    show({"place": card.code, **vars(stands)}, as_json, sentence(stands))


def command_of(place_code: str, stands: Policy) -> SetPolicy:
    """The command that would leave everything as it stands."""
    return SetPolicy(place_code, stands.late_days, stands.day_minutes, tuple(stands.day_minutes_by_rule.items()),
                     stands.expiry, stands.expiry_months, stands.begins_on, stands.carry_most, stands.carry_percent)


def sentence(stands: Policy) -> str:
    caps = [f"{format_points(stands.carry_most)} points" if stands.carry_most is not None else "",
            f"{stands.carry_percent} % of a wallet" if stands.carry_percent is not None else ""]
    return "\n".join((
        f"late entries: older than {stands.late_days} days",
        f"longest day: {stands.day_minutes} minutes",
        f"expiry: {stands.expiry}, {stands.expiry_months} months",
        f"carried on after 31 December: at most {' and '.join(filter(None, caps))}, since {stands.carry_since}"
        if stands.caps else "carried on after 31 December: everything"))
