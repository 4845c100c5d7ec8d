"""/me: the balance first, then what is due, the stars, the entries; /me/code: the household's code, large."""

from __future__ import annotations

import io
from datetime import date
from itertools import groupby
from uuid import UUID

import segno
from flask import Blueprint, current_app, render_template, url_for
from markupsafe import Markup

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.me.queries import Entry, own_household, own_transaction, wallet_of
from pointsbank.people import card_token
from pointsbank.ratings import next_star, stars_now
from pointsbank.records import story_of_transaction
from pointsbank.wallets import narrate
from pointsbank.web.charts import months_chart
from pointsbank.web.viewer import language

pages = Blueprint("me", __name__, template_folder="templates")


def _link(endpoint: str, **values: object) -> str | None:
    """An address of a higher floor, when this app has it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def _by_month(entries: list[Entry]) -> list[tuple[date, list[Entry]]]:
    newest_first = list(reversed(entries))
    return [(month, list(some)) for month, some in groupby(newest_first, key=lambda e: e.effective_on.replace(day=1))]


@pages.get("/me")
@needs("me.view")
def home() -> str:
    actor, today, s = current_actor(), clock.today(), db.session()
    household = own_household(s, actor.book_id, actor.household_id)
    wallet = wallet_of(s, household, today, language())
    return render_template(
        "me/home.html", wallet=wallet, months=_by_month(wallet.entries), today=today,
        chart=months_chart(wallet.flows), stars=stars_now(s, household.book_id, household.id),
        missing=next_star(s, household.book_id, household.id, today),
        statement_url=_link("statements.mine"))


@pages.get("/me/entries/<uuid:transaction_id>")
@needs("me.view")
def entry(transaction_id: UUID) -> str:
    actor, s = current_actor(), db.session()
    household = own_household(s, actor.book_id, actor.household_id)
    view = own_transaction(s, household, transaction_id)
    wallet = wallet_of(s, household, clock.today(), language())
    mine = [line for line in wallet.entries if line.transaction_id == view.id]
    return render_template("me/entry.html", view=view, lines=mine, household=household,
                           what=narrate(s, household.book_id, [view], language())[view.id],
                           story=story_of_transaction(s, household.book_id, view.id, language()))


def qr_svg(text: str) -> Markup:
    """A QR code as inline SVG; scanners read it at arm's length from a phone's screen."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=2, scale=8, xmldecl=False, svgns=True,
                                                 omitsize=True, dark="#000", light="#fff")
    return Markup(out.getvalue().decode())  # made from a token of letters and digits, never from a person's text


@pages.get("/me/code")
@needs("me.view")
def code() -> str:
    actor, s = current_actor(), db.session()
    household = own_household(s, actor.book_id, actor.household_id)
    token = card_token(s, household.book_id, household.id)
    return render_template("me/code.html", household=household, token=token, qr=qr_svg(token) if token else None)
