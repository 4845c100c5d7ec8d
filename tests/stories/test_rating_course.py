"""A whole rating in a real browser: names put down, facts frozen, jury, one override, notice, one objection upheld,
award, certificate, plaque, one revocation. Days pass by moving the dates in the database back.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from sqlalchemy import text

from pointsbank import clock
from pointsbank.database import db, unit_of_work
from pointsbank.ratings import Mark, RecordJuryScores, cycles_of, publish_scheme, record_jury_scores, scheme_from_json
from redemption.demo.people import Village
from tests.pointsbank.ratings import village as making
from tests.pointsbank.ratings.village import BOOK, COUNTY, SYSTEM, VILLAGE, scheme_data, someone
from tests.stories.conftest import DESKTOP, PHONE, picture, sign_in

STAFF, PIN = "xiangyang2026", "202611"
pytestmark = pytest.mark.usefixtures("day_of_the_test")
TODAY = clock.today()
JURY = ("S04", "S05", "S09")


@pytest.fixture
def bank(village: Village, app: Flask) -> making.Village:
    """H012: S01 S02 S03 S06 S07 S10 by its deeds; with the jury's three it will be nine, silver."""
    s, at = db.session(), clock.now()
    scheme = publish_scheme(s, scheme_from_json({**scheme_data(), "effective_on": f"{TODAY.year}-01-01"}, key=uuid4(),
                                                place_code=COUNTY), by=SYSTEM, at=at)
    found = making.Village(s, scheme, dict(village.households), {code: some[0] for code, some
                                                                in village.members.items()})
    found.deed("H012", "L01", TODAY, 200, times=4, at=at)
    found.deed("H012", "C02", TODAY, 1000, at=at)
    found.deed("H012", "V01", TODAY, 2000, minutes=1200, at=at)
    s.rollback()
    return found


class Story:
    """Who walks through it, each at their own device."""

    def __init__(self, new_page: Callable[..., Page], address: str) -> None:
        self.new_page, self.address, self.pages = new_page, address, dict[str, Page]()

    def by(self, login: str, size: dict[str, int] = DESKTOP) -> Page:
        if login not in self.pages:
            page, home = self.new_page(size), login.startswith("H0")
            sign_in(page, login, PIN if home else STAFF, "household" if home else "staff")
            self.pages[login] = page
        return self.pages[login]

    def show(self, page: Page, name: str) -> None:
        """At 390 and 1280 px: nothing sticks out."""
        before = page.viewport_size or DESKTOP
        for size in (PHONE, DESKTOP):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            picture(page, f"rating-{name}-{size['width']}")
        page.set_viewport_size(before)


@pytest.fixture
def story(new_page: Callable[..., Page], address: str) -> Story:
    return Story(new_page, address)


def test_a_whole_rating_with_an_override_an_upheld_objection_and_a_revocation(bank: making.Village, story: Story):
    course = a_cycle_is_opened_and_a_family_puts_its_name_down(story)
    facts_are_frozen_and_the_jury_scores(bank, story, course)
    the_committee_departs_from_one_verdict_and_confirms(story, course)
    an_objection_is_upheld(story, course)
    honour = the_honours_are_awarded(bank, story, course)
    address = a_certificate_is_printed(story, honour)
    an_honour_is_revoked(story, honour, address)


def a_cycle_is_opened_and_a_family_puts_its_name_down(story: Story) -> str:
    page = story.by("committee")
    page.goto("/committee/honours")
    story.show(page, "1-home")
    page.get_by_label("报名到哪天").fill(TODAY.isoformat())
    page.get_by_role("button", name="开始", exact=True).click()
    expect(page.locator("main")).to_contain_text("正在报名")
    course = str(page.evaluate("location.pathname"))
    home = story.by("H012", PHONE)
    home.goto("/honours/mine")
    home.get_by_label("热心公益星").check()
    story.show(home, "2-mine-apply")
    home.get_by_role("button", name="报名参评").click()
    expect(home.locator("main")).to_contain_text("已报名")
    page.goto(course)
    expect(page.locator("#entries")).to_contain_text("H012")
    expect(page.locator("#entries")).to_contain_text("热心公益星")
    story.show(page, "3-course-entries")
    return course


