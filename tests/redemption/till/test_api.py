"""The till as JSON: the same services, the same answers."""

from __future__ import annotations

import uuid

import pytest

from pointsbank.database import db
from tests.redemption.a_shop import market_in
from tests.redemption.at_the_till import open_now, program

SHOP = "230199100200"


@pytest.fixture
def clerk(app, market):
    open_now(market)
    return program(app, "clerk")


def sale(household: str, *items: tuple[str, int], **more):
    return {"shop": SHOP, "household": household, "items": [{"sku": sku, "quantity": n} for sku, n in items], **more}


def test_a_sale_with_the_same_key_twice_is_one_sale(clerk):
    key = str(uuid.uuid4())
    first = clerk("POST", "/sales", sale("H001", ("P01", 1), ("P13", 1)), key)
    assert first.status_code == 201
    assert (first.json["before"], first.json["points"], first.json["after"], first.json["number"]) == (
        14600, 4300, 10300, "0001")
    again = clerk("POST", "/sales", sale("H001", ("P01", 1), ("P13", 1)), key)
    assert again.status_code == 201 and again.json == {**first.json, "replay": True}
    other = clerk("POST", "/sales", sale("H001", ("P01", 2)), key)
    assert (other.status_code, other.json["code"]) == (409, "key_reused")
    assert clerk("POST", "/sales", sale("H001", ("P01", 1))).json["code"] == "idempotency_key_missing"


def test_a_refusal_is_a_problem_document_with_its_field_in_either_language(clerk):
    answer = clerk("POST", "/sales", sale("H007", ("P19", 1)), str(uuid.uuid4()))
    assert (answer.status_code, answer.content_type, answer.json["code"], answer.json["field"]) == (
        409, "application/problem+json", "not_eligible", "items.0")
    assert "未扣分" in answer.json["detail"]
    english = clerk("POST", "/sales", sale("H007", ("P19", 1)), str(uuid.uuid4()), lang="en")
    assert "Nothing was charged" in english.json["detail"] and "under 18" in english.json["detail"]


@pytest.mark.parametrize("body", [
    sale("H001", ("P01", 0)), sale("H001", ("P01", -1)), sale("H001"), sale("H001", ("P01", 1.5)),  # type: ignore[arg-type]
    sale("H001", ("P01", "1")), sale("H001", ("P01", True)), sale("H001", ("P01", 10**9)),  # type: ignore[arg-type]
    {**sale("H001", ("P01", 1)), "points": 0}, {"shop": SHOP}])
def test_a_malformed_basket_is_named_and_nothing_moves(clerk, body):  # C09
    answer = clerk("POST", "/sales", body, str(uuid.uuid4()))
    assert answer.status_code == 422 and answer.json["errors"]
    assert market_in(db.session()).points("H001") == 14600


def test_a_preview_says_line_by_line_what_a_sale_would_say(clerk):
    seen = clerk("POST", "/sales/preview", sale("H007", ("P19", 1), ("P01", 2))).json
    assert [line["refusal"] and line["refusal"]["code"] for line in seen["lines"]] == ["not_eligible", None]
    assert (seen["allowed"], seen["total"], seen["after"]) == (False, 2600, 2800)
    assert seen["balance"] == {"posted": 5400, "held": 0, "available": 5400}  # C23
    good = clerk("POST", "/sales/preview", sale("H007", ("P01", 2))).json
    assert good["allowed"] and good["after"] == 4800
    assert market_in(db.session()).rows()["sale"] == 0


def test_the_card_masks_the_name_shows_three_balances_and_what_is_barred(clerk):
    card = clerk("GET", "/households/H007/till-card").json
    assert card["masked_name"] == "孙*旺" and card["balance"]["available"] == 5400
    barred = {row["sku"]: row["code"] for row in card["barred"]}
    assert barred["P19"] == "not_eligible" and barred["P22"] == "not_enough_points" and "P01" not in barred
    assert clerk("GET", "/households/H999/till-card").json["code"] == "no_such_household"


