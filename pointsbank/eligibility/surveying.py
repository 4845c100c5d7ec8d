"""A survey: some rules judged for all households of a place at once, inside the database.

    take_survey(s, TakeSurvey("230199000000", {"star.S10": rule, …}, window), by=by, at=at)   # written, with reasons
    trial(s, book_id, places, {"new": rule, "old": rule}, on=day, window=window)             # only looked at

The turnovers are brought to the sealed log's position first; then one statement finds every fact, judges every rule
and writes one row a household. How many statements that takes does not depend on how many households there are. Facts
that are kept sealed are read once for all and brought in as one parameter; their figures are never written open.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, case, cast, delete, func, insert, literal, select, text
from sqlalchemy.orm import Session

from ledger.sealing import seal_now
from pointsbank.access import Actor, require
from pointsbank.database import new_id, unit_of_work
from pointsbank.eligibility.asking import Ask
from pointsbank.eligibility.compiling import Piece, certain, joined, pieces, truth, verdict_of
from pointsbank.eligibility.evaluating import Verdict
from pointsbank.eligibility.facts import FactSpec, Source
from pointsbank.eligibility.finding import Layers, closure, layers, settled, span_of
from pointsbank.eligibility.models import Survey, SurveyFinding
from pointsbank.eligibility.parsing import parse
from pointsbank.eligibility.tree import Rule
from pointsbank.eligibility.turnovers import catch_up, kept, live
from pointsbank.eligibility.windows import Window, months_back
from pointsbank.errors import NotFound
from pointsbank.places import book_of


@dataclass(frozen=True)
class TakeSurvey:
    """Judge all households of a place and below by these rules, over the days of the window."""

    place_code: str
    rules: tuple[Rule, ...]
    window: Window
    using: Mapping[str, Any] | None = None


class SurveyTaken(NamedTuple):
    id: UUID
    households: int
    ledger_size: int


def take_survey(s: Session, cmd: TakeSurvey, *, by: Actor, at: datetime) -> SurveyTaken:
    """Take a survey and keep it, until a newer one of the place is there. Raises NotAllowed, UnknownFact."""
    require(by, "ratings.view", at_place=cmd.place_code)
    book_id = book_of(cmd.place_code)
    with unit_of_work(s):
        size = up_to_date(s, book_id, at=at)
        ask = asked(s, book_id, [beginning(cmd.place_code)], cmd.window, cmd.using or {}, at)
        facts = closure(ask, {name for rule in cmd.rules for name in rule.facts})
        found = layers(ask, facts, carried(ask, facts))
        room_to_sum(s)
        survey_id = new_id()
        s.add(Survey(book_id=book_id, id=survey_id, place_code=cmd.place_code, starts_on=cmd.window.start,
                     ends_on=cmd.window.end, rules=[[rule.code, rule.version, rule.text] for rule in cmd.rules],
                     ledger_size=size, taken_at=at, taken_by=by.user_id, households=0))
        s.flush()
        written: Any = s.execute(insert(SurveyFinding).from_select(
            ("book_id", "survey_id", "household_id", "met", "undecided", "findings"),
            _findings(book_id, survey_id, cmd.rules, found, facts)), execution_options={"preserve_rowcount": True})
        s.get_one(Survey, (book_id, survey_id)).households = written.rowcount
        s.flush()
        return SurveyTaken(survey_id, written.rowcount, size)


def room_to_sum(s: Session) -> None:
    """On PostgreSQL: memory enough to sum a county by hashing, until the end of the transaction. The usual few
    megabytes make it sort all turnovers on disk first."""
    if s.get_bind().dialect.name == "postgresql":
        s.execute(text("SET LOCAL work_mem = '256MB'"))


def up_to_date(s: Session, book_id: int, *, at: datetime) -> int:
    """Seal what waits and bring the turnovers to it; the log's position. Inside a unit of work."""
    size = seal_now(s.connection(), book_id, at=at).size
    catch_up(s, book_id, size)
    return size


def asked(s: Session, book_id: int, places: Sequence[str], window: Window, using: Mapping[str, Any],
          at: datetime | None = None) -> Ask:
    """A question about all households of these places.

    Monthly sums answer windows that begin with a month and end with one, or with the newest day there is; any other is
    read off the transfers.
    """
    whole_months = window.start.day == 1
    last = months_back(window.end.replace(day=1), -1)
    ends_well = (last - window.end).days == 1 or (at is not None and window.end >= at.date())
    relation = kept(book_id) if whole_months and ends_well else live(book_id, None, window)
    return Ask(s, book_id, None, window.end, window, relation, places, using)


def carried(ask: Ask, facts: Mapping[str, tuple[FactSpec, Source]]) -> dict[str, Mapping[UUID, Any]]:
    """The facts the database cannot count, read for all households asked; one reading for each source."""
    names = [name for name, (_, source) in facts.items() if source.read is not None]
    if not names:
        return {}
    ids = list(ask.s.scalars(select(ask.homes().subquery().c.id)))
    found: dict[str, Mapping[UUID, Any]] = {}
    for source in dict.fromkeys(facts[name][1] for name in names):
        assert source.read is not None
        some = [name for name in names if facts[name][1] is source]
        read = source.read(ask.s, ask.book_id, ids, ask.on, ask.window, some)
        found.update({name: read.get(name, {}) for name in some})
    return found


