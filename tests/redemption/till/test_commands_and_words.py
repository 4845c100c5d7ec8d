"""`till settle`, and what a sale says in a wallet."""

from __future__ import annotations

import json
import string
import uuid

import ledger
from ledger.errors import DomainError
from pointsbank import accounts
from pointsbank.wallets import narrate
from redemption import errors
from redemption.till import ReturnItem, ReturnSale, take_back
from redemption.till.narrating import register_narrators
from tests.redemption.a_shop import NOW, Market


def test_the_settlement_prints_and_agrees_with_the_ledger(app, market):
    market.sell("H001", ("P01", 2), ("P12", 1))
    run = app.test_cli_runner().invoke(args=["till", "settle", "--month", "2026-11", "--json"])
    assert run.exit_code == 0, run.output
    found = json.loads(run.output)[0]
    assert (found["sales"], found["points"], found["value_yuan"], found["agrees_with_ledger"]) == (
        1, "28.00", "30.00", True)
    text = app.test_cli_runner().invoke(args=["till", "settle", "--month", "2026-11", "--shop", market.shop.code])
    assert text.exit_code == 0 and "与总账一致" in text.output and "鸡蛋(30枚)" in text.output
    assert app.test_cli_runner().invoke(args=["till", "settle", "--shop", "230199100999"]).exit_code == 2
    assert app.test_cli_runner().invoke(args=["till", "settle", "--month", "November"]).exit_code == 2


def lines(market: Market, code: str):
    card = market.village.households[code]
    wallet = accounts.wallet(card.id, card.place_code)
    return ledger.lines(market.s.connection(), market.village.book_id, wallet)


def test_a_wallet_tells_what_was_redeemed_and_what_came_back(market):
    register_narrators()
    sale = market.sell("H001", ("P01", 2), ("P13", 1))
    take_back(market.s, ReturnSale(uuid.uuid4(), sale.id, (ReturnItem(1, 1),)), by=market.clerk, at=NOW)
    told = narrate(market.s, market.village.book_id, lines(market, "H001"))
    assert set(told.values()) >= {"兑换 香皂(125g)×2、五常大米(5kg)×1(小票 20261125-0001)",
                                  "退回 香皂(125g)×1(原小票 20261125-0001)"}


def test_every_refusal_has_both_sentences_with_the_same_placeholders():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DomainError)]
    assert len(kinds) > 20
    for kind in kinds:
        names = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (kind.zh, kind.en)]
        assert names[0] == names[1], kind
