"""Is this a deed that can be recorded? One row at a time, against what was loaded for all of them at once.

`described` says what the deed is (its columns, and a digest by which the same deed told again is recognised); `admit`
judges whether it may be recorded now. What one row of a batch brings is seen by the next: the same hour twice in one
sheet is found like the same hour of last week.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from pointsbank.access import Actor, can
from pointsbank.amounts import format_minutes
from pointsbank.clock import to_day
from pointsbank.errors import BadInput, NotFound
from pointsbank.people import NeedsConsent, PersonCard
from pointsbank.records.commands import RecordFacts
from pointsbank.records.errors import (
    BeforeTheBook,
    FutureService,
    HouseholdClosed,
    LongerThanActivity,
    NeedsLateMark,
    NotOfThisHousehold,
    Overlapping,
    PastMidnight,
    TooLongADay,
)
from pointsbank.records.facts import fact_of
from pointsbank.records.keys import digest
from pointsbank.records.policy import Policy
from pointsbank.records.words import short_no, span
from pointsbank.schedule import RuleBook, value

A_DAY = 24 * 60
TEXT_MOST = 500
TITLE_MOST = 80
NUMBER_MOST = 80
TIMINGS = ("timed", "typed")


class Home(NamedTuple):
    id: UUID
    place_code: str
    code: str
    closed_on: date | None


class Served(NamedTuple):
    """Time that is recorded already."""

    record_id: UUID
    rule: str
    started: int | None
    minutes: int


@dataclass
class Known:
    """What the checks of a batch need, loaded once."""

    by: Actor
    at: datetime
    homes: dict[UUID, Home]
    persons: dict[UUID, PersonCard]
    recordable: dict[UUID, bool]
    books: dict[str, RuleBook]
    policies: dict[str, Policy]
    counted: set[str] = field(default_factory=set)  # rules whose minutes are hours of service
    served: dict[tuple[UUID, date], list[Served]] = field(default_factory=dict)
    teams: dict[str, frozenset[UUID]] = field(default_factory=dict)  # by place; loaded where a deed names one


@dataclass
class Row:
    """The columns a checked deed is stored with; carries what a `Fact` is made of."""

    household_id: UUID
    place_code: str
    person_id: UUID | None
    rule_code: str
    rule_version: int
    chain: str
    service_on: date
    started: int | None
    minutes: int
    quantity: int
    amount_fen: int
    level: str | None
    coefficients: list[str]
    cause_key: str | None
    timing: str
    late: bool
    content_hash: str
    team_id: UUID | None = None


def described(facts: RecordFacts, known: Known) -> Row:
    """What the deed says, by itself: whose, which rule of its day, figures that are possible. Raises the refusal."""
    home = _home(facts, known)
    _member(facts, home, known)
    if facts.service_on > to_day(known.at):
        raise FutureService("service_on", day=facts.service_on.isoformat())
    rule = known.books[home.place_code].pick(facts.rule, facts.service_on)
    started, minutes, timing = _time(facts)
    row = Row(
        household_id=home.id, place_code=home.place_code, person_id=facts.person_id, rule_code=rule.code,
        rule_version=rule.version, chain=",".join(rule.chain), service_on=facts.service_on, started=started,
        minutes=minutes, quantity=_hundredths(facts.quantity), amount_fen=facts.amount_fen, level=facts.level or None,
        coefficients=list(facts.coefficients), cause_key=_cause_key(facts), timing=timing, late=False,
        content_hash="", team_id=_team(facts, home, known))
    value(rule, fact_of(row), {})  # what the rule counts is there and possible; raises BadFact
    row.content_hash = content_of(row, facts)
    return row


def admit(row: Row, facts: RecordFacts, known: Known) -> None:
    """Whether it may be recorded now, beside what is recorded already. Raises the refusal."""
    home, policy = known.homes[row.household_id], known.policies[row.place_code]
    if home.closed_on is not None and row.service_on > home.closed_on:
        raise HouseholdClosed("household", household=home.code, day=home.closed_on.isoformat())
    if row.person_id is not None and not known.recordable.get(row.person_id, False):
        raise NeedsConsent("person", person={"zh": f"户号 {home.code} 的这位成员",
                                             "en": f"This member of household {home.code}"})
    row.late = _is_late(facts, policy, known.at)
    if row.rule_code in known.counted:
        _hours(row, policy, known)


def remember(row: Row, record_id: UUID, known: Known) -> None:
    """The row's time, for the rows after it."""
    if row.person_id is not None and row.minutes and row.rule_code in known.counted:
        known.served.setdefault((row.person_id, row.service_on), []).append(
            Served(record_id, row.rule_code, row.started, row.minutes))


def content_of(row: Row, facts: RecordFacts) -> str:
    """A keyed hash of every figure: the same deed told twice has the same one."""
    title = " ".join(facts.activity.title.split()) if facts.activity else ""
    return digest("record", [row.household_id, row.person_id, row.rule_code, row.service_on, row.started, row.minutes,
                             row.quantity, row.amount_fen, row.level, row.coefficients, row.cause_key, title,
                             *([row.team_id] if row.team_id else [])])


