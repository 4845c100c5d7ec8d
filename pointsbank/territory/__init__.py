"""The tree's upkeep: places with their codes and days of validity from a spreadsheet; Harbin's districts as data.

    flask --app wsgi bank import-places --harbin
    /territory                                    # the places below one's own, template, upload

Whoever manages places does so below their own place; levels above are named in a sheet but left as they are.
"""

from flask import Flask
from flask_babel import lazy_gettext as _

from pointsbank.commands import bank
from pointsbank.territory.commands import import_places_command
from pointsbank.territory.importing import ImportPlaces, PlaceRow, harbin, import_places, level_of, read_places
from pointsbank.territory.pages import pages
from pointsbank.web.menu import register_menu

__all__ = ["ImportPlaces", "PlaceRow", "harbin", "import_places", "level_of", "read_places", "register"]


def register(app: Flask) -> None:
    app.register_blueprint(pages)
    if "import-places" not in bank.commands:
        bank.add_command(import_places_command)
    register_menu("places.manage", _("地区"), "territory.home", "place", order=70)
