"""No village deducts for petitions, opinions, births or what the law grants, however it is written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pointsbank.schedule.checking import problems
from pointsbank.schedule.errors import ForbiddenGround
from pointsbank.schedule.grounds import forbidden_grounds
from tests.pointsbank.schedule.a_village import N01, V01, a_rule


@pytest.mark.parametrize("item", [
    "越级上访", "无理信访", "信 访", "信·访", "“信”“访”", "信\u200b访", "在微信群发表不当言论",
    "网上发帖抹黑本村", "违反计划生育", "超生", "不交医保", "取消低保", "收回承包地", "petition to the county"])
def test_a_deduction_on_a_forbidden_ground_is_refused_in_its_item(item: str):
    refused = forbidden_grounds(replace(N01, item=item))
    assert [one.field for one in refused] == ["item"]
    assert "不得作为扣分事由" in refused[0].sentence("zh")


@pytest.mark.parametrize("note", [
    "不得以“信访”为扣分事由", "不得以信访、上访为扣分理由", "不影响低保", "此项不影响低保、医保",
    "不因信访扣分", "与低保无关", "先提醒→限期整改(3日)→扣分;整改可修复50%", "信访不扣分"])
def test_a_note_may_protect_what_must_not_be_touched(note: str):
    assert forbidden_grounds(replace(N01, note=note)) == []


@pytest.mark.parametrize("note", [
    "信访者加倍扣分", "不得信访", "不得以信访为扣分事由,但越级上访者扣10分", "不影响邻里的信访扣5分",
    "扣分后停发低保", "不得上访,违者扣分", "扣分不影响低保;超生另扣"])
def test_a_note_that_only_looks_protecting_is_refused(note: str):
    assert [one.field for one in forbidden_grounds(replace(N01, note=note))][:1] == ["note"]


def test_the_protecting_sentence_has_no_place_in_the_item_itself():
    assert forbidden_grounds(replace(N01, item="不得以信访为扣分事由")) != []


def test_what_earns_takes_from_nobody_and_is_not_searched():
    assert forbidden_grounds(replace(V01, item="代办医保、低保手续")) == []
    refused = problems(a_rule("N09", "time", -500, kind="deduction", item="上访"))
    assert [type(one) for one in refused] == [ForbiddenGround]
