"""The facts that ratings add to the catalogue, each set-based over all households asked.

    star_<S02>   the star's own score: base plus what its rules added and took, 0 to full; 0 while a veto stands
    jury_<S04>   the jury's average; missing when nobody scored, so that nothing is decided
    veto_<S05>   whether a veto that bars the star stands
    promise      the promise to change old customs: awarded (C02), or approved and waiting for the end of the year
    stars        stars held by the newest evaluation and the committee's decisions
    barred       whether a revoked honour keeps the household out of ratings (两年禁评)
    hours_ever   service hours of the household's members in all

`star_facts` reads the first three for one given version of a scheme; the catalogue's own entries (for the till and for
trying out rules) take the version that holds for the households' county on the day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.amounts import MINUTE, SCORE
from pointsbank.eligibility import FactSpec, Window, deeds, register_fact, register_facts, register_family
from pointsbank.eligibility.facts import Found
from pointsbank.eligibility.ledger_facts import months, read_by_rule, times
from pointsbank.people import Household
from pointsbank.ratings.bars import bars_on
from pointsbank.ratings.holding import stars_held
from pointsbank.ratings.jury import averages
from pointsbank.ratings.scheme import Scheme, scheme_on
from pointsbank.ratings.vetoes import standing_vetoes
from pointsbank.records.models import APPROVED, ON_NOTICE, ServiceRecord

PROMISE = "C02"
FEW = 5_000
FIRST_DAY = date(1990, 1, 1)
KINDS = ("star_", "jury_", "veto_")


def star_facts(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window, names: Sequence[str],
               scheme: Scheme, cycle_id: UUID | None = None) -> dict[str, dict[UUID, Any]]:
    """The named star_, jury_ and veto_ facts by one version of a scheme. At most three statements.

    `cycle_id`: the cycle whose jury is asked; without it, that of the scheme's cycle the window ends in.
    """
    asked = [(name, name[:5], scheme.star(name[5:])) for name in names if name.startswith(KINDS)]
    stars = {star.code: star for _, _, star in asked if star is not None}
    found: dict[str, dict[UUID, Any]] = {name: {} for name, _, _ in asked}
    standing = standing_vetoes(s, book_id, ids, on) if any(kind != "jury_" for _, kind, _ in asked) else {}
    day = None if cycle_id else window.end
    scored = averages(s, book_id, ids, scheme, on=day, cycle_id=cycle_id) if any(
        kind == "jury_" for _, kind, _ in asked) else {}
    sums: dict[tuple[UUID, str | None], int] = defaultdict(int)
    codes = {code for _, kind, star in asked if star is not None and kind == "star_" for code in star.adjusted_by}
    if codes:
        for row in deeds(s.connection(), book_id, SCORE, ids, window, rules=codes):
            sums[(row.household, row.rule)] += row.amount
    for name, kind, star in asked:
        if star is None:
            continue  # the scheme has no such star: the fact is missing
        if kind == "jury_":
            found[name] = dict(scored.get(star.code, {}))
        for household_id in ids if kind != "jury_" else ():
            barred = bool(standing.get(household_id, set()) & set(star.vetoes))
            if kind == "veto_":
                found[name][household_id] = barred
            elif star.base is not None:
                raw = star.base + sum(sums.get((household_id, code), 0) for code in stars[star.code].adjusted_by)
                found[name][household_id] = 0 if barred else min(max(raw, 0), scheme.full)
    return found


def _by_place(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window,
              names: Sequence[str]) -> Mapping[str, Found]:
    """The same facts by the scheme that holds where each household lives."""
    query = select(Household.id, Household.place_code).where(Household.book_id == book_id)
    if len(ids) <= FEW:
        query = query.where(Household.id.in_(ids))
    wanted = set(ids)
    homes: dict[str, list[UUID]] = defaultdict(list)
    for household_id, place_code in s.execute(query):
        if household_id in wanted:
            homes[place_code].append(household_id)
    found: dict[str, dict[UUID, Any]] = {name: {} for name in names}
    for place_code, some in homes.items():
        for name, values in star_facts(s, book_id, some, on, window, names, scheme_on(s, place_code, on)).items():
            found[name].update(values)
    return found


def _promise(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window) -> Found:
    """Approved promises are paid at the end of the year; until then the approved record is the promise."""
    kept = {row.household for row in deeds(s.connection(), book_id, SCORE, ids, window, rules=(PROMISE,))
            if row.times > 0}
    query = select(ServiceRecord.household_id).where(
        ServiceRecord.book_id == book_id, ServiceRecord.rule_code == PROMISE,
        ServiceRecord.status.in_((APPROVED, ON_NOTICE)), ServiceRecord.service_on >= window.start,
        ServiceRecord.service_on <= window.end)
    if len(ids) <= FEW:
        query = query.where(ServiceRecord.household_id.in_(ids))
    kept |= set(s.scalars(query))
    return {household_id: household_id in kept for household_id in ids}


def _stars(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window) -> Found:
    return {household_id: held.stars for household_id, held in stars_held(s, book_id, ids).items()}


def _barred(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window) -> Found:
    barred = bars_on(s, book_id, ids, on)
    return {household_id: household_id in barred for household_id in ids}


def _hours_ever(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window) -> Found:
    sums: dict[UUID, int] = dict.fromkeys(ids, 0)
    for row in deeds(s.connection(), book_id, MINUTE, ids, Window(FIRST_DAY, window.end)):
        sums[row.household] += row.amount
    return sums


def register_rating_facts() -> None:
    """Put these facts into the catalogue, and names people know on the counts that the ten stars rest on."""
    register_family("star_", "hundredths", "本星得分", "score of this star", _by_place)
    register_family("jury_", "hundredths", "群众评议均分", "the jury's average", _by_place)
    register_family("veto_", "boolean", "一票否决情形", "a veto on this star", _by_place,
                    yes_zh="有一票否决情形", no_zh="没有一票否决情形", yes_en="a veto stands", no_en="no veto stands")
    register_fact("promise", "boolean", "移风易俗承诺", "the promise on customs", _promise, yes_zh="已签移风易俗承诺",
                  no_zh="没有签移风易俗承诺", yes_en="the promise on customs is signed",
                  no_en="the promise on customs is not signed")
    register_fact("stars", "whole", "现有星数", "stars held", _stars, unit_zh="颗", unit_en="stars")
    register_fact("barred", "boolean", "禁评期", "barred from ratings", _barred, yes_zh="在撤销荣誉后的禁评期内",
                  no_zh="不在禁评期内", yes_en="barred after a revocation", no_en="not barred")
    register_fact("hours_ever", "minutes", "累计志愿服务时长", "service hours in all", _hours_ever,
                  more_zh="再服务 {n}", more_en="{n} more of service")
    register_facts((
        FactSpec("count_L01_L02", "whole", "本年参加或主讲宣讲、会议", "talks and meetings attended or given this year",
                 "次", "times", more_zh="再参加 {n}宣讲或会议", more_en="{n} more at a talk or meeting",
                 codes=("L01", "L02")),
        FactSpec("count_N03", "whole", "本年违反移风易俗承诺的次数", "breaches of the promise this year", "次", "times",
                 codes=("N03",))), read_by_rule(times))
    register_facts((
        FactSpec("months_E01", "whole", "庭院卫生评为“优秀”的月数", "months the yard was rated excellent",
                 "个月", "months", more_zh="再评上 {n}“优秀”", more_en="{n} more rated excellent", codes=("E01",)),
        FactSpec("months_E01_E02", "whole", "庭院卫生评为“优秀”或“良好”的月数",
                 "months the yard was rated excellent or good", "个月", "months", more_zh="再评上 {n}“良好”以上",
                 more_en="{n} more rated good or better", codes=("E01", "E02"))), read_by_rule(months))
