"""What is refused on the way in, each with the reason: days, lengths, overlaps, minors, what a rule needs."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest

from pointsbank.access import Actor
from pointsbank.errors import BadInput, DomainError, NotAllowed, NotFound
from pointsbank.people import NeedsConsent, RecordConsent, record_consent
from pointsbank.records import ActivityFacts, RecordFacts, SetPolicy, SubmitRecord, set_policy, submit_record
from pointsbank.records.errors import (
    BeforeTheBook,
    FutureService,
    LongerThanActivity,
    NeedsLateMark,
    NotOfThisHousehold,
    Overlapping,
    PastMidnight,
    TooLongADay,
)
from pointsbank.access import system_actor
from pointsbank.records.models import ServiceRecord
from pointsbank.schedule.errors import BadFact, NoRuleInForce
from tests.pointsbank.records.a_village import AT, BOOK, DAY, VILLAGE, at


@pytest.mark.parametrize("minutes", [24 * 60 + 1, 0, -30, 41 * 60 - 1])
def test_a_day_has_at_most_24_hours_and_service_lasts_longer_than_nothing(village, minutes):
    with pytest.raises((BadInput, BadFact)):
        village.submit("V03", minutes=minutes)


def test_a_day_that_has_not_come_cannot_be_recorded(village):
    late_evening = at(date(2026, 3, 9), 16)  # midnight of the 10th in the village
    village.submit(day=date(2026, 3, 10), when=late_evening)
    with pytest.raises(FutureService, match="2026-03-11"):
        village.submit(day=date(2026, 3, 11), when=late_evening)


def test_a_deed_older_than_thirty_days_needs_the_late_mark(village):
    old = date(2026, 2, 7)
    with pytest.raises(NeedsLateMark, match="30"):
        village.submit(day=old)
    record = village.submit(day=old, late_reason="负责人住院,补报")
    assert village.s.get_one(ServiceRecord, (BOOK, record)).late
    assert not village.s.get_one(ServiceRecord, (BOOK, village.submit(day=date(2026, 2, 8)))).late


def test_a_day_before_the_book_begins_is_refused(village):
    set_policy(village.s, SetPolicy(VILLAGE, begins_on=date(2026, 3, 1)), by=system_actor(BOOK, "t"), at=AT)
    with pytest.raises(BeforeTheBook, match="2026-03-01"):
        village.submit(day=date(2026, 2, 28))
    with pytest.raises(NoRuleInForce):
        village.submit(day=date(1899, 12, 31), late_reason="很久以前")


def test_the_same_hour_counts_once_and_the_refusal_names_the_other_record(village):
    from pointsbank.records import short_no

    first = village.submit(started=9 * 60, minutes=120)
    with pytest.raises(Overlapping, match="09:00–11:00") as refused:
        village.submit(started=10 * 60, minutes=120)
    assert refused.value.facts["other"] == short_no(first)
    village.submit(started=11 * 60, minutes=60)  # one ends as the other begins
    village.submit(who=1, started=10 * 60, minutes=120)  # another person
    with pytest.raises(Overlapping):
        village.submit("V02", started=8 * 60, minutes=90)


def test_a_day_of_service_has_eight_hours_and_of_emergencies_sixteen(village):
    village.submit(minutes=300)
    with pytest.raises(TooLongADay, match="8 小时"):
        village.submit(minutes=181)
    village.submit(minutes=180)
    village.submit("V03", minutes=480)
    with pytest.raises(TooLongADay, match="16 小时"):
        village.submit("V03", minutes=1)
    with pytest.raises(TooLongADay):
        village.submit("V03", who=1, minutes=961)


def test_service_past_midnight_is_two_records(village):
    with pytest.raises(PastMidnight, match="2026-03-05"):
        village.submit(started=23 * 60 + 30, minutes=60)
    village.submit(started=23 * 60 + 30, minutes=30)
    village.submit(day=DAY + timedelta(days=1), started=0, minutes=30)


def test_nobody_serves_longer_than_the_activity_lasts(village):
    activity = ActivityFacts("清扫街道", started=8 * 60, minutes=180)
    with pytest.raises(LongerThanActivity, match="5 小时"):
        village.submit(minutes=300, activity=activity)


def test_without_a_check_out_time_runs_to_the_activitys_end_and_is_flagged(village):
    activity = ActivityFacts("清扫街道", started=8 * 60, minutes=180)
    record = village.submit(minutes=None, started=8 * 60, activity=activity, timing="timed")
    row = village.s.get_one(ServiceRecord, (BOOK, record))
    assert (row.minutes, row.timing) == (180, "unclosed")
    with pytest.raises(BadInput):
        village.submit(minutes=None, home="H002")


def test_a_minor_is_recorded_only_with_a_guardians_consent(village):
    guardian, child = village.people["H006"]
    with pytest.raises(NeedsConsent) as refused:
        village.submit(home="H006", who=1)
    assert child.name not in str(refused.value)  # refusals travel; names do not
    record_consent(village.s, RecordConsent(BOOK, child.id, guardian.id, DAY))
    village.submit(home="H006", who=1)


def test_what_the_rule_needs_must_be_there(village):
    for missing in (dict(rule="V01", who=None), dict(rule="A01", who=None, cause="模范"),
                    dict(rule="A01", who=None, level="镇"), dict(rule="B01", who=None)):
        with pytest.raises(BadFact):
            village.submit(**missing)
    with pytest.raises(NoRuleInForce):
        village.submit("Z99")
    with pytest.raises(NoRuleInForce):
        village.submit(day=date(2024, 12, 31), late_reason="早于细则")


def test_households_and_persons_must_belong_together(village):
    stranger = village.people["H002"][0].id
    by = village.staff["recorder"]
    with pytest.raises(NotOfThisHousehold):
        submit_record(village.s, SubmitRecord(uuid.uuid4(), RecordFacts(
            village.homes["H001"].id, "V01", DAY, stranger, 60)), by=by, at=AT)
    with pytest.raises(NotFound):
        submit_record(village.s, SubmitRecord(uuid.uuid4(), RecordFacts(uuid.uuid4(), "V01", DAY, None, 60)), by=by,
                      at=AT)


def test_only_who_may_submit_here_submits(village):
    elsewhere = Actor(uuid.uuid4(), BOOK, None, None, "230199100201",
                      frozenset({("recorder", "230199100201")}), "user:z")
    for by in (village.staff["neighbour"], elsewhere):
        with pytest.raises(NotAllowed):
            submit_record(village.s, SubmitRecord(uuid.uuid4(), village.facts()), by=by, at=AT)


def test_a_refused_record_leaves_nothing_behind(village):
    with pytest.raises(DomainError):
        village.submit(minutes=1441)
    village.s.rollback()
    assert village.s.query(ServiceRecord).count() == 0


def test_no_note_or_title_stands_in_the_clear(village, engine):
    from sqlalchemy import text

    village.submit(note="帮邻居张玉峰扫雪", activity=ActivityFacts("向阳村清雪"), late_reason="忘了")
    with engine.connect() as connection:
        for table in ("service_record", "record_activity", "record_command", "audit_event"):
            whole = str(connection.execute(text(f"SELECT * FROM {table}")).all())
            for word in ("张玉峰", "清雪", "忘了"):
                assert word not in whole and str(word.encode())[2:-1] not in whole
