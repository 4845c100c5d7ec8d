"""A year's rating: evaluated at once for all, again as often as wanted, decided by people."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

import ledger
from ledger import Entry, Party, Transfer
from pointsbank import accounts
from pointsbank.audit import events_of
from pointsbank.crypto import SubjectKey
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, KeyReused, NotAllowed, NotFound
from pointsbank.people import DeclareKinship, Household, declare_kinship
from pointsbank.ratings import (
    ConfirmCycle,
    DecideStar,
    EnterVeto,
    LiftVeto,
    Mark,
    RecordJuryScores,
    RunEvaluation,
    confirm_cycle,
    cycle_view,
    decide_star,
    enter_veto,
    household_rating,
    lift_veto,
    matrix,
    next_star,
    open_cycle,
    publish_scheme,
    recomputed,
    record_jury_scores,
    run_evaluation,
    scheme_from_json,
    stars_now,
    vetoes_of,
)
from pointsbank.ratings.cycle import OpenCycle
from pointsbank.ratings.errors import (
    CycleClosed,
    NeedsReason,
    NoScheme,
    NotEvaluated,
    NotJudged,
    StarsUndecided,
    StepAside,
)
from pointsbank.ratings.models import RatingVerdict
from pointsbank.ratings.queries import changes
from tests.pointsbank.ratings.village import AT, BOOK, COUNTY, SYSTEM, VILLAGE, Village, counted, scheme_data, someone

DAY = date(2026, 3, 5)


def test_c59_spending_everything_takes_no_star_away_and_the_verdict_lists_both(bank: Village) -> None:
    bank.deed("H010", "V01", DAY, 15800, minutes=20 * 60)
    bank.evaluate()
    before = bank.rating("H010")
    bank.shop("H010", 15000)
    bank.evaluate()
    after = bank.rating("H010")
    assert (after.earned, after.spent) == (15800, 15000)
    assert [view.outcome for view in after.stars] == [view.outcome for view in before.stars]
    assert after.awarded == before.awarded


def test_an_evaluation_covers_every_household_and_counts_bands(bank: Village) -> None:
    for code in ("H001", "H002", "H003"):
        bank.home(code)
    bank.deed("H001", "L01", DAY, 200, times=4)
    bank.deed("H001", "C02", DAY, 1000)
    bank.deed("H001", "V01", DAY, 2000, minutes=1200)
    done = bank.evaluate()
    assert (done.households, done.number, done.as_of) == (3, 1, date(2026, 11, 25))
    view = cycle_view(bank.s, BOOK, done.cycle_id)
    table = matrix(bank.s, view, view.evaluations[0])
    assert [row.card.code for row in table.rows] == ["H001", "H002", "H003"]
    assert [row.stars for row in table.rows] == [6, 3, 3]         # S01 S02 S03 S06 S07 S10; the others S02 S03 S06
    assert [row.undecided for row in table.rows] == [3, 3, 3]     # S04 S05 S09 wait for the jury
    assert [(band.code, held) for band, held in table.bands] == [("gold", 0), ("silver", 0), ("bronze", 1)]
    assert table.rare is None and table.undecided == 3


def test_more_gold_than_the_schemes_share_is_pointed_out(bank: Village) -> None:
    for month in range(1, 7):
        bank.deed("H001", "E01", date(2026, month, 25), 1000)
    bank.deed("H001", "L01", DAY, 200, times=4)
    bank.deed("H001", "C02", DAY, 1000)
    bank.deed("H001", "V01", DAY, 2000, minutes=1200)
    for star in ("S04", "S05", "S09"):
        bank.score("H001", star, 900)
    for number in range(2, 20):
        bank.home(f"H{number:03}")
    bank.evaluate()
    view = cycle_view(bank.s, BOOK, bank.cycle())
    assert matrix(bank.s, view, view.evaluations[0]).rare is not None   # 1 of 19 is 5.26 %
    bank.home("H020")
    bank.evaluate()
    view = cycle_view(bank.s, BOOK, bank.cycle())
    assert matrix(bank.s, view, view.evaluations[0]).rare is None       # 1 of 20 is 5 %


def test_the_same_key_evaluates_once_and_a_new_one_keeps_the_old(bank: Village) -> None:
    bank.home("H001")
    command = RunEvaluation(uuid4(), bank.cycle())
    first = run_evaluation(bank.s, command, by=SYSTEM, at=AT)
    again = run_evaluation(bank.s, command, by=SYSTEM, at=AT + timedelta(days=1))
    assert again == replace(first, replay=True)
    with pytest.raises(KeyReused):
        run_evaluation(bank.s, replace(command, as_of=DAY), by=SYSTEM, at=AT)
    bank.deed("H001", "L01", DAY, 200, times=4)
    second = run_evaluation(bank.s, RunEvaluation(uuid4(), bank.cycle()), by=SYSTEM, at=AT)
    assert second.number == 2
    assert next(v for v in bank.rating("H001", 1).stars if v.star.code == "S01").verdict.outcome is False
    newest = next(v for v in bank.rating("H001").stars if v.star.code == "S01")
    assert newest.verdict.outcome is True and (newest.before, newest.had_before) == (False, True)


def test_an_old_verdict_is_reproduced_after_new_postings_a_new_rule_and_a_reversal(bank: Village) -> None:
    deeds = bank.deed("H001", "L01", DAY, 200, times=4)
    bank.evaluate()
    old = bank.rating("H001", 1)
    bank.take_back(deeds[0], date(2026, 11, 24))
    body = scheme_data()
    body["stars"][0]["rule"] = "count_L01_L02 >= 9"
    publish_scheme(bank.s, scheme_from_json(body, key=uuid4(), place_code=COUNTY), by=SYSTEM, at=AT)
    bank.evaluate()
    assert bank.rating("H001", 1).stars == tuple(old.stars)
    assert recomputed(bank.s, cycle_view(bank.s, BOOK, bank.cycle()), bank.home("H001").id, 1)
    assert recomputed(bank.s, cycle_view(bank.s, BOOK, bank.cycle()), bank.home("H001").id, 2)
    assert bank.star("H001", "S01").verdict.outcome is False      # 3 of 4: the cycle's own version still asks for 4
    assert bank.star("H001", "S01").verdict.criteria[0].threshold == 4


def test_what_a_verdict_rested_on_is_sealed_and_goes_with_the_households_key(bank: Village, s: Session) -> None:
    home = bank.home("H001")
    enter_veto(s, EnterVeto(uuid4(), home.id, "X01", DAY, "某某法院判决"), by=SYSTEM, at=AT)
    bank.evaluate()
    row = s.scalars(select(RatingVerdict)).one()
    assert b"veto" not in row.sealed and b"facts" not in row.sealed
    with unit_of_work(s):
        s.delete(s.get_one(SubjectKey, (BOOK, home.id)))
    rating = bank.rating("H001")
    assert rating.erased and rating.stars == ()
    with pytest.raises(NotFound):
        recomputed(s, cycle_view(s, BOOK, bank.cycle()), home.id)


def test_the_number_of_statements_does_not_grow_with_households(bank: Village) -> None:
    cycle, seen = bank.cycle(), []
    for households in (1, 4, 40):  # the first run also changes the cycle's state: one statement more
        for number in range(households):
            bank.home(f"H{number:03}")
        with counted(bank.s) as statements:
            run_evaluation(bank.s, RunEvaluation(uuid4(), cycle), by=SYSTEM, at=AT)
        seen.append(len(statements))
    assert seen[1] == seen[2] <= 30


def test_the_jury_is_anonymous_has_one_voice_each_and_steps_aside(bank: Village) -> None:
    own, relative, other = bank.home("H001"), bank.home("H002"), bank.home("H003")
    juror = someone("reviewer", person=bank.people["H001"])
    declare_kinship(bank.s, DeclareKinship(BOOK, bank.people["H001"].id, relative.id, DAY))
    cycle = bank.cycle()

    def give(home: object, star: str, score: int) -> int:
        sheet = RecordJuryScores(uuid4(), cycle, (Mark(home.id, star, score),))  # type: ignore[attr-defined]
        return record_jury_scores(bank.s, sheet, by=juror, at=AT)

    for home in (own, relative):
        with pytest.raises(StepAside):
            give(home, "S04", 1000)
    give(other, "S04", 1000)
    give(other, "S04", 600)                                       # changed his mind: one voice, the newer one
    assert bank.outcome("H003", "S04") is False
    assert bank.star("H003", "S04").verdict.criteria[0].figure == 600
    for star, score, refusal in (("S01", 800, NotJudged), ("S04", 1001, BadInput), ("S04", -1, BadInput)):
        with pytest.raises(refusal):
            give(other, star, score)
    with pytest.raises(NotAllowed):
        record_jury_scores(bank.s, RecordJuryScores(uuid4(), cycle, (Mark(other.id, "S04", 800),)),
                           by=someone("clerk"), at=AT)
    rows = bank.s.execute(text("SELECT juror FROM rating_jury_score")).all()
    assert juror.user_id is not None and juror.user_id.bytes not in {bytes(row.juror) for row in rows}


def test_a_sheet_with_one_wrong_score_keeps_none_of_it(bank: Village) -> None:
    marks = (Mark(bank.home("H001").id, "S04", 900), Mark(bank.home("H002").id, "S04", 1100))
    with pytest.raises(BadInput):
        record_jury_scores(bank.s, RecordJuryScores(uuid4(), bank.cycle(), marks), by=someone("reviewer"), at=AT)
    assert bank.outcome("H001", "S04") is None


def test_a_veto_is_lifted_from_today_and_its_grounds_are_for_few(bank: Village) -> None:
    home = bank.home("H001")
    entered = enter_veto(bank.s, EnterVeto(uuid4(), home.id, "X04", DAY, "执行案号(2026)演1号"), by=SYSTEM, at=AT)
    assert bank.outcome("H001", "S03") is False
    assert vetoes_of(bank.s, BOOK, [home.id])[0].grounds is None
    assert vetoes_of(bank.s, BOOK, [home.id], see_grounds=True)[0].grounds == "执行案号(2026)演1号"
    with pytest.raises(NotAllowed):
        lift_veto(bank.s, LiftVeto(entered.id, "已履行"), by=someone("reviewer"), at=AT)
    lift_veto(bank.s, LiftVeto(entered.id, "已履行"), by=SYSTEM, at=AT)
    assert bank.outcome("H001", "S03") is True
    with pytest.raises(BadInput):
        enter_veto(bank.s, EnterVeto(uuid4(), home.id, "X99", DAY, "没有这一项"), by=SYSTEM, at=AT)


def test_people_decide_and_write_down_why_they_depart_from_the_verdict(bank: Village) -> None:
    home = bank.home("H001")
    bank.evaluate()
    committee = someone("committee", person=bank.people["H001"])
    other = someone("committee")
    decide = DecideStar(uuid4(), bank.cycle(), home.id, "S01", True, "")
    with pytest.raises(StepAside):
        decide_star(bank.s, decide, by=committee, at=AT)
    with pytest.raises(NeedsReason):
        decide_star(bank.s, decide, by=other, at=AT)
    made = decide_star(bank.s, replace(decide, reason="长期在外务工,村民会议一致同意"), by=other, at=AT)
    assert made.departs and made.reason == "长期在外务工,村民会议一致同意"
    assert decide_star(bank.s, replace(decide, reason="长期在外务工,村民会议一致同意"), by=other, at=AT) == made
    view = bank.star("H001", "S01")
    assert (view.verdict.outcome, view.outcome) == (False, True)
    assert not decide_star(bank.s, DecideStar(uuid4(), bank.cycle(), home.id, "S02", True), by=other, at=AT).departs
    now = stars_now(bank.s, BOOK, home.id)
    assert now is not None and (now.stars, now.of, now.undecided) == (4, 10, 3)


def test_a_confirmed_cycle_takes_no_more_scores_decisions_or_evaluations(bank: Village) -> None:
    home, cycle = bank.home("H001"), bank.cycle()
    bank.judged("H001")
    bank.evaluate()
    confirm_cycle(bank.s, ConfirmCycle(cycle), by=someone("committee"), at=AT)
    confirm_cycle(bank.s, ConfirmCycle(cycle), by=someone("committee"), at=AT)
    with pytest.raises(CycleClosed):
        bank.evaluate()
    with pytest.raises(CycleClosed):
        bank.score("H001", "S04", 900)
    with pytest.raises(CycleClosed):
        decide_star(bank.s, DecideStar(uuid4(), cycle, home.id, "S02", True), by=someone("committee"), at=AT)


def test_a_year_with_an_undecided_star_cannot_be_confirmed_and_the_households_are_named(bank: Village) -> None:
    cycle, other = bank.cycle(), someone("committee")
    for number in range(1, 13):
        bank.home(f"H{number:03}")
    with pytest.raises(NotEvaluated):
        confirm_cycle(bank.s, ConfirmCycle(cycle), by=other, at=AT)
    bank.judged("H002")
    bank.evaluate()
    with pytest.raises(StarsUndecided) as refused:
        confirm_cycle(bank.s, ConfirmCycle(cycle), by=other, at=AT)
    assert refused.value.facts["n"] == 11 and "逐星决定" in refused.value.sentence("zh")
    assert "(H001、H003、H004、H005、H006、H007、H008、H009、H010、H011等)" in refused.value.sentence("zh")
    assert "undecided stars: 11 (H001," in refused.value.sentence("en")
    assert cycle_view(bank.s, BOOK, cycle).status == "evaluated"


def test_a_star_the_committee_decided_is_no_longer_open_and_the_trail_keeps_the_figures(bank: Village) -> None:
    home, cycle, other = bank.home("H001"), bank.cycle(), someone("committee")
    bank.evaluate()
    for star in ("S04", "S05", "S09"):
        with pytest.raises(StarsUndecided):
            confirm_cycle(bank.s, ConfirmCycle(cycle), by=other, at=AT)
        decide_star(bank.s, DecideStar(uuid4(), cycle, home.id, star, True, "评议会一致同意"), by=other, at=AT)
    confirm_cycle(bank.s, ConfirmCycle(cycle), by=other, at=AT)
    event = events_of(bank.s, BOOK, f"cycle:{cycle}")[-1]
    assert (event.action, event.user_id) == ("ratings.confirmed", other.user_id)
    assert event.detail == {"year": 2026, "number": 1, "as_of": "2026-11-25", "households": 1, "stars": 6,
                            "bands": {"gold": 0, "silver": 0, "bronze": 1}}


def test_a_confirmed_year_has_no_next_star_to_earn(bank: Village) -> None:
    bank.deed("H001", "V01", DAY, 700, minutes=7 * 60)
    home = bank.home("H001")
    bank.judged("H001")
    bank.evaluate()
    assert next_star(bank.s, BOOK, home.id, date(2026, 11, 25)) is not None
    confirm_cycle(bank.s, ConfirmCycle(bank.cycle()), by=someone("committee"), at=AT)
    assert next_star(bank.s, BOOK, home.id, date(2026, 11, 25)) is None
    now = stars_now(bank.s, BOOK, home.id)
    assert now is not None and now.confirmed and now.undecided == 0


def test_what_a_run_changed_is_counted_against_the_one_before(bank: Village) -> None:
    deeds = bank.deed("H001", "L01", DAY, 200, times=4)
    bank.home("H002")
    bank.evaluate()
    bank.take_back(deeds[0], date(2026, 11, 24))                  # S01 of H001 is lost
    for star, score in (("S04", 900), ("S05", 100)):              # of H002: one star gained, one refused
        bank.score("H002", star, score)
    bank.evaluate()
    bank.home("H003")                                             # new in the village: no change of anybody's
    bank.evaluate()
    view = cycle_view(bank.s, BOOK, bank.cycle())
    assert changes(bank.s, view, 1) is None
    assert changes(bank.s, view, 2) == (1, 1, 1, 0)
    assert changes(bank.s, view, 3) == (0, 0, 0, 0)


def test_a_rating_needs_a_scheme_and_a_year_that_has_begun(bank: Village) -> None:
    with pytest.raises(BadInput):
        open_cycle(bank.s, OpenCycle(uuid4(), VILLAGE, 2027), by=SYSTEM, at=AT)
    with pytest.raises(NoScheme):
        open_cycle(bank.s, OpenCycle(uuid4(), VILLAGE, 2024), by=SYSTEM, at=AT)
    with pytest.raises(NotAllowed):
        open_cycle(bank.s, OpenCycle(uuid4(), VILLAGE, 2026), by=someone("recorder"), at=AT)
    assert open_cycle(bank.s, OpenCycle(uuid4(), VILLAGE, 2026), by=SYSTEM, at=AT) == bank.cycle()


def test_a_closed_year_is_rated_to_its_last_day(bank: Village) -> None:
    bank.deed("H001", "L01", date(2025, 12, 31), 200, times=4)
    cycle = bank.cycle(2025)
    done = run_evaluation(bank.s, RunEvaluation(uuid4(), cycle), by=SYSTEM, at=datetime(2026, 1, 3, tzinfo=UTC))
    assert done.as_of == date(2025, 12, 31)
    rating = household_rating(bank.s, cycle_view(bank.s, BOOK, cycle), bank.home("H001").id)
    assert rating.stars[0].verdict.outcome is True


def test_the_next_star_is_the_nearest_that_deeds_can_earn(bank: Village) -> None:
    bank.deed("H001", "V01", DAY, 700, minutes=7 * 60)            # S10: 3 h to 10 h; S01 lacks 4 of 4; S07 is no amount
    found = next_star(bank.s, BOOK, bank.home("H001").id, date(2026, 11, 25))
    assert found is not None and found.star.code == "S10"
    assert str(found) == "再服务 3 小时,12 月 31 日前完成,可得“热心公益星”。"
    assert found.sentence("en") == "3 h more of service by 2026-12-31 earns the star “Public spirit”."
    assert stars_now(bank.s, BOOK, bank.home("H001").id) is None  # nobody has evaluated yet


@pytest.mark.long
def test_a_thousand_households_with_a_years_deeds_are_judged_in_seconds(bank: Village) -> None:
    """Time must grow with the deeds, not with their square: netting reversals row by row once took minutes here."""
    homes = [Household(book_id=BOOK, id=new_id(), place_code=VILLAGE, code=f"H{number:04}", group_no=1,
                       opened_on=date(2020, 1, 1)) for number in range(1000)]
    with unit_of_work(bank.s):
        bank.s.add_all(homes)
    for start in range(0, 1000, 250):
        entries = [Entry("test", str(uuid4()), "earned", date(2026, month, 5), (
            Transfer(accounts.budget(VILLAGE), accounts.wallet(home.id, VILLAGE), 500),
            Transfer(accounts.scored(VILLAGE), accounts.score(home.id), 500)), Party(home.id), "E02", VILLAGE)
            for home in homes[start:start + 250] for month in range(1, 11)]
        with unit_of_work(bank.s):
            ledger.post(bank.s.connection(), BOOK, entries, recorded_at=AT)
    started = time.perf_counter()
    assert bank.evaluate().households == 1000
    assert time.perf_counter() - started < 30
    view = cycle_view(bank.s, BOOK, bank.cycle())
    assert matrix(bank.s, view, view.evaluations[0]).stars_each["S08"] == 1000
