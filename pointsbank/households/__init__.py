"""What happens to households: split (分户), merge (并户), move (迁移), death of a member, a new head.

    split_household(s, SplitHousehold(key, home.id, "H101", 3, (son.id,), son.id, Points(2000), day, "分家"), …)

People get a new stay, balances go by ledger transactions through 往来; nothing posted is changed, so every earlier
statement and verdict reads as before. A closed household's code leads to the one its people went to. Whoever is of the
household, or related, steps aside. A higher floor registers what of its own has to follow (`register_follower`).
"""

from flask import Flask
from flask_babel import lazy_gettext as _

from pointsbank.households.api import blueprint
from pointsbank.households.changing import merge_households, move_household, split_household
from pointsbank.households.commands import (
    ChangeHead,
    MergeHouseholds,
    MoveAway,
    MoveHousehold,
    RecordDeath,
    SplitHousehold,
)
from pointsbank.households.consent_pages import minor_pages, number_pages
from pointsbank.households.doing import register_follower
from pointsbank.households.leaving import change_head, move_away, record_death
from pointsbank.households.models import HouseholdChange
from pointsbank.households.narrating import tell_moves
from pointsbank.households.pages import pages
from pointsbank.households.person_api import blueprint as person_api
from pointsbank.households.person_pages import pages as person_pages
from pointsbank.households.persons import MergePersons, UndoMerge, merge_persons, merge_preview, undo_merge
from pointsbank.households.queries import household_view
from pointsbank.households.transfer_pages import transfer_pages
from pointsbank.wallets import register_narrator
from pointsbank.web.api import register_api
from pointsbank.web.menu import register_menu

__all__ = ["ChangeHead", "HouseholdChange", "MergeHouseholds", "MergePersons", "MoveAway", "MoveHousehold",
           "RecordDeath", "SplitHousehold", "UndoMerge", "change_head", "household_view", "merge_households",
           "merge_persons",
           "merge_preview", "move_away", "move_household", "undo_merge",
           "record_death", "register", "register_follower", "split_household"]


def register(app: Flask) -> None:
    for one in (pages, person_pages, transfer_pages, minor_pages, number_pages):
        app.register_blueprint(one)
    for api in (blueprint, person_api):
        register_api(app, api)
    for kind in ("moved_out", "moved_in"):
        register_narrator(kind, tell_moves)
    register_menu("households.change", _("重复登记"), "persons.index", "person", order=46)
    register_menu(("imports.roster", "households.change"), _("转移申请"), "transfers.home", "right", order=46)
    register_menu("imports.roster", _("未成年人"), "minors.home", "shield", order=46)
    register_menu(("imports.roster", "households.change"), _("证件号"), "numbers.index", "key", order=47)
    register_menu("people.view", _("农户"), "households.index", "people", order=45)
