"""A household reads its own passbook: where it stands, what lapses when, every entry with its reason."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from ledger import Turnover
from pointsbank import clock
from pointsbank.database import db
from pointsbank.me.queries import flows, months_back, went
from pointsbank.records import Decide, RecordFacts, SubmitRecord, decide, submit_record
from redemption.demo.people import Village
from tests.pointsbank.me.passbook import Family, Passbook
from tests.pointsbank.records.test_pages import Person, actor

pytestmark = pytest.mark.usefixtures("day_of_the_test")
TODAY = clock.today()
NEXT_MARCH = date(TODAY.year + 1, 3, 31)


def words(page: str) -> str:
    """The page as it is read: no marks, single blanks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index("<main"):page.index("</main>")]))


@contextmanager
def counted() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def test_c10_the_first_sentence_says_what_can_be_spent_and_until_which_day(app: Flask, ruled: Village):
    Passbook(ruled, "H001").earned(14600, TODAY, NEXT_MARCH)
    page = words(Family(app, "H001").get("/me"))
    assert f"王德顺家可用 146.00 分,其中 146.00 分 {NEXT_MARCH.year}年3月31日到期。" in page
    assert f"{NEXT_MARCH.year}年3月31日 当天还能用 146.00 分" in page
    assert "账面 146.00 分" in page and "冻结 0.00 分" in page and "可用 146.00 分" in page


def test_c11_each_day_of_lapsing_is_listed_with_its_amount(app: Flask, ruled: Village):
    book = Passbook(ruled, "H001")
    later = NEXT_MARCH.replace(year=NEXT_MARCH.year + 1)
    book.earned(2000, TODAY, NEXT_MARCH)
    book.earned(3000, TODAY, later)
    page = words(Family(app, "H001").get("/me"))
    assert "可用 50.00 分,其中 20.00 分" in page
    assert f"{NEXT_MARCH.year}年3月31日 当天还能用 20.00 分" in page
    assert f"{later.year}年3月31日 当天还能用 30.00 分" in page


def test_points_that_lapsed_last_night_cannot_be_spent_though_nothing_is_posted_yet(app: Flask, ruled: Village):
    Passbook(ruled, "H001").earned(1000, TODAY - timedelta(days=40), TODAY - timedelta(days=1))
    page = words(Family(app, "H001").get("/me"))
    assert "王德顺家可用 0.00 分。" in page and "账面 10.00 分" in page and "10.00 分已经到期" in page


def test_points_of_today_can_be_spent_to_the_end_of_their_last_day(app: Flask, ruled: Village):
    Passbook(ruled, "H001").earned(1000, TODAY - timedelta(days=40), TODAY)
    assert "王德顺家可用 10.00 分,其中 10.00 分" in words(Family(app, "H001").get("/me"))


def test_a_household_in_the_red_reads_what_that_means(app: Flask, ruled: Village):
    Passbook(ruled, "H023").deducted(500, TODAY)
    page = words(Family(app, "H023").get("/me"))
    assert "高立新家账面是 −5.00 分。再得到的积分先补上欠的" in page


def test_a_new_household_reads_how_points_are_earned(app: Flask, ruled: Village):
    page = words(Family(app, "H005").get("/me"))
    assert "还没有积分" in page and "看看怎么得积分" in page and "还没有服务时长" in page


def test_hours_are_told_by_member_this_year_and_in_all(app: Flask, ruled: Village):
    book = Passbook(ruled, "H001")
    book.earned(300, date(TODAY.year - 1, 12, 31), minutes=180)
    book.earned(150, TODAY, minutes=90)
    assert "王德顺 今年 1 小时 30 分 累计 4 小时 30 分" in words(Family(app, "H001").get("/me"))


def test_a_sale_of_several_goods_is_one_entry(app: Flask, ruled: Village):
    book = Passbook(ruled, "H001")
    book.earned(2000, TODAY - timedelta(days=1))
    book.shopped(TODAY, 200, 300)
    page = words(Family(app, "H001").get("/me"))
    assert page.count("· 兑换") == 1 and "−5.00 分" in page and "余额 15.00" in page


