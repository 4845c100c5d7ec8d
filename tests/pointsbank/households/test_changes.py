"""Split, merge, move, death: people and points go where they belong, and every earlier paper reads as before."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest

import ledger
from pointsbank import accounts, clock
from pointsbank.access import AppUser, actor_of_user, can
from pointsbank.amounts import Points, Score
from pointsbank.database import unit_of_work
from pointsbank.errors import KeyReused, NotAllowed
from pointsbank.households import (
    ChangeHead,
    MergeHouseholds,
    MoveAway,
    MoveHousehold,
    RecordDeath,
    SplitHousehold,
    change_head,
    merge_households,
    move_away,
    move_household,
    record_death,
    split_household,
)
from pointsbank.households.errors import (
    EverybodyLeaves,
    NeedsHead,
    NotAMember,
    NotSoMany,
    OpenMatters,
    StepAsideHere,
)
from pointsbank.people import card_token, find_household, household_by_card, persons_of_household
from pointsbank.places import AddPlace, add_place
from redemption.till.proxies import AddProxy, add_proxy
from redemption.till.queries import proxies_of
from reports.statements.queries import read_statement
from tests.demo_today import Api, bare_today  # noqa: F401

WHY = "家庭变动,双方自愿"


@pytest.fixture
def home(app, s, bare_today):  # noqa: F811 - the app registers what follows a household
    return bare_today


def actor(s, login: str):
    return actor_of_user(s, s.query(AppUser).filter_by(login=login).one())


def points(s, home) -> int:
    wallet = accounts.wallet(home.id, home.place_code)
    return ledger.balances(s.connection(), home.book_id, [wallet])[wallet].posted


def due_days(s, home) -> list[tuple[date, int]]:
    return ledger.expiring(s.connection(), home.book_id, accounts.wallet(home.id, home.place_code), clock.today())


def a_split(s, village, code="H003", **more):
    home = village.households[code]
    child = next(person for person in village.members[code] if not person.is_head)
    command = {"key": uuid.uuid4(), "household": home.id, "code": "H101", "group_no": 3, "members": (child.id,),
               "head": child.id, "points": Points(1000), "on": clock.today(), "reason": WHY, **more}
    return SplitHousehold(**command), home, child


def test_a_split_takes_people_and_points_along_with_their_last_days(s, home):
    command, old, child = a_split(s, home)
    before, dues = points(s, old), due_days(s, old)
    change = split_household(s, command, by=actor(s, "committee2"), at=clock.now())
    new = find_household(s, old.place_code, "H101")
    assert new is not None and change.other_id == new.id and new.head_name == child.name
    assert (points(s, old), points(s, new)) == (before - 1000, 1000)
    assert sum(amount for _, amount in due_days(s, new)) == 1000
    assert due_days(s, new)[0][0] == dues[0][0], "the first to lapse goes first and keeps its day"
    assert child.id not in {person.id for person in persons_of_household(s, old.book_id, old.id)}
    assert card_token(s, new.book_id, new.id)
    assert ledger.check(s.connection(), old.book_id) == []


def test_the_same_split_twice_is_one_and_another_with_its_key_is_refused(s, home):
    command, old, _ = a_split(s, home)
    by, before = actor(s, "committee2"), points(s, old)
    first = split_household(s, command, by=by, at=clock.now())
    assert split_household(s, command, by=by, at=clock.now()).id == first.id
    assert points(s, old) == before - 1000
    with pytest.raises(KeyReused):
        split_household(s, a_split(s, home, key=command.key, points=Points(1))[0], by=by, at=clock.now())


def test_a_split_that_cannot_be_changes_nothing(s, home):
    by = actor(s, "committee2")
    everybody = tuple(person.id for person in home.members["H003"])
    old = home.households["H003"]
    before = points(s, old)
    for wrong, refusal in ((a_split(s, home, points=Points(before + 1))[0], NotSoMany),
                           (a_split(s, home, members=everybody)[0], EverybodyLeaves),
                           (a_split(s, home, members=(uuid.uuid4(),))[0], NotAMember),
                           (a_split(s, home, head=old.head_id)[0], NeedsHead),
                           (a_split(s, home, members=(old.head_id,), head=old.head_id)[0], NeedsHead)):
        with pytest.raises(refusal):
            split_household(s, wrong, by=by, at=clock.now())
    assert points(s, old) == before and find_household(s, old.place_code, "H101") is None
    assert len(persons_of_household(s, old.book_id, old.id)) == len(everybody)


def test_nobody_splits_the_own_or_a_relatives_household_or_without_the_power(s, home):
    with pytest.raises(StepAsideHere):
        split_household(s, a_split(s, home, "H001")[0], by=actor(s, "committee"), at=clock.now())
    with pytest.raises(StepAsideHere):  # H010 is declared kin of the committee's member
        split_household(s, a_split(s, home, "H010")[0], by=actor(s, "committee"), at=clock.now())
    assert not can(actor(s, "recorder"), "households.change")
    with pytest.raises(NotAllowed):
        split_household(s, a_split(s, home)[0], by=actor(s, "recorder"), at=clock.now())


def test_a_merged_household_brings_everything_and_its_code_and_card_lead_on(s, home):
    old, into = home.households["H005"], home.households["H006"]
    add_proxy(s, AddProxy(old.place_code, old.id, "邻居小李", "邻居"), by=actor(s, "clerk"), at=clock.now())
    card, sum_before = card_token(s, old.book_id, old.id), points(s, old) + points(s, into)
    people = {person.id for code in ("H005", "H006") for person in home.members[code]}
    merge_households(s, MergeHouseholds(uuid.uuid4(), old.id, into.id, clock.today(), WHY),
                     by=actor(s, "committee2"), at=clock.now())
    assert (points(s, old), points(s, into)) == (0, sum_before)
    assert {person.id for person in persons_of_household(s, into.book_id, into.id)} == people
    assert find_household(s, old.place_code, "H005").id == into.id
    assert household_by_card(s, old.book_id, card).id == into.id
    assert [proxy.name for proxy in proxies_of(s, into.book_id, into.id)] == ["邻居小李"]
    assert ledger.check(s.connection(), old.book_id) == []


def test_a_debt_goes_along_in_a_merge(s, home):
    old, into = home.households["H005"], home.households["H006"]
    with unit_of_work(s):
        wallet = accounts.wallet(old.id, old.place_code)
        ledger.post(s.connection(), old.book_id, [ledger.Entry(
            "test", "debt", "deducted", clock.today(),
            (ledger.Transfer(wallet, accounts.penalty(old.place_code), points(s, old) + 700),), may_go_below=True)],
            recorded_at=clock.now())
    before = points(s, into)
    merge_households(s, MergeHouseholds(uuid.uuid4(), old.id, into.id, clock.today(), WHY),
                     by=actor(s, "committee2"), at=clock.now())
    assert (points(s, old), points(s, into)) == (0, before - 700)


def test_what_is_under_way_is_finished_first(s, home, app):
    old, into = home.households["H005"], home.households["H006"]
    Api(app, "recorder").done("/records", {"household": "H005", "person": old.head_name, "rule": "V01", "minutes": 60,
                                           "service_on": str(clock.today() - timedelta(days=2))})
    with pytest.raises(OpenMatters):
        merge_households(s, MergeHouseholds(uuid.uuid4(), old.id, into.id, clock.today(), WHY),
                         by=actor(s, "committee2"), at=clock.now())


def test_a_household_that_moves_goes_on_in_the_other_village(s, home):
    add_place(s, AddPlace("230199100201", "village", "前进村"))
    old, by = home.households["H007"], actor(s, "office")
    before, people = points(s, old), [person.id for person in home.members["H007"]]
    change = move_household(s, MoveHousehold(uuid.uuid4(), old.id, "230199100201", "Q012", 1, clock.today(), WHY),
                            by=by, at=clock.now())
    new = find_household(s, "230199100201", "Q012")
    assert change.other_id == new.id and points(s, new) == before and points(s, old) == 0
    assert {person.id for person in persons_of_household(s, new.book_id, new.id)} == set(people)
    assert find_household(s, old.place_code, "H007").place_code == "230199100201"
    with pytest.raises(NotAllowed):  # the other village's committee was not asked
        move_household(s, MoveHousehold(uuid.uuid4(), home.households["H008"].id, "230199100201", "Q013", 1,
                                        clock.today(), WHY), by=actor(s, "committee2"), at=clock.now())


def test_who_leaves_the_county_leaves_the_points_in_the_clearing_account(s, home):
    old = home.households["H009"]
    before = points(s, old)
    move_away(s, MoveAway(uuid.uuid4(), old.id, clock.today(), WHY, to_book=230183), by=actor(s, "committee2"),
              at=clock.now())
    rows = {row.code: row.balance for row in ledger.trial_balance(s.connection(), old.book_id)}
    assert rows["clearing:230183"] == before and points(s, old) == 0
    assert persons_of_household(s, old.book_id, old.id) == []


def test_the_death_of_a_head_needs_a_successor_and_earlier_papers_name_the_old_one(s, home):
    old, by = home.households["H003"], actor(s, "committee2")
    heir = next(person for person in home.members["H003"] if not person.is_head)
    command = RecordDeath(uuid.uuid4(), old.id, old.head_id, clock.today(), "医院证明")
    with pytest.raises(NeedsHead):
        record_death(s, command, by=by, at=clock.now())
    before = points(s, old)
    record_death(s, RecordDeath(uuid.uuid4(), old.id, old.head_id, clock.today(), "医院证明", head=heir.id), by=by,
                 at=clock.now())
    now = find_household(s, old.place_code, "H003")
    assert now.head_name == heir.name and points(s, now) == before
    yesterday = clock.today() - timedelta(days=1)
    at = clock.now()
    then = read_statement(s, now, yesterday, yesterday, known_at=at, made_at=at)
    today = read_statement(s, now, clock.today(), clock.today(), known_at=at, made_at=at)
    assert (then.head_name, today.head_name) == (old.head_name, heir.name)


def test_another_head_in_the_middle_of_the_year(s, home):
    old = home.households["H003"]
    heir = next(person for person in home.members["H003"] if not person.is_head)
    change_head(s, ChangeHead(uuid.uuid4(), old.id, heir.id, clock.today(), WHY), by=actor(s, "committee2"),
                at=clock.now())
    assert find_household(s, old.place_code, "H003").head_name == heir.name


def test_score_may_go_along_and_stays_a_ledger_transaction(s, home):
    command, old, _ = a_split(s, home, score=Score(300), points=Points(0))
    change = split_household(s, command, by=actor(s, "committee2"), at=clock.now())
    assert len(change.detail["transactions"]) == 2
    assert ledger.check(s.connection(), old.book_id) == []
