"""Corrections and objections: one reversal of all three books, what siblings regain, who may judge."""

from __future__ import annotations

import uuid
from datetime import date

import pytest

import ledger
from pointsbank import accounts
from pointsbank.access import system_actor
from pointsbank.errors import NotAllowed
from pointsbank.records import (
    RaiseObjection,
    ResolveObjection,
    ServiceRecord,
    VoidRecord,
    post_due_notices,
    raise_objection,
    resolve_objection,
    resubmit_record,
    void_record,
)
from pointsbank.records.commands import ResubmitRecord
from pointsbank.records.errors import (
    AlreadyObjected,
    DecidedBefore,
    NeedsReason,
    NotWaiting,
    OwnHousehold,
    OwnObjection,
)
from pointsbank.records.policy import working_days_after
from pointsbank.schedule import RetireRule, retire_rule
from tests.pointsbank.records.a_village import AT, BOOK, COUNTY, DAY, VILLAGE, at


def void(hamlet, record, by="committee2", reason="签到表是假的", when=AT, key=None):
    return void_record(hamlet.s, VoidRecord(key or uuid.uuid4(), record, reason), by=hamlet.staff[by], at=when)


def spend(hamlet, amount, home="H001"):
    wallet = accounts.wallet(hamlet.homes[home].id, VILLAGE)
    entry = ledger.Entry("till", str(uuid.uuid4()), "sale", date(2026, 3, 10),
                         (ledger.Transfer(wallet, ledger.system("POINT", "spent:s1"), amount),))
    with hamlet.s.begin_nested() if hamlet.s.in_transaction() else hamlet.s.begin():
        ledger.post(hamlet.s.connection(), BOOK, [entry], recorded_at=AT)
    hamlet.s.commit()


def state(hamlet, record):
    hamlet.s.rollback()
    return hamlet.s.get_one(ServiceRecord, (BOOK, record), populate_existing=True).status


def test_earn_spend_undo_leaves_the_household_in_the_red(hamlet):
    # C02: 3 h earn 3.00, 3.00 are spent, the record was false: −3.00, minutes and score gone, in one transaction.
    record = hamlet.submit(minutes=180)
    hamlet.approve(record)
    spend(hamlet, 300)
    key = uuid.uuid4()
    done = void(hamlet, record, key=key)
    assert (hamlet.points(), hamlet.minutes(), hamlet.score()) == (-300, 0, 0)
    view = ledger.transaction(hamlet.s.connection(), BOOK, done.reversals[0])
    assert len(done.reversals) == 1 and len(view.transfers) == 3
    again = void(hamlet, record, key=key)
    assert again.replay and again.reversals == done.reversals
    with pytest.raises(NotWaiting, match="已更正作废"):
        void(hamlet, record)
    assert hamlet.points() == -300


def test_what_the_cap_had_cut_comes_back_to_the_siblings(hamlet):
    # 3 + 2 + 1 h on one day pay 3.00 + 1.00 + 0; without the first 2.00 + 1.00 stand.
    first, second, third = (hamlet.submit(minutes=minutes) for minutes in (180, 120, 60))
    for record in (first, second, third):
        hamlet.approve(record)
    assert (hamlet.points(), hamlet.minutes()) == (400, 360)
    done = void(hamlet, first)
    assert set(done.regained) == {second, third}
    assert (hamlet.points(), hamlet.minutes(), hamlet.score()) == (300, 180, 300)
    wallet = accounts.wallet(hamlet.homes["H001"].id, VILLAGE)
    back = [line for line in ledger.lines(hamlet.s.connection(), BOOK, wallet) if line.kind == "regained"]
    assert [(line.amount, line.meta["cause"]) for line in back] == [(100, str(first)), (100, str(first))]
    # a sibling that regained is reversed with what it regained
    void(hamlet, second)
    assert (hamlet.points(), hamlet.minutes()) == (100, 60)


def test_a_record_shut_out_by_another_regains_when_that_one_falls(hamlet):
    good, excellent = hamlet.submit("E02", who=None), hamlet.submit("E01", who=None)
    for record in (good, excellent):
        hamlet.approve(record, by="reviewer")
        post_due_notices(hamlet.s, BOOK, at=at(date(2026, 3, 20)))
    assert hamlet.points() == 500
    void(hamlet, good, when=at(date(2026, 3, 21)))
    assert hamlet.points() == 1000


def test_a_rule_retired_since_is_still_reversed_in_full(hamlet):
    # C66
    record = hamlet.submit("E03")
    hamlet.approve(record, by="reviewer")
    retire_rule(hamlet.s, RetireRule(uuid.uuid4(), COUNTY, "E03", date(2026, 3, 11), "村民会议 2026-03-11"),
                by=system_actor(BOOK, "t"), at=at(date(2026, 3, 11)))
    void(hamlet, record, when=at(date(2026, 4, 1)))
    assert (hamlet.points(), hamlet.score()) == (0, 0)


def test_a_voided_deduction_gives_the_points_back(hamlet):
    record = hamlet.submit("N02", who=None)
    hamlet.approve(record, by="reviewer")
    hamlet.approve(record, by="committee")
    void(hamlet, record)
    assert (hamlet.points(), hamlet.score()) == (0, 0)


