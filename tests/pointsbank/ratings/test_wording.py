"""Pages speak of the scheme at hand: its parts, its period, whom it rates; never of ten stars and a year by habit."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pointsbank.database import new_id
from pointsbank.ratings import OpenCycle, RunEvaluation, open_cycle, publish_scheme, run_evaluation, scheme_from_json
from pointsbank.ratings.subjects import subject_cards
from tests.pointsbank.ratings import village as making
from tests.pointsbank.ratings.test_pages import bank, signed_in, tokens  # noqa: F401  the fixture
from tests.pointsbank.ratings.test_schemes import data
from tests.pointsbank.ratings.village import AT, COUNTY, SYSTEM, VILLAGE

HABIT = re.compile("十颗星|10 颗星|年度|本年")


@pytest.fixture
def committee(app: Flask, bank: making.Village) -> FlaskClient:  # noqa: F811
    for day in (date(2026, 3, 25), date(2026, 4, 25), date(2026, 5, 25)):
        bank.deed("H012", "E01", day, 1000)
    bank.deed("H012", "V01", date(2026, 8, 5), 700, minutes=130 * 60)
    return signed_in(app, "committee")


def cycle_of(bank: making.Village, code: str, period: str) -> UUID:  # noqa: F811
    publish_scheme(bank.s, scheme_from_json(data(code), key=uuid4(), place_code=COUNTY), by=SYSTEM, at=AT)
    cycle = open_cycle(bank.s, OpenCycle(new_id(), VILLAGE, 2026, code, period), by=SYSTEM, at=AT)
    run_evaluation(bank.s, RunEvaluation(new_id(), cycle), by=SYSTEM, at=AT)
    bank.s.rollback()
    return cycle


def main_of(client: FlaskClient, address: str) -> str:
    page = client.get(address)
    assert page.status_code == 200, address
    return re.sub(r"\s+", " ", page.text.split("<main")[1].split("</main>")[0])


def test_a_half_year_of_five_stars(committee: FlaskClient, bank: making.Village) -> None:  # noqa: F811
    cycle = cycle_of(bank, "five-stars", "H1")
    base = f"/committee/ratings/{cycle}/H012"
    pages = {name: main_of(committee, address) for name, address in {
        "table": f"/committee/ratings?cycle={cycle}", "household": base, "star": f"{base}/W4", "jury":
        f"/committee/ratings/{cycle}/jury", "confirm": f"/committee/ratings/{cycle}/confirm",
        "now": f"{base}/then-and-now", "course": f"/committee/honours/cycles/{cycle}"}.items()}
    for name, page in pages.items():
        assert "2026 年上半年" in page and not HABIT.search(page), (name, HABIT.search(page))
    assert "回到全部 5 颗星" in pages["star"] and "回到全部 5 颗星" in pages["now"]
    assert "2026 年上半年得 1 颗星。" in pages["household"]                 # W3 by its base; the jury has not met
    assert "现在 3 个月,还差 1 个月" in pages["household"]                   # E01 in March, April, May; four are asked
    assert "给每一户的 2 颗星打分,0 到 10 分,8 分及以上算好" in pages["jury"]
    english = committee.get(f"{base}?lang=en").text
    assert "in the first half-year" in english and "this year" not in english.split("<main")[1].split("</main>")[0]


def test_a_quarter_of_volunteers_speaks_of_persons(committee: FlaskClient, bank: making.Village) -> None:  # noqa: F811
    cycle = cycle_of(bank, "volunteer-stars", "Q3")
    table = main_of(committee, f"/committee/ratings?cycle={cycle}")
    assert "2026 年第三季度,向阳村(虚构) 1 人" in table, table[:900]
    assert "1 颗星起" in table and not HABIT.search(table), HABIT.search(table)
    scheme = scheme_from_json(data("volunteer-stars"), key=uuid4(), place_code=COUNTY)
    assert scheme.terms.subject == "person"
    person = bank.people["H012"]
    code = subject_cards(bank.s, making.BOOK, publish_scheme(bank.s, scheme, by=SYSTEM, at=AT), [person.id])[
        person.id].code
    own = main_of(committee, f"/committee/ratings/{cycle}/{code}")
    assert f"{person.name} {code}" in own and f"{person.name}家" not in own
    assert "2026 年第三季度得 1 颗星。" in own and "只看本人的服务时长" in own and not HABIT.search(own)
    course = main_of(committee, f"/committee/honours/cycles/{cycle}")
    assert "一次算完" in course and not HABIT.search(course)


def test_a_nomination_speaks_of_items_and_says_why_somebody_was_kept_out(
        app: Flask, committee: FlaskClient, bank: making.Village) -> None:  # noqa: F811
    run_evaluation(bank.s, RunEvaluation(new_id(), bank.cycle()), by=SYSTEM, at=AT)
    cycle = cycle_of(bank, "civilized-family", "Y")
    course = f"/committee/honours/cycles/{cycle}"
    page = committee.get(course).text
    answer = committee.post(f"{course}/entries", data={**tokens(page), "household": "H012"})
    assert answer.status_code == 303, answer.text
    run_evaluation(bank.s, RunEvaluation(new_id(), cycle), by=SYSTEM, at=AT)
    bank.s.rollback()
    said = "现有星数不少于 8 颗:现在"
    assert said in main_of(committee, course)
    own = main_of(signed_in(app, "H012", "household"), "/honours/mine")
    assert "不符合参评条件" in own and said in own and "stars &gt;=" not in own
    schemes = main_of(committee, "/ratings/schemes")
    assert "4 项起" in schemes and "4 项看什么" in schemes


def test_the_year_by_the_button_is_the_schemes_own_period(app: Flask, bank: making.Village) -> None:  # noqa: F811
    """A village whose stars are given by the half-year: the one button opens the half that runs."""
    body = {**making.scheme_data(), "effective_on": "2026-01-02", "terms": {"rhythm": "half"}}
    publish_scheme(bank.s, scheme_from_json(body, key=uuid4(), place_code=COUNTY), by=SYSTEM, at=AT)
    client = signed_in(app, "committee")
    page = client.get("/committee/ratings").text
    words = re.search(r"(2[0-9]{3} 年[上下]半年)还没有开始评定", page)
    assert words is not None
    done = client.post("/committee/ratings", data={**tokens(page), "place": VILLAGE, "year": words[1][:4],
                                                   "period": "H1" if "上" in words[1] else "H2"})
    assert done.status_code == 303, done.text
    assert words[1] in main_of(client, done.headers["Location"])
