"""C68: somebody known in another village is asked over; the record is not shown, nobody is entered twice."""

from __future__ import annotations

import io
import time
import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

import ledger
from ledger import Entry, Party, Transfer
from pointsbank import accounts, clock
from pointsbank.access import AddUser, AppUser, actor_of_user, add_user, system_actor
from pointsbank.amounts import Points
from pointsbank.database import unit_of_work
from pointsbank.errors import BadInput, NotFound
from pointsbank.households.errors import NeedsHead, NotSoMany, StepAsideHere
from pointsbank.households.models import TransferRequest
from pointsbank.households.transfers import (
    AnsweredAlready,
    AskedAlready,
    AskTransfer,
    DecideTransfer,
    NotKnownElsewhere,
    WithdrawTransfer,
    ask_transfer,
    decide_transfer,
    requests_of,
    withdraw_transfer,
)
from pointsbank.people import AddHousehold, AddPerson, Household, Person, add_household, add_person, household_cards
from pointsbank.people.service import AlreadyThere
from pointsbank.places import AddPlace, add_place
from pointsbank.sheets import write_csv
from tests.sheets_of_people import HEADER
from tests.visitor import Visitor

HERE, THERE = "230199100200", "230199100201"
NUMBER, OTHERS = "11010519491231002X", "440524188001010014"
PASSWORD = "xiangyang2026"


def actor(s, login):
    return actor_of_user(s, s.query(AppUser).filter_by(login=login).one())


@pytest.fixture
def two(s, village):
    """A neighbour village with a recorder and an empty household; in ours a couple with 10 points and hours."""
    with unit_of_work(s):
        add_place(s, AddPlace(THERE, "village", "前进村"))
        there = add_household(s, AddHousehold(THERE, "Q001", 1, date(2024, 1, 1)))
        old = add_household(s, AddHousehold(HERE, "H101", 1, date(2024, 1, 1)))
        add_person(s, AddPerson(old.book_id, old.id, "赵大有", date(2024, 1, 1), id_no=OTHERS, is_head=True))
        moving = add_person(s, AddPerson(old.book_id, old.id, "钱来喜", date(2024, 1, 1), id_no=NUMBER))
        add_user(s, AddUser("q-recorder", "staff", THERE, PASSWORD, (("recorder", THERE),)), at=clock.now())
        ledger.post(s.connection(), old.book_id, [Entry("test", "1", "earned", clock.today() - timedelta(days=1), (
            Transfer(accounts.budget(HERE), accounts.wallet(old.id, HERE), 1000, clock.today() + timedelta(days=90)),
            Transfer(accounts.served(HERE), accounts.hours(moving.id), 120)), Party(old.id, moving.id), place=HERE)],
            recorded_at=clock.now())
    return there, old, moving


def ask(s, there, number=NUMBER, login="q-recorder"):
    return ask_transfer(s, AskTransfer(uuid.uuid4(), number, there.id, "本人签字的申请书"), by=actor(s, login),
                        at=clock.now())


def points(s, home):
    wallet = accounts.wallet(home.id, home.place_code)
    return ledger.balances(s.connection(), home.book_id, [wallet])[wallet].posted


def test_the_old_place_agrees_and_hours_follow_and_points_as_agreed(s, village, two):
    there, old, moving = two
    request = ask(s, there)
    seen = requests_of(s, by=actor(s, "q-recorder"))[0]
    assert (seen.name, seen.members, seen.from_place) == ("", [], "向阳村(虚构)")  # where, and nothing else
    cmd = DecideTransfer(uuid.uuid4(), request.id, True, "本人来村里说过", Points(400))
    done = decide_transfer(s, cmd, by=actor(s, "committee"), at=clock.now())
    assert decide_transfer(s, cmd, by=actor(s, "committee"), at=clock.now()).id == done.id
    assert (done.status, done.points, points(s, old), points(s, there)) == ("agreed", 400, 600, 400)
    person = s.get_one(Person, (village.book_id, moving.id))
    assert (person.household_id, person.is_head) == (there.id, True)
    hours = accounts.hours(moving.id)
    assert ledger.balances(s.connection(), village.book_id, [hours])[hours].posted == 120
    assert s.scalar(select(func.count()).select_from(Person).where(Person.id_hash == person.id_hash)) == 1
    assert ledger.check(s.connection(), village.book_id) == []
    assert requests_of(s, by=actor(s, "q-recorder"))[0].name == "钱来喜"
    with pytest.raises(AnsweredAlready):
        decide_transfer(s, DecideTransfer(uuid.uuid4(), request.id, False, "又反悔"), by=actor(s, "committee"),
                        at=clock.now())


def test_a_village_finds_its_own_request_behind_newer_ones_of_others(s, village, two):
    there, _, moving = two
    third = "230199100209"
    with unit_of_work(s):
        add_place(s, AddPlace(third, "village", "红星村"))
        home = add_household(s, AddHousehold(third, "R001", 1, date(2024, 1, 1)))
        add_user(s, AddUser("r-recorder", "staff", third, PASSWORD, (("recorder", third),)), at=clock.now())
    mine = ask(s, home, login="r-recorder")
    other = ask(s, there, OTHERS)
    assert [one.id for one in requests_of(s, by=actor(s, "r-recorder"), most=1)] == [mine.id]
    asked = {one.id: one.members for one in requests_of(s, by=actor(s, "committee"))}
    head = next(person for person, name in asked[mine.id] if name == "赵大有")
    assert asked == {mine.id: [(head, "赵大有")], other.id: [(str(moving.id), "钱来喜")]}


