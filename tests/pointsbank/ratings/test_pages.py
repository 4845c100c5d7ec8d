"""The pages and the API: the same services, in the words of the village."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pointsbank.database import db
from pointsbank.ratings import publish_scheme, scheme_from_json
from redemption.demo.people import Village as DemoVillage
from tests.factor import go_on
from tests.pointsbank.ratings import village as making
from tests.pointsbank.ratings.village import AT, COUNTY, SYSTEM, VILLAGE, scheme_data

PASSWORD, PIN = "xiangyang2026", "202611"


@pytest.fixture
def bank(village: DemoVillage, app: Flask) -> making.Village:
    """The demo village with its scheme, in the app's database."""
    s = db.session()
    scheme = publish_scheme(s, scheme_from_json(scheme_data(), key=uuid4(), place_code=COUNTY), by=SYSTEM, at=AT)
    heads = {code: some[0] for code, some in village.members.items()}
    return making.Village(s, scheme, dict(village.households), heads)


def signed_in(app: Flask, login: str, kind: str = "staff") -> FlaskClient:
    client = app.test_client()
    password = PIN if kind == "household" else PASSWORD
    form = {"kind": kind, "login": login, "password": password, "key": str(uuid4())}
    answer = go_on(client, client.post("/login", data=form))
    assert answer.status_code == 303, answer.text
    return client


def tokens(page: str) -> dict[str, str]:
    """The hidden fields of the page's last form; a key of one's own where the page has no form to send."""
    found = {name: re.findall(rf'name="{name}" value="([^"]*)"', page) for name in ("csrf_token", "key")}
    return {"csrf_token": found["csrf_token"][-1], "key": found["key"][-1] if found["key"] else str(uuid4())}


def post(client: FlaskClient, seen: str, url: str, **fields: Any) -> TestResponse:
    page = client.get(seen).text
    return client.post(url, data={**tokens(page), **fields})


def cycle_of(answer: str) -> UUID:
    return UUID(re.findall(r"/committee/ratings/([0-9a-f-]{36})", answer)[0])


def test_the_committee_starts_the_years_rating_by_one_button_and_reads_why(app: Flask, bank: making.Village) -> None:
    bank.deed("H012", "V01", date(2026, 3, 5), 700, minutes=7 * 60)
    client = signed_in(app, "committee")
    assert "还没有开始评定" in client.get("/committee/ratings?year=2026").text
    done = post(client, "/committee/ratings?year=2026", "/committee/ratings", place=VILLAGE, year="2026")
    assert done.status_code == 303
    page = client.get(done.headers["Location"]).text
    assert "24 户还有星现在不能判定" in page and "金星户" in page and "王㛃" in page
    why = client.get(f"/committee/ratings/{cycle_of(page)}/H012").text
    assert "本年志愿服务时长不少于 10 小时:现在 7 小时,还差 3 小时(12 月 31 日前)。" in why
    assert "群众评议均分不少于 8.00 分:暂不能判定,还没有“群众评议均分”。" in why
    deeds = client.get(f"/committee/ratings/{cycle_of(page)}/H012/S10").text
    assert "7 小时" in deeds and "2026年3月5日" in deeds


def test_the_same_form_twice_is_one_evaluation(app: Flask, bank: making.Village) -> None:
    client = signed_in(app, "committee")
    form = {**tokens(client.get("/committee/ratings?year=2026").text), "place": VILLAGE, "year": "2026"}
    assert client.post("/committee/ratings", data=form).status_code == 303
    assert client.post("/committee/ratings", data=form).status_code == 303
    page = client.get("/committee/ratings?year=2026").text
    assert page.count("2026 年度第 1 次") == 1 and "第 2 次" not in page


def test_c59_the_page_shows_earned_and_spent_and_shopping_takes_no_star(app: Flask, bank: making.Village) -> None:
    bank.deed("H010", "V01", date(2026, 3, 5), 15800, minutes=20 * 60)
    client = signed_in(app, "committee")
    post(client, "/committee/ratings?year=2026", "/committee/ratings", place=VILLAGE, year="2026")
    page = client.get("/committee/ratings").text
    address = f"/committee/ratings/{cycle_of(page)}/H010"
    stars = re.findall(r"[0-9]+ 颗星", client.get(address).text)
    bank.shop("H010", 15000)
    post(client, "/committee/ratings", "/committee/ratings", place=VILLAGE, year="2026")
    after = client.get(address).text
    assert "2026 年度获得 158.00 分,兑换 150.00 分" in after
    assert re.findall(r"[0-9]+ 颗星", after) == stars


