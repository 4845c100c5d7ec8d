"""期初库存: two persons count, the second without the first's figures; only what both counted alike is posted."""

from __future__ import annotations

import re
import uuid
from datetime import date

import pytest
from sqlalchemy import select

from pointsbank.audit import events_of
from pointsbank.database import db
from pointsbank.errors import BadInput, Conflict, KeyReused, NotFound
from redemption.errors import NeedsSecond, NoSuchGood
from redemption.stock import GoodsIn, paper_by_id
from redemption.stock.models import StockPaper
from redemption.stock.opening import ConfirmOpening, CountOpening, confirm_opening, count_opening, differences
from tests.redemption.a_shop import NOW, Market, market_in
from tests.redemption.at_the_till import Browser, open_now

LINES = (GoodsIn("P01", 50), GoodsIn("P02", 20, date(2030, 1, 1), market_fen=990))
SHOP = "230199100200"


def count(market: Market, *lines: GoodsIn, key: uuid.UUID | None = None):
    return count_opening(market.s, CountOpening(key or uuid.uuid4(), market.shop.code, lines or LINES),
                         by=market.storekeeper, at=NOW)


def confirm(market: Market, sheet, *counted: int, by=None):
    return confirm_opening(market.s, ConfirmOpening(uuid.uuid4(), sheet.id, counted), by=by or market.committee, at=NOW)


def test_what_two_persons_counted_alike_goes_onto_the_shelf_by_one_receipt(market: Market):
    before, sheet = market.pieces("P01"), count(market)
    assert market.pieces("P01") == before and sheet.status == "waiting", "nothing moves at the first count"
    done = confirm(market, sheet, 50, 20)
    assert (done.status, differences(done), market.pieces("P01")) == ("posted", [], before + 50)
    paper = market.s.get_one(StockPaper, (market.village.book_id, done.paper_id))
    assert (paper.source_kind, paper.made_by, paper.second_by) == (
        "opening", market.committee.user_id, market.storekeeper.user_id)
    assert [line.pieces for line in paper_by_id(market.s, market.village.book_id, paper.id).lines] == [50, 20]
    assert [one.action for one in events_of(market.s, market.village.book_id, f"opening_count:{sheet.id}")] == [
        "stock.opening_counted", "stock.opening_confirmed"]
    assert confirm(market, sheet, 1, 1).paper_id == done.paper_id and market.pieces("P01") == before + 50
    market.sound()


def test_a_difference_is_shown_and_kept_and_nothing_moves(market: Market):
    before, sheet = market.rows(), count(market)
    done = confirm(market, sheet, 48, 20)
    assert done.status == "differs" and [one[:1] + one[2:] for one in differences(done)] == [("P01", 50, 48)]
    after = market.rows()
    assert all(after[name] == before[name] for name in before if name != "audit_event")
    with pytest.raises(Conflict):
        confirm(market, sheet, 50, 20)
    again = count(market, GoodsIn("P01", 48))
    assert sheet.status == "withdrawn", "the new count takes its place"
    assert confirm(market, again, 48).status == "posted"


def test_it_takes_two_and_every_line(market: Market):
    sheet = count(market)
    with pytest.raises(NotFound):
        confirm(market, sheet, 50, 20, by=market.storekeeper)
    both = market.committee.__class__(**{**vars(market.storekeeper), "grants": market.storekeeper.grants
                                         | market.committee.grants})
    with pytest.raises(NeedsSecond):
        confirm(market, sheet, 50, 20, by=both)
    for counted in ((50,), (50, 20, 1), (50, -1)):
        with pytest.raises(BadInput):
            confirm(market, sheet, *counted)


def test_what_no_receipt_would_take_is_refused_at_the_first_count(market: Market):
    with pytest.raises(NoSuchGood):
        count(market, GoodsIn("P77", 1))
    with pytest.raises(BadInput):
        count(market, GoodsIn("P01", 1), GoodsIn("P01", 2))
    key = uuid.uuid4()
    first = count(market, key=key)
    assert count(market, key=key).id == first.id
    with pytest.raises(KeyReused):
        count(market, GoodsIn("P01", 1), key=key)


def test_in_the_browser_the_second_counts_blind_and_the_difference_is_shown(app, market):
    open_now(market)
    keeper, committee = Browser(app, "storekeeper"), Browser(app, "committee")
    before = market_in(db.session()).pieces("P01")
    assert keeper.post("/stock/opening", shop=SHOP, **{"lines-0-sku": "P01", "lines-0-pieces": "437"}
                       ).status_code == 303
    assert "我来再数一遍" not in keeper.get("/stock/opening")
    link = re.search(r'href="(/stock/opening/[0-9a-f-]{36})"', committee.get("/stock/opening"))
    assert link and "437" not in committee.get(link[1])
    wrong = committee.post(link[1], **{"lines-0-pieces": "430"})
    assert wrong.status_code == 303
    page = committee.get(wrong.location)
    assert "两遍对不上" in page and "437" in page and "-7" in page
    keeper.post("/stock/opening", shop=SHOP, **{"lines-0-sku": "P01", "lines-0-pieces": "430"})
    link = re.search(r'href="(/stock/opening/[0-9a-f-]{36})"', committee.get("/stock/opening"))
    assert link and committee.post(link[1], **{"lines-0-pieces": "430"}).status_code == 303
    assert market_in(db.session()).pieces("P01") == before + 430
    assert '<html lang="en"' in committee.get("/stock/opening?lang=en")
    assert keeper.post("/stock/opening", shop=SHOP).status_code == 422
    assert db.session().scalars(select(StockPaper).where(StockPaper.source_kind == "opening")).all()
