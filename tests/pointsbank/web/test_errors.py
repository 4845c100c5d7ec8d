"""What goes wrong is said in words, with what to do next, and never raw."""

from __future__ import annotations

import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pointsbank.web import shell
from pointsbank.web.errors import pages
from tests.pointsbank.web.sample import sample_app


@pytest.mark.parametrize(("path", "status", "says"), [
    ("/nowhere", 404, "没有找到"), ("/sample/stop?code=not_allowed", 403, "您没有这项权限"),
    ("/sample/stop?code=conflict", 409, "别人刚刚已经处理过这一条"), ("/sample/wrong", 422, "数量要是整数"),
    ("/sample/stop?code=gone", 410, "已经处理完并删除"),
    ("/switch/view", 405, "这一步要从页面上办"), ("/sample/stop?code=not_signed_in", 401, "请先登录")])
def test_a_refusal_is_a_page_with_a_way_on(somebody: FlaskClient, path: str, status: int, says: str):
    answer = somebody.get(path)
    assert answer.status_code == status and says in answer.text and "回首页" in answer.text


def test_what_was_dealt_with_is_not_called_a_broken_request(somebody: FlaskClient):
    page = somebody.get("/sample/stop?code=gone", headers={"Referer": "http://localhost/sample"}).text
    assert "<h1>这里已经处理完了</h1>" in page and "看不懂" not in page and "回到上一页" not in page


def test_a_bug_is_an_apology_with_a_reference_that_the_log_knows(somebody: FlaskClient,
                                                                 caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.ERROR, logger="pointsbank.web"):
        page = somebody.get("/sample/bug")
    assert page.status_code == 500 and "对不起" in page.text
    assert "王德顺 的秘密" not in page.text and "RuntimeError" not in page.text
    reference = caplog.records[0].args[0]
    assert reference in page.text and "RuntimeError" in caplog.text


def test_a_bug_in_the_frame_itself_still_apologises(caplog: pytest.LogCaptureFixture):
    app = sample_app()

    @app.context_processor
    def _broken() -> dict[str, object]:
        raise RuntimeError("the frame is broken")

    page = app.test_client().get("/sample")
    assert page.status_code == 500 and "对不起" in page.text and "the frame is broken" not in page.text


def test_an_error_page_offers_the_way_back_only_into_our_own_house(somebody: FlaskClient):
    assert "回到上一页" in somebody.get("/nowhere", headers={"Referer": "http://localhost/sample?q=1"}).text
    assert "evil" not in somebody.get("/nowhere", headers={"Referer": "https://evil.example/x"}).text


def test_the_api_answers_with_a_problem_document(somebody: FlaskClient):
    answer = somebody.get("/api/v1/sample/wrong")
    assert answer.content_type == "application/problem+json"
    assert answer.json == {
        "type": "/api/problems/bad_input", "title": "有内容要改", "status": 422, "detail": "数量要是整数。",
        "code": "bad_input", "field": "items.0.count", "facts": {},
        "errors": [{"field": "items.0.count", "message": "数量要是整数。"}]}


def test_the_api_speaks_english_when_asked(somebody: FlaskClient):
    answer = somebody.get("/api/v1/sample/wrong", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert answer.json["detail"] == "The count must be whole." and answer.json["title"] == "Something needs changing"


def test_a_bug_in_the_api_is_a_problem_with_a_reference(somebody: FlaskClient):
    answer = somebody.get("/api/v1/sample/bug")
    assert answer.status_code == 500 and len(answer.json["reference"]) == 8 and "秘密" not in answer.text


def test_the_type_of_a_problem_leads_to_its_explanation(visitor: FlaskClient):
    page = visitor.get("/api/problems/not_allowed")
    assert page.status_code == 200 and "您没有这项权限" in page.text
    assert visitor.get("/api/problems/no-such-code").status_code == 404


def test_too_large_a_file_is_said_so():
    app = sample_app()
    app.config["MAX_CONTENT_LENGTH"] = 1000
    answer = app.test_client().post("/sample", data={"csrf_token": "a-token", "note": "x" * 2000})
    assert answer.status_code == 413 and "文件太大" in answer.text


def test_who_is_not_signed_in_is_sent_to_sign_in_and_comes_back():
    app = sample_app()
    app.add_url_rule("/login", "access.login", lambda: "")
    client = app.test_client()
    answer = client.get("/sample/stop?code=not_signed_in")
    assert (answer.status_code, answer.location) == (303, "/login?next=%2Fsample%2Fstop%3Fcode%3Dnot_signed_in")
    late = client.post("/sample/stop?code=not_signed_in", data={"csrf_token": "a-token"},
                       headers={"Referer": "http://localhost/sample"})
    assert late.location == "/login?next=%2Fsample"


def test_every_designed_status_has_its_words():
    app = Flask("words", static_folder=None)
    shell.register(app)
    with app.test_request_context("/"):
        assert {400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503} <= set(pages())
        assert all(all(page) for page in pages().values())
