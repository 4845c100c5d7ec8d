"""Stars from real records: submitted, approved, voided; nothing posted behind the records' back."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from pointsbank.access import system_actor
from pointsbank.eligibility import facts_for
from pointsbank.ratings import (
    OpenCycle,
    RunEvaluation,
    cycle_view,
    household_rating,
    open_cycle,
    publish_scheme,
    run_evaluation,
    scheme_from_json,
)
from pointsbank.records import VoidRecord, void_record
from tests.pointsbank.ratings.village import BOOK, COUNTY, VILLAGE, scheme_data
from tests.pointsbank.records.a_village import Hamlet, build

LATER = datetime(2026, 3, 20, 2, tzinfo=UTC)


@pytest.fixture
def place(s: Session) -> Hamlet:
    made = build(s)
    publish_scheme(s, scheme_from_json(scheme_data(), key=uuid.uuid4(), place_code=COUNTY),
                   by=system_actor(BOOK, "test"), at=LATER)
    return made


def outcomes(place: Hamlet, home: str) -> dict[str, bool | None]:
    """The ten stars by a fresh evaluation by the committee."""
    by = place.staff["committee"]
    cycle = open_cycle(place.s, OpenCycle(uuid.uuid4(), VILLAGE, 2026), by=by, at=LATER)
    run_evaluation(place.s, RunEvaluation(uuid.uuid4(), cycle), by=by, at=LATER)
    rating = household_rating(place.s, cycle_view(place.s, BOOK, cycle), place.homes[home].id)
    return {view.star.code: view.verdict.outcome for view in rating.stars}


def ten_hours(place: Hamlet) -> list[UUID]:
    """Four days of 2 h 30 min by the head of H001."""
    records = [place.submit("V01", day=date(2026, 3, day), minutes=150) for day in (2, 3, 4, 5)]
    place.approve(*records)
    return records


def test_c02_a_voided_record_takes_the_star_it_had_earned_with_it(place: Hamlet) -> None:
    records = ten_hours(place)
    assert outcomes(place, "H001")["S10"] is True                # 10 h, one volunteer
    void_record(place.s, VoidRecord(uuid.uuid4(), records[0], "签到表是假的"), by=place.staff["committee2"], at=LATER)
    assert outcomes(place, "H001")["S10"] is False               # 7 h 30 min


def test_a_promise_counts_from_its_approval_though_it_is_paid_at_the_end_of_the_year(place: Hamlet) -> None:
    assert outcomes(place, "H002")["S07"] is False
    place.submit("C02", home="H002", who=None, day=date(2026, 3, 8))   # its chain is automatic
    assert place.score("H002") == 0                              # nothing is paid before 31 December
    assert outcomes(place, "H002")["S07"] is True


def test_hours_a_cap_leaves_without_points_still_count_as_service(place: Hamlet) -> None:
    place.approve(place.submit("V01", minutes=8 * 60))          # 8 h, of which 4 points a day are paid
    found = facts_for(place.s, BOOK, [place.homes["H001"].id], ["hours", "earned"], on=date(2026, 3, 20))
    assert found[place.homes["H001"].id] == {"hours": 480, "earned": 400}