def test_a_fact_voided_by_mistake_is_posted_anew_as_its_next_revision(hamlet):
    record = hamlet.submit(minutes=180)
    hamlet.approve(record)
    void(hamlet, record)
    resubmit_record(hamlet.s, ResubmitRecord(uuid.uuid4(), record, hamlet.facts(minutes=180)),
                    by=hamlet.staff["recorder"], at=AT)
    hamlet.approve(record, by="committee2")
    row = hamlet.s.get_one(ServiceRecord, (BOOK, record), populate_existing=True)
    assert (row.revision, hamlet.points(), hamlet.minutes()) == (2, 300, 180)


def test_a_correction_needs_power_reason_and_distance(hamlet):
    record = hamlet.submit()
    hamlet.approve(record)
    with pytest.raises(NotAllowed):
        void(hamlet, record, by="recorder2")
    with pytest.raises(NeedsReason):
        void(hamlet, record, reason=" ")
    with pytest.raises(OwnHousehold):
        void(hamlet, record, by="head")
    with pytest.raises(NotWaiting):
        void(hamlet, hamlet.submit(home="H002"))
    assert hamlet.points() == 300


def objected(hamlet, by="neighbour"):
    """E01 of H001 on notice from the 10th to the 15th; objected to on the 13th."""
    record = hamlet.submit("E01", who=None)
    hamlet.approve(record, by="reviewer")
    raised = raise_objection(hamlet.s, RaiseObjection(uuid.uuid4(), record, "院里没打扫"), by=hamlet.staff[by],
                             at=at(date(2026, 3, 13)))
    return record, raised


def test_an_objection_on_the_fourth_day_stops_the_posting(hamlet):
    record, raised = objected(hamlet)
    assert raised.answer_by == date(2026, 3, 24)  # seven working days after Friday the 13th
    post_due_notices(hamlet.s, BOOK, at=at(date(2026, 4, 1)))
    assert (state(hamlet, record), hamlet.points()) == ("objected", 0)
    with pytest.raises(AlreadyObjected):
        raise_objection(hamlet.s, RaiseObjection(uuid.uuid4(), record, "我也不同意"), by=hamlet.staff["neighbour"],
                        at=AT)


def test_dismissed_the_notice_runs_for_the_days_that_were_left(hamlet):
    record, raised = objected(hamlet)
    resolve_objection(hamlet.s, ResolveObjection(uuid.uuid4(), raised.objection_id, False, "现场复查,合格"),
                      by=hamlet.staff["committee"], at=at(date(2026, 3, 18)))
    post_due_notices(hamlet.s, BOOK, at=at(date(2026, 3, 20)))
    assert state(hamlet, record) == "on_notice"
    post_due_notices(hamlet.s, BOOK, at=at(date(2026, 3, 21)))
    assert hamlet.points() == 1000


def test_upheld_the_record_is_rejected_or_taken_back(hamlet):
    _record, raised = objected(hamlet)
    answer = ResolveObjection(uuid.uuid4(), raised.objection_id, True, "复查不合格")
    first = resolve_objection(hamlet.s, answer, by=hamlet.staff["committee"], at=AT)
    again = resolve_objection(hamlet.s, answer, by=hamlet.staff["committee"], at=AT)
    assert (first.status, again.status, again.replay) == ("rejected", "rejected", True)
    posted = hamlet.submit(home="H002")
    hamlet.approve(posted)
    late = raise_objection(hamlet.s, RaiseObjection(uuid.uuid4(), posted, "这不是我做的"),
                           by=hamlet.staff["neighbour"], at=AT)
    assert state(hamlet, posted) == "posted"
    resolve_objection(hamlet.s, ResolveObjection(uuid.uuid4(), late.objection_id, True, "本人否认"),
                      by=hamlet.staff["committee2"], at=AT)
    assert (state(hamlet, posted), hamlet.points("H002"), hamlet.minutes("H002")) == ("voided", 0, 0)


def test_who_objected_or_decided_does_not_judge_the_objection(hamlet):
    _record, raised = objected(hamlet, by="committee")
    with pytest.raises(OwnObjection):
        resolve_objection(hamlet.s, ResolveObjection(uuid.uuid4(), raised.objection_id, False, "没事"),
                          by=hamlet.staff["committee"], at=AT)
    approved = hamlet.submit("D02", home="H002", who=None)
    hamlet.approve(approved, by="committee2")
    other = raise_objection(hamlet.s, RaiseObjection(uuid.uuid4(), approved, "不属实"),
                            by=hamlet.staff["neighbour"], at=AT)
    with pytest.raises(DecidedBefore):
        resolve_objection(hamlet.s, ResolveObjection(uuid.uuid4(), other.objection_id, False, "属实"),
                          by=hamlet.staff["committee2"], at=AT)


def test_working_days_skip_the_national_holiday_and_count_the_moved_days():
    # 2026: 1–7 October off, Saturday 10 October worked.
    assert working_days_after(date(2026, 9, 28), 7) == date(2026, 10, 13)


def test_nothing_is_lost_from_the_ledger(hamlet):
    records = [hamlet.submit(minutes=minutes) for minutes in (180, 120)]
    for record in records:
        hamlet.approve(record)
    void(hamlet, records[0])
    assert ledger.check(hamlet.s.connection(), BOOK) == [] and DAY is not None
