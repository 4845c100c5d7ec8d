"""Papers of the shop and the board, and the chain behind a transaction, from real sales and records."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import ledger
from pointsbank.access import system_actor
from pointsbank.errors import NotAllowed
from pointsbank.people import issue_card
from redemption.demo.people import Village
from redemption.stock import Batch, GoodsIn, ReceiveGoods, receive_goods
from redemption.till.narrating import register_narrators
from reports.audit.finding import find
from reports.audit.queries import story_of
from reports.audit.searching import understand
from reports.audit.tellers import register_tellers
from reports.papers import service as papers
from reports.statements.service import AskStatement, ask_statement, print_statement
from tests.pointsbank.records.a_village import BOOK, build
from tests.redemption.a_shop import NOW, Market, open_market
from tests.reports.papers import read, text_of

URL = "https://bank.example"


@pytest.fixture(autouse=True)
def tellers() -> None:
    register_tellers()
    register_narrators()


@pytest.fixture
def fair(s: Session, village: Village) -> Market:
    return open_market(s, village)


def test_the_slip_of_a_sale_shows_before_taken_after_and_says_when_it_is_a_reprint(fair: Market):
    sale = fair.sell("H001", ("P01", 2), ("P13", 1))
    now = papers.slip(fair.s, sale.id, by=fair.clerk, at=NOW, base_url=URL)
    text = text_of(now)
    for part in (sale.receipt, "香皂", "2 块 × 3.00 分", "146.00 分", "46.00 分", "100.00 分", "H001"):
        assert part in text, part
    assert "王德顺" not in text and "补打" not in text
    later = papers.slip(fair.s, sale.id, by=fair.clerk, at=NOW + timedelta(hours=1), base_url=URL)
    assert "补打" in text_of(later)


def test_a_volunteer_cannot_print_anybodys_slip(fair: Market, village: Village):
    sale = fair.sell("H001", ("P01", 1))
    nobody = system_actor(village.book_id, "x").__class__(None, village.book_id, None, None, village.place_code,
                                                         frozenset({("volunteer", village.place_code)}), "user:x")
    with pytest.raises(NotAllowed):
        papers.slip(fair.s, sale.id, by=nobody, at=NOW, base_url=URL)


def test_cards_are_printed_for_every_household_that_was_issued_one(fair: Market, village: Village):
    for home in village.households.values():
        issue_card(fair.s, village.book_id, home.id, at=NOW)
    made = papers.cards(fair.s, village.place_code, None, by=fair.committee, at=NOW)
    assert len(read(made).pages) == -(-len(village.households) // 8)
    one = text_of(papers.cards(fair.s, village.place_code, "H011", by=fair.committee, at=NOW))
    assert "H011" in one and "H012" not in one
    with pytest.raises(papers.NoCards):
        papers.cards(fair.s, village.place_code, "H999", by=fair.committee, at=NOW)


def test_the_search_finds_a_slip_by_its_number_and_the_chain_tells_the_sale(fair: Market, village: Village):
    auditor = system_actor(village.book_id, "auditor")
    sale = fair.sell("H001", ("P01", 2))
    for text in (sale.short, sale.receipt, "6.00", "H001-2"):
        (found,) = find(fair.s, auditor, understand(text))
        assert found.id == sale.transaction_id, text
    told = story_of(fair.s, auditor, found, "zh")
    assert told.chain[0].label == f"小票 {sale.receipt}" and "香皂(125g)×2" in told.chain[0].detail
    assert "兑换" in told.sentence
    assert {row.commodity for row in told.transfers} >= {"积分(分)", "物资 P01 香皂(125g)(件)"}


def test_the_books_name_batches_shops_sources_and_hands_in_words(fair: Market, village: Village):
    auditor = system_actor(village.book_id, "auditor")
    sale = fair.sell("H001", ("P01", 2))
    told = story_of(fair.s, auditor, find(fair.s, auditor, understand(sale.receipt))[0], "zh")
    sides = {side for row in told.transfers for side in (row.debit, row.credit)}
    batch = fair.s.scalars(select(Batch).where(Batch.sku == "P01")).first()
    assert batch and f"货架库存 香皂(125g) {batch.number}" in sides and "已兑出物资 向阳村爱心超市" in sides
    facts = {fact.label: fact.value for fact in told.facts}
    assert facts["种类"] == "兑换" and facts["提交编号"].startswith("用户 clerk · ")
    for key, source, name in ((1, "donation", "甲公司"), (2, "donation", "乙公司"), (3, "purchase", "丙商店")):
        receive_goods(fair.s, ReceiveGoods(UUID(int=key), fair.shop.code, source, (GoodsIn("P01", 10),), name),
                      by=fair.storekeeper, at=NOW)
    views = ledger.transactions(fair.s.connection(), village.book_id, kinds=["receipt"])
    from_whom = {row.debit for view in views for row in story_of(fair.s, auditor, view, "zh").transfers}
    assert {"捐赠来源 1 号", "捐赠来源 2 号", "采购来源 1 号"} <= from_whom
    assert not any(re.search("[0-9a-f]{8}-", side) for side in from_whom | sides)


def test_statements_of_the_two_asked_for_households_carry_exact_names_and_embedded_fonts(fair: Market,
                                                                                         village: Village):
    # acceptance 8 and C52: H011 and H021 of the demo village
    auditor = system_actor(village.book_id, "auditor")
    for code in ("H011", "H021"):
        data = ask_statement(fair.s, code, AskStatement(), by=auditor, at=NOW)
        pdf = print_statement(fair.s, data, by=auditor, base_url=URL)
        assert village.households[code].head_name in text_of(pdf)
        for page in read(pdf).pages:
            for font in page["/Resources"]["/Font"].values():
                assert "/FontFile2" in font.get_object()["/FontDescriptor"].get_object()
        assert data.adds_up()


def test_a_sale_of_two_goods_is_one_line_with_both_its_numbers(fair: Market, village: Village):
    sale = fair.sell("H001", ("P01", 2), ("P13", 1))
    data = ask_statement(fair.s, "H001", AskStatement(), by=system_actor(village.book_id, "auditor"), at=NOW)
    assert [(line.numbers, line.points) for line in data.lines] == [("1", 14600), ("2–3", -4600)]
    assert data.lines[-1].transaction_id == sale.transaction_id and data.adds_up()
    assert "2–3" in text_of(print_statement(fair.s, data, by=fair.system, base_url=URL))


def test_the_chain_of_an_award_runs_from_the_fact_over_every_decision_to_the_posting(s: Session):
    there = build(s)
    record = there.submit("V01", note="村道清雪")
    there.approve(record)
    auditor = system_actor(BOOK, "auditor")
    (view,) = ledger.transactions(s.connection(), BOOK, kinds=["earned"])
    told = story_of(s, auditor, view, "zh")
    labels = [step.label for step in told.chain]
    assert labels[0].startswith("服务记录") and "村道清雪" in told.chain[0].detail
    assert "村级审核:通过" in labels and any("按细则计分 +3.00 分" in label for label in labels)
    assert labels[-1] == "记入账簿"
    assert told.household_code == "H001"


def test_the_notice_for_the_board_lists_what_is_on_notice_with_masked_names(s: Session):
    there = build(s)
    there.approve(there.submit("E01", who=None), by="reviewer")  # first prize for the yard: five days on notice
    made = papers.notice(s, "230199100200", by=system_actor(BOOK, "committee"),
                         at=datetime(2026, 3, 12, 2, tzinfo=UTC), base_url=URL)
    text = text_of(made)
    for part in ("积分公示", "加盖公章处", "E01", "王*", "2026年3月15日", "条数"):
        assert part in text, part
    assert "王德顺" not in text


def test_a_place_with_nothing_on_notice_prints_a_notice_that_says_so(s: Session):
    build(s)
    made = papers.notice(s, "230199100200", by=system_actor(BOOK, "committee"), at=NOW, base_url=URL)
    assert "本期没有需要公示的内容" in text_of(made)
