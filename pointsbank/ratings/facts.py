"""The facts that ratings add to the catalogue, each found by the database for all households asked.

    star_<S02>     the star's own score: base plus what its rules added and took, 0 to full; 0 while a veto stands
    jury_<S04>     the jury's average; missing when nobody scored, so that nothing is decided
    veto_<S05>     whether a veto that bars the star stands
    vetoed_<X03>   whether this veto stands in its window
    promise        the promise to change old customs: awarded (C02), or approved and waiting for the end of the year
    stars          stars held by the newest evaluation and the committee's decisions
    barred         whether a revoked honour keeps the household out of ratings (两年禁评)
    hours_ever     service hours of the household's members in all

What a star is follows from a version of a scheme: the one the caller names (`using={"scheme": …, "cycle_id": …}`, a
cycle's own), else the one that holds where each household lives on the day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    case,
    false,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from pointsbank.amounts import MINUTE, SCORE
from pointsbank.eligibility import (
    Ask,
    FactSpec,
    Window,
    register_composed,
    register_fact,
    register_select,
    register_turnover,
)
from pointsbank.eligibility.facts import Found
from pointsbank.people import Household
from pointsbank.ratings.bars import bars_on
from pointsbank.ratings.holding import stars_held
from pointsbank.ratings.models import JuryScore, RatingCycle, RatingVeto
from pointsbank.ratings.scheme import Scheme, Star, schemes_over
from pointsbank.records.models import APPROVED, ON_NOTICE, ServiceRecord

PROMISE = "C02"
KINDS = ("star_", "jury_", "veto_")
TOGETHER = 6  # codes that one name can hold


def _schemes(ask: Ask) -> list[tuple[Scheme, str]]:
    """The schemes concerned, nearest place first: (scheme, the beginning of the place codes it holds for)."""
    if "schemes" not in ask.memory:
        given = ask.using.get("scheme")
        ask.memory["schemes"] = [(given, "")] if given is not None else schemes_over(ask.s, ask.book_id, ask.on)
    found: list[tuple[Scheme, str]] = ask.memory["schemes"]
    return found


def _by_scheme(ask: Ask, place: Any, value: Any) -> ColumnElement[Any]:
    """The value by the scheme of the household's place; NULL where none holds."""
    found = [(prefix, value(scheme)) for scheme, prefix in _schemes(ask)]
    if len(found) == 1 and found[0][0] == "":
        return found[0][1]
    ways = [(place.startswith(prefix, autoescape=True), each) for prefix, each in found]
    return case(*ways, else_=null()) if ways else null()


def _star(scheme: Scheme, spec: FactSpec) -> Star | None:
    return scheme.star("_".join(spec.codes))


def _names(prefix: str, codes: Sequence[str]) -> list[str]:
    return [prefix + "_".join(codes[first:first + TOGETHER]) for first in range(0, len(codes), TOGETHER)]


def _star_needs(ask: Ask, spec: FactSpec) -> list[str]:
    found: list[str] = []
    for scheme, _ in _schemes(ask):
        star = _star(scheme, spec)
        if star is not None:
            found += _names("score_", star.adjusted_by) + _names("vetoed_", star.vetoes)
    return found


def _barred(star: Star, columns: Mapping[str, ColumnElement[Any]]) -> ColumnElement[bool]:
    bars = [columns[name] for name in _names("vetoed_", star.vetoes)]
    return or_(*bars) if bars else false()


def _star_score(ask: Ask, spec: FactSpec, columns: Mapping[str, ColumnElement[Any]],
                place: ColumnElement[str]) -> ColumnElement[Any]:
    def of(scheme: Scheme) -> ColumnElement[Any]:
        star = _star(scheme, spec)
        if star is None or star.base is None:
            return null()
        raw: ColumnElement[int] = literal(star.base)
        for name in _names("score_", star.adjusted_by):
            raw = raw + columns[name]
        ways = [(raw < 0, 0), (raw > scheme.full, scheme.full)]
        return case(*([(_barred(star, columns), 0)] if star.vetoes else []), *ways, else_=raw)

    return _by_scheme(ask, place, of)


