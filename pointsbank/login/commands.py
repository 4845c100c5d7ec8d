"""`bank reset-second-factor`: for the operator at the machine, where the one administrator there is lost the phone."""

from __future__ import annotations

import click

from pointsbank import clock
from pointsbank.access import AppUser, factor, system_actor
from pointsbank.access.signin import find_user
from pointsbank.console import show
from pointsbank.database import db
from pointsbank.errors import NotFound


@click.command("reset-second-factor")
@click.option("--login", required=True, help="The account whose phone is gone.")
@click.option("--why", type=click.Choice(factor.REASONS), required=True, help="Kept in the audit trail.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def reset_second_factor(login: str, why: str, as_json: bool) -> None:
    """Let an account bind another phone at its next sign-in; its sessions end. Colleagues do this at /staff.

    Example: flask --app wsgi bank reset-second-factor --login zhang --why lost
    """
    s = db.session()
    user: AppUser | None = find_user(s, login)
    if user is None:
        raise NotFound("login")
    factor.reset_factor_of(s, user, why, by=system_actor(user.book_id, "operator"), at=clock.now())
    show({"reset": login}, as_json, f"{login}: binds a phone anew at the next sign-in")
