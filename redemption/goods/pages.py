"""/goods: the price list, a good's prices, a new price."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import can, current_actor, needs
from pointsbank.database import db
from pointsbank.eligibility import describe, rules_on
from pointsbank.errors import DomainError
from pointsbank.web import FormState, blank, form_command
from redemption.errors import NoSuchGood
from redemption.goods.queries import GoodCard, goods_on, prices_of
from redemption.goods.schemas import PriceForm
from redemption.goods.service import POWER, SetPrice, may_edit, set_price
from redemption.goods.wording import category_word, comma, each, pieces, unit_word

pages = Blueprint("goods", __name__, template_folder="templates")
for name, words in (("pieces", pieces), ("each", each), ("unit_word", unit_word), ("category", category_word)):
    pages.add_app_template_filter(words, name)
pages.add_app_template_global(comma, "comma")


@pages.get("/goods")
@needs("schedule.view")
def home() -> str:
    """What can be redeemed, for how many points, for whom. `q` searches name, initials, code and category."""
    s, by, today = db.session(), current_actor(), clock.today()
    goods = [good for good in goods_on(s, by.book_id, today).values() if good.retired_on is None]
    word = request.args.get("q", "").strip().lower()
    if word:
        goods = [good for good in goods if word in good.name.lower() or good.initials.startswith(word)
                 or word in good.category or good.sku.lower().startswith(word) or word in good.barcodes]
    rules = rules_on(s, [good.rule_code for good in goods if good.rule_code], today)
    return render_template("goods/list.html", goods=goods, rules=rules, may_edit=can(by, POWER), today=today)


def _good(sku: str) -> GoodCard:
    found = goods_on(db.session(), current_actor().book_id, clock.today(), [sku.upper()]).get(sku.upper())
    if found is None:
        raise NoSuchGood("sku", given=sku[:20])
    return found


def _show(good: GoodCard, form: FormState) -> str:
    by = current_actor()
    rules = rules_on(db.session(), [good.rule_code] if good.rule_code else [], clock.today())
    return render_template("goods/good.html", good=good, form=form, today=clock.today(),
                           may_edit=may_edit(db.session(), by, good.sku), desk=can(by, POWER),
                           prices=prices_of(db.session(), by.book_id, good.sku), rule=rules.get(good.rule_code or ""),
                           describe=describe)


@pages.get("/goods/<sku>")
@needs("schedule.view")
def show(sku: str) -> str:
    return _show(_good(sku), blank())


@pages.post("/goods/<sku>/prices")
@needs(POWER)
def new_price(sku: str) -> Response:
    good = _good(sku)
    command, form = form_command(PriceForm())
    if command is None:
        return make_response(_show(good, form), 422)
    try:
        wanted = SetPrice(good.sku, command["points"], command["market"], command["valid_from"], command["key"])
        set_price(db.session(), wanted, by=current_actor(), at=clock.now())
    except DomainError as refusal:
        form.refuse(refusal)
        return make_response(_show(good, form), refusal.status)
    flash(_("新价已登记,到那一天自动执行。"), "good")
    return redirect(url_for("goods.show", sku=good.sku), code=303)