def _veto_needs(ask: Ask, spec: FactSpec) -> list[str]:
    return [name for scheme, _ in _schemes(ask) if (star := _star(scheme, spec)) is not None
            for name in _names("vetoed_", star.vetoes)]


def _veto(ask: Ask, spec: FactSpec, columns: Mapping[str, ColumnElement[Any]],
          place: ColumnElement[str]) -> ColumnElement[Any]:
    def of(scheme: Scheme) -> ColumnElement[Any]:
        star = _star(scheme, spec)
        return null() if star is None else _barred(star, columns)

    return _by_scheme(ask, place, of)


def _vetoed(ask: Ask, specs: Sequence[FactSpec]) -> Select[Any]:
    """Vetoes that stand on the day: from it on, not yet over, not lifted."""
    v = RatingVeto
    columns = [(func.max(case((v.veto_code.in_(spec.codes), 1), else_=0)) == 1).label(spec.column) for spec in specs]
    found: Any = select(v.household_id.label("household_id"), *columns).where(
        v.book_id == ask.book_id, v.happened_on <= ask.on, or_(v.ends_on.is_(None), v.ends_on > ask.on),
        or_(v.lifted_on.is_(None), v.lifted_on > ask.on), *ask.some(v.household_id)).group_by(v.household_id)
    return found


