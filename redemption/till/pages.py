"""/till: the screen, selling, slips, today's sales, returns. Thin: load, call once, show.

A request with the header X-Till comes from the till's script and gets the zones alone; everything else gets the page.
Both are drawn by the same template.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import can, current_actor, current_user, needs
from pointsbank.amounts import format_points
from pointsbank.database import db
from pointsbank.errors import DomainError, NotSignedIn
from pointsbank.people import household_cards
from pointsbank.web import FormState, blank, form_command, language
from pointsbank.web.viewer import SIGN_IN, serves
from redemption.errors import AskAgain, NoSuchHousehold
from redemption.second import countersigner
from redemption.shops import ShopCard, shops_of_place
from redemption.shops.desk import shop_here
from redemption.till.api import VIEW
from redemption.till.counter import Counter, added, changed, enter, items_text, read_items, screen
from redemption.till.proxies import AddProxy, add_proxy
from redemption.till.queries import proxies_of, returns_of_day, sale_by_id, sales_of_day, sales_of_household
from redemption.till.returning import ReturnItem, ReturnSale, take_back
from redemption.till.schemas import ProxyForm, ReturnForm, SellForm
from redemption.till.selling import Redeem, find_customer, redeem
from redemption.till.settlement import settle
from redemption.till.slips import Receipt

FIRST_DAY = date(2000, 1, 1)
pages = Blueprint("till", __name__, template_folder="templates", static_folder="static",
                  static_url_path="/till/static")
SLIP_PDF = "/till/sales/{}/slip.pdf"  # served by the floor above, where it stands


def _key(text: str | None) -> str:
    try:
        return str(uuid.UUID(text or ""))
    except ValueError:
        return str(uuid.uuid4())


def _by_script() -> bool:
    return request.headers.get("X-Till") == "1"


def _show(shop: ShopCard, counter: Counter, key: str, status: int = 200, **more: Any) -> Response:
    """The screen, or its zones alone for the script."""
    seen = screen(db.session(), shop, counter, by=current_actor(), at=clock.now())
    user = current_user()
    shown = {"seen": seen, "key": key, "items": items_text(seen.counter.items), "today": clock.today(),
             "clerk": user.login if user else "", "refusal": None, "again": None, **more}
    template = "till/zones.html" if _by_script() else "till/till.html"
    return make_response(render_template(template, **shown), status)


@pages.errorhandler(NotSignedIn)
def to_staff_sign_in(error: NotSignedIn) -> Response:
    """Who works here signs in with the staff form and comes back; the script is told where to go."""
    target = request.full_path.rstrip("?") if request.method == "GET" else url_for("till.home")
    if request.method != "GET":
        flash(_("登录已经过期,刚才那一步没有办成。请登录后再做一次。"), "wait")
    address = f"{SIGN_IN}?{urlencode({'kind': 'staff', 'next': target})}"
    return make_response("", error.status, {"X-Till-Go": address}) if _by_script() else redirect(address, code=303)


def _step(given: MultiDict[str, str], names: bool) -> tuple[ShopCard, Counter, str]:
    """One step: `who`, `items` and `last` carry the till on; `code`, `add`, `take` and `clear` change it."""
    s, shop = db.session(), shop_here(given.get("shop"), "till.sell")
    counter = Counter(given.get("who", "")[:70].strip(), read_items(given.get("items", "")), given.get("last", "")[:20])
    if given.get("add"):
        counter = added(s, shop, counter, given["add"][:20], clock.today())
    elif given.get("take"):
        counter = changed(counter, given["take"][:20], -1)
    elif given.get("code"):
        counter = enter(s, shop, counter, given["code"][:80], clock.today(), names=names)
    elif given.get("clear"):
        counter = Counter()
    return shop, counter, _key(given.get("key") if not given.get("clear") else None)


@pages.get("/till")
@needs("till.sell")
def home() -> Response:
    """The till, as its address says."""
    if not shops_of_place(db.session(), current_actor().book_id, current_actor().place_code):
        return make_response(render_template("till/no_shop.html"))
    return _show(*_step(request.args, names=False))


@pages.post("/till")
@needs("till.sell")
def step() -> Response:
    """What was scanned or typed. Sent as a form, so that a name stays out of addresses; the next address has codes."""
    shop, counter, key = _step(request.form, names=True)
    if _by_script() or counter.notice or counter.search:
        return _show(shop, counter, key)
    return redirect(url_for("till.home", shop=shop.code, who=counter.who or None, last=counter.last or None,
                            items=items_text(counter.items) or None, key=key), code=303)


@pages.post("/till/sales")
@needs("till.sell")
def sell() -> Response:
    s = db.session()
    command, _form = form_command(SellForm())
    if command is None:
        flash(_("请先扫户码,再选商品。"), "wait")
        return redirect(url_for("till.home"), code=303)
    shop = shop_here(command["shop"], "till.sell")
    counter = Counter(command["who"], read_items(command["items"]))
    try:
        household = find_customer(s, shop, command["who"])
        receipt = redeem(s, Redeem(command["key"], shop.code, household.id, counter.items, command["confirm_again"],
                                   command["proxy"]), by=current_actor(), at=clock.now())
    except AskAgain as again:
        return _show(shop, counter, str(command["key"]), again.status, again=again)
    except NoSuchHousehold as unknown:
        return _show(shop, replace(counter, who="", notice=unknown), str(command["key"]), unknown.status)
    except DomainError as refusal:
        return _show(shop, counter, str(command["key"]), refusal.status, refusal=refusal)
    if _by_script():
        return make_response(render_template("till/answer.html", receipt=receipt, household=household), 201)
    return redirect(url_for("till.slip", sale_id=receipt.id, done="again" if receipt.replay else "1"), code=303)


def _slip(sale_id: UUID, power: str = VIEW) -> tuple[Receipt, ShopCard]:
    receipt = sale_by_id(db.session(), current_actor().book_id, sale_id)
    return receipt, shop_here(receipt.shop_code, power, "sale")


def _shown(receipt: Receipt, shop: ShopCard) -> dict[str, Any]:
    household = household_cards(db.session(), receipt.book_id, [receipt.household_id])[receipt.household_id]
    return {"receipt": receipt, "shop": shop, "household": household, "today": clock.today(), "lang": language(),
            **_may(shop)}


def _may(shop: ShopCard) -> dict[str, bool]:
    """Which of the page's buttons this person can use."""
    return {"may_sell": can(current_actor(), "till.sell", shop.place_code),
            "may_return": can(current_actor(), "till.return", shop.place_code)}


