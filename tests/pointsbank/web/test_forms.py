"""What is typed is kept, what is wrong is said beside its field."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema, fields, validate
from werkzeug.datastructures import MultiDict

from pointsbank.errors import Conflict
from pointsbank.web.forms import FormState, blank, form_data, form_key
from pointsbank.web.messages import flat_errors, in_words
from tests.pointsbank.web.sample import sample_app

KEY = "0199f2f0-0000-7000-8000-000000000001"


class ItemSchema(Schema):
    sku = fields.String(required=True)
    count = fields.Integer(required=True, validate=validate.Range(min=1))


class BasketSchema(Schema):
    household = fields.String(required=True)
    items = fields.List(fields.Nested(ItemSchema), required=True)
    ticked = fields.List(fields.Integer())
    password = fields.String()


def test_a_refused_form_keeps_what_was_typed_and_marks_each_wrong_field(somebody: FlaskClient):
    typed = {"csrf_token": "a-token", "key": KEY, "name": "", "hours": "99", "day": "昨天", "note": "<b>下雪了</b>",
             "kind": "V02", "agreed": "1", "way": "proxy"}
    answer = somebody.post("/sample", data=typed)
    page = answer.text
    assert answer.status_code == 422
    assert "&lt;b&gt;下雪了&lt;/b&gt;" in page and 'value="99"' in page and 'value="昨天"' in page
    assert '<option value="V02" selected>' in page and 'value="proxy" checked' in page
    assert 'name="name" required aria-describedby="name-hint name-error" aria-invalid="true" autofocus' in page
    for sentence in ("这一项必须填写。", "应在 1 到 24 之间。", "请填有效的日期"):
        assert sentence in page
    assert "有 3 处要改" in page and f'name="key" value="{KEY}"' in page


def test_a_form_shown_again_keeps_its_key_and_a_fresh_one_gets_its_own():
    assert form_key(FormState(key=KEY)) == KEY and form_key(KEY) == KEY
    assert blank().key != blank().key != form_key(None)


def test_a_form_with_rows_becomes_a_list_of_objects():
    given = MultiDict([("household", " H011 "), ("items-10-sku", "G02"), ("items-10-count", "2"),
                       ("items-2-sku", "G01"), ("items-2-count", "1"), ("items-3-sku", " "),
                       ("ticked", "3"), ("ticked", ""), ("ticked", "5"),
                       ("password", " a b "), ("csrf_token", "x"), ("lang", "en")])
    assert form_data(given, BasketSchema()) == {
        "household": "H011", "items": [{"sku": "G01", "count": "1"}, {"sku": "G02", "count": "2"}],
        "ticked": ["3", "5"], "password": " a b "}


def test_a_name_nobody_asked_for_is_not_lost_but_refused_by_the_schema():
    odd = {"items-1-": "x", "sum-0-x": "y"}
    assert form_data(MultiDict(odd), BasketSchema()) == odd


def test_a_refusal_stands_beside_the_field_it_names():
    with sample_app().test_request_context("/sample"):
        form = FormState({"items-0-sku": ["G01"]})
        form.refuse(Conflict("items.0.sku"))
        assert form.error("items-0-sku") == form.refusal == "别人刚刚已经处理过这一条。请刷新后再看。"
        assert form.first_wrong == "items-0-sku"


def test_start_values_show_until_something_was_typed():
    form = blank(day="2026-03-05", agreed=True, none=None)
    assert (form.value("day"), form.value("other", "x"), form.value("none")) == ("2026-03-05", "x", "")
    assert form.checked("agreed") and not FormState({"day": [""]}, start={"agreed": True}).checked("agreed")
    assert FormState({"day": [""]}, start={"day": "2026-03-05"}).value("day") == ""


def test_nested_messages_become_paths():
    assert flat_errors({"json": {"items": {0: {"count": ["Not a valid integer."]}}, "_schema": ["Invalid input type."]}}
                       ) == [("items.0.count", "Not a valid integer."), ("", "Invalid input type.")]


@pytest.mark.parametrize(("field", "value"), [
    (fields.Integer(), "x"), (fields.Date(), "x"), (fields.UUID(), "x"), (fields.DateTime(), "x"), (fields.String(), 1),
    (fields.Integer(validate=validate.Range(min=1)), "0"), (fields.Integer(validate=validate.Range(max=1)), "2"),
    (fields.Integer(validate=validate.Range(1, 2)), "9"), (fields.String(validate=validate.Length(min=2)), "x"),
    (fields.Integer(validate=validate.Range(min=1, min_inclusive=False)), "1"),
    (fields.Integer(validate=validate.Range(max=1, max_inclusive=False)), "1"),
    (fields.String(validate=validate.Length(max=2)), "xxx"), (fields.String(validate=validate.Length(2, 3)), "x"),
    (fields.String(validate=validate.Length(equal=2)), "x"), (fields.String(validate=validate.OneOf("ab")), "x"),
    (fields.String(validate=validate.Regexp("a")), "x"), (fields.Boolean(), "x"), (fields.Decimal(), "x"),
    (fields.List(fields.String()), "x"), (fields.Nested(ItemSchema), "x"), (fields.Time(), "x")])
def test_the_checker_never_speaks_english_to_a_villager(field: fields.Field, value: object):
    app: Flask = sample_app()
    errors = Schema.from_dict({"f": field})().validate({"f": value})
    with app.test_request_context("/sample"):
        said = [in_words(text) for _, text in flat_errors(errors)]
    assert said and all("一" <= sentence[0] <= "鿿" for sentence in said), errors