def _jury(ask: Ask, specs: Sequence[FactSpec]) -> Select[Any]:
    """The trimmed mean, cut to a hundredth: one highest and one lowest left out when there are enough scores.

    All stars in one grouping by household; the means are made of what it found.
    """
    cycle_id, day = ask.using.get("cycle_id"), ask.window.end
    ours = [JuryScore.cycle_id == cycle_id] if cycle_id is not None else [JuryScore.cycle_id.in_(select(
        RatingCycle.id).where(RatingCycle.book_id == ask.book_id, RatingCycle.start_on <= day,
                              RatingCycle.end_on >= day, RatingCycle.scheme_code.in_(
                                  sorted({scheme.code for scheme, _ in _schemes(ask)}))))]
    stars = ((JuryScore.star_code == "_".join(spec.codes)).label(spec.column) for spec in specs)
    given = select(JuryScore.household_id, JuryScore.score, *stars).where(
        JuryScore.book_id == ask.book_id, *ours, *ask.some(JuryScore.household_id)).offset(
        literal_column("0")).subquery("given")  # OFFSET: which star is asked once a row, not by each of its sums
    score = given.c.score
    sums: list[ColumnElement[Any]] = []
    for spec in specs:
        star = given.c[spec.column]
        sums += [func.count().filter(star).label(f"{spec.column} n"),
                 func.sum(score).filter(star).label(f"{spec.column} t"),
                 (func.min(score).filter(star) + func.max(score).filter(star)).label(f"{spec.column} x")]
    each = select(given.c.household_id, *sums).group_by(given.c.household_id).subquery("scored")
    trims = sorted({(max(scheme.jury_trim_from, 3), prefix) for scheme, prefix in _schemes(ask)})
    columns = []
    for spec in specs:
        number, total, ends = (each.c[f"{spec.column} {part}"] for part in "ntx")
        trim = _trim(ask, trims)
        columns.append(case((number >= trim, (total - ends) // func.nullif(number - 2, 0, type_=Integer())),
                            else_=total // func.nullif(number, 0, type_=Integer())).label(spec.column))
    found: Any = select(each.c.household_id, *columns)
    if len({trim for trim, _ in trims}) > 1:  # villages with schemes of their own: by where the household lives
        found = found.join(Household, (Household.book_id == ask.book_id) & (Household.id == each.c.household_id))
    return found


def _trim(ask: Ask, trims: Sequence[tuple[int, str]]) -> ColumnElement[int]:
    if len({trim for trim, _ in trims}) <= 1:
        return literal(trims[0][0] if trims else 3)
    return _by_scheme(ask, Household.place_code, lambda scheme: literal(max(scheme.jury_trim_from, 3)))


def _on_file(ask: Ask, specs: Sequence[FactSpec]) -> Select[Any]:
    """Approved promises are paid at the end of the year; until then the approved record is the promise."""
    r = ServiceRecord
    found: Any = select(r.household_id.label("household_id"), *(true().label(spec.column) for spec in specs)).where(
        r.book_id == ask.book_id, r.rule_code == PROMISE, r.status.in_((APPROVED, ON_NOTICE)),
        r.service_on >= ask.window.start, r.service_on <= ask.window.end, *ask.some(r.household_id)).distinct()
    return found


def _stars(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window) -> Found:
    return {household_id: held.stars for household_id, held in stars_held(s, book_id, ids).items()}


def _barred_now(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window) -> Found:
    barred = bars_on(s, book_id, ids, on)
    return {household_id: household_id in barred for household_id in ids}


def register_rating_facts() -> None:
    """Put these facts into the catalogue, and names people know on the counts that the ten stars rest on."""
    register_composed(FactSpec("star_", "hundredths", "本星得分", "score of this star",
                               note_zh="基准分加减本星各项;有否决为 0", note_en="base, plus and minus; 0 under a veto"),
                      _star_needs, _star_score)
    register_select((FactSpec("jury_", "hundredths", "群众评议均分", "the jury's average",
                              note_zh="没有人打分就是“还没有”", note_en="missing while nobody has scored"),), _jury)
    register_composed(FactSpec("veto_", "boolean", "一票否决情形", "a veto on this star", yes_zh="有一票否决情形",
                               no_zh="没有一票否决情形", yes_en="a veto stands", no_en="no veto stands"),
                      _veto_needs, _veto)
    register_select((FactSpec("vetoed_", "boolean", "一票否决情形", "a veto", yes_zh="有一票否决情形",
                              no_zh="没有一票否决情形", yes_en="a veto stands", no_en="no veto stands", private=True,
                              absent=False),), _vetoed)
    register_select((FactSpec("promise_on_file", "boolean", "移风易俗承诺记录", "a record of the promise on customs",
                              absent=False),), _on_file)
    register_composed(
        FactSpec("promise", "boolean", "移风易俗承诺", "the promise on customs", yes_zh="已签移风易俗承诺",
                 no_zh="没有签移风易俗承诺", yes_en="the promise on customs is signed",
                 no_en="the promise on customs is not signed"),
        lambda ask, spec: ("promise_on_file", f"count_{PROMISE}"),
        lambda ask, spec, columns, place: columns["promise_on_file"] | (columns[f"count_{PROMISE}"] > 0))
    register_fact("stars", "whole", "现有星数", "stars held", _stars, unit_zh="颗", unit_en="stars")
    register_fact("barred", "boolean", "禁评期", "barred from ratings", _barred_now, yes_zh="在撤销荣誉后的禁评期内",
                  no_zh="不在禁评期内", yes_en="barred after a revocation", no_en="not barred")
    _names_people_know()


def _names_people_know() -> None:
    register_turnover(FactSpec("hours_ever", "minutes", "累计志愿服务时长", "service hours in all", window="ever",
                               more_zh="再服务 {n}", more_en="{n} more of service"), lambda t: t.total(t.of(MINUTE)))
    register_turnover(
        FactSpec("count_L01_L02", "whole", "本年参加或主讲宣讲、会议", "talks and meetings attended or given this year",
                 "次", "times", more_zh="再参加 {n}宣讲或会议", more_en="{n} more at a talk or meeting",
                 codes=("L01", "L02")), lambda t: t.times(t.of(SCORE, t.codes)))
    register_turnover(
        FactSpec("count_N03", "whole", "本年违反移风易俗承诺的次数", "breaches of the promise this year", "次", "times",
                 codes=("N03",)), lambda t: t.times(t.of(SCORE, t.codes)))
    register_turnover(
        FactSpec("months_E01", "whole", "庭院卫生评为“优秀”的月数", "months the yard was rated excellent", "个月",
                 "months", more_zh="再评上 {n}“优秀”", more_en="{n} more rated excellent", codes=("E01",)),
        lambda t: t.months(t.of(SCORE, t.codes)))
    register_turnover(
        FactSpec("months_E01_E02", "whole", "庭院卫生评为“优秀”或“良好”的月数",
                 "months the yard was rated excellent or good", "个月", "months", more_zh="再评上 {n}“良好”以上",
                 more_en="{n} more rated good or better", codes=("E01", "E02")),
        lambda t: t.months(t.of(SCORE, t.codes)))