@pages.get("/till/slips/<uuid:sale_id>")
@needs(VIEW)
def slip(sale_id: UUID) -> str:
    """A slip as it was given, with what has come back since; prints again."""
    receipt, shop = _slip(sale_id)
    paper = SLIP_PDF.format(sale_id) if serves(SLIP_PDF.format("<uuid:sale_id>")) else None
    return render_template("till/slip.html", done=request.args.get("done"), now=clock.now(), paper=paper,
                           **_shown(receipt, shop))


@pages.get("/till/sales")
@needs(VIEW)
def sales() -> str:
    """The sales of a day, or of a household over a year; `day`, `household`."""
    s, shop = db.session(), shop_here(request.args.get("shop"), VIEW)
    day = _day(request.args.get("day"))
    code, unknown = request.args.get("household", "").strip(), None
    found: list[Receipt] = []
    try:
        home = find_customer(s, shop, code) if code else None
        if home is not None and not request.args.get("day"):
            found = sales_of_household(s, shop.book_id, home.id, day.replace(year=day.year - 1, day=1), day,
                                       shop_code=shop.code)
        else:
            found = sales_of_day(s, shop, day, household_id=home.id if home else None,
                                 before=request.args.get("before", type=_receipt_number))
    except NoSuchHousehold as refusal:
        unknown = refusal
    cards = household_cards(s, shop.book_id, {receipt.household_id for receipt in found})
    return render_template("till/sales.html", shop=shop, day=day, today=clock.today(), sales=found, cards=cards,
                           household=code, unknown=unknown, returns=returns_of_day(s, shop, day), **_may(shop),
                           settled=settle(s, shop, day, day))


