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


def void(village, record, by="committee2", reason="签到表是假的", when=AT, key=None):
    return void_record(village.s, VoidRecord(key or uuid.uuid4(), record, reason), by=village.staff[by], at=when)


def spend(village, amount, home="H001"):
    wallet = accounts.wallet(village.homes[home].id, VILLAGE)
    entry = ledger.Entry("till", str(uuid.uuid4()), "sale", date(2026, 3, 10),
                         (ledger.Transfer(wallet, ledger.system("POINT", "spent:s1"), amount),))
    with village.s.begin_nested() if village.s.in_transaction() else village.s.begin():
        ledger.post(village.s.connection(), BOOK, [entry], recorded_at=AT)
    village.s.commit()


def state(village, record):
    village.s.rollback()
    return village.s.get_one(ServiceRecord, (BOOK, record), populate_existing=True).status


def test_earn_spend_undo_leaves_the_household_in_the_red(village):
    # C02: 3 h earn 3.00, 3.00 are spent, the record was false: −3.00, minutes and score gone, in one transaction.
    record = village.submit(minutes=180)
    village.approve(record)
    spend(village, 300)
    key = uuid.uuid4()
    done = void(village, record, key=key)
    assert (village.points(), village.minutes(), village.score()) == (-300, 0, 0)
    view = ledger.transaction(village.s.connection(), BOOK, done.reversals[0])
    assert len(done.reversals) == 1 and len(view.transfers) == 3
    again = void(village, record, key=key)
    assert again.replay and again.reversals == done.reversals
    with pytest.raises(NotWaiting, match="已更正作废"):
        void(village, record)
    assert village.points() == -300


def test_what_the_cap_had_cut_comes_back_to_the_siblings(village):
    # 3 + 2 + 1 h on one day pay 3.00 + 1.00 + 0; without the first 2.00 + 1.00 stand.
    first, second, third = (village.submit(minutes=minutes) for minutes in (180, 120, 60))
    for record in (first, second, third):
        village.approve(record)
    assert (village.points(), village.minutes()) == (400, 360)
    done = void(village, first)
    assert set(done.regained) == {second, third}
    assert (village.points(), village.minutes(), village.score()) == (300, 180, 300)
    wallet = accounts.wallet(village.homes["H001"].id, VILLAGE)
    back = [line for line in ledger.lines(village.s.connection(), BOOK, wallet) if line.kind == "regained"]
    assert [(line.amount, line.meta["cause"]) for line in back] == [(100, str(first)), (100, str(first))]
    # a sibling that regained is reversed with what it regained
    void(village, second)
    assert (village.points(), village.minutes()) == (100, 60)


def test_a_record_shut_out_by_another_regains_when_that_one_falls(village):
    good, excellent = village.submit("E02", who=None), village.submit("E01", who=None)
    for record in (good, excellent):
        village.approve(record, by="reviewer")
        post_due_notices(village.s, BOOK, at=at(date(2026, 3, 20)))
    assert village.points() == 500
    void(village, good, when=at(date(2026, 3, 21)))
    assert village.points() == 1000


def test_a_rule_retired_since_is_still_reversed_in_full(village):
    # C66
    record = village.submit("E03")
    village.approve(record, by="reviewer")
    retire_rule(village.s, RetireRule(uuid.uuid4(), COUNTY, "E03", date(2026, 3, 11), "村民会议 2026-03-11"),
                by=system_actor(BOOK, "t"), at=at(date(2026, 3, 11)))
    void(village, record, when=at(date(2026, 4, 1)))
    assert (village.points(), village.score()) == (0, 0)


def test_a_voided_deduction_gives_the_points_back(village):
    record = village.submit("N02", who=None)
    village.approve(record, by="reviewer")
    village.approve(record, by="committee")
    void(village, record)
    assert (village.points(), village.score()) == (0, 0)


def test_a_fact_voided_by_mistake_is_posted_anew_as_its_next_revision(village):
    record = village.submit(minutes=180)
    village.approve(record)
    void(village, record)
    resubmit_record(village.s, ResubmitRecord(uuid.uuid4(), record, village.facts(minutes=180)),
                    by=village.staff["recorder"], at=AT)
    village.approve(record, by="committee2")
    row = village.s.get_one(ServiceRecord, (BOOK, record), populate_existing=True)
    assert (row.revision, village.points(), village.minutes()) == (2, 300, 180)


