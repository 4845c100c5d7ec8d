"""Rosters (名册): the households and members of a village, town or county from one spreadsheet.

    row = receive_roster(s, ReceiveRoster(key, place, "名册.xlsx", data), by=actor, at=now)
    choose_roster_columns(s, ChooseRosterColumns(row.id, columns), header, by=actor, at=now)
    check_roster(s, row.id, by=actor, at=now)            # dry run: every bad row named, look-alikes found
    import_roster(s, row.id, by=actor, at=now)           # the good rows, in portions; killed and run again: goes on

One row a person. Whoever is registered in another village is not entered twice: the row says where to ask. A child
under 14 needs the guardian who signed. The file lies sealed under a key of its own, which goes when the import is over.
"""

from flask import Flask
from flask_babel import lazy_gettext as _

from pointsbank.commands import bank
from pointsbank.privacy import register_keeper
from pointsbank.rosters.api import blueprint
from pointsbank.rosters.commands import import_roster_command
from pointsbank.rosters.pages import pages
from pointsbank.rosters.queries import findings_of, roster_columns, roster_view
from pointsbank.rosters.running import check_roster, import_roster, start_roster_check, start_roster_import
from pointsbank.rosters.service import (
    ChooseRosterColumns,
    ReceiveRoster,
    choose_roster_columns,
    discard_roster,
    put_old_away,
    receive_roster,
)
from pointsbank.web.api import register_api
from pointsbank.web.menu import register_menu

__all__ = ["ChooseRosterColumns", "ReceiveRoster", "check_roster", "choose_roster_columns", "discard_roster",
           "findings_of", "import_roster", "receive_roster", "register", "roster_columns", "roster_view",
           "start_roster_check", "start_roster_import"]


def register(app: Flask) -> None:
    register_keeper(put_old_away)
    app.register_blueprint(pages)
    register_api(app, blueprint)
    if "import-roster" not in bank.commands:
        bank.add_command(import_roster_command)
    register_menu("imports.roster", _("导入名册"), "rosters.home", "upload", order=46)
