"""A woman registered twice becomes one: 12 h and 7 h are 19 h, nothing that hung on either is lost, and back again."""

from __future__ import annotations

import uuid

import pytest

import ledger
from pointsbank import accounts, clock
from pointsbank.access import AddUser, AppUser, actor_of_user, add_user
from pointsbank.database import unit_of_work
from pointsbank.errors import Conflict, KeyReused, NotFound
from pointsbank.households import MergePersons, UndoMerge, merge_persons, merge_preview, undo_merge
from pointsbank.households.errors import StepAsideHere
from pointsbank.households.persons import duplicates, self_approvals
from pointsbank.people import (
    AddPerson,
    DeclareKinship,
    RecordConsent,
    add_person,
    declare_kinship,
    person_cards,
    record_consent,
    recordable,
    relatives_of,
)
from pointsbank.people.queries import person_facts
from tests.demo_today import Api, bare_today  # noqa: F401
from tests.sheets_of_people import id_number
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("day_of_the_test")
TODAY = clock.today()
NUMBER = id_number(77)


def actor(s, login: str):
    return actor_of_user(s, s.query(AppUser).filter_by(login=login).one())


def minutes(s, person_id) -> int:
    return ledger.balances(s.connection(), 230199, [accounts.hours(person_id)])[accounts.hours(person_id)].posted


@pytest.fixture
def two(app, s, bare_today):  # noqa: F811
    """谢素琴 in H012, once with the full number, once with another phone; 12 h and 7 h."""
    home = bare_today.households["H012"]
    keep = add_person(s, AddPerson(home.book_id, home.id, "谢素琴", TODAY, phone="13800000001", relation="姐姐"))
    lose = add_person(s, AddPerson(home.book_id, home.id, "谢素琴", TODAY, phone="13900000002", id_no=NUMBER))
    child = bare_today.members["H006"][2]
    record_consent(s, RecordConsent(home.book_id, child.id, lose.id, TODAY))
    declare_kinship(s, DeclareKinship(home.book_id, lose.id, bare_today.households["H018"].id, TODAY))
    add_user(s, AddUser("xiesuqin", "staff", home.place_code, "lampe-fluss-9", person_id=lose.id,
                        household_id=home.id), at=clock.now())
    with unit_of_work(s):
        ledger.post(s.connection(), home.book_id, [ledger.Entry(
            "test", str(one.id), "earned", TODAY, (ledger.Transfer(accounts.served(home.place_code),
                                                                   accounts.hours(one.id), amount),),
            ledger.Party(home.id, one.id), rule="V01", place=home.place_code)
            for one, amount in ((keep, 720), (lose, 420))], recorded_at=clock.now())
    return keep, lose


def command(two, **more) -> MergePersons:
    return MergePersons(**{"key": uuid.uuid4(), "keep": two[0].id, "lose": two[1].id, "take": ("phone",),
                           "reason": "身份证核对为同一人", **more})


def test_the_preview_shows_every_conflict_and_all_that_hangs_on_the_other(s, two):
    seen = merge_preview(s, two[0].id, two[1].id, by=actor(s, "committee2"))
    assert {one.field for one in seen.conflicts} == {"phone", "id_no", "born_on"}
    assert seen.minutes == (720, 420)
    assert seen.hangs == {"records": 0, "consents": 0, "relatives": 1, "sign_ins": 1}


def test_twelve_and_seven_hours_are_nineteen_and_nothing_is_lost(s, two):
    keep, lose = two
    by = actor(s, "committee2")
    assert [pair[:2] for pair in duplicates(s, keep.place_code, by=by)] == [(keep.id, lose.id)]
    row = merge_persons(s, command(two), by=by, at=clock.now())
    assert (minutes(s, keep.id), minutes(s, lose.id)) == (1140, 0)
    facts = person_facts(s, keep.book_id, keep.id)
    assert (facts["phone"], facts["id_no"], facts["relation"]) == ("13900000002", NUMBER, "姐姐")
    assert person_cards(s, keep.book_id, [lose.id])[lose.id].name == "谢素琴", "the old id still resolves"
    assert s.query(AppUser).filter_by(login="xiesuqin").one().person_id == keep.id
    assert len(relatives_of(s, keep.book_id, keep.id)) == 2
    assert row.detail["guarded"], "the consent she signed as a guardian is hers still"
    assert ledger.check(s.connection(), keep.book_id) == []
    with pytest.raises(Conflict):  # once is enough
        merge_persons(s, command(two), by=by, at=clock.now())


def test_a_merge_is_split_again_as_it_was(s, two):
    keep, lose = two
    by, before = actor(s, "committee2"), [person_facts(s, keep.book_id, one.id) for one in two]
    row = merge_persons(s, command(two), by=by, at=clock.now())
    undo = UndoMerge(uuid.uuid4(), row.id)
    undo_merge(s, undo, by=by, at=clock.now())
    undo_merge(s, undo, by=by, at=clock.now())
    assert (minutes(s, keep.id), minutes(s, lose.id)) == (720, 420)
    assert [person_facts(s, keep.book_id, one.id) for one in two] == before
    assert s.query(AppUser).filter_by(login="xiesuqin").one().person_id == lose.id
    assert len(relatives_of(s, keep.book_id, keep.id)) == 1 and len(relatives_of(s, keep.book_id, lose.id)) == 2
    assert ledger.check(s.connection(), keep.book_id) == []


def test_the_same_merge_twice_is_one_and_recusal_and_reach_hold(s, two, bare_today):  # noqa: F811
    by, first = actor(s, "committee2"), command(two)
    with pytest.raises(NotFound):
        merge_persons(s, command(two), by=actor(s, "recorder"), at=clock.now())
    own = bare_today.members["H020"]  # committee2 lives there
    with pytest.raises(StepAsideHere):
        merge_persons(s, command(two, keep=own[0].id, lose=own[1].id), by=by, at=clock.now())
    done = merge_persons(s, first, by=by, at=clock.now())
    assert merge_persons(s, first, by=by, at=clock.now()).id == done.id
    with pytest.raises(KeyReused):
        merge_persons(s, command(two, key=first.key, reason="别的缘由"), by=by, at=clock.now())


def test_who_approved_the_own_deed_under_another_name_is_found_afterwards(app, s, bare_today):  # noqa: F811
    head = bare_today.members["H002"][0]
    approver = bare_today.members["H020"][0]  # 杨树林 approved it; now he turns out to be H002's
    record = Api(app, "recorder").done("/records", {"household": "H002", "person": head.name, "rule": "V01",
                                                    "minutes": 60, "service_on": str(TODAY)})["id"]
    Api(app, "committee2").done(f"/records/{record}/decisions", {"decision": "approve"})
    assert self_approvals(s, head.book_id, head.id) == []
    assert [str(id_) for id_ in self_approvals(s, head.book_id, head.id, approver.id)] == [record]


def test_the_page_compares_merges_and_splits(app, s, two):
    member = Visitor(app, "committee2")
    assert "谢素琴" in member.page("/people/duplicates")
    path = f"/people/merge?keep={two[0].id}&lose={two[1].id}"
    page = member.page(path)
    assert "13800000001 → 13900000002" in page and NUMBER not in page
    sent = member.send(member.form(path, "/people/merge"), take=["phone"], reason="身份证核对为同一人")
    assert sent.status_code == 303
    undone = member.send(member.form("/people/duplicates", "/people/merges/"))
    assert undone.status_code == 303 and "已拆开" in member.page("/people/duplicates")
    cards = person_cards(s, two[0].book_id, [one.id for one in two])
    assert all(recordable(s, cards.values(), TODAY).values())
