"""The volunteer's own pages: what the household has, what lapses when, where it came from, and its code.

Everything here is read; an entry somebody doubts leads to the records room's objection.
"""

from flask import Flask
from flask_babel import lazy_gettext as _

from pointsbank.me.api import blueprint
from pointsbank.me.pages import pages
from pointsbank.web.api import register_api
from pointsbank.web.menu import register_menu


def register(app: Flask) -> None:
    app.register_blueprint(pages)
    register_api(app, blueprint)
    register_menu("me.view", _("积分"), "me.home", "home", order=10)
    register_menu("me.view", _("我的码"), "me.code", "code", order=20)
