"""Schemes as data: five stars by the half-year, volunteers by hours, a nomination with prerequisite and quota."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from typing import Any
from uuid import UUID, uuid4

import pytest

import ledger
from ledger import Entry, Party, Transfer
from pointsbank import accounts
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput
from pointsbank.people import AddPerson, add_person
from pointsbank.ratings import (
    ConfirmCycle,
    CycleView,
    DecideStar,
    EnterVeto,
    FreezeCycle,
    Mark,
    OpenCycle,
    PutDown,
    RecordJuryScores,
    RunEvaluation,
    Scheme,
    confirm_cycle,
    cycle_view,
    decide_star,
    enter_veto,
    entries_of,
    find_subject,
    freeze_cycle,
    household_rating,
    matrix,
    open_cycle,
    publish_scheme,
    put_down,
    recomputed,
    record_jury_scores,
    run_evaluation,
    scheme_from_json,
    schemes_on,
    stars_held,
)
from pointsbank.ratings.errors import OverQuota, RegistrationOver
from pointsbank.ratings.scheme import Band
from tests.pointsbank.ratings.village import AT, BOOK, COUNTY, SYSTEM, VILLAGE, Village, someone

NEW_YEAR = datetime(2027, 1, 5, 2, tzinfo=UTC)


def data(code: str) -> dict[str, Any]:
    file = resources.files("redemption.demo") / "data" / "schemes.json"
    found = json.loads(file.read_text("utf-8"))["schemes"]
    return next(dict(scheme) for scheme in found if scheme["code"] == code)


def publish(bank: Village, code: str, **changed: Any) -> Scheme:
    return publish_scheme(bank.s, scheme_from_json({**data(code), **changed}, key=uuid4(), place_code=COUNTY),
                          by=SYSTEM, at=AT)


def run(bank: Village, code: str, period: str = "Y", year: int = 2026, at: datetime = AT) -> CycleView:
    cycle = open_cycle(bank.s, OpenCycle(new_id(), VILLAGE, year, code, period), by=SYSTEM, at=at)
    run_evaluation(bank.s, RunEvaluation(new_id(), cycle), by=SYSTEM, at=at)
    return cycle_view(bank.s, BOOK, cycle)


def stars(bank: Village, cycle: CycleView) -> dict[str, tuple[int, str | None]]:
    assert cycle.last is not None
    return {row.card.code: (row.stars, row.band.code if row.band else None)
            for row in matrix(bank.s, cycle, cycle.last).rows}


def serve(bank: Village, person: UUID, home: str, day: date, minutes: int) -> UUID:
    """Service of one person."""
    entry = Entry("test", str(uuid4()), "earned", day, (
        Transfer(accounts.served(VILLAGE), accounts.hours(person), minutes),
        Transfer(accounts.scored(VILLAGE), accounts.score(bank.home(home).id), 100)), Party(bank.home(home).id, person),
        "V01", VILLAGE)
    with unit_of_work(bank.s):
        done = ledger.post(bank.s.connection(), BOOK, [entry], recorded_at=AT)
    assert done[0].transaction_id is not None
    return done[0].transaction_id


def test_the_half_years_have_windows_of_their_own_and_a_reversal_takes_the_deed_out_of_its_month(bank: Village) -> None:
    """Four good months from March to June: the first half has W4, the second has not. Undone in May: three are left."""
    publish(bank, "five-stars")
    deeds = [bank.deed("H001", "E02", date(2026, month, 25), 500)[0] for month in (3, 4, 5, 6)]
    bank.deed("H001", "L01", date(2026, 6, 30), 200)
    bank.deed("H001", "L01", date(2026, 7, 1), 200)             # one talk in each half: two are asked for
    bank.deed("H001", "N08", date(2026, 9, 1), -5000)           # second half only: W3 10 - 50 -> 0

    def outcomes(period: str) -> dict[str, bool | None]:
        cycle = run(bank, "five-stars", period)
        assert cycle.last is not None
        return dict(matrix(bank.s, cycle, cycle.last).rows[0].outcomes)

    assert outcomes("H1") == {"W1": None, "W2": None, "W3": True, "W4": True, "W5": False}
    assert outcomes("H2") == {"W1": None, "W2": None, "W3": False, "W4": False, "W5": False}
    bank.take_back(deeds[2], date(2026, 11, 24))
    assert outcomes("H1")["W4"] is False


def test_two_cycles_of_a_year_have_two_juries(bank: Village) -> None:
    publish(bank, "five-stars")
    home = bank.home("H001")
    for period, score in (("H1", 900), ("H2", 500)):
        cycle = run(bank, "five-stars", period)
        record_jury_scores(bank.s, RecordJuryScores(uuid4(), cycle.id, (Mark(home.id, "W1", score),)),
                           by=someone("reviewer"), at=AT)
    for period, outcome in (("H1", True), ("H2", False)):
        cycle = run(bank, "five-stars", period)
        assert cycle.last is not None
        assert matrix(bank.s, cycle, cycle.last).rows[0].outcomes["W1"] is outcome


def test_a_period_is_of_the_schemes_rhythm_and_has_begun(bank: Village) -> None:
    publish(bank, "five-stars")
    publish(bank, "volunteer-stars")
    for code, period, year in (("five-stars", "Q1", 2026), ("five-stars", "Y", 2026), ("ten-stars", "H1", 2026),
                               ("volunteer-stars", "H1", 2026)):
        with pytest.raises(BadInput):
            open_cycle(bank.s, OpenCycle(new_id(), VILLAGE, year, code, period), by=SYSTEM, at=AT)
    early = datetime(2026, 3, 31, 2, tzinfo=UTC)
    with pytest.raises(BadInput):
        open_cycle(bank.s, OpenCycle(new_id(), VILLAGE, 2026, "volunteer-stars", "Q2"), by=SYSTEM, at=early)
    first, last = cycle_view(bank.s, BOOK, open_cycle(bank.s, OpenCycle(
        new_id(), VILLAGE, 2026, "volunteer-stars", "Q4"), by=SYSTEM, at=AT)), run(bank, "volunteer-stars", "Q4")
    assert first.id == last.id and (last.start_on, last.end_on) == (date(2026, 10, 1), date(2026, 12, 31))


def test_volunteers_stars_count_each_persons_own_hours_in_all(bank: Village) -> None:
    """H001-1: 99 h 59 min, then one minute more: 100 h. H001-2: 600 h over two years: three stars of five."""
    publish(bank, "volunteer-stars")
    first = bank.home("H001") and bank.people["H001"].id
    second = add_person(bank.s, AddPerson(BOOK, bank.home("H001").id, "儿媳", date(2020, 1, 1), relation="儿媳",
                                          born_on=date(1990, 1, 1))).id
    serve(bank, first, "H001", date(2026, 3, 5), 99 * 60 + 59)
    for day in (date(2025, 6, 1), date(2026, 6, 1)):
        serve(bank, second, "H001", day, 300 * 60)
    bank.home("H002")                                            # nobody served: nobody of it takes part
    cycle = run(bank, "volunteer-stars", "Q4")
    assert stars(bank, cycle) == {"H001-1": (0, None), "H001-2": (3, "v3")}
    rating = household_rating(bank.s, cycle, first)
    assert rating.stars[0].verdict.criteria[0].distance == 1     # a minute
    serve(bank, first, "H001", date(2026, 11, 24), 1)
    cycle = run(bank, "volunteer-stars", "Q4")
    assert stars(bank, cycle) == {"H001-1": (1, "v1"), "H001-2": (3, "v3")}
    card = find_subject(bank.s, cycle.scheme, VILLAGE, "H001-2")
    assert card is not None and (card.id, card.head_name) == (second, "儿媳")
    assert recomputed(bank.s, cycle, second)


def test_volunteers_of_the_year_count_the_year_alone_and_a_false_hour_goes(bank: Village) -> None:
    """2025: 60 h, 2026: 99 h and then 1 h: 100 h bronze; the 1 h reversed: 99 h, kindness."""
    publish(bank, "volunteer-year")
    person = bank.home("H001") and bank.people["H001"].id
    serve(bank, person, "H001", date(2025, 6, 1), 60 * 60)
    serve(bank, person, "H001", date(2026, 6, 1), 99 * 60)
    false = serve(bank, person, "H001", date(2026, 12, 31) if AT.year > 2026 else date(2026, 11, 1), 60)
    assert stars(bank, run(bank, "volunteer-year")) == {"H001-1": (2, "y2")}
    bank.take_back(false, date(2026, 11, 24))
    assert stars(bank, run(bank, "volunteer-year")) == {"H001-1": (1, "y1")}
    assert stars(bank, run(bank, "volunteer-year", year=2025)) == {"H001-1": (1, "y1")}


def test_a_nomination_is_for_who_applied_and_holds_eight_stars_and_there_are_two_places(bank: Village) -> None:
    """H001 to H003 hold eight by the committee's word; H004 holds three. H001-H004 apply, H005 does not."""
    publish(bank, "civilized-family")
    chair = someone("committee")
    for code in ("H001", "H002", "H003", "H004", "H005"):
        bank.home(code)
    ten = bank.cycle()
    bank.evaluate()
    for code in ("H001", "H002", "H003"):
        for star in ("S01", "S04", "S05", "S07", "S08"):         # with S02 S03 S06: eight
            decide_star(bank.s, DecideStar(uuid4(), ten, bank.home(code).id, star, True, "村民代表会议一致同意"),
                        by=chair, at=AT)
    cycle = open_cycle(bank.s, OpenCycle(new_id(), VILLAGE, 2026, "civilized-family",
                                         apply_until=date(2026, 11, 25)), by=SYSTEM, at=AT)
    for code in ("H001", "H002", "H003", "H004"):
        assert put_down(bank.s, PutDown(uuid4(), cycle, bank.home(code).id), by=chair, at=AT) == "applied"
    with pytest.raises(RegistrationOver):                        # the last day was yesterday
        put_down(bank.s, PutDown(uuid4(), cycle, bank.home("H005").id), by=chair, at=AT + timedelta(days=1))
    marks = tuple(Mark(bank.home(code).id, star, 900) for code in ("H001", "H002", "H003") for star in ("C2", "C3"))
    record_jury_scores(bank.s, RecordJuryScores(uuid4(), cycle, marks), by=someone("reviewer"), at=AT)
    for code in ("H001", "H002", "H003"):
        bank.deed(code, "V01", date(2026, 5, 1), 2000, minutes=20 * 60)
    freeze_cycle(bank.s, FreezeCycle(uuid4(), cycle), by=chair, at=AT)
    view = cycle_view(bank.s, BOOK, cycle)
    assert stars(bank, view) == {"H001": (4, "nominee"), "H002": (4, "nominee"), "H003": (4, "nominee")}
    out = entries_of(bank.s, BOOK, cycle)[bank.home("H004").id]
    assert out.state == "kept_out" and out.why is not None
    assert (out.why.criteria[0].figure, out.why.criteria[0].threshold) == (3, 8)
    with pytest.raises(OverQuota) as refused:
        confirm_cycle(bank.s, ConfirmCycle(cycle), by=chair, at=AT)
    assert "文明家庭推荐户 3 户(名额 2)" in refused.value.sentence("zh")
    decide_star(bank.s, DecideStar(uuid4(), cycle, bank.home("H003").id, "C3", False, "按得票多少,本次不推荐"),
                by=chair, at=AT)
    confirm_cycle(bank.s, ConfirmCycle(cycle), by=chair, at=AT)
    assert stars(bank, cycle_view(bank.s, BOOK, cycle))["H003"] == (3, None)
    assert stars_held(bank.s, BOOK, [bank.home("H001").id])[bank.home("H001").id].stars == 8   # of the ten, not of this


