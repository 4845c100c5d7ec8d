"""What is refused on the way in, each with the reason: days, lengths, overlaps, minors, what a rule needs."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest

from pointsbank.access import Actor, system_actor
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
from pointsbank.records.models import ServiceRecord
from pointsbank.schedule.errors import BadFact, NoRuleInForce
from tests.pointsbank.records.a_village import AT, BOOK, DAY, VILLAGE, at


@pytest.mark.parametrize("minutes", [24 * 60 + 1, 0, -30, 41 * 60 - 1])
def test_a_day_has_at_most_24_hours_and_service_lasts_longer_than_nothing(hamlet, minutes):
    with pytest.raises((BadInput, BadFact)):
        hamlet.submit("V03", minutes=minutes)


def test_a_day_that_has_not_come_cannot_be_recorded(hamlet):
    late_evening = at(date(2026, 3, 9), 16)  # midnight of the 10th in the village
    hamlet.submit(day=date(2026, 3, 10), when=late_evening)
    with pytest.raises(FutureService, match="2026-03-11"):
        hamlet.submit(day=date(2026, 3, 11), when=late_evening)


def test_a_deed_older_than_thirty_days_needs_the_late_mark(hamlet):
    old = date(2026, 2, 7)
    with pytest.raises(NeedsLateMark, match="30"):
        hamlet.submit(day=old)
    record = hamlet.submit(day=old, late_reason="负责人住院,补报")
    assert hamlet.s.get_one(ServiceRecord, (BOOK, record)).late
    assert not hamlet.s.get_one(ServiceRecord, (BOOK, hamlet.submit(day=date(2026, 2, 8)))).late


def test_a_day_before_the_book_begins_is_refused(hamlet):
    set_policy(hamlet.s, SetPolicy(VILLAGE, begins_on=date(2026, 3, 1)), by=system_actor(BOOK, "t"), at=AT)
    with pytest.raises(BeforeTheBook, match="2026-03-01"):
        hamlet.submit(day=date(2026, 2, 28))
    with pytest.raises(NoRuleInForce):
        hamlet.submit(day=date(1899, 12, 31), late_reason="很久以前")


def test_the_same_hour_counts_once_and_the_refusal_names_the_other_record(hamlet):
    from pointsbank.records import short_no

    first = hamlet.submit(started=9 * 60, minutes=120)
    with pytest.raises(Overlapping, match="09:00–11:00") as refused:
        hamlet.submit(started=10 * 60, minutes=120)
    assert refused.value.facts["other"] == short_no(first)
    hamlet.submit(started=11 * 60, minutes=60)  # one ends as the other begins
    hamlet.submit(who=1, started=10 * 60, minutes=120)  # another person
    with pytest.raises(Overlapping):
        hamlet.submit("V02", started=8 * 60, minutes=90)


def test_a_day_of_service_has_eight_hours_and_of_emergencies_sixteen(hamlet):
    hamlet.submit(minutes=300)
    with pytest.raises(TooLongADay, match="8 小时"):
        hamlet.submit(minutes=181)
    hamlet.submit(minutes=180)
    hamlet.submit("V03", minutes=480)
    with pytest.raises(TooLongADay, match="16 小时"):
        hamlet.submit("V03", minutes=1)
    with pytest.raises(TooLongADay):
        hamlet.submit("V03", who=1, minutes=961)


def test_service_past_midnight_is_two_records(hamlet):
    with pytest.raises(PastMidnight, match="2026-03-05"):
        hamlet.submit(started=23 * 60 + 30, minutes=60)
    hamlet.submit(started=23 * 60 + 30, minutes=30)
    hamlet.submit(day=DAY + timedelta(days=1), started=0, minutes=30)


def test_nobody_serves_longer_than_the_activity_lasts(hamlet):
    activity = ActivityFacts("清扫街道", started=8 * 60, minutes=180)
    with pytest.raises(LongerThanActivity, match="5 小时"):
        hamlet.submit(minutes=300, activity=activity)


def test_without_a_check_out_time_runs_to_the_activitys_end_and_is_flagged(hamlet):
    activity = ActivityFacts("清扫街道", started=8 * 60, minutes=180)
    record = hamlet.submit(minutes=None, started=8 * 60, activity=activity, timing="timed")
    row = hamlet.s.get_one(ServiceRecord, (BOOK, record))
    assert (row.minutes, row.timing) == (180, "unclosed")
    with pytest.raises(BadInput):
        hamlet.submit(minutes=None, home="H002")


def test_a_minor_is_recorded_only_with_a_guardians_consent(hamlet):
    guardian, child = hamlet.people["H006"]
    with pytest.raises(NeedsConsent) as refused:
        hamlet.submit(home="H006", who=1)
    assert child.name not in str(refused.value)  # refusals travel; names do not
    record_consent(hamlet.s, RecordConsent(BOOK, child.id, guardian.id, DAY))
    hamlet.submit(home="H006", who=1)


def test_what_the_rule_needs_must_be_there(hamlet):
    for missing in ({"rule": "V01", "who": None}, {"rule": "A01", "who": None, "cause": "模范"},
                    {"rule": "A01", "who": None, "level": "镇"}, {"rule": "B01", "who": None}):
        with pytest.raises(BadFact):
            hamlet.submit(**missing)
    with pytest.raises(NoRuleInForce):
        hamlet.submit("Z99")
    with pytest.raises(NoRuleInForce):
        hamlet.submit(day=date(2024, 12, 31), late_reason="早于细则")


def test_households_and_persons_must_belong_together(hamlet):
    stranger = hamlet.people["H002"][0].id
    by = hamlet.staff["recorder"]
    with pytest.raises(NotOfThisHousehold):
        submit_record(hamlet.s, SubmitRecord(uuid.uuid4(), RecordFacts(
            hamlet.homes["H001"].id, "V01", DAY, stranger, 60)), by=by, at=AT)
    with pytest.raises(NotFound):
        submit_record(hamlet.s, SubmitRecord(uuid.uuid4(), RecordFacts(uuid.uuid4(), "V01", DAY, None, 60)), by=by,
                      at=AT)


def test_only_who_may_submit_here_submits(hamlet):
    elsewhere = Actor(uuid.uuid4(), BOOK, None, None, "230199100201",
                      frozenset({("recorder", "230199100201")}), "user:z")
    for by, refusal in ((hamlet.staff["neighbour"], NotAllowed), (elsewhere, NotFound)):
        with pytest.raises(refusal):
            submit_record(hamlet.s, SubmitRecord(uuid.uuid4(), hamlet.facts()), by=by, at=AT)


def test_a_refused_record_leaves_nothing_behind(hamlet):
    with pytest.raises(DomainError):
        hamlet.submit(minutes=1441)
    hamlet.s.rollback()
    assert hamlet.s.query(ServiceRecord).count() == 0


def test_no_note_or_title_stands_in_the_clear(hamlet, engine):
    from sqlalchemy import text

    hamlet.submit(note="帮邻居张玉峰扫雪", activity=ActivityFacts("向阳村清雪"), late_reason="忘了")
    with engine.connect() as connection:
        for table in ("service_record", "record_activity", "record_command", "audit_event"):
            whole = str(connection.execute(text(f"SELECT * FROM {table}")).all())
            for word in ("张玉峰", "清雪", "忘了"):
                assert word not in whole and str(word.encode())[2:-1] not in whole
