"""/me: the balance first, then what is due, the stars, the entries; /me/code: the household's code, full screen."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import gettext as _

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.benefits import benefits_of
from pointsbank.database import db
from pointsbank.me.queries import entries_of, entry_of, months_of, own_household, turnovers_of, wallet_of
from pointsbank.people import HouseholdCard, card_token
from pointsbank.ratings import next_star, stars_now
from pointsbank.records import story_of_transaction
from pointsbank.reviews import results_of_household
from pointsbank.web.charts import months_chart
from pointsbank.web.qr import qr_svg
from pointsbank.web.viewer import language

pages = Blueprint("me", __name__, template_folder="templates", static_folder="static",
                  static_url_path="/assets/me")


def link(endpoint: str, **values: Any) -> str | None:
    """An address of another floor's page, when this app has it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def _mine() -> HouseholdCard:
    actor = current_actor()
    return own_household(db.session(), actor.book_id, actor.household_id)


def _before(asked: str) -> date | None:
    """?before=2026-08 in the address; None for anything else."""
    try:
        return date.fromisoformat(f"{asked}-01")
    except ValueError:
        return None


@pages.get("/me")
@needs("me.view")
def home() -> str:
    """Where the household stands; three months of entries, older ones by key. No month: the newest, and it says so."""
    today, s, household, asked = clock.today(), db.session(), _mine(), request.args.get("before", "").strip()
    before = _before(asked)
    if before is not None:
        months = months_of(turnovers_of(s, household))
        return render_template("me/older.html", page=entries_of(s, household, months, language(), before))
    wallet = wallet_of(s, household, today)
    chart = months_chart(wallet.flows, _("十二个月的收入和支出"), earned=_("入账"), spent=_("支出"))
    return render_template(
        "me/home.html", lang=language(), wallet=wallet, today=today, no_month=asked[:20], chart=chart,
        drawn=any(f.earned or f.spent for f in wallet.flows),
        page=entries_of(s, household, wallet.months, language()),
        benefits=benefits_of(s, household, today), benefits_url=link("benefits.mine"),
        higher=[one for one in results_of_household(s, household.book_id, household.id)
                 if one.granted and not one.withdrawn_on], higher_url=link("reviews.mine"),
        stars=stars_now(s, household.book_id, household.id),
        missing=next_star(s, household.book_id, household.id, today), stars_url=link("ratings.mine"),
        honours_url=link("honours.mine"),
        statement_url=link("statements.mine"), rules_url=link("schedule.home"))


@pages.get("/me/entries/<uuid:transaction_id>")
@needs("me.view")
def entry(transaction_id: UUID) -> str:
    """One entry: the whole calculation, who confirmed, and the way to say "this was not me"."""
    s, household = db.session(), _mine()
    whole = entry_of(s, household, transaction_id, language())
    return render_template("me/entry.html", whole=whole, view=whole.view, household=household,
                           story=story_of_transaction(s, household.book_id, whole.view.id, language()))


@pages.get("/me/code")
@needs("me.view")
def code() -> str:
    """The household's code on pure white, as large as the screen; beneath it what can be read out or typed."""
    household = _mine()
    token = card_token(db.session(), household.book_id, household.id)
    return render_template("me/code.html", household=household, token=token, qr=qr_svg(token) if token else None)
