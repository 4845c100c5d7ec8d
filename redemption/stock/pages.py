"""/stock: the shelves, taking in, counting, writing off, found stock, papers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import Actor, can, current_actor, needs
from pointsbank.database import db
from pointsbank.errors import BadInput, DomainError
from pointsbank.web import FormState, blank, form_command
from redemption.goods import goods_on, sku_of
from redemption.second import countersigner
from redemption.shops import ShopCard, policy_on
from redemption.shops.desk import shop_here
from redemption.stock.counting import Counted, CountStock, FoundStock, count_stock, found_stock
from redemption.stock.papers import PaperCard
from redemption.stock.queries import batch_cards, last_counts, movements, paper_by_id, papers_of, source_names
from redemption.stock.receiving import GoodsIn, ReceiveGoods, receive_goods
from redemption.stock.schemas import CountForm, FoundForm, ReceiveForm, WriteOffForm
from redemption.stock.shelves import near_expiry, stock_of
from redemption.stock.writing_off import Leaving, WriteOff, write_off

pages = Blueprint("stock", __name__, template_folder="templates")
VIEW = "stock.view"
RECEIVE_ROWS = 8


def _second(command: dict[str, Any]) -> Actor | None:
    if not command["second_login"]:
        return None
    return countersigner(db.session(), command["second_login"], command["second_password"], at=clock.now())


def _stocked(shop: ShopCard) -> dict[str, Any]:
    """What every page of the storeroom shows of the shelves."""
    s, today = db.session(), clock.today()
    stock = stock_of(s, shop.book_id, shop.code, today)
    return {"shop": shop, "today": today, "now": clock.now(), "stock": stock,
            "goods": goods_on(s, shop.book_id, today), "shanghai": clock.SHANGHAI,
            "can": lambda power: can(current_actor(), power, shop.place_code)}


@pages.get("/stock")
@needs(VIEW)
def home() -> str:
    """On hand per good and batch; what expires soon; the newest papers."""
    shop = shop_here(request.args.get("shop"), VIEW)
    s, shown = db.session(), _stocked(shop)
    policy = policy_on(s, shop.book_id, shop.code, shown["today"])
    near = near_expiry(shown["stock"].values(), shown["today"], policy.near_expiry_days)
    return render_template("stock/home.html", near=near, policy=policy, counts=last_counts(s, shop.book_id, shop.code),
                           papers=papers_of(s, shop.book_id, shop.code, limit=10), **shown)


@pages.get("/stock/goods/<sku>")
@needs(VIEW)
def good(sku: str) -> str:
    """One good: its batches, and the movements that sum to what lies there."""
    shop = shop_here(request.args.get("shop"), VIEW)
    shown = _stocked(shop)
    found = sku_of(db.session(), shop.book_id, sku)
    return render_template("stock/good.html", sku=found, card=shown["goods"][found],
                           moved=movements(db.session(), shop.book_id, shop.code, found), **shown)


@pages.get("/stock/papers")
@needs(VIEW)
def papers() -> str:
    shop = shop_here(request.args.get("shop"), VIEW)
    before = request.args.get("before", type=UUID)
    return render_template("stock/papers.html", shop=shop, kind=request.args.get("kind", ""), papers=papers_of(
        db.session(), shop.book_id, shop.code, request.args.get("kind") or None, before=before))


@pages.get("/stock/papers/<uuid:paper_id>")
@needs(VIEW)
def paper(paper_id: UUID) -> str:
    """One paper, to print and sign."""
    s, by = db.session(), current_actor()
    card = paper_by_id(s, by.book_id, paper_id)
    shop = shop_here(card.shop_code, VIEW, "paper")
    names = source_names(s, card.book_id, {card.source_id}) if card.source_id else {}
    return render_template("stock/paper.html", card=card, shop=shop, source=names.get(card.source_id),  # type: ignore[arg-type]
                           batches=batch_cards(s, card.book_id, [line.batch_id for line in card.lines]),
                           goods=goods_on(s, card.book_id, clock.today(), [line.sku for line in card.lines]))


def _done(made: PaperCard) -> Response:
    if made.replay:
        at = made.made_at.astimezone(clock.SHANGHAI)
        flash(_("这张单子 %(time)s 已经入账:%(n)s,没有重复。", time=f"{at:%H:%M}", n=made.number), "wait")
    else:
        flash(_("已入账,单号 %(n)s。", n=made.number), "good")
    return redirect(url_for("stock.paper", paper_id=made.id), code=303)


def _again(template: str, form: FormState, shop_code: str | None, power: str, refusal: DomainError | None = None,
           **more: Any) -> Response:
    return form.again(template, refusal, **more, **_stocked(shop_here(shop_code, power)))


@pages.get("/stock/receive")
@needs("stock.receive")
def ask_receive() -> str:
    shop = shop_here(request.args.get("shop"), "stock.receive")
    return render_template("stock/receive.html", form=blank(), rows=RECEIVE_ROWS, **_stocked(shop))


@pages.post("/stock/receive")
@needs("stock.receive")
def do_receive() -> Response:
    s, (command, form) = db.session(), form_command(ReceiveForm())
    if command is None:
        return _again("stock/receive.html", form, request.form.get("shop"), "stock.receive", rows=RECEIVE_ROWS)
    try:
        lines = tuple(GoodsIn(sku_of(s, current_actor().book_id, row["sku"]), row["pieces"] or 0, row["use_by"],
                              row["market"], command["valuation"]) for row in command["lines"] if row["sku"])
        if not lines:
            raise BadInput("lines", "请至少填一行:商品和件数。", "Fill in at least one line: a good and its pieces.")
        made = receive_goods(s, ReceiveGoods(command["key"], command["shop"], command["source"], lines,
                                             command["source_name"], command["source_phone"], command["note"]),
                             by=current_actor(), at=clock.now())
    except DomainError as refusal:
        return _again("stock/receive.html", form, command["shop"], "stock.receive", refusal, rows=RECEIVE_ROWS)
    return _done(made)


@pages.get("/stock/count")
@needs("stock.count")
def ask_count() -> str:
    shop = shop_here(request.args.get("shop"), "stock.count")
    return render_template("stock/count.html", form=blank(), **_stocked(shop))


@pages.post("/stock/count")
@needs("stock.count")
def do_count() -> Response:
    command, form = form_command(CountForm())
    if command is None:
        return _again("stock/count.html", form, request.form.get("shop"), "stock.count")
    lines = tuple(Counted(row["sku"], row["counted"]) for row in command["lines"] if row["counted"] is not None)
    try:
        made = count_stock(db.session(), CountStock(command["key"], command["shop"], _moment(command["counted_at"]),
                                                    lines, command["reason"]),
                           by=current_actor(), second=_second(command), at=clock.now())
    except DomainError as refusal:
        return _again("stock/count.html", form, command["shop"], "stock.count", refusal)
    return _done(made)


def _moment(text: str) -> datetime:
    """'2026-11-25T10:30' of a form -> that instant in the village. Raises BadInput."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=clock.SHANGHAI)
    except ValueError:
        raise BadInput("counted_at", "请填清点的日期和钟点。", "Fill in the day and hour of the count.") from None


