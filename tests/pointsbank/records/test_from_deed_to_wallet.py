"""One deed from its submission to the wallet: the chain, the notice, the posting."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest

import ledger
from pointsbank import accounts
from pointsbank.errors import KeyReused, NotFound
from pointsbank.people import DeclareKinship, declare_kinship
from pointsbank.records import (
    Decide,
    SubmitRecord,
    Withdraw,
    decide,
    post_due_notices,
    resubmit_record,
    submit_record,
    withdraw,
)
from pointsbank.records.commands import ResubmitRecord
from pointsbank.records.errors import (
    DecidedBefore,
    NeedsAPerson,
    NeedsReason,
    NotTheSubmitter,
    NotWaiting,
    NotYourStep,
    OwnHousehold,
    OwnSubmission,
    RelativesHousehold,
)
from tests.pointsbank.records.a_village import AT, BOOK, DAY, VILLAGE, at


def status(hamlet, record_id):
    from pointsbank.records import ServiceRecord

    hamlet.s.rollback()
    return hamlet.s.get_one(ServiceRecord, (BOOK, record_id), populate_existing=True)


def test_three_hours_approved_post_one_transaction_with_minutes_points_and_score(hamlet):
    record = hamlet.submit(minutes=180)
    outcome = hamlet.approve(record)
    assert (hamlet.minutes(), hamlet.points(), hamlet.score()) == (180, 300, 300)
    view = ledger.transaction(hamlet.s.connection(), BOOK, outcome.passed[0].transaction_id)
    assert (view.kind, view.rule, view.effective_on, view.place) == ("earned", "V01", DAY, VILLAGE)
    assert sorted(transfer.amount for transfer in view.transfers) == [180, 300, 300]
    assert view.party.household == hamlet.homes["H001"].id


def test_points_of_a_year_can_be_spent_until_31_march_of_the_next(hamlet):
    hamlet.approve(hamlet.submit(minutes=180))
    wallet = accounts.wallet(hamlet.homes["H001"].id, VILLAGE)
    assert ledger.expiring(hamlet.s.connection(), BOOK, wallet, date(2026, 3, 10)) == [(date(2027, 3, 31), 300)]


def test_minutes_count_whole_where_the_cap_cuts_the_points(hamlet):
    hamlet.approve(hamlet.submit(minutes=300))
    assert (hamlet.minutes(), hamlet.points(), hamlet.score()) == (300, 400, 400)


def test_an_automatic_rule_posts_at_once(hamlet):
    record = hamlet.submit("V05", who=0)
    assert status(hamlet, record).status == "posted" and hamlet.points() == 100


def test_a_deduction_takes_points_below_zero_and_score_with_it(hamlet):
    record = hamlet.submit("N02", who=None)
    hamlet.approve(record, by="reviewer")
    assert hamlet.points() == 0
    hamlet.approve(record, by="committee")
    assert (hamlet.points(), hamlet.score()) == (-1000, -1000)


def test_each_step_of_the_chain_waits_for_its_own_people(hamlet):
    record = hamlet.submit("N08", home="H002", who=None)
    with pytest.raises(NotYourStep):
        hamlet.approve(record, by="supervisor")
    hamlet.approve(record, by="committee")
    assert status(hamlet, record).waiting_for == "supervisor_check"
    with pytest.raises(NotYourStep):
        hamlet.approve(record, by="committee2")
    hamlet.approve(record, by="supervisor")
    assert hamlet.points("H002") == -5000


def test_a_committee_of_another_village_decides_nothing_here(hamlet):
    with pytest.raises(NotFound):
        hamlet.approve(hamlet.submit(), by="next_village")


def test_who_submitted_never_approves_by_whatever_user(hamlet):
    record = hamlet.submit()
    maker = hamlet.staff["recorder"]
    same_user = type(maker)(maker.user_id, BOOK, None, None, VILLAGE, frozenset({("committee", VILLAGE)}), "user:x")
    same_person = type(maker)(uuid.uuid4(), BOOK, maker.person_id, None, VILLAGE,
                              frozenset({("committee", VILLAGE)}), "user:y")
    for checker in (same_user, same_person):
        with pytest.raises(OwnSubmission):
            decide(hamlet.s, Decide(uuid.uuid4(), record), by=checker, at=AT)
    assert hamlet.points() == 0


def test_neither_the_household_nor_its_relatives_approve(hamlet):
    with pytest.raises(OwnHousehold):
        hamlet.approve(hamlet.submit(), by="head")
    head, kin = hamlet.people["H001"][0], hamlet.people["H002"][0]
    declare_kinship(hamlet.s, DeclareKinship(BOOK, head.id, hamlet.homes["H002"].id, DAY))
    with pytest.raises(RelativesHousehold):
        hamlet.approve(hamlet.submit(home="H002"), by="head")
    # declared by the other side, it holds as well
    declare_kinship(hamlet.s, DeclareKinship(BOOK, hamlet.people["H005"][1].id, hamlet.homes["H001"].id, DAY))
    with pytest.raises(RelativesHousehold):
        hamlet.approve(hamlet.submit(home="H005"), by="head")
    assert kin is not None


def test_nobody_decides_two_steps_of_one_record(hamlet):
    record = hamlet.submit("N02", home="H002", who=None)
    both = hamlet.staff["committee"]  # a committee member may also sit in the group's review
    hamlet.approve(record, by="committee")
    with pytest.raises(DecidedBefore):
        hamlet.approve(record, by="committee")
    hamlet.approve(record, by="committee2")
    assert hamlet.points("H002") == -1000 and both.user_id is not None


def test_the_system_cannot_approve_in_a_persons_place(hamlet):
    from pointsbank.access import system_actor

    with pytest.raises(NeedsAPerson):
        decide(hamlet.s, Decide(uuid.uuid4(), hamlet.submit()), by=system_actor(BOOK, "job"), at=AT)


def test_a_rule_with_notice_stops_until_its_days_have_passed(hamlet):
    record = hamlet.submit("E01", who=None)
    hamlet.approve(record, by="reviewer")
    row = status(hamlet, record)
    assert (row.status, row.notice_from, row.notice_until) == ("on_notice", date(2026, 3, 10), date(2026, 3, 15))
    post_due_notices(hamlet.s, BOOK, at=at(date(2026, 3, 15), 15))  # the 15th, 23:00 in the village
    assert hamlet.points() == 0
    assert post_due_notices(hamlet.s, BOOK, at=at(date(2026, 3, 15), 16)).posted == 1  # 00:00 on the 16th
    assert hamlet.points() == 1000
    assert post_due_notices(hamlet.s, BOOK, at=at(date(2026, 3, 17))) == (0, 0, 0)


def test_a_promise_kept_all_year_is_posted_on_its_last_day(hamlet):
    record = hamlet.submit("C02", who=None)
    assert status(hamlet, record).status == "approved"
    assert post_due_notices(hamlet.s, BOOK, at=at(date(2026, 12, 30))).posted == 0
    assert post_due_notices(hamlet.s, BOOK, at=at(date(2026, 12, 31))).posted == 1
    assert hamlet.points() == 1000


def test_the_same_key_gives_the_first_answer_and_other_content_is_refused(hamlet):
    key, facts = uuid.uuid4(), hamlet.facts()
    first = submit_record(hamlet.s, SubmitRecord(key, facts), by=hamlet.staff["recorder"], at=AT)
    again = submit_record(hamlet.s, SubmitRecord(key, facts), by=hamlet.staff["recorder"],
                          at=AT + timedelta(minutes=2))
    assert (again.id, again.at, again.replay, first.replay) == (first.id, AT, True, False)
    with pytest.raises(KeyReused):
        submit_record(hamlet.s, SubmitRecord(key, hamlet.facts(minutes=60)), by=hamlet.staff["recorder"], at=AT)
    decision = Decide(uuid.uuid4(), first.id)
    one = decide(hamlet.s, decision, by=hamlet.staff["committee"], at=AT)
    two = decide(hamlet.s, decision, by=hamlet.staff["committee"], at=AT)
    assert two.replay and two.passed == one.passed and hamlet.points() == 300


def test_a_record_is_decided_once(hamlet):
    record = hamlet.submit()
    hamlet.approve(record)
    with pytest.raises(NotWaiting, match="已入账"):
        hamlet.approve(record, by="committee2")
    assert hamlet.points() == 300


def test_returned_with_a_reason_it_is_put_right_and_goes_through_again(hamlet):
    record = hamlet.submit(minutes=180)
    with pytest.raises(NeedsReason):
        decide(hamlet.s, Decide(uuid.uuid4(), record, "return"), by=hamlet.staff["committee"], at=AT)
    decide(hamlet.s, Decide(uuid.uuid4(), record, "return", "时长与签到表不符"), by=hamlet.staff["committee"], at=AT)
    better = ResubmitRecord(uuid.uuid4(), record, hamlet.facts(minutes=120))
    with pytest.raises(NotTheSubmitter):
        resubmit_record(hamlet.s, better, by=hamlet.staff["recorder2"], at=AT)
    resubmit_record(hamlet.s, better, by=hamlet.staff["recorder"], at=AT)
    hamlet.approve(record)  # a new round: the one who returned it may decide it now
    assert (hamlet.minutes(), hamlet.points()) == (120, 200)


def test_only_the_submitter_withdraws_and_only_before_it_is_posted(hamlet):
    record, other = hamlet.submit(), hamlet.submit(home="H002")
    with pytest.raises(NotTheSubmitter):
        withdraw(hamlet.s, Withdraw(uuid.uuid4(), record), by=hamlet.staff["recorder2"], at=AT)
    withdraw(hamlet.s, Withdraw(uuid.uuid4(), record), by=hamlet.staff["recorder"], at=AT)
    hamlet.approve(other)
    with pytest.raises(NotWaiting):
        withdraw(hamlet.s, Withdraw(uuid.uuid4(), other), by=hamlet.staff["recorder"], at=AT)
    assert (hamlet.points(), hamlet.points("H002")) == (0, 300)


def test_half_a_day_of_labour_is_half_a_day(hamlet):
    record = hamlet.submit("G02", quantity=Decimal("1.5"))
    hamlet.approve(record, by="reviewer")
    post_due_notices(hamlet.s, BOOK, at=at(date(2026, 3, 20)))
    assert hamlet.points() == 1200
