"""Each of the ten stars at its boundary, figures worked by hand (domain table of the ten stars)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from pointsbank.eligibility import criterion_sentence
from pointsbank.people import AddPerson, add_person
from pointsbank.ratings import EnterVeto, enter_veto
from tests.pointsbank.ratings.village import AT, BOOK, SYSTEM, Village

DAY = date(2026, 3, 5)


def veto(bank: Village, code: str, kind: str, day: date = DAY) -> None:
    enter_veto(bank.s, EnterVeto(uuid4(), bank.home(code).id, kind, day, "有生效文书"), by=SYSTEM, at=AT)


def test_s01_takes_four_talks_or_meetings_in_the_year(bank: Village) -> None:
    bank.deed("H001", "L01", DAY, 200, times=3)
    assert bank.outcome("H001", "S01") is False
    assert bank.star("H001", "S01").verdict.criteria[0].distance == 1
    bank.deed("H001", "L02", DAY, 500)  # gave one himself: 3 + 1 = 4
    assert bank.outcome("H001", "S01") is True
    veto(bank, "H001", "X02")
    assert bank.outcome("H001", "S01") is False


def test_s02_starts_at_ten_and_loses_what_is_deducted(bank: Village) -> None:
    assert bank.outcome("H002", "S02") is True                    # 10.00, nothing against it
    bank.deed("H002", "N02", DAY, -1000)                          # burnt straw: 10 − 10 = 0
    assert bank.outcome("H002", "S02") is False
    assert bank.star("H002", "S02").verdict.criteria[0].figure == 0
    bank.deed("H002", "D04", DAY, 5000)                           # 10 − 10 + 50 = 50, but full is 10
    assert bank.outcome("H002", "S02") is True
    assert bank.star("H002", "S02").verdict.criteria[0].figure == 1000
    veto(bank, "H002", "X06")                                     # any veto: 0
    assert bank.outcome("H002", "S02") is False
    assert bank.star("H002", "S02").verdict.criteria[0].figure == 0


def test_s03_falls_with_fraud_and_with_an_unhonoured_judgment(bank: Village) -> None:
    bank.deed("H003", "N08", DAY, -5000)                          # 10 − 50 → 0
    assert bank.outcome("H003", "S03") is False
    assert bank.outcome("H004", "S03") is True
    veto(bank, "H004", "X01")                                     # concerns S02, not S03
    assert bank.outcome("H004", "S03") is True
    veto(bank, "H004", "X04")
    assert bank.outcome("H004", "S03") is False


@pytest.mark.parametrize("star", ["S04", "S05", "S09"])
def test_a_star_of_the_jury_cannot_be_decided_before_anybody_scored(bank: Village, star: str) -> None:
    assert bank.outcome("H005", star) is None
    verdict = bank.star("H005", star).verdict
    assert verdict.undecided == (f"jury_{star}",)
    assert "暂不能判定,还没有“群众评议均分”" in criterion_sentence(verdict.criteria[0])
    bank.score("H005", star, 800)
    assert bank.outcome("H005", star) is True
    bank.score("H005", star, 799)                                 # (8.00 + 7.99) / 2 = 7.995, cut to 7.99
    assert bank.outcome("H005", star) is False


def test_from_five_scores_on_the_highest_and_lowest_are_left_out(bank: Village) -> None:
    bank.score("H006", "S04", 1000, 800, 800, 800)                # 34 / 4 = 8.50
    assert bank.outcome("H006", "S04") is True
    bank.score("H006", "S04", 0)                                  # 10 and 0 go: 24 / 3 = 8.00
    assert bank.outcome("H006", "S04") is True
    assert bank.star("H006", "S04").verdict.criteria[0].figure == 800


def test_s05_and_s09_fall_with_their_vetoes_even_without_a_score(bank: Village) -> None:
    veto(bank, "H007", "X03")
    assert bank.outcome("H007", "S05") is False                   # no matter what the jury will say
    assert bank.outcome("H007", "S09") is None
    veto(bank, "H007", "X05")
    assert bank.outcome("H007", "S09") is False


def test_s06_starts_at_eight_and_moves_both_ways(bank: Village) -> None:
    assert bank.outcome("H008", "S06") is True                    # 8.00 is enough
    bank.deed("H008", "N04", DAY, -500)
    assert bank.outcome("H008", "S06") is False                   # 3.00
    assert bank.star("H008", "S06").verdict.criteria[0].distance == 500
    bank.deed("H008", "D05", DAY, 500)
    assert bank.outcome("H008", "S06") is True                    # 8 − 5 + 5


def test_s07_takes_the_promise_and_no_breach(bank: Village) -> None:
    assert bank.outcome("H009", "S07") is False
    bank.deed("H009", "C02", DAY, 1000)
    assert bank.outcome("H009", "S07") is True
    bank.deed("H009", "N03", DAY, -1000)
    assert bank.outcome("H009", "S07") is False


def test_s08_takes_six_excellent_months_or_ten_good_ones(bank: Village) -> None:
    for month in range(1, 6):
        bank.deed("H010", "E01", date(2026, month, 25), 1000)
    assert bank.outcome("H010", "S08") is False                   # 5 excellent, 5 in all
    for month in range(6, 10):
        bank.deed("H010", "E02", date(2026, month, 25), 500)
    assert bank.outcome("H010", "S08") is False                   # 5 and 9
    bank.deed("H010", "E02", date(2026, 10, 25), 500)
    assert bank.outcome("H010", "S08") is True                    # 5 and 10
    for month in range(1, 7):
        bank.deed("H011", "E01", date(2026, month, 25), 1000)
    assert bank.outcome("H011", "S08") is True                    # 6 excellent


def test_s10_takes_twenty_hours_or_ten_with_a_volunteer(bank: Village) -> None:
    bank.deed("H012", "V01", DAY, 1000, minutes=599)
    assert bank.outcome("H012", "S10") is False
    bank.deed("H012", "V01", DAY + timedelta(days=1), 100, minutes=1)
    assert bank.outcome("H012", "S10") is True                    # 10 h, one volunteer
    child = add_person(bank.s, AddPerson(BOOK, bank.home("H013").id, "孩子", DAY, born_on=date(2012, 1, 1)))
    assert child.household_id == bank.home("H013").id
    assert bank.outcome("H013", "S10") is False


def test_a_deed_of_last_year_or_one_taken_back_counts_for_nothing(bank: Village) -> None:
    bank.deed("H014", "L01", date(2025, 12, 31), 200, times=2)
    deeds = bank.deed("H014", "L01", DAY, 200, times=4)
    assert bank.outcome("H014", "S01") is True
    bank.take_back(deeds[0], date(2026, 9, 1))
    assert bank.outcome("H014", "S01") is False                   # 3 left


def test_x03_counts_for_twelve_months_and_ends_by_itself(bank: Village) -> None:
    veto(bank, "H015", "X03", date(2025, 11, 25))                 # ends on 25 November 2026, the day of the evaluation
    assert bank.outcome("H015", "S02") is True
    veto(bank, "H016", "X03", date(2025, 11, 26))                 # one day longer
    assert bank.outcome("H016", "S02") is False
