"""Split, merge, move: people change their household by a new stay, balances by ledger transactions.

    change = split_household(s, SplitHousehold(key, home.id, "H101", 3, (son.id,), son.id, Points(2000), day, "分家"),
                             by=committee, at=now)

Nothing that was posted changes: earlier statements and verdicts count by the household of then. What was done before
the day stays with the old household; whatever is recorded later about an earlier day as well.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from pointsbank.access import Actor, require
from pointsbank.database import unit_of_work
from pointsbank.errors import BadInput
from pointsbank.households.carrying import balance_of, carry, lock, year_score
from pointsbank.households.commands import MergeHouseholds, MoveHousehold, SplitHousehold
from pointsbank.households.doing import (
    POWER,
    begin,
    check_nothing_open,
    end_household_sign_in,
    finish,
    follow,
    own_household,
    sign_ins_follow,
)
from pointsbank.households.errors import EverybodyLeaves, NeedsHead, NotAMember, SameHousehold
from pointsbank.households.models import MERGE, MOVE, SPLIT, HouseholdChange
from pointsbank.people import (
    AddHousehold,
    HouseholdCard,
    add_household,
    close_household,
    household_row,
    issue_card,
    member_rows,
    move_person,
    set_head,
)
from pointsbank.places import place_by_code


def split_household(s: Session, cmd: SplitHousehold, *, by: Actor, at: datetime) -> HouseholdChange:
    """分户: some members found a household of their own in the same place and take points along.

    Same key again: the first answer. Raises: NotAllowed, StepAsideHere, HouseholdClosed, NotAMember, EverybodyLeaves,
    NeedsHead, NotSoMany, AlreadyThere, BadInput, KeyReused.
    """
    with unit_of_work(s):
        if (first := begin(s, cmd, SPLIT, by, at)) is not None:
            return first
        home = own_household(s, cmd.household, by, on=cmd.on, at=at)
        lock(s, home.book_id, [home])
        row = household_row(s, home.book_id, home.id)
        members = {person.id: person for person in member_rows(s, home.book_id, home.id)}
        leaving = [members[id_] for id_ in dict.fromkeys(cmd.members) if id_ in members]
        if not leaving or len(leaving) != len(set(cmd.members)):
            raise NotAMember("members")
        if len(leaving) == len(members):
            raise EverybodyLeaves("members")
        if cmd.head not in cmd.members:
            raise NeedsHead("head")
        staying = [person for person in members.values() if person not in leaving]
        if row.head_person_id in cmd.members:
            heir = next((person for person in staying if person.id == cmd.heir_of_head), None)
            if heir is None:
                raise NeedsHead("heir_of_head")
            set_head(s, row, heir, cmd.on)
        new = add_household(s, AddHousehold(home.place_code, cmd.code, cmd.group_no, cmd.on))
        target = household_row(s, home.book_id, new.id)
        for person in leaving:
            move_person(s, person, target, cmd.on, as_head=person.id == cmd.head)
        lock(s, home.book_id, [home, new])
        carried = carry(s, cmd.key, home, new, points=cmd.points, score=cmd.score, on=cmd.on, at=at,
                        meta={"why": SPLIT, "from": str(home.id), "to": str(new.id)})
        issue_card(s, new.book_id, new.id, at=at)
        sign_ins_follow(s, home.book_id, leaving, new.id)
        return finish(s, cmd, by, at, kind=SPLIT, home=home, other=new.id, points=carried.points, score=carried.score,
                      persons=[str(person.id) for person in leaving],
                      transactions=[str(one) for one in carried.transactions])


def merge_households(s: Session, cmd: MergeHouseholds, *, by: Actor, at: datetime) -> HouseholdChange:
    """并户: one household goes into another with everybody, its points (or debt) and this year's score.

    Raises: as split, OpenMatters, SameHousehold.
    """
    with unit_of_work(s):
        if (first := begin(s, cmd, MERGE, by, at)) is not None:
            return first
        if cmd.household == cmd.into:
            raise SameHousehold("into")
        home = own_household(s, cmd.household, by, on=cmd.on, at=at)
        into = own_household(s, cmd.into, by, on=cmd.on, at=at)
        return go_into(s, cmd, home, into, by=by, at=at, kind=MERGE)


def move_household(s: Session, cmd: MoveHousehold, *, by: Actor, at: datetime) -> HouseholdChange:
    """迁移: the household goes on in another village of the book; the old code leads to the new one.

    The power is needed in both villages. Raises: as merge, NotFound, AlreadyThere.
    """
    with unit_of_work(s):
        if (first := begin(s, cmd, MOVE, by, at)) is not None:
            return first
        home = own_household(s, cmd.household, by, on=cmd.on, at=at)
        require(by, POWER, at_place=cmd.place_code)
        place = place_by_code(s, cmd.place_code)
        if place.level != "village" or int(place.code[:6]) != home.book_id or place.code == home.place_code:
            raise BadInput("place_code", "请选本区县里另一个村(社区)。", "Choose another village of this county.")
        new = add_household(s, AddHousehold(place.code, cmd.code, cmd.group_no, cmd.on))
        issue_card(s, new.book_id, new.id, at=at)
        return go_into(s, cmd, home, new, by=by, at=at, kind=MOVE)


def go_into(s: Session, cmd: MergeHouseholds | MoveHousehold, home: HouseholdCard, into: HouseholdCard, *,
             by: Actor, at: datetime, kind: str) -> HouseholdChange:
    """Everything of `home` goes to `into`, and `home` is closed."""
    lock(s, home.book_id, [home, into])
    check_nothing_open(s, home)
    old, target = household_row(s, home.book_id, home.id), household_row(s, into.book_id, into.id)
    people = member_rows(s, home.book_id, home.id)
    head = old.head_person_id if target.head_person_id is None else None
    for person in people:
        move_person(s, person, target, cmd.on, as_head=person.id == head)
    balance = balance_of(s, home, at)
    points = balance.posted - balance.lapsed
    carried = carry(s, cmd.key, home, into, points=points, score=year_score(s, home, cmd.on), on=cmd.on, at=at,
                    meta={"why": kind, "from": str(home.id), "to": str(into.id)})
    close_household(s, old, cmd.on, into=into.id)
    sign_ins_follow(s, home.book_id, people, into.id)
    end_household_sign_in(s, home.book_id, home.id, at)
    follow(s, home.book_id, home.id, into.id, at)
    return finish(s, cmd, by, at, kind=kind, home=home, other=into.id, points=carried.points, score=carried.score,
                  persons=[str(person.id) for person in people],
                  transactions=[str(one) for one in carried.transactions])
