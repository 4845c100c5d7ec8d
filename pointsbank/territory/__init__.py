"""The tree's upkeep: places, venues and grids, by hand or from a spreadsheet; Harbin's districts as data.

    flask --app wsgi bank import-places --harbin
    /territory                                    # the places below one's own; a sheet: dry run, then import
    /venues  /grids                               # 广场, 点, 基地 of any level; who walks which households

Whoever manages places does so below their own place; levels above are named in a sheet but left as they are.
"""

from flask import Flask
from flask_babel import lazy_gettext as _

from pointsbank.commands import bank
from pointsbank.privacy import register_keeper
from pointsbank.territory.commands import import_places_command
from pointsbank.territory.grids import grid_of
from pointsbank.territory.importing import ImportPlaces, harbin, import_places, level_of, read_places
from pointsbank.territory.pages import pages
from pointsbank.territory.tree_sheet import GridRow, PlaceRow, VenueRow, read_tree
from pointsbank.territory.uploads import put_old_away
from pointsbank.territory.venue_pages import grid_pages, venue_pages
from pointsbank.web.menu import register_menu

__all__ = ["GridRow", "ImportPlaces", "PlaceRow", "VenueRow", "grid_of", "harbin", "import_places", "level_of",
           "read_places", "read_tree", "register"]


def register(app: Flask) -> None:
    register_keeper(put_old_away)
    for blueprint in (pages, venue_pages, grid_pages):
        app.register_blueprint(blueprint)
    if "import-places" not in bank.commands:
        bank.add_command(import_places_command)
    register_menu("places.manage", _("地区"), "territory.home", "place", order=70)
    register_menu("place.view", _("阵地"), "venues.home", "flag", order=71)
    register_menu("people.view", _("网格"), "grids.index", "household", order=46)