@pages.get("/stock/write-off")
@needs("stock.write_off")
def ask_write_off() -> str:
    shop = shop_here(request.args.get("shop"), "stock.write_off")
    return render_template("stock/write_off.html", form=blank(), **_stocked(shop))


@pages.post("/stock/write-off")
@needs("stock.write_off")
def do_write_off() -> Response:
    command, form = form_command(WriteOffForm())
    if command is None:
        return _again("stock/write_off.html", form, request.form.get("shop"), "stock.write_off")
    lines = tuple(Leaving(row["batch"], row["pieces"]) for row in command["lines"] if row["pieces"])
    try:
        made = write_off(db.session(), WriteOff(command["key"], command["shop"], command["reason"], lines,
                                                command["note"]),
                         by=current_actor(), second=_second(command), at=clock.now())
    except DomainError as refusal:
        return _again("stock/write_off.html", form, command["shop"], "stock.write_off", refusal)
    return _done(made)


@pages.get("/stock/found")
@needs(VIEW)
def ask_found() -> str:
    """From the till's refusal: pieces in the hand that the book does not know."""
    shop = shop_here(request.args.get("shop"), VIEW)
    start = {name: request.args.get(name, "") for name in ("sku", "pieces", "who", "items")}
    return render_template("stock/found.html", form=blank(**start), **_stocked(shop))


@pages.post("/stock/found")
@needs(VIEW)
def do_found() -> Response:
    command, form = form_command(FoundForm())
    if command is None:
        return _again("stock/found.html", form, request.form.get("shop"), VIEW)
    try:
        made = found_stock(db.session(), FoundStock(command["key"], command["shop"], command["sku"].upper(),
                                                    command["pieces"]),
                           by=current_actor(), second=_second(command), at=clock.now())
    except DomainError as refusal:
        return _again("stock/found.html", form, command["shop"], VIEW, refusal)
    if command["who"]:
        flash(_("盘盈 %(n)s 件已入账,可以接着兑换。", n=command["pieces"]), "good")
        return make_response(redirect(url_for("till.home", shop=command["shop"], who=command["who"],
                                              items=command["items"]), code=303))
    return _done(made)
