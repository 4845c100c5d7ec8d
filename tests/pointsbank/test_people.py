"""Households and members: sealed at rest, readable through the doors only."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from pointsbank.database import unit_of_work
from pointsbank.people import (
    AddHousehold,
    AddPerson,
    RecordConsent,
    add_household,
    add_person,
    card_token,
    find_household,
    household_by_card,
    issue_card,
    mask_name,
    persons_of_place,
    record_consent,
    recordable,
)
from pointsbank.people.service import AlreadyThere
from pointsbank.places import AddPlace, add_place

VILLAGE = "230199100200"
DAY = date(2026, 11, 25)
AT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


@pytest.fixture
def household(s: Session):
    for code, level, name in (("230000000000", "province", "黑龙江省"), ("230100000000", "city", "哈尔滨市"),
                              ("230199000000", "county", "演示县"), ("230199100000", "town", "安和镇"),
                              (VILLAGE, "village", "向阳村")):
        add_place(s, AddPlace(code, level, name))
    return add_household(s, AddHousehold(VILLAGE, "h011", 3, DAY, ("一般户",)))


def person(household, name="李𬭎", **more):
    return AddPerson(household.book_id, household.id, name, DAY, **more)


def test_a_household_is_found_by_its_code_whatever_the_case_of_its_letters(s, household):
    add_person(s, person(household, is_head=True))
    found = find_household(s, VILLAGE, " h011 ")
    assert found is not None and (found.code, found.head_name, found.masked_name) == ("H011", "李𬭎", "李*")


def test_no_name_or_number_stands_in_the_table_in_the_clear(s, household):
    add_person(s, person(household, id_no="230199197302221012", phone="13800138000"))
    row = s.execute(text("SELECT sealed, name_hash, phone_hash, id_hash FROM person")).one()
    whole = b"".join(bytes(part) for part in row)
    assert "李".encode() not in whole and b"13800138000" not in whole and b"230199197302221012" not in whole


def test_the_same_id_number_is_not_entered_twice_and_nothing_is_half_done(s, household):
    add_person(s, person(household, id_no="230199197302221012"))
    with pytest.raises(AlreadyThere):
        add_person(s, person(household, name="李红", id_no="230199197302221012"))
    assert [card.name for card in persons_of_place(s, VILLAGE)] == ["李𬭎"]


def test_a_minor_is_recordable_only_with_a_guardians_consent_on_file(s, household):
    father = add_person(s, person(household, is_head=True))
    child = add_person(s, person(household, name="李小满", born_on=date(2013, 5, 21)))
    assert recordable(s, [father, child], DAY) == {father.id: True, child.id: False}
    record_consent(s, RecordConsent(household.book_id, child.id, father.id, DAY))
    assert recordable(s, [child], DAY)[child.id]
    assert not recordable(s, [child], date(2026, 11, 24))[child.id]


def test_a_replaced_card_stops_working(s, household):
    first = issue_card(s, household.book_id, household.id, at=AT)
    assert household_by_card(s, household.book_id, first.token.lower()).code == "H011"
    second = issue_card(s, household.book_id, household.id, at=AT)
    assert household_by_card(s, household.book_id, first.token) is None
    assert card_token(s, household.book_id, household.id) == second.token != first.token


def test_an_inner_unit_of_work_is_undone_with_the_outer_one(s, household):
    with pytest.raises(ZeroDivisionError), unit_of_work(s):
        add_person(s, person(household))
        raise ZeroDivisionError
    assert persons_of_place(s, VILLAGE) == []


@pytest.mark.parametrize(("name", "shown"), [("王德顺", "王*顺"), ("李𬭎", "李*"), ("阿依古丽·买买提", "阿依古丽·***"),
                                             ("乌云其木格", "乌***格")])
def test_a_masked_name_counts_characters_not_code_units(name, shown):
    assert mask_name(name) == shown