def test_a_return_over_the_api_brings_points_and_goods_back_once(clerk):
    made = clerk("POST", "/sales", sale("H001", ("P01", 2)), str(uuid.uuid4())).json
    key = str(uuid.uuid4())
    back = clerk("POST", f"/sales/{made['id']}/returns", {"lines": [{"line_no": 1, "pieces": 1}]}, key)
    assert back.status_code == 201 and (back.json["points"], back.json["after"]) == (300, 14300)
    assert clerk("POST", f"/sales/{made['id']}/returns", {"lines": [{"line_no": 1, "pieces": 1}]}, key).json == {
        **back.json, "replay": True}
    rest = clerk("POST", f"/sales/{made['id']}/returns", {}, str(uuid.uuid4()))
    assert rest.json["after"] == 14600
    over = clerk("POST", f"/sales/{made['id']}/returns", {}, str(uuid.uuid4()))
    assert (over.status_code, over.json["code"]) == (409, "already_returned")
    shown = clerk("GET", f"/sales/{made['id']}").json
    assert shown["lines"][0]["returned"] == 2 and len(shown["returns"]) == 2
    assert clerk("GET", f"/sales?shop={SHOP}&household=H001").json[0]["id"] == made["id"]


def test_goods_and_shelves_are_read_and_codes_found_as_a_scanner_sends_them(clerk):
    assert len(clerk("GET", "/goods").json) == 22
    found = clerk("GET", "/goods?code=012345678905").json
    assert [good["sku"] for good in found] == ["P01"] and found[0]["barcodes"] == ["0012345678905"]
    shelf = {row["sku"]: row for row in clerk("GET", f"/shops/{SHOP}/stock").json}
    assert shelf["P01"]["free"] == 120 and shelf["P01"]["batches"][0]["posted"] == 120


def test_the_storeroom_over_the_api_takes_two_persons(app, clerk):
    keeper = program(app, "storekeeper")
    key = str(uuid.uuid4())
    body = {"source": "donation", "source_name": "北方化工厂", "lines": [{"sku": "P01", "pieces": 10}]}
    paper = keeper("POST", f"/shops/{SHOP}/receipts", body, key)
    assert paper.status_code == 201 and paper.json["number"].startswith("JS")
    assert keeper("POST", f"/shops/{SHOP}/receipts", body, key).json["replay"]
    batch = paper.json["lines"][0]["batch_id"]
    off = {"reason": "damaged", "lines": [{"batch": batch, "pieces": 2}],
           "second": {"login": "storekeeper", "password": "xiangyang2026"}}
    alone = keeper("POST", f"/shops/{SHOP}/write-offs", off, str(uuid.uuid4()))
    assert (alone.status_code, alone.json["code"]) == (409, "needs_second")
    wrong = keeper("POST", f"/shops/{SHOP}/write-offs", {**off, "second": {"login": "committee", "password": "x"}},
                   str(uuid.uuid4()))
    assert wrong.status_code == 401
    second = {"login": "supervisor", "password": "xiangyang2026"}
    assert keeper("POST", f"/shops/{SHOP}/write-offs", {**off, "second": second}, str(uuid.uuid4())).status_code == 201
    assert market_in(db.session()).pieces("P01") == 128
    assert clerk("POST", f"/shops/{SHOP}/receipts", body, str(uuid.uuid4())).status_code == 403
    assert [row["kind"] for row in keeper("GET", f"/shops/{SHOP}/papers").json][:2] == ["write_off", "receipt"]


def test_a_price_is_set_over_the_api_by_the_storekeeper_alone(app, clerk):
    from pointsbank import clock
    body = {"points": 350, "market_fen": 300, "valid_from": clock.today().isoformat()}
    keeper = program(app, "storekeeper")
    assert keeper("POST", "/goods/P01/prices", body, str(uuid.uuid4())).json["version"] == 2
    assert clerk("POST", "/goods/P01/prices", body, str(uuid.uuid4())).status_code == 403
