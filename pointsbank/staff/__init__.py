"""Who works here, who may do what where, and the trail of what they did.

    /staff            colleagues at one's place and below: added, given roles, relieved of them, shut out   users.manage
    /staff/powers     the one table of powers in words: which role may do what, and who holds it where      powers.view
    /audit/trail      every change and every look at personal data, filtered, exported                      trail.view
    /tokens           API tokens of one's own, for some of one's powers                                     signed in

What changes access stands in `pointsbank.access.users`; the trail is written by `pointsbank.audit`. Looks at personal
data are written here, after an answer has shown it (`looks.py`).
"""

from flask import Flask
from flask_babel import lazy_gettext as _

from pointsbank.staff import token_pages, trail_pages
from pointsbank.staff.looks import LOOKS, install
from pointsbank.staff.pages import pages
from pointsbank.web.menu import register_menu

__all__ = ["LOOKS", "register"]


def register(app: Flask) -> None:
    app.register_blueprint(pages)
    app.register_blueprint(trail_pages.pages)
    app.register_blueprint(token_pages.pages)
    install(app)
    register_menu("users.manage", _("人员"), "staff.home", "people", order=7)
    register_menu("powers.view", _("权限一览"), "staff.powers", "key", order=80)
    register_menu("trail.view", _("操作留痕"), "trail.home", "list", order=8)
