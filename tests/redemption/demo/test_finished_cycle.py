"""The demo shows the whole life of a rating: a finished half-year with awards and plaques, and the year's open cycle.

What becomes of an award when a deed behind it turns out false (scenario 10 of the village's list) is lived on it.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

import ledger
from pointsbank import accounts
from pointsbank.access import Actor, AppUser, actor_of_user
from pointsbank.honours import (
    DecideMeasure,
    ProposeMeasure,
    PublishCorrection,
    decide_measure,
    honour_view,
    honours_of_cycle,
    propose_measure,
    publish_correction,
    queue_rechecks,
    run_rechecks,
)
from pointsbank.honours.queries import HonourRow
from pointsbank.ratings import (
    CycleView,
    DecideStar,
    cycles_of,
    decide_star,
    decisions_of,
    entries_of,
    household_rating,
    matrix,
    recomputed,
)
from pointsbank.records import ServiceRecord, VoidRecord, void_record
from pointsbank.records.models import POSTED
from redemption.demo.honours import last_half
from redemption.demo.office import moment
from redemption.demo.people import Village
from redemption.errors import NotEligible, NotEnoughPoints, OverLimit
from redemption.till import Item, Redeem, redeem
from reports.papers.honours import honour_paper
from tests.redemption.demo.test_demo_village import TODAY, lived  # noqa: F401  the fixture

NOW = moment(TODAY, 9)


def staff(s: Session, login: str) -> Actor:
    user = s.scalars(select(AppUser).where(AppUser.login == login)).one()
    return actor_of_user(s, user)


def finished(s: Session, village: Village) -> CycleView:
    return next(cycle for cycle in cycles_of(s, village.book_id, village.place_code)
                if cycle.scheme.code == "five-stars")


def awarded(s: Session, cycle: CycleView) -> list[HonourRow]:
    return [row for row in honours_of_cycle(s, cycle) if row.state == "awarded"]


def test_a_half_year_is_over_with_awards_and_the_year_is_open_with_proposals(s, lived):  # noqa: F811
    cycle = finished(s, lived)
    assert (cycle.year, cycle.period, cycle.status) == (2026, "H1", "confirmed")
    rows = honours_of_cycle(s, cycle)
    states = Counter(row.state for row in rows)
    assert len(rows) == 24 and set(states) == {"awarded", "not_awarded"} and 4 <= states["awarded"] <= 20
    plaques = Counter(row.plaque for row in awarded(s, cycle))
    assert plaques["to_hang"] == 1 and plaques["hung"] == states["awarded"] - 1
    assert sum(row.warnings for row in rows) == 1
    numbers = sorted(row.number for row in awarded(s, cycle) if row.number)
    assert numbers[0] == "100200-2026-0001" and len(numbers) == states["awarded"]
    views = [honour_view(s, lived.book_id, row.id) for row in rows]
    assert [one.outcome for view in views for one in view.objections] == ["dismissed"]
    departs = [made for row in rows for made in decisions_of(s, lived.book_id, cycle.id, row.card.id).values()]
    assert [(made.departs, bool(made.reason)) for made in departs] == [(True, True)]
    assert {entry.state for entry in entries_of(s, lived.book_id, cycle.id).values()} == {"applied"}
    open_one = cycles_of(s, lived.book_id, lived.place_code, "stars")[0]
    assert (open_one.year, open_one.status) == (2026, "evaluated") and open_one.last is not None
    table = matrix(s, open_one, open_one.last)
    assert table.undecided == 2 and sum(row.stars for row in table.rows) > 100


def test_the_certificate_of_the_demo_carries_number_stars_and_code(s, lived):  # noqa: F811
    row = awarded(s, finished(s, lived))[0]
    made = honour_paper(s, row.id, plaque=False, by=staff(s, "committee"), at=NOW, base_url="http://bank.test")
    said = PdfReader(io.BytesIO(made)).pages[0].extract_text()
    for words in ("荣誉证书", "2026 年上半年", str(row.number), f"所得的星({len(row.stars)} 颗)", "演示数据"):
        assert words in said, said
    assert re.search(r"[0-9]{6}(-[0-9A-HJKMNP-TV-Z]+){6}", said)


def test_scenario_10_a_false_record_after_the_award(s: Session, lived: Village) -> None:  # noqa: F811
    """A month's "excellent" behind the fourth star-giving month of a family was made up; it has been spent since."""
    cycle = finished(s, lived)
    row, records = next((row, found) for row in awarded(s, cycle)
                        if len(found := behind(s, lived, row)) == 4 and len(row.stars) == 4)
    home = row.card
    wallet = accounts.wallet(home.id, home.place_code)
    before = ledger.balances(s.connection(), home.book_id, [wallet])[wallet].posted
    old = honour_paper(s, row.id, plaque=False, by=staff(s, "committee"), at=NOW, base_url="http://bank.test")
    points = {"E01": 1000, "E02": 500}[records[0].rule_code]
    s.rollback()
    void_record(s, VoidRecord(uuid4(), records[0].id, "照片是前一年的,评比不实"), by=staff(s, "committee2"), at=NOW)
    after = ledger.balances(s.connection(), home.book_id, [wallet])[wallet].posted
    assert after == before - points                              # clawed back, below zero if need be
    s.rollback()
    assert queue_rechecks(s, home.book_id, at=NOW) >= 1 and run_rechecks(s, home.book_id, at=NOW) == 1
    view = honour_view(s, home.book_id, row.id)
    assert (view.rechecks[0].lost, view.corrections[0].state) == (("W4",), "draft")
    assert len(view.row.stars) == 4                              # nothing changes before two people decide
    stays = tuple(star for star in row.stars if star != "W4")
    made = propose_measure(s, ProposeMeasure(uuid4(), row.id, "correct", "评比记录不实,按复核更正", stars=stays,
                                             recheck_id=view.rechecks[0].id), by=staff(s, "committee2"), at=NOW)
    decide_measure(s, DecideMeasure(uuid4(), made, True), by=staff(s, "office"), at=NOW)
    publish_correction(s, PublishCorrection(uuid4(), view.corrections[0].id), by=staff(s, "committee2"), at=NOW)
    view = honour_view(s, home.book_id, row.id)
    assert (view.row.state, view.row.level, view.corrections[0].state) == ("lapsed", None, "published")
    assert view.row.plaque in ("to_take_down", "none")
    assert recomputed(s, cycle, home.id)                         # the old verdict still says what was known then
    assert str(row.number) in PdfReader(io.BytesIO(old)).pages[0].extract_text()


