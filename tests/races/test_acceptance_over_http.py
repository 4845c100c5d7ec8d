"""Many at once against the running server: 64 clients, one winner, and losers who hear that nothing was taken.

The same laws are tried at the service in test_till.py, with the limit of one per household and 2,000 copies of one
request; here the whole way is in it: sockets, threads, sign-in by token, problem documents.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, NamedTuple

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

import ledger
from pointsbank.access.models import AppUser
from pointsbank.people import relatives_of
from redemption.demo.people import Village, data
from tests.api_writes import World
from tests.demo_today import bare_today, token_of  # noqa: F401
from tests.stories.conftest import serve_in_thread

CLIENTS = 64
SHOP = "230199100200"


class Answer(NamedTuple):
    status: int
    kind: str
    body: dict[str, Any]


class Sale(NamedTuple):
    """What one client sends."""

    household: str
    sku: str
    quantity: int
    key: str
    token: str


@pytest.fixture
def address(app: Flask, settings: Any, bare_today: Village) -> Iterator[str]:  # noqa: F811
    url, stop = serve_in_thread(app, settings)
    yield url
    stop()


def send(address: str, sale: Sale, go: Barrier) -> Answer:
    body = {"shop": SHOP, "household": sale.household, "confirm_again": True,
            "items": [{"sku": sale.sku, "quantity": sale.quantity}]}
    request = urllib.request.Request(f"{address}/api/v1/sales", data=json.dumps(body).encode(), headers={
        "Content-Type": "application/json", "Authorization": f"Bearer {sale.token}", "Idempotency-Key": sale.key})
    go.wait()
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return Answer(answer.status, answer.headers.get_content_type(), json.load(answer))
    except urllib.error.HTTPError as problem:
        return Answer(problem.code, problem.headers.get_content_type(), json.load(problem))


def at_once(address: str, sales: list[Sale]) -> list[Answer]:
    go = Barrier(len(sales))
    with ThreadPoolExecutor(len(sales)) as pool:
        return list(pool.map(lambda sale: send(address, sale, go), sales))


def losers(answers: list[Answer], code: str) -> None:
    lost = [answer for answer in answers if answer.status != 201]
    assert {(answer.status, answer.kind, answer.body["code"]) for answer in lost} <= {
        (409, "application/problem+json", code)}, Counter((one.status, one.body.get("code")) for one in lost)
    assert all("未扣分" in answer.body["detail"] for answer in lost)


def points_of(code: str) -> int:
    return next(row["opening_points"] * 100 for row in data("village.json")["households"] if row["no"] == code)


def test_of_64_clients_one_takes_the_points_there_are_for_one(app, s, address, bare_today):  # noqa: F811
    assert points_of("H016") == 3800, "washing liquid costs 25 points"
    token = token_of(app, "clerk")
    answers = at_once(address, [Sale("H016", "P07", 1, str(uuid.uuid4()), token) for _ in range(CLIENTS)])
    assert Counter(answer.status for answer in answers) == {201: 1, 409: CLIENTS - 1}
    losers(answers, "not_enough_points")
    winner = next(answer.body for answer in answers if answer.status == 201)
    assert (winner["before"], winner["points"], winner["after"]) == (3800, 2500, 1300)
    sound(s, bare_today, sales=1)


def _steps_aside(s: Session, village: Village, household_id: uuid.UUID) -> bool:
    """Whether one of the two clerks may not serve the household: the own one or a relative's."""
    clerks = s.scalars(select(AppUser.person_id).where(AppUser.login.in_(("clerk", "clerk2"))))
    return any(household_id in relatives_of(s, village.book_id, one) for one in clerks)


def test_of_all_households_one_gets_the_last_shovel(app, s, address, bare_today):  # noqa: F811
    world = World(app, bare_today)
    world.by("storekeeper").done(f"/shops/{SHOP}/write-offs", {
        "reason": "damaged", "lines": [{"batch": world.batch("P17"), "pieces": 24}],
        "second": world.second("committee")})
    clerks = token_of(app, "clerk"), token_of(app, "clerk2")
    served = [home.id for home in bare_today.households.values() if not _steps_aside(s, bare_today, home.id)]
    rich = [code for code, home in bare_today.households.items() if points_of(code) >= 2800 and home.id in served]
    assert len(rich) > 5
    sales = [Sale(code, "P17", 1, str(uuid.uuid4()), clerks[number % 2])
             for number, code in enumerate((rich * CLIENTS)[:CLIENTS])]
    answers = at_once(address, sales)
    assert Counter(answer.status for answer in answers) == {201: 1, 409: CLIENTS - 1}
    losers(answers, "sold_out")
    sound(s, bare_today, sales=1)


def test_64_copies_of_one_request_are_one_sale_and_63_replays(app, s, address, bare_today):  # noqa: F811
    sale = Sale("H001", "P02", 1, str(uuid.uuid4()), token_of(app, "clerk"))
    answers = at_once(address, [sale] * CLIENTS)
    assert Counter((answer.status, answer.body["replay"]) for answer in answers) == {
        (201, False): 1, (201, True): CLIENTS - 1}
    first, *others = [{name: value for name, value in answer.body.items() if name != "replay"} for answer in answers]
    assert all(other == first for other in others)
    sound(s, bare_today, sales=1)


def sound(s: Session, village: Village, *, sales: int) -> None:
    """So many sales and no more, each one ledger transaction, and every law of the ledger holds."""
    s.rollback()
    assert s.execute(text("SELECT count(*) FROM sale")).scalar_one() == sales
    assert s.execute(text("SELECT count(*) FROM ledger_transaction WHERE kind = 'sale'")).scalar_one() == sales
    assert ledger.check(s.connection(), village.book_id) == []
