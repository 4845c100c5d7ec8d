"""Small builders for the schedule's tests: rules as the demo village has them, deeds of made-up people."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from pointsbank.amounts import Points
from pointsbank.schedule import Cap, Exclusion, Fact, Level, RuleBook, RuleVersion

WANG, LI = UUID(int=1), UUID(int=2)  # households
DESHUN, XIULAN, GUILAN = UUID(int=11), UUID(int=12), UUID(int=21)  # two of the first, one of the second
MARCH_5 = date(2026, 3, 5)


def a_rule(code: str = "V01", unit: str = "hour", points: int | None = 100, **more: Any) -> RuleVersion:
    base = RuleVersion(code=code, version=1, category="志愿服务", item="一项", kind="earning", unit=unit,
                       valid_from=date(2025, 1, 1), points=None if points is None else Points(points))
    return replace(base, **more)


def a_deed(rule: str = "V01", day: date = MARCH_5, person: UUID | None = DESHUN, household: UUID = WANG,
           **more: Any) -> Fact:
    return Fact(rule=rule, service_on=day, household=household, person=person, **more)


V01 = a_rule("V01", caps=(Cap("person", "day", points=Points(400)), Cap("household", "month", points=Points(4000))),
             minutes_count=True)
V02 = a_rule("V02", points=150, caps=(Cap("person", "day", points=Points(600)),), minutes_count=True)
V04 = a_rule("V04", "time", 200, caps=(Cap("household", "month", times=3),))
E01 = a_rule("E01", "household_month", 1000, caps=(Cap("household", "month", times=1),),
             exclusion=Exclusion("庭院评比", ("E01", "E02"), "one_only", "household", "month"))
E02 = a_rule("E02", "household_month", 500,
             exclusion=Exclusion("庭院评比", ("E01", "E02"), "one_only", "household", "month"))
E03 = a_rule("E03", "person_time", 500, caps=(Cap("household", "month", points=Points(2000)),))
L03 = a_rule("L03", "person", 1000, caps=(Cap("person", "ever", times=1),))
A01 = a_rule("A01", "time", None, levels=tuple(
    Level(name, Points(points)) for name, points in
    (("村", 500), ("镇", 1000), ("县", 1500), ("市", 2000), ("省", 3000), ("国家", 5000))),
    exclusion=Exclusion("表彰", ("A01",), "highest", "household", "ever", by_cause=True))
B01 = a_rule("B01", "donation_yuan", 100, per=Decimal(100), rounding="whole_units", per_time_max=Points(2000),
             caps=(Cap("household", "year", points=Points(4000)),))
N01 = a_rule("N01", "time", -500, kind="deduction")

BOOK = RuleBook((V01, V02, V04, E01, E02, E03, L03, A01, B01, N01))