def test_a_head_leaves_only_after_the_next_one_is_named(s, village, two):
    there, old, moving = two
    request = ask(s, there, OTHERS)
    for head in (None, village.members["H001"][0].id):
        with pytest.raises(NeedsHead):
            decide_transfer(s, DecideTransfer(uuid.uuid4(), request.id, True, "同意", head=head),
                            by=actor(s, "committee"), at=clock.now())
    with pytest.raises(NotSoMany):
        decide_transfer(s, DecideTransfer(uuid.uuid4(), request.id, True, "同意", Points(5000), moving.id),
                        by=actor(s, "committee"), at=clock.now())
    s.rollback()
    decide_transfer(s, DecideTransfer(uuid.uuid4(), request.id, True, "同意", head=moving.id),
                    by=actor(s, "committee"), at=clock.now())
    assert household_cards(s, village.book_id, [old.id])[old.id].head_id == moving.id


def test_the_last_member_takes_everything_and_the_household_ends(s, village, two):
    there, old, _ = two
    decide_transfer(s, DecideTransfer(uuid.uuid4(), ask(s, there).id, True, "同意"), by=actor(s, "committee"),
                    at=clock.now())
    decide_transfer(s, DecideTransfer(uuid.uuid4(), ask(s, there, OTHERS).id, True, "同意"),
                    by=actor(s, "committee"), at=clock.now())
    row = s.get_one(Household, (village.book_id, old.id))
    assert (row.closed_on, row.merged_into, points(s, there), points(s, old)) == (clock.today(), there.id, 1000, 0)
    assert ledger.check(s.connection(), village.book_id) == []


def test_who_may_not_ask_or_answer(s, village, two):
    there, old, moving = two
    strange = AskTransfer(uuid.uuid4(), NUMBER, old.id, "本人签字")
    with pytest.raises(BadInput):
        ask(s, there, NUMBER[:-1] + "1")
    with pytest.raises(NotKnownElsewhere):
        ask(s, there, "110105194912310038")
    with pytest.raises(NotFound):  # not the asker's household
        ask_transfer(s, strange, by=actor(s, "q-recorder"), at=clock.now())
    request = ask(s, there)
    with pytest.raises(AskedAlready):
        ask(s, there)
    with pytest.raises(NotFound):
        withdraw_transfer(s, WithdrawTransfer(uuid.uuid4(), request.id), by=actor(s, "recorder"), at=clock.now())
    withdraw_transfer(s, WithdrawTransfer(uuid.uuid4(), request.id), by=actor(s, "q-recorder"), at=clock.now())
    again = ask(s, there)
    done = decide_transfer(s, DecideTransfer(uuid.uuid4(), again.id, False, "本人说没有申请"),
                           by=actor(s, "committee"), at=clock.now())
    assert (done.status, s.get_one(Person, (village.book_id, moving.id)).household_id) == ("refused", old.id)


def test_nobody_answers_what_they_asked_themselves(s, village, two):
    with unit_of_work(s):
        add_user(s, AddUser("both", "staff", "230199000000", PASSWORD, (("recorder", "230199000000"),
                                                                    ("committee", "230199000000"))), at=clock.now())
    request = ask(s, two[0], login="both")
    with pytest.raises(StepAsideHere):
        decide_transfer(s, DecideTransfer(uuid.uuid4(), request.id, True, "同意"), by=actor(s, "both"), at=clock.now())


def test_a_second_record_is_refused_in_the_book_and_the_roster_says_where(s, village, two):
    with pytest.raises(AlreadyThere):
        add_person(s, AddPerson(village.book_id, two[0].id, "钱来喜", clock.today(), id_no=NUMBER))
    assert s.scalar(select(func.count()).select_from(TransferRequest)) == 0
    assert system_actor(village.book_id, "x").book_id == village.book_id


def test_the_pages_lead_from_the_roster_to_the_answer(app, s, village, two):
    clerk, committee = Visitor(app, "q-recorder"), Visitor(app, "committee")
    data = write_csv(HEADER, [("Q001", "钱来喜", "户主", "1", "", NUMBER, "", "")])
    sent = clerk.send(clerk.form("/rosters", "/rosters"), file=(io.BytesIO(data), "名册.csv"))
    shown = clerk.send(clerk.form(sent.location, sent.location)).location
    until = time.monotonic() + 120
    while "试算结果" not in (page := clerk.page(shown)) and time.monotonic() < until:
        time.sleep(0.1)
    assert "向阳村" in page and "/people/transfers" in page and "H101" not in page
    form = clerk.form("/people/transfers", "/people/transfers")
    assert clerk.send(form, household="Q999", id_no=NUMBER, consent="本人签字").status_code == 422
    assert clerk.send(form, household="Q001", id_no=NUMBER, consent="本人签字").status_code == 303
    assert "钱来喜" not in clerk.page("/people/transfers")
    answer = next(one for one in committee.forms("/people/transfers") if one.action.endswith("/decision"))
    assert committee.send(answer, agreed="1", note="核实过", points="99").status_code == 409
    assert committee.send(answer, agreed="1", note="核实过", points="4").status_code == 303
    assert "钱来喜" in clerk.page("/people/transfers")