def test_a_correction_needs_power_reason_and_distance(village):
    record = village.submit()
    village.approve(record)
    with pytest.raises(NotAllowed):
        void(village, record, by="recorder2")
    with pytest.raises(NeedsReason):
        void(village, record, reason=" ")
    with pytest.raises(OwnHousehold):
        void(village, record, by="head")
    with pytest.raises(NotWaiting):
        void(village, village.submit(home="H002"))
    assert village.points() == 300


def objected(village, by="neighbour"):
    """E01 of H001 on notice from the 10th to the 15th; objected to on the 13th."""
    record = village.submit("E01", who=None)
    village.approve(record, by="reviewer")
    raised = raise_objection(village.s, RaiseObjection(uuid.uuid4(), record, "院里没打扫"), by=village.staff[by],
                             at=at(date(2026, 3, 13)))
    return record, raised


def test_an_objection_on_the_fourth_day_stops_the_posting(village):
    record, raised = objected(village)
    assert raised.answer_by == date(2026, 3, 24)  # seven working days after Friday the 13th
    post_due_notices(village.s, BOOK, at=at(date(2026, 4, 1)))
    assert (state(village, record), village.points()) == ("objected", 0)
    with pytest.raises(AlreadyObjected):
        raise_objection(village.s, RaiseObjection(uuid.uuid4(), record, "我也不同意"), by=village.staff["neighbour"],
                        at=AT)


def test_dismissed_the_notice_runs_for_the_days_that_were_left(village):
    record, raised = objected(village)
    resolve_objection(village.s, ResolveObjection(uuid.uuid4(), raised.objection_id, False, "现场复查,合格"),
                      by=village.staff["committee"], at=at(date(2026, 3, 18)))
    post_due_notices(village.s, BOOK, at=at(date(2026, 3, 20)))
    assert state(village, record) == "on_notice"
    post_due_notices(village.s, BOOK, at=at(date(2026, 3, 21)))
    assert village.points() == 1000


def test_upheld_the_record_is_rejected_or_taken_back(village):
    record, raised = objected(village)
    answer = ResolveObjection(uuid.uuid4(), raised.objection_id, True, "复查不合格")
    first = resolve_objection(village.s, answer, by=village.staff["committee"], at=AT)
    again = resolve_objection(village.s, answer, by=village.staff["committee"], at=AT)
    assert (first.status, again.status, again.replay) == ("rejected", "rejected", True)
    posted = village.submit(home="H002")
    village.approve(posted)
    late = raise_objection(village.s, RaiseObjection(uuid.uuid4(), posted, "这不是我做的"),
                           by=village.staff["neighbour"], at=AT)
    assert state(village, posted) == "posted"
    resolve_objection(village.s, ResolveObjection(uuid.uuid4(), late.objection_id, True, "本人否认"),
                      by=village.staff["committee2"], at=AT)
    assert (state(village, posted), village.points("H002"), village.minutes("H002")) == ("voided", 0, 0)


def test_who_objected_or_decided_does_not_judge_the_objection(village):
    record, raised = objected(village, by="committee")
    with pytest.raises(OwnObjection):
        resolve_objection(village.s, ResolveObjection(uuid.uuid4(), raised.objection_id, False, "没事"),
                          by=village.staff["committee"], at=AT)
    approved = village.submit("D02", home="H002", who=None)
    village.approve(approved, by="committee2")
    other = raise_objection(village.s, RaiseObjection(uuid.uuid4(), approved, "不属实"),
                            by=village.staff["neighbour"], at=AT)
    with pytest.raises(DecidedBefore):
        resolve_objection(village.s, ResolveObjection(uuid.uuid4(), other.objection_id, False, "属实"),
                          by=village.staff["committee2"], at=AT)


def test_working_days_skip_the_national_holiday_and_count_the_moved_days():
    # 2026: 1–7 October off, Saturday 10 October worked.
    assert working_days_after(date(2026, 9, 28), 7) == date(2026, 10, 13)


def test_nothing_is_lost_from_the_ledger(village):
    records = [village.submit(minutes=minutes) for minutes in (180, 120)]
    for record in records:
        village.approve(record)
    void(village, records[0])
    assert ledger.check(village.s.connection(), BOOK) == [] and DAY is not None
