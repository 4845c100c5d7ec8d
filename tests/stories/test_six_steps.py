"""The whole story through the pages, in Chinese, on both databases: hours in, points banked, goods out, papers right.

Each person has their own device; what one does the next one finds. Pictures of every page of the story, at 390 and
1280 px, in Chinese and in English, go to test-results/story-*.png.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from sqlalchemy.orm import Session

import ledger
from pointsbank import clock
from pointsbank.amounts import format_points
from redemption.demo.people import Village
from tests.demo_today import Api, lived_today  # noqa: F401
from tests.sheets_of_hours import BAD, sheet_with_mistakes
from tests.stories.conftest import PHONE
from tests.stories.walking import LONG, Walk, already_this_month, totals, upload, wait_for, worth

pytestmark = pytest.mark.browser


@pytest.fixture
def walk(s: Session, lived_today: Village, address: str, new_page: Callable[..., Page]) -> Iterator[Walk]:  # noqa: F811
    yield Walk(s, lived_today, new_page)
    s.rollback()


@pytest.mark.timeout(1200)
def test_the_six_steps_of_the_story(app: Flask, walk: Walk):
    start = totals(walk)
    busy = frozenset((person, day) for person, day in busy_days(walk))
    content, wrong, good = sheet_with_mistakes(walk.people_there(), clock.today(), 5000, busy)
    hours_come_in(walk, content, wrong, len(good))
    before = already_this_month(walk)
    assert totals(walk) == start, "what waits for approval moves nothing"
    points_are_banked(walk)
    minutes, points = worth(walk, good, before)
    now = totals(walk)
    assert {key: now.minutes[key] - start.minutes[key] for key in now.minutes if now.minutes[key] != start.minutes[key]
            } == minutes
    for kind in ("points", "score"):
        was, is_now = getattr(start, kind), getattr(now, kind)
        assert {code: is_now[code] - was[code] for code in is_now if is_now[code] != was[code]} == {
            code: value for code, value in points.items() if value}, kind
    nothing_changes_twice(walk, content, len(good))
    assert totals(walk) == now
    notice_days_are_kept(walk)
    a_volunteer_looks(walk, "H011", now.points["H011"])
    a_clerk_sells(walk, now.points["H001"])
    the_committee_judges(app, walk)
    an_auditor_takes_the_papers(walk)
    walk.s.rollback()
    assert ledger.check(walk.s.connection(), walk.village.book_id) == []


def busy_days(walk: Walk) -> list[tuple[object, object]]:
    """(person, day) of all service so far."""
    from pointsbank.records import ServiceRecord

    walk.s.rollback()
    return [(row.person_id, row.service_on) for row in walk.s.query(
        ServiceRecord.person_id, ServiceRecord.service_on).filter(ServiceRecord.person_id.is_not(None))]


def hours_come_in(walk: Walk, content: bytes, wrong: dict[int, str], good: int) -> None:
    """1. The village worker uploads the sheet, sees 40 bad rows named, confirms."""
    page = walk.person("recorder")
    walk.show(page, "1-home")
    page.goto("/imports")
    walk.show(page, "1-upload")
    upload(page, "2026服务时长.xlsx", content)
    walk.show(page, "1-columns")
    page.get_by_role("button", name="试算").click()
    wait_for(page, "试算结果")
    rows = page.locator("tr[data-row]")
    assert {int(number) for number in rows.evaluate_all("rows => rows.map(row => row.dataset.row)")} == wrong.keys()
    for number, kind in wrong.items():
        column, _code = BAD[kind]
        said = page.locator(f"tr[data-row='{number}']").first.inner_text()
        assert column in said and re.search(r"[\u4e00-\u9fff]{4}", said), f"row {number} ({kind}): {said}"
    main = page.locator("main")
    expect(main).to_contain_text("5000 行里")
    expect(main).to_contain_text("40 行有问题")
    walk.show(page, "1-dry-run")
    assert walk.count("service_record", "source = 'import'") == 0
    page.get_by_role("button", name=f"确认导入 {good} 行").click()
    wait_for(page, "导入好了")
    expect(main).to_contain_text(f"新记录 {good} 条")
    walk.show(page, "1-imported")
    assert walk.count("service_record", "source = 'import'") == good
    page.goto("/records")
    walk.show(page, "1-records")


def points_are_banked(walk: Walk) -> None:
    """2. The committee approves; the own household and kin wait for the other member."""
    page = walk.person("committee")
    page.goto("/committee")
    walk.show(page, "2-committee")
    page.goto("/committee/approvals")
    walk.show(page, "2-approvals")
    approve_all(page)
    page.goto("/committee/approvals")
    expect(page.locator("main")).to_contain_text("这条涉及您本户,须回避")
    expect(page.locator("main")).to_contain_text("这条涉及您登记的亲属户,须回避")
    walk.show(page, "2-locked")
    left = walk.count("service_record", "source = 'import' AND status = 'waiting'")
    own = walk.count("service_record r JOIN household h ON h.book_id = r.book_id AND h.id = r.household_id",
                     "r.source = 'import' AND h.code IN ('H001', 'H010')")
    assert left == own > 0, "all but the own household's and the relatives'"
    approve_all(walk.person("committee2"))
    assert walk.count("service_record", "source = 'import' AND status <> 'posted'") == 0
    page.goto("/committee")
    walk.show(page, "2-committee-after")


def approve_all(page: Page) -> None:
    """One heap by its own button, then the rest of the import in one act."""
    page.goto("/committee/approvals")
    page.get_by_role("button", name="全部通过(").nth(1).click(timeout=LONG)
    expect(page.locator(".flash").first).to_contain_text("通过", timeout=LONG)
    page.get_by_role("button", name="按这次导入全部通过").click(timeout=LONG)
    expect(page.locator(".flash").first).to_contain_text("其中入账", timeout=LONG)
    expect(page.get_by_role("button", name="按这次导入全部通过")).to_have_count(0, timeout=LONG)


def nothing_changes_twice(walk: Walk, content: bytes, good: int) -> None:
    """1 again. The same file once more: said at once, and nothing is recorded."""
    page, before = walk.person("recorder"), walk.count("service_record")
    upload(page, "2026服务时长.xlsx", content)
    page.get_by_role("button", name="试算").click()
    wait_for(page, "试算结果")
    expect(page.locator("main")).to_contain_text("已经导入过")
    expect(page.locator("main")).to_contain_text(f"{good} 行早已记过")
    walk.show(page, "1-again")
    page.get_by_role("button", name="都记过了").click()
    wait_for(page, "没有新的记录")
    expect(page.locator("main")).to_contain_text(f"{good} 条早已记过,什么都没有改变")
    assert walk.count("service_record") == before


def notice_days_are_kept(walk: Walk) -> None:
    """2. A rule with notice days stops at the notice; nothing is posted, everybody can read and object."""
    page, reviewer = walk.person("recorder"), walk.person("reviewer2")
    page.goto("/records/new")
    walk.show(page, "2-new")
    page.locator("select[name=rule]").select_option("D01")
    page.get_by_role("button", name="下一步").click()
    page.locator("input[name=household]").wait_for()
    walk.show(page, "2-new-deed")
    page.locator("input[name=household]").fill("H008")
    page.get_by_role("button", name="提交审核").click()
    expect(page.locator(".flash").first).to_contain_text("已记录")
    record = walk.newest("service_record")
    posted = walk.count("ledger_transaction")
    reviewer.goto("/committee/approvals")
    walk.show(reviewer, "2-reviewer")
    reviewer.goto(f"/records/{record}")
    reviewer.get_by_role("button", name="通过").first.click()
    expect(reviewer.locator("main")).to_contain_text("公示")
    walk.show(reviewer, "2-on-notice")
    assert walk.count("service_record", "rule_code = 'D01' AND status = 'on_notice'") >= 1
    assert walk.count("ledger_transaction") == posted, "nothing is posted before the notice has ended"
    reviewer.goto("/public/notices")
    walk.show(reviewer, "2-notices")


def a_volunteer_looks(walk: Walk, code: str, points: int) -> None:
    """3. On a phone: balance, what lapses when, hours, every entry with its reason, the code."""
    page = walk.person(code, PHONE)
    page.goto("/me")
    main = page.locator("main")
    for said in (format_points(points), "到期", "服务时长", "今年"):
        expect(main).to_contain_text(said)
    assert page.locator(".sentence").first.inner_text().count("家可用") == 1
    walk.show(page, "3-me")
    entries = page.locator(".entries a")
    assert entries.count() >= 5
    entries.first.click()
    expect(page.locator("main")).to_contain_text("分")
    walk.show(page, "3-entry")
    page.goto("/me/code")
    expect(page.locator("main svg, main img").first).to_be_visible()
    expect(page.locator("body")).to_contain_text(code)
    walk.show(page, "3-code", english=False)
    page.goto("/ratings/mine")
    walk.show(page, "3-stars")
    pdf = page.request.get("/me/statement.pdf")
    assert pdf.ok and pdf.body().startswith(b"%PDF")


def a_clerk_sells(walk: Walk, points: int) -> None:
    """4. Types H001, adds goods, is told why not, redeems; before, taken and after are there; it comes back once."""
    page = walk.person("clerk")
    page.goto("/till")
    walk.show(page, "4-till")
    type_codes(page, "H001", "P02", "P02", "P19")
    expect(page.locator(".cart-line.wrong")).to_contain_text("未成年人的家庭")
    expect(page.locator("#till-confirm")).to_be_disabled()
    walk.show(page, "4-refused", english=False)
    page.locator("#code").focus()
    page.keyboard.press("-")
    expect(page.locator('.till-zones[data-items="P02*2"]')).to_be_attached()
    page.goto("/till?who=H001&items=P02*2")  # the same basket as an address: how the till works without a script
    walk.show(page, "4-basket")
    expect(page.locator('.till-zones[data-items="P02*2"]')).to_be_attached()
    page.locator("#till-confirm").click()
    answer = page.locator("[data-answer]")
    for figure in (points, -1200, points - 1200):
        expect(answer).to_contain_text(format_points(figure).replace("-", "−"))
    walk.s.rollback()
    assert totals(walk).points["H001"] == points - 1200
    sale = walk.newest("sale")
    page.goto("/till/sales")
    walk.show(page, "4-sales")
    page.goto(f"/till/slips/{sale}")
    expect(page.locator("main")).to_contain_text(format_points(points - 1200))
    walk.show(page, "4-slip")
    page.goto(f"/till/sales/{sale}/return")
    walk.show(page, "4-return")
    page.get_by_role("button", name="退货退分").click()
    expect(page.locator(".flash").first).to_contain_text("已退回 12.00 分")
    assert totals(walk).points["H001"] == points
    page.goto(f"/till/sales/{sale}/return")
    expect(page.locator("main")).to_contain_text("已经全部退完")
    walk.show(page, "4-returned")


def type_codes(page: Page, *codes: str) -> None:
    """As a scanner types: at once, an Enter after each code."""
    page.locator("#code").focus()
    for code in codes:
        page.keyboard.type(code, delay=0)
        page.keyboard.press("Enter")


def the_committee_judges(app: Flask, walk: Walk) -> None:
    """5. Ten stars a household; where the jury has not scored it says that nothing can be decided yet."""
    page = walk.person("committee")
    page.goto("/committee/ratings")
    runs = walk.count("rating_evaluation")
    page.get_by_role("button", name="重新评定").click()
    expect(page.locator(".flash").first).to_contain_text("重新评定好了")
    assert walk.count("rating_evaluation") == runs + 1
    walk.show(page, "5-ratings")
    api = Api(app, "committee")
    cycle = api.get("/ratings/cycles").json[0]["id"]
    rows = api.get(f"/ratings/cycles/{cycle}/households").json["rows"]
    open_stars = [(row["household"], star) for row in rows for star, outcome in row["outcomes"].items()
                  if outcome is None]
    assert len(rows) == 24 and {len(row["outcomes"]) for row in rows} == {10} and open_stars
    code, star = open_stars[0]
    page.goto(f"/committee/ratings/{cycle}/{code}")
    expect(page.locator("main")).to_contain_text("暂不能判定")
    walk.show(page, "5-household")
    page.goto(f"/committee/ratings/{cycle}/{code}/{star}")
    expect(page.locator("main")).to_contain_text("暂不能判定")
    walk.show(page, "5-star")


def an_auditor_takes_the_papers(walk: Walk) -> None:
    """6. The statement of H011 and the trial balance of the whole book, on screen and as PDF."""
    page = walk.person("auditor")
    page.goto("/audit")
    walk.show(page, "6-audit")
    page.goto("/audit/search?q=H011")
    walk.show(page, "6-search")
    page.locator("main table a").first.click()
    page.wait_for_url("**/transactions/**")
    walk.show(page, "6-transaction")
    page.goto("/audit/statements/H011?place=230199100200")
    balance = format_points(totals(walk).points["H011"])
    expect(page.locator("main")).to_contain_text(balance)
    walk.show(page, "6-statement")
    paper = pdf_of(page, "/audit/statements/")
    head = walk.village.households["H011"].head_name
    for said in ("H011", head, balance, "期初余额", "期末余额", "第 1 页"):
        assert said.replace(" ", "") in paper.replace(" ", "").replace("\n", ""), said
    page.goto("/audit/trial-balance")
    expect(page.locator("main")).to_contain_text("账簿平衡")
    walk.show(page, "6-trial-balance")
    assert "试算平衡表" in pdf_of(page, "/audit/trial-balance").replace(" ", "")
    page.goto("/audit")
    page.get_by_role("button", name="现在核查").click()
    expect(page.locator("main")).to_contain_text("没有发现问题")


def pdf_of(page: Page, link: str) -> str:
    """The text of the PDF behind the page's main button; every font of it embedded."""
    address = page.locator(f"main a[href*='{link}'][href*='.pdf']").first.get_attribute("href")
    answer = page.request.get(str(address))
    assert answer.ok and answer.headers["content-type"].startswith("application/pdf")
    reader = PdfReader(io.BytesIO(answer.body()))
    for sheet in reader.pages:
        for name in sheet["/Resources"].get("/Font", {}).values():  # type: ignore[union-attr, index]
            font = name.get_object()
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            assert "/FontFile2" in inner["/FontDescriptor"].get_object(), font["/BaseFont"]
    return "\n".join(sheet.extract_text() for sheet in reader.pages)