def test_a_juror_scores_and_finds_relatives_locked(app: Flask, bank: making.Village) -> None:
    cycle = bank.cycle()
    client = signed_in(app, "committee")  # 王德顺 of H001, related to H010
    sheet = f"/committee/ratings/{cycle}/jury"
    page = client.get(sheet).text
    assert page.count("按规定回避") == 2 and 'name="score.H001.S04"' not in page
    wrong = post(client, sheet, sheet, **{"score.H002.S04": "十分", "score.H003.S04": "8"})
    assert wrong.status_code == 422 and 'value="8"' in wrong.text and "不是有效的数量" in wrong.text
    assert post(client, sheet, sheet, **{"score.H002.S04": "11"}).status_code == 422
    assert post(client, sheet, sheet, **{"score.H001.S04": "10"}).status_code == 403
    assert post(client, sheet, sheet, **{"score.H002.S04": "8.5", "score.H003.S04": "8"}).status_code == 303
    assert 'value="8.50"' in client.get(sheet).text
    assert 'value="8.50"' not in signed_in(app, "reviewer").get(sheet).text  # nobody sees another's scores


def test_the_committee_departs_from_a_verdict_only_with_a_reason(app: Flask, bank: making.Village) -> None:
    bank.evaluate()
    client = signed_in(app, "committee")
    address = f"/committee/ratings/{bank.cycle()}/H002"
    refused = post(client, address, address, star="S01", awarded="true", reason="")
    assert refused.status_code == 422 and "请写明理由" in refused.text
    done = post(client, address, address, star="S01", awarded="true", reason="常年照看村部,代表会议同意")
    assert done.status_code == 303
    assert "常年照看村部" in client.get(address).text
    own = f"/committee/ratings/{bank.cycle()}/H001"
    assert "要回避" in client.get(own).text
    assert post(client, own, own, star="S01", awarded="true", reason="自己给自己一颗星").status_code == 403


def test_grounds_of_a_veto_are_seen_by_named_roles_only(app: Flask, bank: making.Village) -> None:
    client = signed_in(app, "committee")
    bank.evaluate()
    address = f"/committee/ratings/{bank.cycle()}/H005"
    grounds = "告诫书(演)第 7 号"
    entered = post(client, address, f"{address}/vetoes", veto="X03", happened_on="2026-05-01", grounds=grounds)
    assert entered.status_code == 303
    bank.evaluate()
    assert grounds in client.get(address).text
    for page in (signed_in(app, "auditor").get(address).text, signed_in(app, "supervisor").get(address).text,
                 signed_in(app, "H005", "household").get("/ratings/mine").text):
        assert "告诫书" not in page and "X03" not in page and "没有一票否决情形:现在有一票否决情形" in page


def test_a_family_sees_its_own_stars_and_nobody_elses(app: Flask, bank: making.Village) -> None:
    client = signed_in(app, "H012", "household")
    assert "您家还没有评定结果" in client.get("/ratings/mine").text
    bank.evaluate()
    assert "2026 年度得 3 颗星" in client.get("/ratings/mine").text
    assert client.get("/ratings/mine/S10").status_code == 200
    assert client.get("/committee/ratings").status_code == 403
    assert client.get(f"/committee/ratings/{bank.cycle()}/H001").status_code == 403


def test_confirming_is_a_step_of_its_own_and_not_before_every_star_is_settled(app: Flask, bank: making.Village) -> None:
    cycle = bank.cycle()
    bank.judged(*(code for code in bank.homes if code not in ("H022", "H024")))
    bank.evaluate()
    client = signed_in(app, "committee")
    home, asking = "/committee/ratings", f"/committee/ratings/{cycle}/confirm"
    assert f'href="{asking}"' in client.get(home).text and f'action="{asking}"' not in client.get(home).text
    page = client.get(asking).text
    assert "还有 2 户的星没有判定(H022、H024)" in page and f'action="{asking}"' not in page
    refused = client.post(asking, data=tokens(client.get(home).text))
    assert refused.status_code == 409 and "H022、H024" in refused.text
    assert "还有星现在不能判定" in client.get(home).text and "已经确认" not in client.get(home).text
    bank.judged("H022", "H024")
    done = post(client, home, "/committee/ratings", place=VILLAGE, year="2026")
    page = client.get(done.headers["Location"]).text
    assert "重新评定好了。新得星:6;失去星:0;新判定为不得星:0。" in page
    page = client.get(asking).text
    assert "确认后不能再改" in page and "户数:24;得星合计:144。" in page and "还没有过完" in page
    assert post(client, asking, asking).status_code == 303
    page = client.get(home).text
    assert "结果已经确认" in page and "不能判定。" not in page and "重新评定" not in page
    assert client.get(asking).status_code == 303
    old = client.get(f"{home}?run=1").text
    assert "这是以前的第 1 次评定" in old and "已由村" not in old