def _home(facts: RecordFacts, known: Known) -> Home:
    home = known.homes.get(facts.household_id)
    if home is None or not can(known.by, "records.submit", home.place_code):
        raise NotFound("household")
    for name, text in (("note", facts.note), ("evidence", facts.evidence), ("late_reason", facts.late_reason)):
        if len(text) > TEXT_MOST:
            raise BadInput(name, f"最多 {TEXT_MOST} 个字。", f"At most {TEXT_MOST} characters.")
    if facts.activity is not None and not 1 <= len(facts.activity.title.strip()) <= TITLE_MOST:
        raise BadInput("activity", f"活动名称应为 1 到 {TITLE_MOST} 个字。",
                       f"A title has 1 to {TITLE_MOST} characters.")
    if facts.external_no is not None and not 1 <= len(facts.external_no) <= NUMBER_MOST:
        raise BadInput("external_no", f"外部编号应为 1 到 {NUMBER_MOST} 个字符。",
                       f"An external number has 1 to {NUMBER_MOST} characters.")
    return home


def _team(facts: RecordFacts, home: Home, known: Known) -> UUID | None:
    if facts.team is not None and facts.team not in known.teams.get(home.place_code, frozenset()):
        raise BadInput("team", "这个地方没有这支队伍,请重选。", "No such team serves in this place; choose again.")
    return facts.team


def _member(facts: RecordFacts, home: Home, known: Known) -> None:
    if facts.person_id is None:
        return
    card = known.persons.get(facts.person_id)
    if card is None or card.household_id != home.id or (card.left_on is not None and facts.service_on > card.left_on):
        raise NotOfThisHousehold("person", household=home.code)


def _is_late(facts: RecordFacts, policy: Policy, at: datetime) -> bool:
    """Whether the deed carries the late mark (补录)."""
    today, day = to_day(at), facts.service_on
    if policy.begins_on is not None and day < policy.begins_on:
        raise BeforeTheBook("service_on", day=day.isoformat(), first=policy.begins_on.isoformat())
    old = (today - day).days > policy.late_days
    if old and len(facts.late_reason.strip()) < 2:
        raise NeedsLateMark("late_reason", day=day.isoformat(), days=policy.late_days)
    return old or bool(facts.late_reason.strip())


def _time(facts: RecordFacts) -> tuple[int | None, int, str]:
    """Start, minutes and how they were measured; the activity's end bounds whoever did not check out."""
    started, minutes, timing = facts.started, facts.minutes, facts.timing
    planned = facts.activity.minutes if facts.activity else None
    if timing not in TIMINGS:
        raise BadInput("timing", "计时方式只能是系统计时或人工填写。", "Time is either timed or typed.")
    if started is not None and not 0 <= started < A_DAY:
        raise BadInput("started", "开始时刻应在 00:00 到 23:59 之间。", "The start lies between 00:00 and 23:59.")
    if minutes is None:
        begins = facts.activity.started if facts.activity else None
        if planned is None or begins is None:
            raise BadInput("minutes", "没有签退,也没有活动的结束时间,请填写时长。",
                           "No check-out and no end of the activity: give the length.")
        started = begins if started is None else started
        minutes, timing = begins + planned - started, "unclosed"
    if minutes < 0 or (minutes == 0 and timing == "unclosed"):
        raise BadInput("minutes", "时长应大于 0。", "The length must be above 0.")
    if minutes > A_DAY:
        raise BadInput("minutes", "一天最多 24 小时。", "A day has at most 24 hours.")
    if planned is not None and minutes > planned:
        raise LongerThanActivity("minutes", given=_length(minutes), planned=_length(planned))
    if started is not None and started + minutes > A_DAY:
        raise PastMidnight("minutes", day=facts.service_on.isoformat())
    return started, minutes, timing


def _hours(row: Row, policy: Policy, known: Known) -> None:
    """The same time counts once, and a day has its measure (8 hours; emergencies more, by data)."""
    if row.person_id is None:
        return
    others = known.served.get((row.person_id, row.service_on), [])
    for other in others:
        if row.started is None or other.started is None:
            continue
        if row.started < other.started + other.minutes and other.started < row.started + row.minutes:
            raise Overlapping("started", day=row.service_on.isoformat(), span=span(row.started, row.minutes),
                              other_span=span(other.started, other.minutes), other=short_no(other.record_id),
                              rule=other.rule)
    own = policy.minutes_a_day(row.rule_code)
    limits = {own, *(policy.minutes_a_day(other.rule) for other in others)}
    for most in sorted(limit for limit in limits if limit >= own):
        before = sum(other.minutes for other in others if policy.minutes_a_day(other.rule) <= most)
        if before + row.minutes > most:
            raise TooLongADay("minutes", day=row.service_on.isoformat(), given=_length(before + row.minutes),
                              most=_length(most), before=_length(before))


def _hundredths(quantity: Decimal | int) -> int:
    hundredths = Decimal(quantity) * 100
    if hundredths != hundredths.to_integral_value() or not 0 < hundredths <= 10 ** 9:
        raise BadInput("quantity", "数量应大于 0,最多两位小数。", "The quantity is above 0, with at most two decimals.")
    return int(hundredths)


def _cause_key(facts: RecordFacts) -> str | None:
    cause = " ".join((facts.cause or "").split())
    return digest("cause", cause) if cause else None


def _length(minutes: int) -> dict[str, Any]:
    return {"zh": format_minutes(minutes), "en": format_minutes(minutes, "en")}
