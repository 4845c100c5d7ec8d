"""A verdict years later: made again to the byte from what was frozen; judged anew it may differ, and that is shown."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from pointsbank.crypto import erase_subject
from pointsbank.database import unit_of_work
from pointsbank.eligibility import PublishRule, publish_edited
from pointsbank.ratings import cycle_view, judged_now, reproduced
from pointsbank.ratings.errors import ErasedVerdict
from redemption.demo.people import Village as DemoVillage
from tests.pointsbank.ratings import village as making
from tests.pointsbank.ratings.test_pages import bank, signed_in  # noqa: F401  the fixture
from tests.pointsbank.ratings.village import AT, BOOK, SYSTEM

MARCH = date(2026, 3, 5)


def test_the_old_verdict_is_reproduced_exactly_and_the_new_one_differs_where_it_must(
        app: Flask, village: DemoVillage, bank: making.Village) -> None:  # noqa: F811
    s: Session = bank.s
    first, = bank.deed("H002", "V01", MARCH, 2000, minutes=20 * 60)
    bank.deed("H003", "L01", MARCH, 200, times=4)
    bank.evaluate()
    cycle = cycle_view(s, BOOK, bank.cycle())
    home = bank.home("H002").id
    then = reproduced(s, cycle, home)
    assert then.same and then.stored == then.made_again and then.checkpoint["size"] > 0
    assert json.loads(then.stored)["S10"]["outcome"] is True

    bank.deed("H002", "L01", MARCH, 200, times=4)             # later postings,
    bank.take_back(first, date(2026, 11, 20))                 # a reversal, a change of the rule
    publish_edited(s, PublishRule(uuid4(), "star.S01", "爱党爱国星", "Love of country",
                                  "count_L01_L02 >= 5 and not veto_S01", AT.date(), adopted_by="纪要 7 号"),
                   by=SYSTEM, at=AT)
    again = reproduced(s, cycle, home)
    assert again == then, "what was judged then is made again to the last byte"
    now = {row.star.code: row for row in judged_now(s, cycle, home, AT.date())}
    assert (now["S10"].then.outcome, now["S10"].now.outcome, now["S10"].why) == (True, False, "facts")
    assert (now["S01"].then.outcome, now["S01"].now.outcome, now["S01"].why) == (False, False, "both")
    assert now["S02"].why is None

    client = signed_in(app, "committee")
    page = client.get(f"/committee/ratings/{cycle.id}/H002/then-and-now").text
    assert "按当时冻结的数据重算,和存下来的一字不差" in page
    assert "当时得星,现在没有得星" in page and "现在 0 小时" in page and "现在 20 小时" in page
    assert "账本位置" in page and str(then.checkpoint["size"]) in page
    assert "规则改了" in page and "数据变了" in page


def test_after_erasure_it_is_said_to_be_erased_and_not_recomputable(app: Flask, village: DemoVillage,
                                                                    bank: making.Village) -> None:  # noqa: F811
    bank.evaluate()
    cycle, home = cycle_view(bank.s, BOOK, bank.cycle()), bank.home("H002").id
    with unit_of_work(bank.s):
        erase_subject(bank.s, BOOK, home)
    with pytest.raises(ErasedVerdict):
        reproduced(bank.s, cycle, home)
    answer = signed_in(app, "committee").get(f"/committee/ratings/{cycle.id}/H002/then-and-now")
    assert answer.status_code == 410 and "已删除,不能重算" in answer.text


def test_a_byte_changed_in_the_frozen_verdict_is_noticed(app: Flask, village: DemoVillage,
                                                         bank: making.Village) -> None:  # noqa: F811
    bank.evaluate()
    cycle, home = cycle_view(bank.s, BOOK, bank.cycle()), bank.home("H002").id
    true = reproduced(bank.s, cycle, home)
    assert not replace(true, stored=true.stored.replace('"holds":true', '"holds":false', 1)).same
