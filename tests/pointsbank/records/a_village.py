"""A hamlet for the records' tests: six households of two, staff with and without relatives, the demo's rules."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.orm import Session

import ledger
from pointsbank import accounts
from pointsbank.access import Actor, system_actor
from pointsbank.database import unit_of_work
from pointsbank.people import (
    AddHousehold,
    AddPerson,
    HouseholdCard,
    PersonCard,
    add_household,
    add_person,
)
from pointsbank.places import AddPlace, add_place
from pointsbank.records import (
    Decide,
    DecideMany,
    RecordFacts,
    SubmitRecord,
    decide,
    decide_many,
    submit_record,
)
from pointsbank.schedule import load_demo_rules

BOOK, COUNTY, TOWN, VILLAGE, NEXT = 230199, "230199000000", "230199100000", "230199100200", "230199100201"
DAY = date(2026, 3, 5)
AT = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
OPENED = date(2020, 1, 1)
NAMES = (("王德顺", "王秀兰"), ("李桂兰", "李小满"), ("张玉峰", "张红"), ("赵堃", "赵梅"), ("刘喆", "刘芳"),
         ("朴英爱", "金俊浩"))


def at(day: date, hour: int = 2) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@dataclass
class Hamlet:
    """The people by household code, the staff by role."""

    s: Session
    homes: dict[str, HouseholdCard] = field(default_factory=dict)
    people: dict[str, list[PersonCard]] = field(default_factory=dict)
    staff: dict[str, Actor] = field(default_factory=dict)

    def facts(self, rule: str = "V01", home: str = "H001", who: int = 0, day: date = DAY, **more: Any) -> RecordFacts:
        if rule.startswith("V0") and rule <= "V03":
            more.setdefault("minutes", 180)
        person = None if who is None else self.people[home][who].id
        return RecordFacts(household_id=self.homes[home].id, rule=rule, service_on=day, person_id=person, **more)

    def submit(self, *args: Any, when: datetime = AT, by: str = "recorder", **more: Any) -> UUID:
        return submit_record(self.s, SubmitRecord(uuid.uuid4(), self.facts(*args, **more)), by=self.staff[by],
                             at=when).id

    def approve(self, *ids: UUID, by: str = "committee", when: datetime = AT) -> Any:
        if len(ids) == 1:
            return decide(self.s, Decide(uuid.uuid4(), ids[0]), by=self.staff[by], at=when)
        return decide_many(self.s, DecideMany(uuid.uuid4(), ids), by=self.staff[by], at=when)

    def balance(self, account: ledger.Account) -> int:
        self.s.rollback()
        return ledger.balances(self.s.connection(), BOOK, [account])[account].posted

    def points(self, home: str = "H001") -> int:
        return self.balance(accounts.wallet(self.homes[home].id, VILLAGE))

    def score(self, home: str = "H001") -> int:
        return self.balance(accounts.score(self.homes[home].id))

    def minutes(self, home: str = "H001", who: int = 0) -> int:
        return self.balance(accounts.hours(self.people[home][who].id))


def actor(role: str, place: str = VILLAGE, person: PersonCard | None = None) -> Actor:
    user = uuid.uuid4()
    return Actor(user, BOOK, person.id if person else None, person.household_id if person else None, place,
                 frozenset({(role, place)}), f"user:{user}")


def build(s: Session) -> Hamlet:
    """One unit of work: places, people, rules."""
    hamlet = Hamlet(s)
    rules = Path(str(resources.files("redemption.demo") / "data" / "rules.json"))
    with unit_of_work(s):
        for code, level, name in (("230000000000", "province", "黑龙江省"), ("230100000000", "city", "哈尔滨市"),
                                  (COUNTY, "county", "演示县"), (TOWN, "town", "安和镇"),
                                  (VILLAGE, "village", "向阳村"), (NEXT, "village", "永丰村")):
            add_place(s, AddPlace(code, level, name))
        load_demo_rules(s, COUNTY, rules, by=system_actor(BOOK, "test"), at=at(date(2025, 1, 1)))
        for number, names in enumerate(NAMES, start=1):
            home = add_household(s, AddHousehold(VILLAGE, f"H00{number}", number % 3 + 1, OPENED))
            hamlet.homes[home.code] = home
            hamlet.people[home.code] = [
                add_person(s, AddPerson(BOOK, home.id, name, OPENED, is_head=index == 0, born_on=(
                    date(2009, 6, 1) if name == "金俊浩" else date(1970, 1, 1))))
                for index, name in enumerate(names)]
    people = hamlet.people
    hamlet.staff = {
        "recorder": actor("recorder", person=people["H004"][0]), "recorder2": actor("recorder"),
        "reviewer": actor("reviewer", person=people["H003"][0]), "reviewer2": actor("reviewer"),
        "committee": actor("committee"), "committee2": actor("committee"),
        "head": actor("committee", person=people["H001"][0]), "supervisor": actor("supervisor"),
        "office": actor("office", TOWN), "neighbour": actor("volunteer", person=people["H002"][0]),
        "next_village": actor("committee", NEXT)}
    s.rollback()
    return hamlet


class Counted:
    """How many statements were sent to the database inside the block."""

    def __init__(self, s: Session) -> None:
        self.engine = s.get_bind()
        self.count = 0

    def _note(self, *_: Any) -> None:
        self.count += 1

    def __enter__(self) -> Counted:
        event.listen(self.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: Any) -> None:
        event.remove(self.engine, "before_cursor_execute", self._note)