def test_an_entry_names_the_member_whose_deed_it_was(app: Flask, ruled: Village):
    book = Passbook(ruled, "H006")
    book.earned(100, TODAY)
    book.head = ruled.person("H006", "金俊浩")
    book.earned(200, TODAY)
    page = words(Family(app, "H006").get("/me"))
    assert "入账 · 朴英爱" in page and "入账 · 金俊浩" in page


def test_three_months_are_shown_and_older_ones_by_key_each_entry_once(app: Flask, ruled: Village):
    book = Passbook(ruled, "H001")
    months = [month for month in months_back(TODAY, 20) if month.month % 2]  # every other month had a deed
    for number, month in enumerate(months, start=1):
        book.earned(number * 100, month)
    family, path, seen = Family(app, "H001"), "/me", []
    for page_number in range(6):
        page = family.get(path)
        found = re.findall(r'<section aria-labelledby="month-([0-9-]+)"', page)
        assert 1 <= len(found) <= 3
        seen += [date.fromisoformat(month) for month in found]
        older = re.search(r'rel="next" href="([^"]+)"', page)
        if older is None:
            break
        path = older[1]
        assert page_number < 5
    assert seen == months[::-1]
    assert "再往前没有了" in family.get("/me?before=1999-01") and "我家的积分" in family.get("/me?before=nonsense")


def test_a_month_that_is_none_is_said_to_be_none_and_the_newest_entries_are_shown(app: Flask, ruled: Village):
    family = Family(app, "H001")
    for asked in ("abc", "2026-13", "2026-1-1"):
        page = family.get(f"/me?before={asked}")
        assert f"没有“{asked}”这个月份" in page and "我家的积分" in page
    assert "这个月份" not in family.get("/me") and "这个月份" not in family.get("/me?before=")


def test_the_menu_names_the_wallet_in_one_short_word(app: Flask, ruled: Village):
    page = Family(app, "H001").get("/me")
    menu = page[page.index("<nav"):page.index("</nav>")]
    assert "积分" in menu and "我家的积分" not in menu


def test_the_page_costs_the_same_for_a_long_history(app: Flask, ruled: Village):
    family, book = Family(app, "H001"), Passbook(ruled, "H001")
    book.earned(100, TODAY, NEXT_MARCH, minutes=60)
    book.shopped(TODAY, 10)
    with counted() as few:
        family.get("/me")
    for number in range(60):
        book.earned(100 + number, TODAY - timedelta(days=number), NEXT_MARCH, minutes=60)
        book.shopped(TODAY - timedelta(days=number), 10, 20)
    with counted() as many:
        page = family.get("/me")
    assert page.count('class="what"') >= 60
    assert len(many) == len(few), (len(few), len(many))


def turned(kind: str, month: date, credits: int = 0, debits: int = 0) -> Turnover:
    return Turnover(None, None, kind, f"{month:%Y-%m}", None, None, None, credits, debits, 1)


def test_a_correction_counts_on_the_side_of_what_it_corrects():
    month, = months = [date(2026, 3, 1)]
    rows = [turned("opening", month, credits=5000), turned("earned", month, credits=1000),
            turned("reversal", month, credits=200, debits=300), turned("deducted", month, debits=500),
            turned("sale", month, debits=400), turned("sale_return", month, credits=100),
            turned("expired", month, debits=60), turned("unexpired", month, credits=10)]
    assert flows(rows, months) == [(month, 1000 - 300, (500 - 200) + (400 - 100) + (60 - 10))]
    assert went(rows, months) == (300, 300, 50, 5000)


def a_posted_record(ruled: Village, code: str = "H002", name: str = "李桂兰") -> None:
    person = ruled.person(code, name)
    facts = RecordFacts(ruled.households[code].id, "V01", TODAY - timedelta(days=1), person.id, minutes=120)
    s, at = db.session(), clock.now()
    done = submit_record(s, SubmitRecord(uuid.uuid4(), facts), by=actor("recorder"), at=at)
    assert decide(s, Decide(uuid.uuid4(), done.id), by=actor("committee"), at=at).passed[0].status == "posted"


