"""Facts of the tests' own, given by the caller's context, so that rules can be judged without a ledger."""

from __future__ import annotations

import pytest

from pointsbank.eligibility import register_fact


@pytest.fixture(autouse=True)
def given_facts() -> None:
    register_fact("t_hours", "minutes", "服务时长", "hours of service", None)
    register_fact("t_score", "hundredths", "评议分", "score", None)
    register_fact("t_stars", "whole", "星数", "stars", None, unit_zh="颗", unit_en="stars")
    register_fact("t_veto", "boolean", "一票否决", "veto", None)
    register_fact("t_tag", "text", "户别", "kind of household", None, private=True)
    register_fact("t_earned", "hundredths", "获得积分", "points earned", None)
    register_fact("t_spent", "hundredths", "兑换积分", "points spent", None)
