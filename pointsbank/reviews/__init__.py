"""Honours from above: what the joint review of a higher level decided about a household or a place.

    register_result(s, RegisterResult(key, place, "family", "county", "县文明家庭", "县文明办", day, "文〔2026〕3号",
                                      household="H001"), by=committee, at=now)
    results_of_household(s, book_id, household_id)     results_of_place(s, book_id, place)

The bank prepares evidence (the reports' packs) and registers results: who decided, when, which honour, which document.
It awards nothing from above and decides nothing. Its fact `higher_honours` may be used by any rule.
"""

from __future__ import annotations

from flask import Flask

from pointsbank.reviews.models import ReviewResult
from pointsbank.reviews.queries import (
    ResultView,
    register_result_facts,
    results_of_household,
    results_of_place,
    standing_by_level,
)
from pointsbank.reviews.service import KINDS, LEVELS, RegisterResult, WithdrawResult, register_result, withdraw_result
from pointsbank.reviews.wording import kind_words, level_words

register_result_facts()

__all__ = ["KINDS", "LEVELS", "ReviewResult", "ResultView", "RegisterResult", "WithdrawResult", "results_of_household",
           "results_of_place", "kind_words", "level_words", "register", "register_result", "standing_by_level",
           "withdraw_result"]


def register(app: Flask) -> None:
    """Pages, API and menu entry."""
    from flask_babel import lazy_gettext as _l

    from pointsbank.reviews.api import blueprint
    from pointsbank.reviews.pages import pages
    from pointsbank.web import register_api, register_menu

    app.register_blueprint(pages)
    register_api(app, blueprint)
    register_menu("reviews.view", _l("联审结果"), "reviews.home", "flag", order=47)
