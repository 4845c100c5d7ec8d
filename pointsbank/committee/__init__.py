"""The committee's home: what waits for the person first, then the year of the village.

    waiting.py   heaps to approve, objections with their working days, notices that end, what one must step aside from
    year.py      points in and out by month, what for, what is still in the households' hands, corrections of late
    stars.py     the step of the year's rating, households by stars

Everything here is read. Deciding happens in the records room, rating in the ratings room; this page leads there.
"""

from flask import Flask


def register(app: Flask) -> None:
    """The page, its API and its menu entry."""
    from flask_babel import lazy_gettext as _l

    from pointsbank.committee.api import blueprint
    from pointsbank.committee.pages import pages
    from pointsbank.web import register_api, register_menu

    app.register_blueprint(pages)
    register_api(app, blueprint)
    register_menu("committee.view", _l("村务"), "committee.home", "home", order=5)
