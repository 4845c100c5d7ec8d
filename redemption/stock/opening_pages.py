"""/stock/opening: what lay in the shop before its first day, counted by one and counted again by another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import can, current_actor, needs
from pointsbank.database import db
from pointsbank.errors import BadInput, DomainError
from pointsbank.web import FormState, blank, form_command
from redemption.goods import goods_on, sku_of
from redemption.second import POWER as SECOND
from redemption.shops import ShopCard, shop_by_code
from redemption.shops.desk import shop_here
from redemption.stock.models import OpeningCount
from redemption.stock.opening import (
    ConfirmOpening,
    CountOpening,
    confirm_opening,
    count_opening,
    differences,
    lines_of,
    opening_count,
    opening_counts,
)
from redemption.stock.receiving import POWER, GoodsIn
from redemption.stock.schemas import OpeningAgainForm, OpeningCountForm

pages = Blueprint("opening_stock", __name__, template_folder="templates", url_prefix="/stock/opening")
VIEW, ROWS = "stock.view", 12


def _shown(shop: ShopCard) -> dict[str, Any]:
    by, s, today = current_actor(), db.session(), clock.today()
    return {"shop": shop, "today": today, "rows": ROWS, "sheets": opening_counts(s, shop), "me": by.user_id,
            "goods": goods_on(s, shop.book_id, today), "differences": differences, "lines_of": lines_of,
            "may_count": can(by, POWER, shop.place_code), "may_second": can(by, SECOND, shop.place_code)}


@pages.get("")
@needs(VIEW)
def home() -> str:
    return render_template("stock/opening.html", form=blank(), **_shown(shop_here(request.args.get("shop"), VIEW)))


@pages.post("")
@needs(POWER)
def count() -> Response:
    """The first person's count."""
    s, (command, form) = db.session(), form_command(OpeningCountForm())
    if command is None:
        return _again(form, request.form.get("shop"))
    try:
        lines = tuple(GoodsIn(sku_of(s, current_actor().book_id, row["sku"]), row["pieces"] or 0, row["use_by"],
                              row["market"]) for row in command["lines"] if row["sku"])
        if not lines:
            raise BadInput("lines", "请至少填一行:商品和件数。", "Fill in at least one line: a good and its pieces.")
        count_opening(s, CountOpening(command["key"], command["shop"], lines), by=current_actor(), at=clock.now())
    except DomainError as refusal:
        return _again(form, command["shop"], refusal)
    flash(_("已记下,请另一个人再数一遍。"), "good")
    return redirect(url_for("opening_stock.home", shop=command["shop"]), code=303)


def _again(form: FormState, shop_code: str | None, refusal: DomainError | None = None) -> Response:
    return form.again("stock/opening.html", refusal, **_shown(shop_here(shop_code, POWER)))


def _sheet(sheet_id: UUID) -> tuple[OpeningCount, dict[str, Any]]:
    row = opening_count(db.session(), sheet_id, current_actor(), SECOND)
    return row, {"sheet": row, **_shown(shop_by_code(db.session(), row.book_id, row.shop_code))}


@pages.get("/<uuid:sheet_id>")
@needs(SECOND)
def ask(sheet_id: UUID) -> str:
    """The second person's form: the goods, without what the first one counted."""
    return render_template("stock/opening_again.html", form=blank(), **_sheet(sheet_id)[1])


@pages.post("/<uuid:sheet_id>")
@needs(SECOND)
def confirm(sheet_id: UUID) -> Response:
    row, shown = _sheet(sheet_id)
    command, form = form_command(OpeningAgainForm())
    if command is None:
        return form.again("stock/opening_again.html", None, **shown)
    try:
        counted = tuple(line["pieces"] for line in command["lines"])
        done = confirm_opening(db.session(), ConfirmOpening(command["key"], row.id, counted), by=current_actor(),
                               at=clock.now())
    except DomainError as refusal:
        return form.again("stock/opening_again.html", refusal, **shown)
    found = differences(done)
    if found:
        flash(_("有 %(n)s 行对不上,还没有入账,请两个人一起重数。", n=len(found)), "wait")
    else:
        flash(_("两个人数的一样,期初库存已入账。"), "good")
    return redirect(url_for("opening_stock.home", shop=done.shop_code), code=303)