def facts_are_frozen_and_the_jury_scores(bank: making.Village, story: Story, course: str) -> None:
    page = story.by("committee")
    page.get_by_role("button", name="截止报名").click()
    expect(page.locator(".flash").first).to_contain_text("数据已固定,评定了 24 户")
    story.show(page, "4-course-jury")
    cycle = cycles_of(bank.s, BOOK, VILLAGE)[0].id
    marks = tuple(Mark(home.id, star, 900 if code == "H012" else 700) for code, home in bank.homes.items()
                  for star in JURY)
    record_jury_scores(bank.s, RecordJuryScores(uuid4(), cycle, marks), by=someone("reviewer"), at=clock.now())
    bank.s.rollback()
    juror = story.by("reviewer")
    juror.goto(f"/committee/ratings/{cycle}/jury")
    juror.locator("[name='score.H012.S05']").fill("8")      # 9.00 and 8.00: 8.50
    juror.get_by_role("button", name="交上评议表").click()
    expect(juror.locator("main")).to_contain_text("已记下您的 1 个分数")
    page.get_by_role("button", name="计入评议分").click()
    expect(page.locator("main")).to_contain_text("“两委”逐户看结果")
    story.show(page, "5-course-confirm")


def the_committee_departs_from_one_verdict_and_confirms(story: Story, course: str) -> None:
    """H005 has three stars; the committee gives S04 against the jury's 7.00, and S01: five, bronze."""
    page = story.by("committee")
    page.get_by_role("link", name="全村的表").first.click()
    page.goto(page.locator("a[href$='/H005']").first.get_attribute("href") or "")
    for star in ("S01", "S04"):
        card = page.locator(f"#{star}")
        card.locator("summary").click()
        card.get_by_role("button", name="授予这颗星").click()
        expect(page.locator("main")).to_contain_text("请写明理由")
        page.locator(f"#{star} textarea").fill("常年在外照护住院老人,村民代表会议一致同意")
        page.locator(f"#{star}").get_by_role("button", name="授予这颗星").click()
        expect(page.locator(f"#{star}")).to_contain_text("和系统评定不一致")
    page.goto(course)
    page.get_by_role("link", name="看过各户,去确认").click()
    page.get_by_role("button", name="确认,不再改动").click()
    expect(page.locator(".flash").first).to_contain_text("已确认")
    page.goto(course)
    story.show(page, "6-course-publish")
    page.get_by_role("button", name="发布公示").click()
    expect(page.locator(".flash").first).to_contain_text("已发布公示")
    story.show(page, "7-course-notice")


def an_objection_is_upheld(story: Story, course: str) -> None:
    """A neighbour objects to S05 of H012; the supervisor finds it is so: 9 - 1 = 8, still silver, put up anew."""
    visitor = story.new_page(PHONE)
    visitor.goto(f"/public/honours?place={VILLAGE}")
    expect(visitor.locator("main")).to_contain_text("银星户")
    assert "王㛃" not in visitor.locator("main").inner_text()   # masked for everybody
    story.show(visitor, "8-public")
    neighbour = story.by("H003", PHONE)
    neighbour.goto(f"/public/honours?place={VILLAGE}")
    neighbour.locator("main table a").first.click()
    neighbour.get_by_label("对哪颗星").select_option("S05")
    neighbour.get_by_label("哪里不对").fill("老人常年独自在家,没有人照看")
    story.show(neighbour, "9-public-objection")
    neighbour.get_by_role("button", name="提出异议").click()
    expect(neighbour.locator("main")).to_contain_text("公示暂停")
    page = story.by("committee")
    page.goto("/committee/honours")
    expect(page.locator("main")).to_contain_text("公示是您发布的,须由别人答复")
    watch = story.by("supervisor")
    watch.goto("/committee/honours")
    story.show(watch, "10-work")
    watch.get_by_role("link", name=re.compile("H012")).first.click()
    watch.locator("#objection textarea").fill("入户核实,情况属实")
    story.show(watch, "11-honour-objection")
    watch.get_by_role("button", name="异议成立").click()
    expect(watch.locator(".flash").first).to_contain_text("异议成立")
    expect(watch.locator("main")).to_contain_text("8 颗星")


