"""The first day of a real village: an empty book, the first administrator, opening balances from the passbooks.

    flask --app wsgi bank begin --leave-demo …          # places, book, administrator
    /rosters → /openings (two persons) → /stock/receive (期初) → /people/cards.pdf

A real book never shares a database with the demo. Nothing here is needed again later.
"""

from flask import Flask
from flask_babel import lazy_gettext as _

from pointsbank.commands import bank
from pointsbank.founding.api import blueprint
from pointsbank.founding.beginning import BeginBook, begin_book, leave_demo
from pointsbank.founding.commands import begin
from pointsbank.founding.openings import (
    EnterOpenings,
    OpeningLine,
    confirm_openings,
    enter_openings,
    read_openings,
    withdraw_openings,
)
from pointsbank.founding.pages import pages
from pointsbank.web.api import register_api
from pointsbank.web.menu import register_menu

__all__ = ["BeginBook", "EnterOpenings", "OpeningLine", "begin_book", "confirm_openings", "enter_openings",
           "leave_demo", "read_openings", "register", "withdraw_openings"]


def register(app: Flask) -> None:
    app.register_blueprint(pages)
    register_api(app, blueprint)
    if "begin" not in bank.commands:
        bank.add_command(begin)
    register_menu(("openings.enter", "openings.confirm"), _("期初余额"), "openings.home", "passbook", order=47)