def test_an_entry_tells_the_calculation_who_confirmed_and_takes_an_objection(app: Flask, ruled: Village):
    a_posted_record(ruled)
    family = Family(app, "H002")
    path = re.findall(r'href="(/me/entries/[^"]+)"', family.get("/me"))[0]
    page = family.get(path)
    told = words(page)
    assert "2 小时 × 1.00 = 2.00" in told and "+2.00" in told and "之后余额 2.00 分" in told
    assert "服务时长(李桂兰) 2 小时" in told and "吴丽娟" in told and "王德顺" in told and "当天还能用" in told
    objection = re.search(r'href="([^"]+)"[^>]*>(?:(?!</a>).)*这不是我做的', page, re.S)
    assert objection
    record = objection[1].partition("#")[0]
    answer = family.post(record, f"{record}/objection", text="那天我不在村里。")
    assert answer.status_code == 303 and "那天我不在村里" in family.get(answer.location)


def test_a_corrected_entry_and_its_correction_lead_to_each_other(app: Flask, ruled: Village):
    book = Passbook(ruled, "H001")
    first = book.earned(500, TODAY)
    second = book.taken_back(first, TODAY)
    family = Family(app, "H001")
    assert f"/me/entries/{second}" in family.get(f"/me/entries/{first}")
    page = family.get(f"/me/entries/{second}")
    assert f"/me/entries/{first}" in page and "−5.00" in words(page) and "更正" in words(page)


def test_nobody_reads_anothers_entry_or_members(app: Flask, ruled: Village):
    others = Passbook(ruled, "H003").earned(500, TODAY, minutes=60)
    neighbour = Family(app, "H001")
    assert neighbour.client.get(f"/me/entries/{others}").status_code == 404
    assert neighbour.client.get(f"/me/entries/{uuid.uuid4()}").status_code == 404
    for one in ruled.members["H003"]:
        assert one.name not in neighbour.get("/me") + neighbour.get("/me/code")


def test_a_childs_name_is_read_by_its_own_household(app: Flask, ruled: Village):
    child = ruled.person("H006", "金俊浩")
    book = Passbook(ruled, "H006")
    book.head = child
    book.earned(100, TODAY, minutes=60)
    assert "金俊浩 今年 1 小时" in words(Family(app, "H006").get("/me"))


def test_the_code_fills_the_screen_with_the_household_code_beneath(app: Flask, ruled: Village):
    page = Family(app, "H002").get("/me/code")
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in page and "code-screen" in page
    assert "户号 H002" in words(page) and "JF1-" in page and "收起" in page


def test_who_has_no_household_here_is_turned_away_kindly(app: Flask, ruled: Village):
    answer = Person(app, "auditor").client.get("/me")
    assert answer.status_code == 403 and "<main" in answer.text


def test_the_api_gives_the_same_figures_and_pages_by_month(app: Flask, ruled: Village):
    book = Passbook(ruled, "H001")
    months = months_back(TODAY, 5)
    for month in months:
        book.earned(100, month, NEXT_MARCH)
    family = Family(app, "H001")
    me = family.client.get("/api/v1/me").get_json()
    assert (me["household"], me["posted"], me["available"], me["held"]) == ("H001", 500, 500, 0)
    assert me["expiring"] == [{"last_day": NEXT_MARCH.isoformat(), "points": 500}]
    first = family.client.get("/api/v1/me/entries").get_json()
    assert [row["balance"] for row in first["entries"]] == [500, 400, 300] and first["older"] == months[2].isoformat()
    rest = family.client.get("/api/v1/me/entries", query_string={"before": first["older"]}).get_json()
    assert [row["balance"] for row in rest["entries"]] == [200, 100] and rest["older"] is None
    assert family.client.get("/api/v1/me/entries?before=soon").status_code == 422


def test_every_page_speaks_both_languages_and_both_sizes(app: Flask, ruled: Village):
    entry = Passbook(ruled, "H001").earned(500, TODAY, NEXT_MARCH)
    family = Family(app, "H001")
    for path in ("/me", "/me/code", f"/me/entries/{entry}", "/me?before=2030-01"):
        joined = "&" if "?" in path else "?"
        assert 'lang="en"' in family.get(f"{path}{joined}lang=en")
        family.client.set_cookie("pb_view", "elder")
        assert 'data-view="elder"' in family.get(path)
        family.client.delete_cookie("pb_view")
