"""Publishing a scheme from its file: at the page and by the API, with place and reason when it cannot be."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask import Flask

from redemption.demo.people import Village
from tests.demo_today import Api, bare_today  # noqa: F401
from tests.pointsbank.ratings.test_schemes import data
from tests.visitor import Visitor


def told(app: Flask, body: Any, *, raw: bytes | None = None, login: str = "admin") -> tuple[int, str]:
    person = Visitor(app, login)
    form = person.form("/ratings/schemes", "/ratings/schemes")
    sent = raw if raw is not None else json.dumps(body, ensure_ascii=False).encode()
    answer = person.send(form, file=(io.BytesIO(sent), "scheme.json"))
    return answer.status_code, answer.text


def test_a_scheme_is_published_from_its_file_and_read_in_words(app: Flask, bare_today: Village) -> None:  # noqa: F811
    body = {**data("five-stars"), "code": "yards"}
    assert told(app, body)[0] == 303
    assert told(app, {**body, "title": {"zh": "美丽庭院办法", "en": "Yards"}})[0] == 303   # its second version
    page = Visitor(app, "H001").page("/ratings/schemes")
    assert "美丽庭院办法" in page and "第 2 版" in page and "每半年一评" in page
    assert "撤销后 24 个月不能参评" in page and "名额 2" in page           # of the nomination
    assert "发布办法" not in page                                          # a family publishes nothing


@pytest.mark.parametrize(("changed", "said"), [
    ({"stars": []}, "stars"), ({"terms": {"rhythm": "month"}}, "terms.rhythm"), ({"colour": "red"}, "colour"),
    ({"effective_on": "soon"}, "effective_on"), ({"bands": [{"code": "x"}]}, "bands.0"),
    ({"stars": [{"code": "W1", "name": {"zh": "星", "en": "star"}, "rule": "no_such_fact >= 8"}]}, "no_such_fact"),
    ({"stars": [{"code": "W1", "name": {"zh": "星", "en": "star"}, "rule": "hours >="}]}, "规则")])
def test_a_wrong_file_is_refused_with_its_place(app: Flask, bare_today: Village, changed: dict[str, Any],  # noqa: F811
                                                said: str) -> None:
    status, page = told(app, {**data("five-stars"), "code": "yards", **changed})
    assert status == 422 and said in page
    assert "yards" not in {one["code"] for one in Api(app, "admin").get("/ratings/schemes").json}


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"[1, 2", b"[]", b"", b"x" * 300_000, b"[" * 100_000])
def test_what_is_no_file_of_a_scheme_is_refused(app: Flask, bare_today: Village, raw: bytes) -> None:  # noqa: F811
    assert told(app, None, raw=raw)[0] == 422
