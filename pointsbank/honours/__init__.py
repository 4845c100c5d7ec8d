"""荣誉: what becomes of a rating once the committee has confirmed it, until the plaque comes down.

    notice      publish_notice, object_to, answer_objection           put up, objected to, answered by somebody else
    award       award_honours, set_plaque                             numbered; the plaque apart from the honour
    watching    propose_measure, decide_measure                       warning, suspension, revocation: two people
                queue_rechecks, run_rechecks, settle_recheck          a deed behind it was undone
                publish_correction                                    what was announced no longer holds
    reads       honours_of_cycle, honour_view, honours_held, work_of

The ratings below keep what was found and decided, unchanged; a revocation bars through them. Never here: judging.
"""

from __future__ import annotations

from flask import Flask

from pointsbank.honours.awarding import AwardHonours, SetPlaque, award_honours, set_plaque
from pointsbank.honours.corrections import PublishCorrection, publish_correction
from pointsbank.honours.measures import DecideMeasure, ProposeMeasure, decide_measure, propose_measure
from pointsbank.honours.notice import PublishNotice, publish_notice
from pointsbank.honours.objecting import AnswerObjection, ObjectTo, answer_objection, object_to
from pointsbank.honours.queries import HonourRow, HonourView, honour_view, honours_held, honours_of_cycle, notice_of
from pointsbank.honours.rechecking import (
    SettleRecheck,
    queue_rechecks,
    recheck_book,
    run_rechecks,
    settle_recheck,
    undone_behind,
)
from pointsbank.honours.standing import standing
from pointsbank.honours.work import Work, work_of
from pointsbank.ratings import register_standing

register_standing("honours", standing)

__all__ = [
    "AnswerObjection", "AwardHonours", "DecideMeasure", "HonourRow", "HonourView", "ObjectTo", "ProposeMeasure",
    "PublishCorrection", "PublishNotice", "SetPlaque", "SettleRecheck", "Work", "answer_objection", "award_honours",
    "decide_measure", "honour_view", "honours_held", "honours_of_cycle", "notice_of", "object_to", "propose_measure",
    "publish_correction", "publish_notice", "queue_rechecks", "recheck_book", "register", "run_rechecks", "set_plaque",
    "settle_recheck", "undone_behind", "work_of",
]


def register(app: Flask) -> None:
    """Pages, API, menu entries, and the daily recheck."""
    from flask_babel import lazy_gettext as _l

    import pointsbank.honours.honour_pages
    import pointsbank.honours.own_pages  # noqa: F401  adds its routes to the pages
    from pointsbank.honours.api import api
    from pointsbank.honours.pages import pages
    from pointsbank.honours.public_pages import public
    from pointsbank.jobs import register_job
    from pointsbank.web import register_api, register_menu

    app.register_blueprint(pages)
    app.register_blueprint(public)
    register_api(app, api)
    register_menu("ratings.view", _l("授牌"), "honours.home", "check", order=42)
    register_menu("me.view", _l("我家的荣誉"), "honours.mine", "gift", order=42)
    register_menu(None, _l("荣誉公示"), "honour_notices.listed", "notice", order=61)
    register_job("recheck-honours", "荣誉依据复核", hour=0, minute=40, run=recheck_book)