def the_honours_are_awarded(bank: making.Village, story: Story, course: str) -> str:
    page = story.by("committee2")
    page.goto(course)
    expect(page.locator(".next-step")).to_contain_text("第二天起可以授牌")
    with unit_of_work(bank.s):
        bank.s.execute(text("UPDATE honour SET notice_until = :day"), {"day": TODAY - timedelta(days=1)})
    own = story.by("committee")
    own.goto(course)
    expect(own.locator(".next-step")).to_contain_text("须由另一个人来做")
    page.goto(course)
    story.show(page, "12-course-award")
    page.get_by_role("button", name="授予公示期满的").click()
    expect(page.locator(".flash").first).to_contain_text("授予 2 户")
    expect(page.locator("main")).to_contain_text(f"100200-{TODAY.year}-0001")
    story.show(page, "13-course-awarded")
    page.get_by_role("link", name=re.compile("H012")).first.click()
    page.get_by_role("button", name="挂上了").click()
    expect(page.locator("main")).to_contain_text("已挂牌")
    story.show(page, "14-honour")
    return str(page.evaluate("location.pathname"))


def a_certificate_is_printed(story: Story, honour: str) -> str:
    page = story.by("committee2")
    papers = {name: page.request.get(page.get_by_role("link", name=name).get_attribute("href") or "")
              for name in ("证书", "牌子图样")}
    readers = {name: PdfReader(io.BytesIO(paper.body())) for name, paper in papers.items()}
    said = readers["证书"].pages[0].extract_text()
    for words in ("荣誉证书", "王㛃 家庭", "银星户", "所得的星(8 颗)", f"100200-{TODAY.year}-0002", "加盖公章处"):
        assert words in said, said
    for reader in readers.values():
        fonts = reader.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
        assert fonts and all("/FontFile2" in font.get_object()["/FontDescriptor"].get_object()
                             for font in fonts.values())
    code = re.search(r"[0-9]{6}(-[0-9A-HJKMNP-TV-Z]+){6}", said)
    assert code is not None, said
    visitor = story.new_page(PHONE)
    visitor.goto(f"/verify/{code[0]}")
    expect(visitor.locator("main")).to_contain_text("这张单据是真的")
    expect(visitor.locator("main")).to_contain_text("已授予")
    story.show(visitor, "15-verify")
    return f"/verify/{code[0]}"


def an_honour_is_revoked(story: Story, honour: str, address: str) -> None:
    page = story.by("committee2")
    page.goto(honour)
    page.get_by_text("动态管理:警示、暂停、撤销").click()
    page.get_by_label("怎么处理").select_option("revoke")
    page.get_by_label("理由和依据").fill("有生效文书,经村民代表会议讨论")
    page.get_by_role("button", name="提出", exact=True).click()
    expect(page.locator("main")).to_contain_text("这是您提出的,须由另一个人决定")
    watch = story.by("supervisor")
    watch.goto(honour)
    story.show(watch, "16-honour-second")
    watch.get_by_role("button", name="同意", exact=True).click()
    expect(watch.locator("main")).to_contain_text("已撤销")
    expect(watch.locator("main")).to_contain_text("应摘牌")
    page.goto(honour)
    page.get_by_role("button", name="发布更正公示").click()
    expect(page.locator(".flash").first).to_contain_text("更正已公示")
    page.get_by_role("button", name="摘下了").click()
    expect(page.locator("main")).to_contain_text("已摘牌")
    story.show(page, "17-honour-revoked")
    visitor = story.new_page(PHONE)
    visitor.goto(address)
    expect(visitor.locator("main")).to_contain_text("已撤销")
    visitor.goto(f"/public/honours?place={VILLAGE}")
    expect(visitor.locator("main")).to_contain_text("更正")
    story.show(visitor, "18-public-correction")
    home = story.by("H012", PHONE)
    home.goto("/honours/mine")
    expect(home.locator("main")).to_contain_text("禁评期")
    story.show(home, "19-mine-revoked")
