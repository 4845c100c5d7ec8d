"""Privacy: a household's own data as a file, erasure by destroying a person's key, the retention job.

    erase_person(s, ErasePerson(key, person_id, "withdrawn"), by=admin, at=now)
    own_data(s, household_id, by=actor, at=now)

After an erasure the ledger still verifies: its rows hold ids only. Backups follow when their wrapping key is destroyed,
five weeks at most after it was replaced. Higher floors add their part of the own data (`register_part`).
"""

from flask import Flask
from flask_babel import lazy_gettext as _

from pointsbank.jobs import register_job
from pointsbank.privacy.api import blueprint
from pointsbank.privacy.erasing import ErasePerson, erase_person, forget_again
from pointsbank.privacy.exporting import own_data, register_part
from pointsbank.privacy.models import Erasure
from pointsbank.privacy.pages import pages
from pointsbank.privacy.retaining import register_keeper, retain
from pointsbank.web.api import register_api
from pointsbank.web.menu import register_menu

__all__ = ["ErasePerson", "Erasure", "erase_person", "forget_again", "own_data", "register", "register_keeper",
           "register_part", "retain"]


def register(app: Flask) -> None:
    app.register_blueprint(pages)
    register_api(app, blueprint)
    register_job("retention", "到期清理与换钥", hour=1, minute=20, run=retain)
    register_menu("me.view", _("我的资料"), "privacy.mine", "person", order=60)
