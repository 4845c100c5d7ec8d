"""The frame and the pieces, as the server writes them."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from pointsbank.web import assets, security
from tests.pointsbank.web.sample import sample_app


def test_every_piece_of_the_design_can_be_drawn(somebody: FlaskClient):
    page = somebody.get("/sample").text
    for piece in ("passbook", "hero", "parts", "table-wrap", "pager", "explain", "steps", "notice bad", "empty",
                  "progress", "field", "matrix", "chart", "stars", "sheet-foot"):
        assert f'"{piece}' in page or f" {piece}" in page, piece


def test_the_person_s_place_is_always_in_sight(somebody: FlaskClient):
    assert '<option value="230199100200" selected>向阳村(虚构)</option>' in somebody.get("/sample").text
    one = sample_app(places=1).test_client().get("/sample").text
    assert "向阳村(虚构)" in one and "<select id=\"place-choice\"" not in one


def test_a_phone_shows_three_entries_and_more(somebody: FlaskClient):
    page = somebody.get("/sample").text
    assert page.count('class="deep-only"') == 2 and "更多" in page and 'aria-current="page"' in page


def test_a_visitor_gets_the_frame_without_a_menu(visitor: FlaskClient):
    page = visitor.get("/sample").text
    assert "积分银行" in page and 'class="tabs"' not in page and "退出登录" not in page


def test_large_type_is_switched_by_a_post_and_kept(somebody: FlaskClient):
    answer = somebody.post("/switch/view", data={"view": "elder", "back": "/sample?said=1", "csrf_token": "a-token"})
    assert (answer.status_code, answer.location) == (303, "/sample?said=1")
    assert 'data-view="elder"' in somebody.get("/sample").text
    somebody.post("/switch/view", data={"view": "normal", "back": "/sample", "csrf_token": "a-token"})
    assert 'data-view="normal"' in somebody.get("/sample").text


def test_english_is_switched_by_a_post_and_kept(visitor: FlaskClient):
    visitor.post("/switch/view", data={"lang": "en", "back": "/sample?lang=zh"})
    page = visitor.get("/sample").text
    assert '<html lang="en"' in page and "Points Bank" in page and "5 Mar 2026 10:30" in page


def test_a_language_can_be_asked_for_one_page(visitor: FlaskClient):
    assert '<html lang="en"' in visitor.get("/sample?lang=en").text
    assert '<html lang="zh-CN"' in visitor.get("/sample").text


def test_a_switch_never_leads_to_another_site(visitor: FlaskClient):
    for back in ("https://evil.example/", "//evil.example", "/\\evil.example", "evil", "\\\\evil.example"):
        assert visitor.post("/switch/view", data={"view": "elder", "back": back}).location == "/"


def test_stars_are_read_aloud_as_a_number(somebody: FlaskClient):
    assert 'aria-label="7 颗星,共 10 颗"' in somebody.get("/sample").text


def test_a_table_cell_says_its_column_for_the_card_on_a_phone(somebody: FlaskClient):
    page = somebody.get("/sample").text
    assert re.search(r'<td role="cell" class="fact num" data-label="增减"><span><span class="amount loss">−24.00', page)
    assert re.search(r'<th role="rowheader" scope="row" class="key" data-label="事由">', page)


def test_the_order_of_a_table_lives_in_the_address(somebody: FlaskClient):
    page = somebody.get("/sample?q=扫&after=H010&sort=at&dir=asc").text
    assert 'aria-sort="ascending"' in page
    assert 'href="/sample?q=%E6%89%AB&amp;sort=at&amp;dir=desc"' in page  # the page key is dropped, the filter kept
    assert 'href="/sample?q=%E6%89%AB&amp;sort=at&amp;dir=asc&amp;after=H030"' in page


def test_style_sheets_arrive_as_one_small_file_kept_for_a_year(visitor: FlaskClient):
    page = visitor.get("/sample").text
    sheets = re.findall(r'rel="stylesheet" href="([^"]+)"', page)
    assert len(sheets) == 1
    answer = visitor.get(sheets[0], headers={"Accept-Encoding": "gzip"})
    assert "immutable" in answer.headers["Cache-Control"] and answer.headers["Content-Encoding"] == "gzip"
    assert len(assets.bundle("css").packed) < 12_000 and len(assets.bundle("js").packed) < 6_000


def test_an_old_name_of_a_bundle_is_answered_but_not_kept(visitor: FlaskClient):
    assert visitor.get("/assets/bundle/0000000000ab.css").headers["Cache-Control"] == "no-cache"
    assert visitor.get("/assets/bundle/0000000000ab.exe").status_code == 404


def test_no_page_of_the_house_needs_what_the_strict_policy_refuses():
    from tests.test_tidy import tracked

    inline = re.compile(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\ssrc=)|javascript:|https?://(?!www\.w3\.org)")
    found = [f"{path.name}:{number}" for path in tracked(".html", ".svg") if "templates" in path.parts
             for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if inline.search(line)]
    assert not found
    assert "unsafe" not in security.POLICY
