"""Facts about households and the calendar: members, minors, the lunar month. They serve the limits of the till.

How many children a family has is nobody's business at the counter: those facts are private, so a refusal names the
rule alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from lunar_python import Solar
from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.crypto import open_many
from pointsbank.eligibility.facts import FactSpec, Found, register_fact, register_facts
from pointsbank.eligibility.turnovers import FEW
from pointsbank.eligibility.windows import Window
from pointsbank.people import Person, age_on

ADULT, SCHOOL_FROM = 18, 6


def _people(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window,
            names: Sequence[str]) -> Mapping[str, Found]:
    """Ages come from sealed birth dates. Where some are unknown, nobody found means unknown, not none."""
    query = select(Person).where(Person.book_id == book_id, Person.left_on.is_(None))
    if len(ids) <= FEW:
        query = query.where(Person.household_id.in_(ids))
    wanted = set(ids)
    people = [person for person in s.scalars(query) if person.household_id in wanted]
    members: dict[UUID, int] = defaultdict(int)
    for person in people:
        members[person.household_id] += 1
    found: dict[str, Found] = {"members": {household_id: members[household_id] for household_id in ids}}
    if set(names) <= {"members"}:
        return found
    ages: dict[UUID, list[int | None]] = {household_id: [] for household_id in ids}
    opened = open_many(s, book_id, [(person.id, person.sealed) for person in people], "person")
    for person, facts in zip(people, opened, strict=True):
        born = (facts or {}).get("born_on")
        ages[person.household_id].append(age_on(date.fromisoformat(born), on) if born else None)
    for name, low in (("minors", 0), ("pupils", SCHOOL_FROM)):
        counts: dict[UUID, int] = {}
        for household_id, each in ages.items():
            count = sum(1 for age in each if age is not None and low <= age < ADULT)
            if count or None not in each:
                counts[household_id] = count
        found[name] = counts
    return found


def _lunar_month(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window) -> Found:
    """The month of the lunar calendar; a leap month counts as the one it follows."""
    month = abs(Solar.fromYmd(on.year, on.month, on.day).getLunar().getMonth())
    return dict.fromkeys(ids, month)


def register() -> None:
    """Put these facts into the catalogue."""
    register_facts((
        FactSpec("members", "whole", "家庭人口", "members of the household", "人", "people"),
        FactSpec("minors", "whole", "家中未成年人", "minors in the household", "人", "people", private=True),
        FactSpec("pupils", "whole", "家中学龄孩子", "children of school age", "人", "people", private=True),
    ), _people)
    register_fact("lunar_month", "whole", "农历月份", "month of the lunar calendar", _lunar_month, unit_zh="月")
