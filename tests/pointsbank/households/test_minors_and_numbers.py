"""Guardians' consents given and withdrawn; ID numbers that check at once, those that do not by a second person."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from pointsbank import clock
from pointsbank.access import AddUser, AppUser, actor_of_user, add_user
from pointsbank.crypto import keyed_hash
from pointsbank.errors import BadInput, NotAllowed, NotFound
from pointsbank.households.consents import (
    GiveConsent,
    WithdrawConsent,
    give_consent,
    minors_of_place,
    unseen,
    withdraw_consent,
)
from pointsbank.households.errors import StepAsideHere
from pointsbank.households.models import NumberClaim
from pointsbank.households.numbers import ConfirmNumber, GiveNumber, confirm_number, give_number, waiting_numbers
from pointsbank.households.transfers import AnsweredAlready
from pointsbank.people import AddPerson, NeedsConsent, Person, add_person, persons_of_household, recordable
from pointsbank.people.queries import person_facts
from pointsbank.people.service import AlreadyThere
from pointsbank.records import RecordFacts, SubmitRecord, submit_record
from pointsbank.sheets import parse_id_number
from redemption.demo.village_data import load_setting
from tests.visitor import Visitor

VILLAGE = "230199100200"
GOOD, WRONG = "11010519491231002X", "110105194912310021"


def actor(s, login):
    return actor_of_user(s, s.query(AppUser).filter_by(login=login).one())


@pytest.fixture
def child(s, village):
    """Sixteen, in H003."""
    home = village.households["H003"].id
    return add_person(s, AddPerson(village.book_id, home, "张小满", date(2020, 1, 1),
                                   born_on=clock.today() - timedelta(days=16 * 366)))


def signed(s, village, child, **more):
    told = {"guardian": village.members["H003"][0].id, "given_on": clock.today(), **more}
    return give_consent(s, GiveConsent(uuid.uuid4(), child.id, **told), by=actor(s, "recorder"), at=clock.now())


def serve(s, child):
    facts = RecordFacts(child.household_id, "V01", clock.today() - timedelta(days=1), child.id, minutes=60)
    return submit_record(s, SubmitRecord(uuid.uuid4(), facts), by=actor(s, "recorder"), at=clock.now())


def test_nothing_is_recorded_or_shown_of_a_minor_before_the_consent_nor_after_its_withdrawal(s, village, child):
    load_setting(s, village, at=clock.now() - timedelta(days=30))
    today, by = clock.today(), actor(s, "recorder")
    with pytest.raises(NeedsConsent):
        serve(s, child)
    assert child.id in unseen(s, persons_of_household(s, village.book_id, child.household_id), today)
    row = signed(s, village, child)
    serve(s, child)
    assert unseen(s, [child], today) == set()
    withdraw_consent(s, WithdrawConsent(uuid.uuid4(), row.id, today), by=by, at=clock.now())
    assert unseen(s, [child], today) == {child.id} and recordable(s, [child], today) == {child.id: False}
    with pytest.raises(NeedsConsent):
        serve(s, child)


def test_only_an_adult_of_the_household_signs_and_only_for_a_minor(s, village, child):
    other = add_person(s, AddPerson(village.book_id, child.household_id, "张二满", date(2020, 1, 1),
                                    born_on=clock.today() - timedelta(days=17 * 365)))
    for wrong in ({"guardian": other.id}, {"guardian": village.members["H005"][0].id}, {"guardian": child.id},
                  {"given_on": clock.today() + timedelta(days=1)}):
        with pytest.raises(BadInput):
            signed(s, village, child, **wrong)
    with pytest.raises(BadInput):
        signed(s, village, village.members["H005"][0])
    with pytest.raises(NotAllowed):
        give_consent(s, GiveConsent(uuid.uuid4(), child.id, other.id, clock.today()), by=actor(s, "clerk"),
                     at=clock.now())
    with pytest.raises(NotFound):
        withdraw_consent(s, WithdrawConsent(uuid.uuid4(), uuid.uuid4(), clock.today()), by=actor(s, "recorder"),
                         at=clock.now())


def test_those_without_a_consent_come_first_and_those_below_14_are_marked(s, village, child):
    add_person(s, AddPerson(village.book_id, child.household_id, "张幼苗", date(2020, 1, 1),
                            born_on=clock.today() - timedelta(days=9 * 366)))
    signed(s, village, child)
    found = {one.card.name: (one.consent is not None, one.below_14)
             for one in minors_of_place(s, VILLAGE, on=clock.today())}
    assert (found["张幼苗"], found["张小满"]) == ((False, True), (True, False))


def give(s, person, number, login="recorder"):
    return give_number(s, GiveNumber(uuid.uuid4(), person.id, number, "身份证原件"), by=actor(s, login), at=clock.now())


def stored(s, person):
    s.expire_all()
    return s.get_one(Person, (person.book_id, person.id)).id_hash


def test_a_number_that_checks_is_stored_at_once_and_of_an_abolished_area_too(s, village, child):
    assert parse_id_number("230105194912310027").problem is None  # 太平区, abolished in 2004
    assert give(s, child, " 11010519491231002x ").status == "agreed"
    assert stored(s, child) == keyed_hash("id_no", GOOD)
    assert person_facts(s, village.book_id, child.id)["born_on"] == "1949-12-31"
    with pytest.raises(AlreadyThere):
        give(s, village.members["H005"][0], GOOD)


def test_a_wrong_check_digit_is_stored_by_a_second_person_only(s, village, child):
    before = stored(s, child)
    claim = give(s, child, WRONG)
    assert (claim.status, stored(s, child)) == ("asked", before)
    assert [one.number for one in waiting_numbers(s, by=actor(s, "committee"))] == [WRONG]
    assert WRONG.encode() not in s.scalars(select(NumberClaim.sealed)).one()
    with pytest.raises(NotAllowed):
        confirm_number(s, ConfirmNumber(uuid.uuid4(), claim.id, True), by=actor(s, "recorder"), at=clock.now())
    confirm_number(s, ConfirmNumber(uuid.uuid4(), claim.id, True), by=actor(s, "committee"), at=clock.now())
    assert stored(s, child) == keyed_hash("id_no", WRONG)
    with pytest.raises(AnsweredAlready):
        confirm_number(s, ConfirmNumber(uuid.uuid4(), claim.id, False), by=actor(s, "committee"), at=clock.now())


def test_whoever_gave_the_number_does_not_confirm_it_and_a_refusal_stores_nothing(s, village, child):
    add_user(s, AddUser("both", "staff", VILLAGE, "xiangyang2026", (("recorder", VILLAGE), ("committee", VILLAGE))),
             at=clock.now())
    before, claim = stored(s, child), give(s, child, WRONG, "both")
    with pytest.raises(StepAsideHere):
        confirm_number(s, ConfirmNumber(uuid.uuid4(), claim.id, True), by=actor(s, "both"), at=clock.now())
    confirm_number(s, ConfirmNumber(uuid.uuid4(), claim.id, False), by=actor(s, "committee"), at=clock.now())
    assert stored(s, child) == before


def test_anything_but_the_check_digit_is_a_slip_of_the_pen(s, village, child):
    for number in ("1101051949123100", "110105194913310021", "1I0105194912310021", "770105194912310021",
                   "130503670401001"):
        with pytest.raises(BadInput):
            give(s, child, number)


def test_the_pages_of_minors_and_numbers(app, s, village, child):
    clerk, committee = Visitor(app, "recorder"), Visitor(app, "committee")
    assert "张小满" not in clerk.page("/people/minors")
    assert "张小满" not in committee.page(f"/households/{child.household_id}")
    form = clerk.form("/people/minors", f"/people/minors/{child.id}")
    guardian = village.members["H003"][0]
    assert clerk.send(form, guardian=str(child.id)).status_code == 422
    assert clerk.send(form, guardian=str(guardian.id)).status_code == 303
    assert "张小满" in clerk.page("/people/minors")
    assert "张小满" in committee.page(f"/households/{child.household_id}")
    form = clerk.form("/people/numbers", "/people/numbers")
    assert clerk.send(form, person=str(child.id), id_no=WRONG[:-2], seen="身份证原件").status_code == 422
    assert clerk.send(form, person=str(child.id), id_no=WRONG, seen="身份证原件").status_code == 303
    assert WRONG in committee.page("/people/numbers")
    form = committee.form("/people/numbers", "/people/numbers/")
    assert committee.send(form, agreed="1").status_code == 303
    assert WRONG not in committee.page("/people/numbers")