def _receipt_number(text: str) -> int:
    """A number a slip can have; anything else (ValueError) counts as not given."""
    if not 0 < (number := int(text)) < 10 ** 9:
        raise ValueError(text)
    return number


def _day(text: str | None) -> date:
    try:
        return min(max(date.fromisoformat(text or ""), FIRST_DAY), clock.today())
    except ValueError:
        return clock.today()


@pages.get("/till/sales/<uuid:sale_id>/return")
@needs("till.return")
def ask_return(sale_id: UUID) -> str:
    receipt, shop = _slip(sale_id, "till.return")
    return render_template("till/return.html", form=blank(), asks_stocktake=False, **_shown(receipt, shop))


@pages.post("/till/sales/<uuid:sale_id>/return")
@needs("till.return")
def do_return(sale_id: UUID) -> Response:
    receipt, shop = _slip(sale_id, "till.return")
    command, form = form_command(ReturnForm())
    shown = _shown(receipt, shop)
    if command is None:
        return form.again("till/return.html", asks_stocktake=False, **shown)
    lines = tuple(ReturnItem(**line) for line in command["lines"] if line["pieces"])
    if not lines:
        form.refusal = _("请写明要退几件。")
        return form.again("till/return.html", asks_stocktake=False, **shown)
    s, at = db.session(), clock.now()
    try:
        second = (countersigner(s, command["second_login"], command["second_password"], at=at)
                  if command["second_login"] else None)
        back = take_back(s, ReturnSale(command["key"], sale_id, lines, command["stocktake_seen"]),
                         by=current_actor(), at=at, second=second)
    except DomainError as refusal:
        receipt, shop = _slip(sale_id, "till.return")
        return form.again("till/return.html", refusal, asks_stocktake=refusal.code == "stocktake_between",
                          **_shown(receipt, shop))
    if back.replay:
        flash(_("这次退货已经办过:退货单 %(number)s。", number=back.receipt), "wait")
    else:
        flash(_("已退回 %(points)s 分,现有 %(after)s 分。退货单 %(number)s。", points=format_points(back.points),
                after=format_points(back.after), number=back.receipt), "good")
    return redirect(url_for("till.slip", sale_id=sale_id), code=303)


@pages.get("/till/proxies/<code>")
@needs("till.sell")
def proxies(code: str) -> str:
    """Who may fetch for a household, and a form to add one."""
    return _proxies(code, blank())


def _proxies(code: str, form: FormState) -> str:
    shop = shop_here(request.values.get("shop"), "till.sell")
    household = find_customer(db.session(), shop, code)
    return render_template("till/proxies.html", form=form, shop=shop, household=household,
                           proxies=proxies_of(db.session(), shop.book_id, household.id))


@pages.post("/till/proxies/<code>")
@needs("till.sell")
def register_proxy(code: str) -> Response:
    command, form = form_command(ProxyForm())
    if command is None:
        return make_response(_proxies(code, form), 422)
    shop = shop_here(command["shop"], "till.sell")
    household = find_customer(db.session(), shop, code)
    try:
        add_proxy(db.session(), AddProxy(shop.code, household.id, command["name"], command["relation"]),
                  by=current_actor(), at=clock.now())
    except DomainError as refusal:
        form.refuse(refusal)
        return make_response(_proxies(code, form), refusal.status)
    flash(_("代领人已登记。"), "good")
    return redirect(url_for("till.home", who=household.code, shop=shop.code), code=303)
