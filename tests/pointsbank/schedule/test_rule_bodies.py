"""The JSON form of a rule: what it refuses, field by field, and that it comes back as it went in."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from marshmallow import ValidationError

from pointsbank.schedule import RULE_BODY, RuleVersion
from pointsbank.schedule.checking import problems
from pointsbank.schedule.loading import LISTS, body_of

BODY = {"category": "环境卫生", "item": "门前清雪", "kind": "earning", "unit": "time", "points": "2"}
RULES = Path(__file__).parents[3] / "redemption" / "demo" / "data" / "rules.json"


def test_every_rule_of_the_demo_holds_and_comes_back_as_it_went_in():
    data = json.loads(RULES.read_text("utf-8"), parse_float=Decimal)
    for name, kinds in LISTS.items():
        for entry in data[name]:
            rule = RuleVersion(code=entry["code"], version=1, valid_from=date(2026, 1, 1),
                               **RULE_BODY.load(body_of(entry, *kinds)))
            assert problems(rule) == []
            again = RULE_BODY.load(json.loads(json.dumps(RULE_BODY.dump(rule))))
            assert RuleVersion(code=rule.code, version=1, valid_from=rule.valid_from, **again) == rule


@pytest.mark.parametrize(("body", "field"), [
    ({"points": 1.5}, "points"), ({"points": "1.234"}, "points"), ({"unit": "斤"}, "unit"),
    ({"caps": [{"subject": "village", "window": "day", "points": "1"}]}, "caps"), ({"surprise": 1}, "surprise"),
    ({"item": ""}, "item"), ({"chain": ["nobody"]}, "chain"), ({"per": "-1"}, "per")])
def test_a_body_of_the_wrong_form_names_the_field(body: dict, field: str):
    with pytest.raises(ValidationError) as refused:
        RULE_BODY.load(BODY | body)
    assert list(refused.value.messages) == [field]


@pytest.mark.parametrize(("body", "field"), [
    ({"points": None}, "points"), ({"points": "-2"}, "points"), ({"points": "0"}, "points"),
    ({"levels": [{"name": "村", "points": "5"}]}, "points"),
    ({"points": None, "tiers": [{"start": "10", "points": "1"}, {"start": "10", "points": "2"}]}, "tiers.1.start"),
    ({"points": None, "levels": [{"name": "村", "points": "5"}] * 2}, "levels.1.name"),
    ({"caps": [{"subject": "person", "window": "day"}]}, "caps.0"),
    ({"caps": [{"subject": "person", "window": "day", "points": "1", "rules": ["E01"]}]}, "caps.0.rules"),
    ({"exclusion": {"group": "g", "rules": ["E09"], "mode": "one_only"}}, "exclusion.rules"),
    ({"notice_days": 5}, "notice_days"), ({"chain": ["auto", "auto"]}, "chain"),
    ({"aftermath": {"warn_first": True}}, "aftermath")])
def test_a_rule_that_contradicts_itself_is_refused_at_its_place(body: dict, field: str):
    rule = RuleVersion(code="E09", version=1, valid_from=date(2026, 1, 1), **RULE_BODY.load(BODY | body))
    assert [wrong.field for wrong in problems(rule)][:1] == [field]
