"""The design in a real browser: nothing overflows, nothing is too small, nothing is hidden from who cannot see well.

The sample page shows every piece there is, so what holds there holds for the pages made of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from pointsbank.settings import Settings
from tests.pointsbank.web.sample import forget_sample_menu, register_sample_menu, sample_app
from tests.stories.conftest import DESKTOP, PHONE, picture, serve_in_thread

WIDTHS = {"phone": PHONE, "desktop": DESKTOP}
LOOKS = [(width, view, lang) for width in WIDTHS for view in ("normal", "elder") for lang in ("zh", "en")]
# What is too small to touch or read. Links inside a sentence are exempt, as are things only screen readers meet.
TOO_SMALL = """(least) => [...document.querySelectorAll(
    'main button, main select, main textarea, main summary, main .button, .tabs a, .tabs summary, .switch,'
    + '.place select, main input:not([type=hidden]):not([type=checkbox]):not([type=radio]), .choice, .matrix td a')]
  .filter(e => { const b = e.getBoundingClientRect(); return b.width && (b.height < least - 0.5) })
  .map(e => `${e.tagName}.${e.className} ${Math.round(e.getBoundingClientRect().height)}`)"""
SMALL_PRINT = """(least) => [...document.querySelectorAll('body *')]
  .filter(e => !e.closest('.sr-only, .skip, option, script, .print-only') && e.getClientRects().length
    && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())
    && parseFloat(getComputedStyle(e).fontSize) < least - 0.05)
  .map(e => `${e.tagName}.${e.className} ${getComputedStyle(e).fontSize}`)"""
STICKS_OUT = """() => { const width = document.documentElement.clientWidth;
  return [...document.querySelectorAll('body *')]
    .filter(e => !e.closest('.matrix, .sr-only, .skip, svg, thead, .scroll')
      && e.getBoundingClientRect().right > width + 1)
    .map(e => `${e.tagName}.${e.className}`) }"""


@pytest.fixture(scope="module")
def sample_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("sample")
    settings = Settings(host="127.0.0.1", port=0, data_dir=folder, keys_dir=folder, database_url="", migrate_url="",
                        tls_cert=None, tls_key=None, font_fallback=None)
    register_sample_menu()
    url, stop = serve_in_thread(sample_app(), settings)
    yield url
    stop()
    forget_sample_menu()


def look(browser: Browser, address: str, width: str = "phone", view: str = "normal", lang: str = "zh",
         script: bool = True) -> Page:
    """A page of a new browser with these choices made; anything the strict policy refuses becomes an error."""
    context = browser.new_context(viewport=WIDTHS[width], base_url=address, locale="zh-CN",  # type: ignore[arg-type]
                                  java_script_enabled=script)
    context.add_cookies([{"name": "pb_view", "value": view, "url": address},
                         {"name": "pb_lang", "value": lang, "url": address}])
    page = context.new_page()
    page.set_default_timeout(15_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if not request.url.startswith(address) else None)
    page.complaints = complaints  # type: ignore[attr-defined]
    return page


@pytest.mark.parametrize(("width", "view", "lang"), LOOKS)
def test_nothing_sticks_out_and_nothing_is_too_small(browser: Browser, sample_address: str, width: str, view: str,
                                                     lang: str):
    page = look(browser, sample_address, width, view, lang)
    for path in ("/sample?said=1", "/sample/login?kind=staff", "/nowhere"):
        page.goto(path)
        assert page.evaluate(STICKS_OUT) == []
        assert page.evaluate(TOO_SMALL, 60 if view == "elder" else 48) == []
        assert page.evaluate(SMALL_PRINT, 24 if view == "elder" else 16) == []
        picture(page, f"design-{path.split('/')[-1].split('?')[0]}-{width}-{view}-{lang}")
    assert [said for said in page.complaints if "404" not in said] == []  # type: ignore[attr-defined]
    page.context.close()


@pytest.mark.parametrize(("width", "view"), [("phone", "normal"), ("desktop", "normal"), ("phone", "elder")])
def test_axe_finds_nothing_serious(browser: Browser, sample_address: str, width: str, view: str):
    page = look(browser, sample_address, width, view)
    for path in ("/sample?said=1", "/sample/login", "/nowhere"):
        page.goto(path)
        found = Axe().run(page).response["violations"]
        grave = {f"{item['id']}: {node['html'][:160]}" for item in found if item["impact"] in ("serious", "critical")
                 for node in item["nodes"]}
        assert not grave
    page.context.close()


def test_the_side_column_reaches_the_bottom_even_where_something_hangs_out_of_the_frame(browser: Browser,
                                                                                        sample_address: str):
    page = look(browser, sample_address, "desktop")
    page.goto("/sample/login")
    page.evaluate("""document.querySelector('.frame').insertAdjacentHTML('beforeend',
        '<p style="position:absolute;top:calc(100% + 9rem)">.</p>')""")
    page.evaluate("document.querySelector('.frame').style.position = 'relative'")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    corner = page.screenshot(clip={"x": 4, "y": page.viewport_size["height"] - 3, "width": 1, "height": 1})  # type: ignore[index]
    green = page.screenshot(clip={"x": 4, "y": 4, "width": 1, "height": 1})
    assert corner == green
    page.context.close()


def test_a_long_step_on_a_phone_stands_beside_its_line(browser: Browser, sample_address: str):
    page = look(browser, sample_address)
    page.goto("/sample")
    page.evaluate("document.querySelector('.steps li span:nth-child(2)').textContent = '很长的一步'.repeat(20)")
    lefts = page.evaluate("""[...document.querySelectorAll('.steps li')].map(li =>
        li.children[1].getBoundingClientRect().left - li.children[0].getBoundingClientRect().right)""")
    assert all(left > 0 for left in lefts)
    page.context.close()


def test_large_type_is_one_column(browser: Browser, sample_address: str):
    page = look(browser, sample_address, "desktop", "elder")
    page.goto("/sample")
    lefts = page.evaluate("""[...new Set([...document.querySelectorAll('main > *, main .leaves > *')]
        .filter(e => e.getClientRects().length).map(e => Math.round(e.getBoundingClientRect().left)))]""")
    assert len(lefts) == 1
    assert page.evaluate("getComputedStyle(document.querySelector('.tabs')).position") == "static"  # nothing hovers
    page.context.close()


def test_a_refused_form_puts_the_cursor_into_the_first_wrong_field_without_a_reload(browser: Browser,
                                                                                     sample_address: str):
    page = look(browser, sample_address)
    page.goto("/sample")
    page.evaluate("window.same = true")
    page.get_by_label("时长").fill("99")
    page.get_by_role("button", name="提交").click()
    page.get_by_text("有 2 处要改").wait_for()
    assert page.evaluate("[window.same, document.activeElement.id, document.querySelector('#hours').value]") == [
        True, "name", "99"]
    picture(page, "design-refused-phone")
    page.context.close()


def test_forms_and_switches_work_without_scripts(browser: Browser, sample_address: str):
    page = look(browser, sample_address, script=False)
    page.goto("/sample")
    page.get_by_role("button", name="长辈版(大字)").click()
    page.locator("html[data-view=elder]").wait_for()
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="中文").wait_for()
    page.locator("input[name=name]").fill("王德顺")
    page.locator("#place-choice").select_option("230199100201")
    page.locator(".place button").click()
    page.wait_for_load_state()
    assert page.url.endswith("/sample")
    page.context.close()


def test_keys_lead_to_the_search_and_back(browser: Browser, sample_address: str):
    page = look(browser, sample_address, "desktop")
    page.goto("/sample")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("扫")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sample?q=*")
    assert page.locator("#q").input_value() == "扫"
    page.get_by_role("link", name="时间").click()
    page.wait_for_url("**sort=at**")
    page.go_back()
    page.locator("th[aria-sort=none]").first.wait_for()
    assert "sort" not in page.url and page.locator("#q").input_value() == "扫"
    page.reload()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"  # the first stop of the keyboard
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    page.context.close()


def test_more_opens_above_the_tabs_and_closes_with_escape(browser: Browser, sample_address: str):
    page = look(browser, sample_address)
    page.goto("/sample")
    page.get_by_text("更多").click()
    assert page.get_by_role("link", name="星级评定").is_visible()
    picture(page, "design-more-phone")
    page.keyboard.press("Escape")
    assert not page.get_by_role("link", name="星级评定").is_visible()
    page.context.close()


def test_progress_moves_by_itself(browser: Browser, sample_address: str):
    page = look(browser, sample_address)
    page.goto("/sample")
    page.get_by_text("已处理 60 / 100 行").wait_for()
    assert page.locator("progress").evaluate("e => e.value") == 60
    page.context.close()


def test_paper_is_black_on_white_without_screen_furniture(browser: Browser, sample_address: str, tmp_path: Path):
    from pypdf import PdfReader

    page = look(browser, sample_address, "desktop")
    page.goto("/sample")
    page.pdf(path=tmp_path / "paper.pdf", prefer_css_page_size=True)
    paper = PdfReader(tmp_path / "paper.pdf")
    text = "".join(sheet.extract_text() for sheet in paper.pages)
    assert round(float(paper.pages[0].mediabox.width)) == 595  # A4
    assert f"1 / {len(paper.pages)}" in text and "盖章处" in text and "收银台" not in text and "English" not in text
    page.context.close()


def test_the_api_viewer_draws_itself_from_this_house_alone(browser: Browser, sample_address: str):
    page = look(browser, sample_address, "desktop")
    page.goto("/api/docs")
    page.get_by_text("OAS 3.0").wait_for()
    assert page.complaints == []  # type: ignore[attr-defined]
    page.context.close()