def test_frozen_facts_stand_while_the_jurys_figures_still_come_in(bank: Village) -> None:
    """Three talks when frozen; the fourth is recorded after. S01 stays refused; S04 follows the jury."""
    bank.deed("H001", "L01", date(2026, 3, 5), 200, times=3)
    freeze_cycle(bank.s, FreezeCycle(uuid4(), bank.cycle()), by=someone("committee"), at=AT)
    bank.deed("H001", "L01", date(2026, 3, 6), 200)
    bank.score("H001", "S04", 900)
    again = bank.evaluate()
    rating = bank.rating("H001")
    outcome = {view.star.code: view.verdict.outcome for view in rating.stars}
    assert (again.number, outcome["S01"], outcome["S04"]) == (2, False, True)
    runs = cycle_view(bank.s, BOOK, bank.cycle()).evaluations
    assert runs[0].known_at == runs[1].known_at and runs[0].checkpoint == runs[1].checkpoint
    assert runs[0].checkpoint is not None and runs[0].checkpoint["size"] == 3
    freeze_cycle(bank.s, FreezeCycle(uuid4(), bank.cycle()), by=someone("committee"), at=AT)
    assert bank.star("H001", "S01").verdict.outcome is True      # frozen anew, in the open


def test_a_veto_counts_twelve_months_and_the_family_is_free_again_by_itself(bank: Village) -> None:
    """Domain scenario 16: a warning of 10 March 2026 bars S05 until 10 March 2027."""
    home = bank.home("H001")
    enter_veto(bank.s, EnterVeto(uuid4(), home.id, "X03", date(2026, 3, 10), "家庭暴力告诫书"), by=SYSTEM, at=AT)
    for year, at, outcome in ((2026, AT, False), (2027, datetime(2027, 3, 9, 2, tzinfo=UTC), False),
                              (2027, datetime(2027, 3, 10, 2, tzinfo=UTC), None)):
        cycle = run(bank, "ten-stars", year=year, at=at)
        assert cycle.last is not None
        assert matrix(bank.s, cycle, cycle.last).rows[0].outcomes["S05"] is outcome, at


def test_quotas_are_a_number_or_a_share_cut_down() -> None:
    assert Band("gold", "金", "gold", 10, percent=5).quota(39) == 1      # 1.95
    assert Band("gold", "金", "gold", 10, percent=5).quota(19) == 0      # 0.95
    assert Band("gold", "金", "gold", 10, at_most=3, percent=50).quota(4) == 2
    assert Band("gold", "金", "gold", 10).quota(4) is None


def test_a_scheme_with_terms_that_mean_nothing_is_refused(bank: Village) -> None:
    for terms in ({"rhythm": "month"}, {"kind": "stars", "subject": "person"}, {"bar_months": -1}, {"colour": "red"},
                  {"registration": "none"}, {"notice_days": 0}):
        with pytest.raises(BadInput):
            publish(bank, "five-stars", terms=terms)
    publish(bank, "five-stars")
    publish(bank, "civilized-family")
    assert [scheme.code for scheme in schemes_on(bank.s, VILLAGE, AT.date())] == [
        "ten-stars", "civilized-family", "five-stars"]           # the household's stars first