def test_after_confirmation_a_family_reads_the_result_and_no_errand(app: Flask, bank: making.Village) -> None:
    bank.judged(*bank.homes)
    bank.evaluate()
    family = signed_in(app, "H012", "household")
    assert "可得“" in family.get("/ratings/mine").text and "可得“" in family.get("/me").text
    making.confirm(bank)
    for path in ("/ratings/mine", "/me"):
        page = family.get(path).text
        assert "这是村“两委”确认的结果。" in page
        assert "可得“" not in page and "不能判定" not in page and "等评议" not in page


def test_alternatives_say_which_is_one_thing_and_which_are_two_together(app: Flask, bank: making.Village) -> None:
    bank.evaluate()
    page = signed_in(app, "H012", "household").get("/ratings/mine").text
    card = page[page.index('id="S10"'):]
    card = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", card[:card.index("</section>")]))
    assert re.search("下面满足一种就可以: 只要这一项: .*20 小时.* 或者,这几项都要\\(2 项\\): ", card), card
    assert card.count("或者") == 1


def test_another_village_stays_out_of_sight(app: Flask, bank: making.Village) -> None:
    client = signed_in(app, "committee")
    assert client.get("/committee/ratings?place=230199100201").status_code == 403
    assert "向阳村" in signed_in(app, "office").get("/committee/ratings").text  # the town chooses a village


def api(client: FlaskClient, url: str, body: dict[str, Any], key: str | None = None) -> TestResponse:
    page = client.get("/committee/ratings").text
    return client.post(url, json=body, headers={"Idempotency-Key": key or str(uuid4()),
                                                "X-CSRF-Token": tokens(page)["csrf_token"]})


def test_the_api_runs_the_same_rating(app: Flask, bank: making.Village) -> None:
    client = signed_in(app, "committee")
    cycle = api(client, "/api/v1/ratings/cycles", {"place": VILLAGE, "year": 2026}).get_json()["id"]
    key = str(uuid4())
    first = api(client, f"/api/v1/ratings/cycles/{cycle}/evaluations", {}, key).get_json()
    again = api(client, f"/api/v1/ratings/cycles/{cycle}/evaluations", {}, key).get_json()
    assert (first["households"], first["replay"], again) == (24, False, {**first, "replay": True})
    rows = client.get(f"/api/v1/ratings/cycles/{cycle}/households").get_json()["rows"]
    assert len(rows) == 24 and rows[0]["outcomes"]["S04"] is None
    marks = [{"household_id": rows[1]["household_id"], "star": "S04", "score": 900}]
    assert api(client, f"/api/v1/ratings/cycles/{cycle}/scores", {"marks": marks}).get_json() == {"scores": 1}
    own = [{"household_id": rows[0]["household_id"], "star": "S04", "score": 900}]
    refused = api(client, f"/api/v1/ratings/cycles/{cycle}/scores", {"marks": own})
    assert refused.status_code == 403 and refused.get_json()["code"] == "step_aside"
    why = client.get(f"/api/v1/ratings/cycles/{cycle}/households/H002").get_json()
    assert why["stars"] == 3 and why["verdicts"][3]["outcome"] is None
    assert why["verdicts"][9]["criteria"][0]["distance"] == 20 * 60
    decision = {"household_id": rows[1]["household_id"], "star": "S02", "awarded": True}
    assert api(client, f"/api/v1/ratings/cycles/{cycle}/decisions", decision).get_json()["departs"] is False
    bad = api(client, "/api/v1/ratings/rules/check", {"text": "hours >= 20 and stars =~ 3"})
    assert bad.status_code == 422 and bad.get_json()["code"] == "bad_rule"
    good = api(client, "/api/v1/ratings/rules/check", {"text": "stars >= 3"}).get_json()
    assert good["zh"] == "现有星数不少于 3 颗"
    assert client.post(f"/api/v1/ratings/cycles/{cycle}/evaluations", json={}, headers={
        "X-CSRF-Token": tokens(client.get("/committee/ratings").text)["csrf_token"]}).status_code == 400
    assert "X01" not in str(client.get("/api/v1/ratings/facts").get_json())


def test_the_operator_rates_a_town_from_the_command_line(app: Flask, bank: making.Village) -> None:
    done = app.test_cli_runner().invoke(args=["bank", "rate", "--place", VILLAGE, "--year", "2026", "--json"])
    assert done.exit_code == 0, done.output
    assert '"households": 24' in done.output
    missing = app.test_cli_runner().invoke(args=["bank", "rate", "--place", "999999999999"])
    assert missing.exit_code == 2
