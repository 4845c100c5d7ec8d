"""星级评定: schemes as data, yearly cycles, explained verdicts; the engine proposes, people decide.

    schemes    publish_scheme, scheme_from_json, scheme_on             what stars there are, and by which rule
    cycles     open_cycle, put_down, freeze_cycle, run_evaluation, confirm_cycle      one village, one period
    people     record_jury_scores, enter_veto, lift_veto, decide_star  what the figures do not know
    reads      cycles_of, cycle_view, matrix, household_rating, recomputed
    a family's own                                                      stars_now, next_star

Stars rest on what was earned, never on the balance: shopping takes no star away (the verdict lists both). What a
verdict rested on is sealed with the household's own key. Never here: earning, and any effect on a statutory benefit.
"""

from __future__ import annotations

from flask import Flask

from pointsbank.ratings.bars import bar_household, bars_on
from pointsbank.ratings.confirming import ConfirmCycle, confirm_cycle
from pointsbank.ratings.cycle import Evaluation, OpenCycle, RunEvaluation, open_cycle, run_evaluation
from pointsbank.ratings.decisions import DecideStar, decide_star, decisions_of
from pointsbank.ratings.entering import EntryView, PutDown, entries_of, put_down
from pointsbank.ratings.facts import register_rating_facts
from pointsbank.ratings.freezing import FreezeCycle, freeze_cycle
from pointsbank.ratings.holding import Held, register_standing, stars_held
from pointsbank.ratings.jury import Mark, RecordJuryScores, averages, record_jury_scores
from pointsbank.ratings.mine import NextStar, StarsNow, next_star, stars_now
from pointsbank.ratings.queries import (
    CycleView,
    HouseholdRating,
    Matrix,
    cycle_view,
    cycles_of,
    household_rating,
    matrix,
    recomputed,
)
from pointsbank.ratings.recomputing import Reproduced, ThenAndNow, judged_now, reproduced
from pointsbank.ratings.revising import register_revising
from pointsbank.ratings.scheme import (
    PublishScheme,
    Scheme,
    publish_scheme,
    scheme_from_json,
    scheme_on,
    scheme_version,
    schemes_on,
)
from pointsbank.ratings.subjects import find_subject, home_of, subject_cards
from pointsbank.ratings.terms import Terms
from pointsbank.ratings.vetoes import EnterVeto, LiftVeto, enter_veto, lift_veto, standing_vetoes, vetoes_of
from pointsbank.ratings.wording import Wording

register_rating_facts()
register_revising()

__all__ = [
    "ConfirmCycle", "CycleView", "DecideStar", "EnterVeto", "EntryView", "Evaluation", "FreezeCycle", "Held",
    "HouseholdRating", "LiftVeto", "Mark", "Matrix", "NextStar", "OpenCycle", "PublishScheme", "PutDown",
    "RecordJuryScores", "Reproduced", "RunEvaluation", "Scheme", "StarsNow", "Terms", "ThenAndNow", "Wording",
    "averages", "bar_household", "bars_on", "confirm_cycle", "cycle_view", "cycles_of", "decide_star", "decisions_of",
    "enter_veto", "entries_of", "find_subject", "freeze_cycle", "home_of", "household_rating", "judged_now",
    "lift_veto", "matrix", "next_star", "open_cycle", "publish_scheme", "put_down", "recomputed",
    "record_jury_scores", "register", "register_standing", "reproduced", "run_evaluation", "scheme_from_json",
    "scheme_on", "scheme_version", "schemes_on", "standing_vetoes", "stars_held", "stars_now", "subject_cards",
    "vetoes_of",
]


def register(app: Flask) -> None:
    """Pages, API, command and menu entries."""
    from flask_babel import lazy_gettext as _l

    import pointsbank.ratings.commands
    import pointsbank.ratings.confirm_pages
    import pointsbank.ratings.jury_pages
    import pointsbank.ratings.recomputing_pages
    import pointsbank.ratings.scheme_pages  # noqa: F401  adds its routes to the pages
    from pointsbank.ratings.api import api
    from pointsbank.ratings.pages import pages
    from pointsbank.web import register_api, register_menu

    app.register_blueprint(pages)
    register_api(app, api)
    register_menu("ratings.view", _l("星级评定"), "ratings.home", "star", order=40)
    register_menu("schedule.view", _l("评定办法"), "ratings.schemes", "list", order=72)
    register_menu("ratings.jury", _l("群众评议"), "ratings.jury_now", "sign", order=45)
