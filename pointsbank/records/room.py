"""The records room put into an app."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from pointsbank.commands import bank
from pointsbank.jobs import register_job
from pointsbank.records import approvals, carry_caps, narrators
from pointsbank.records.api import api
from pointsbank.records.chain import power_of
from pointsbank.records.notices import run_job
from pointsbank.records.pages import pages
from pointsbank.records.policy_cli import policy
from pointsbank.records.public_pages import public
from pointsbank.records.words import STEPS
from pointsbank.web import register_api, register_menu

DECIDING = tuple(power_of(step) for step in STEPS if step not in ("auto", "recheck", "correction", "submission",
                                                                   "notice", "posting"))


def register(app: Flask) -> None:
    assert approvals.pages is pages  # its views hang on the same blueprint
    app.register_blueprint(pages)
    app.register_blueprint(public)
    register_api(app, api)
    register_menu("records.submit", _l("录入服务"), "records.new", "plus", order=10)
    register_menu(DECIDING, _l("待我审核"), "records.approvals", "check", order=15)
    register_menu("records.view", _l("服务记录"), "records.index", "passbook", order=20)
    register_menu(None, _l("公示"), "notices.running", "notice", order=60)
    if "policy" not in bank.commands:
        bank.add_command(policy)
    narrators.register()
    carry_caps.register()
    register_job(carry_caps.JOB, "年末结转上限", hour=0, minute=15, run=carry_caps.cap_carried)
    register_job("post-notices", "公示期满入账", hour=0, minute=20, run=run_job)