def sell(s: Session, village: Village, code: str, sku: str, at: datetime = NOW) -> int:
    """One piece at the village's till, by a clerk who has nothing to do with the family; the points it took."""
    clerk = staff(s, "clerk")
    s.rollback()
    return redeem(s, Redeem(uuid4(), village.place_code, village.households[code].id, (Item(sku, 1),),
                            confirm_again=True), by=clerk, at=at).points


def test_the_demos_limits_hold_at_the_till_with_the_sentence_that_says_why(s: Session, lived: Village) -> None:  # noqa: F811
    """Three stars and more (P21), one in three years (P22), families with minors (P19), the twelfth lunar month (P20),
    nothing below zero (H023).
    """
    assert sell(s, lived, "H010", "P21") == 800              # nine stars: a haircut for 20 % less
    assert sell(s, lived, "H010", "P22") == 12000
    with pytest.raises(OverLimit, match="每户三年限一台"):
        sell(s, lived, "H010", "P22")
    with pytest.raises(NotEligible, match="限有未成年人的家庭。"):
        sell(s, lived, "H007", "P19")
    assert sell(s, lived, "H003", "P19") == 2000
    with pytest.raises(NotEligible, match="只在腊月兑换。"):
        sell(s, lived, "H001", "P20")
    with pytest.raises(NotEnoughPoints, match="余额为负"):
        sell(s, lived, "H023", "P09")
    cycle = cycles_of(s, lived.book_id, lived.place_code, "stars")[0]
    home = lived.households["H002"]                      # the committee takes its stars but two
    held = household_rating(s, cycle, home.id)
    for view in [view for view in held.stars if view.outcome is not False][2:]:
        decide_star(s, DecideStar(uuid4(), cycle.id, home.id, view.star.code, False, "评议会查实,不予认定"),
                    by=staff(s, "committee2"), at=NOW)
    with pytest.raises(NotEligible, match=r"三星以上的户.现有星数还差 1 颗."):
        sell(s, lived, "H002", "P21")


def behind(s: Session, village: Village, row: HonourRow) -> list[Any]:
    """The records of the yard's ratings that star W4 was counted from: one a month."""
    return list(s.scalars(select(ServiceRecord).where(
        ServiceRecord.book_id == village.book_id, ServiceRecord.household_id == row.card.id,
        ServiceRecord.rule_code.in_(("E01", "E02")), ServiceRecord.status == POSTED,
        ServiceRecord.service_on.between(date(2026, 1, 1), date(2026, 6, 30))).order_by(ServiceRecord.id))) if (
            "W4" in row.stars) else []


@pytest.mark.parametrize("day", [date(2026, 1, 1) + timedelta(days=one) for one in (0, 27, 28, 180, 207, 209, 364)])
def test_the_last_half_year_is_over_whatever_the_day(day: date) -> None:
    year, period = last_half(day)
    end = date(year, 6, 30) if period == "H1" else date(year, 12, 31)
    assert 28 <= (day - end).days < 28 + 185