def sealed_names(facts: Mapping[str, tuple[FactSpec, Source]]) -> frozenset[str]:
    """Facts whose figures are never written open: what was read outside the ledger, and what is made of it."""
    return frozenset(name for name, (spec, source) in facts.items() if source.count is None and name != "volunteers")


def _findings(book_id: int, survey_id: UUID, rules: Sequence[Rule], found: Layers,
              facts: Mapping[str, tuple[FactSpec, Source]]) -> Any:
    sealed = sealed_names(facts)
    found = settled(found, [facts[name][0] for name in dict.fromkeys(name for rule in rules for name in rule.facts)])
    met: ColumnElement[int] = literal(0)
    unknown: ColumnElement[int] = literal(0)
    for rule in rules:
        outcome = truth(rule.tree, found.columns)
        met = met + case((outcome, 1), else_=0)
        if not certain(rule.tree, found.columns):
            unknown = unknown + case((outcome.is_(None), 1), else_=0)
    parts: list[Piece] = ["["]
    for place, rule in enumerate(rules):
        parts += ["," if place else "", *pieces(rule.tree, found.columns, sealed)]
    return select(literal(book_id, SurveyFinding.book_id.type), literal(survey_id, SurveyFinding.survey_id.type),
                  found.homes.c.id, cast(met, Integer), cast(unknown, Integer), joined([*parts, "]"])
                  ).select_from(found.joined)


def forget_surveys(s: Session, book_id: int, at: datetime) -> str:
    """For pointsbank.jobs: of each place the newest survey is kept. Not while one is taken, which costs enough."""
    with unit_of_work(s):
        taken = s.execute(select(Survey.id, Survey.place_code).where(Survey.book_id == book_id)
                          .order_by(Survey.taken_at, Survey.id)).all()
        newest = {place: survey for survey, place in taken}
        old = [survey for survey, place in taken if newest[place] != survey]
        for model, column in ((SurveyFinding, SurveyFinding.survey_id), (Survey, Survey.id)):
            s.execute(delete(model).where(model.book_id == book_id, column.in_(old)),
                      execution_options={"synchronize_session": False})
    return f"{len(old)} surveys"


def survey_verdicts(s: Session, book_id: int, survey_id: UUID,
                    household_ids: Iterable[UUID]) -> dict[UUID, list[Verdict]]:
    """What a survey found of these households, rule by rule. Two statements. Raises NotFound."""
    survey = s.get(Survey, (book_id, survey_id))
    if survey is None:
        raise NotFound("survey")
    rules = [parse(said, code=code, version=version) for code, version, said in survey.rules]
    rows = s.execute(select(SurveyFinding.household_id, SurveyFinding.findings).where(
        SurveyFinding.book_id == book_id, SurveyFinding.survey_id == survey_id,
        SurveyFinding.household_id.in_(list(household_ids))))
    return {household: [verdict_of(rule, body) for rule, body in zip(rules, json.loads(found), strict=True)]
            for household, found in rows}


class Trial(NamedTuple):
    """What another rule would change. Households by what they had and what they would have."""

    counts: Mapping[tuple[bool | None, bool | None], int]
    gain: tuple[UUID, ...]
    lose: tuple[UUID, ...]
    open: tuple[UUID, ...]

    @property
    def households(self) -> int:
        return sum(self.counts.values())


def trial(s: Session, book_id: int, places: Sequence[str], old: Rule | None, new: Rule, window: Window, *,
          using: Mapping[str, Any] | None = None, limit: int = 200) -> Trial:
    """Who would gain and who would lose by a new rule over the days of a window. Reads only; three statements, and
    one reading for each source of sealed facts."""
    ask = replace(asked(s, book_id, places, window, using or {}), relation=live(book_id, None, window))
    facts = closure(ask, set(new.facts) | set(old.facts if old else ()))
    span = span_of(ask, [spec for spec, _ in facts.values()])
    ask = replace(ask, relation=live(book_id, None, span))
    found = layers(ask, facts, carried(ask, facts))
    before = truth(old.tree, found.columns) if old else literal(False)
    each = select(found.homes.c.id, before.label("old"), truth(new.tree, found.columns).label("new")
                  ).select_from(found.joined).cte("each")
    counts = {(_bool(was), _bool(now)): number for was, now, number in s.execute(
        select(each.c.old, each.c.new, func.count()).group_by(each.c.old, each.c.new))}
    changed = s.execute(select(each.c.id, each.c.old, each.c.new).where(
        each.c.old.is_distinct_from(each.c.new)).order_by(each.c.id)).all()
    gain = tuple(row.id for row in changed if row.new)
    lose = tuple(row.id for row in changed if row.old and row.new is not None and not row.new)
    unknown = tuple(row.id for row in changed if row.new is None)
    return Trial(counts, gain[:limit], lose[:limit], unknown[:limit])


def _bool(value: Any) -> bool | None:
    return None if value is None else bool(value)


def last_year(today: date) -> Window:
    return Window(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31))


def beginning(place_code: str) -> str:
    """What the codes of a place and of all below it begin with: 230199100000 → 230199100."""
    return next(place_code[:length] for length in (2, 4, 6, 9, 12) if not place_code[length:].strip("0"))


__all__ = ["SurveyTaken", "TakeSurvey", "Trial", "asked", "beginning", "forget_surveys", "last_year", "survey_verdicts",
           "take_survey", "trial", "up_to_date"]
