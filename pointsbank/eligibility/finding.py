"""Finding facts: one statement for all that the database can count, one reading for each of the others.

    facts_for(s, book_id, household_ids, ["stars", "count_E01"], on=day)         # {household: {name: value}}

The statement stands in layers: the turnovers in one scan, every other SELECT beside it, then what is composed of them.
A survey of a whole book (see `surveying`) puts the same layers under its rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, ColumnElement, Select, String, cast, func, literal_column, null, select
from sqlalchemy.orm import Session

from pointsbank.eligibility.asking import Ask, Counting, Marks, Turnovers, marks_of
from pointsbank.eligibility.facts import FactSpec, Source, source_of
from pointsbank.eligibility.json_rows import rows_of_json
from pointsbank.eligibility.kinds import fits
from pointsbank.eligibility.turnovers import live
from pointsbank.eligibility.windows import Window, year_to

MARKED_FROM = 3  # sets of rules; fewer are compared as fast
TYPES: dict[str, Any] = {"boolean": Boolean(), "text": String()}


class Given(NamedTuple):
    """One fact inside the database: its typed value (NULL: none), and whether something of a wrong type was there.

    `certain`: never NULL, so that "cannot decide" need not be asked for.
    """

    value: ColumnElement[Any]
    wrong: ColumnElement[bool] | None = None
    certain: bool = False


def _given(value: ColumnElement[Any], spec: FactSpec) -> Given:
    return Given(value) if spec.absent is None else Given(func.coalesce(value, spec.absent), certain=True)


def type_of(spec: FactSpec) -> Any:
    return TYPES.get(spec.kind, BigInteger())


def closure(ask: Ask, names: Iterable[str]) -> dict[str, tuple[FactSpec, Source]]:
    """The facts named, and all that they are composed of. Raises UnknownFact."""
    found: dict[str, tuple[FactSpec, Source]] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = source_of(name)
            spec, source = found[name]
            if source.needs is not None:
                waiting += source.needs(ask, spec)
    return found


def span_of(ask: Ask, found: Iterable[FactSpec]) -> Window:
    """From the first to the last day that any of these facts looks at."""
    windows = [ask.window_of(spec) for spec in found]
    return Window(min(w.start for w in windows), max(w.end for w in windows)) if windows else ask.window


class Layers(NamedTuple):
    """The households asked, everything that was found joined to them, and the column of each fact."""

    homes: Any
    joined: Any
    columns: Mapping[str, Given]


def layers(ask: Ask, facts: Mapping[str, tuple[FactSpec, Source]],
           carried: Mapping[str, Mapping[UUID, Any]] | None = None) -> Layers:
    """The FROM of a statement that knows all these facts of all households asked.

    `carried`: facts that were read outside the database, brought in as one parameter.
    """
    homes = ask.homes().cte("homes")
    joined: Any = homes
    columns: dict[str, Given] = {}
    counted = {name: each for name, each in facts.items() if each[1].count is not None}
    if counted:
        scan = _scan(ask, counted)
        joined = joined.outerjoin(scan, scan.c.household_id == homes.c.id)
        for name, (spec, _) in counted.items():
            columns[name] = _given(scan.c[spec.column], spec)
    selects: dict[Source, list[FactSpec]] = {}
    for spec, source in facts.values():
        if source.select is not None:
            selects.setdefault(source, []).append(spec)
    for source, specs in selects.items():
        assert source.select is not None
        part = source.select(ask, specs).cte(f"found_{len(columns)}")
        joined = joined.outerjoin(part, part.c.household_id == homes.c.id)
        for spec in specs:
            columns[spec.name] = _given(cast(part.c[spec.column], type_of(spec)), spec)
    if carried:
        brought, more = _brought(ask, facts, carried)
        joined = joined.outerjoin(brought, brought.c.household_id == homes.c.id)
        columns.update(more)
    for spec, source in facts.values():
        if spec.name not in columns and source.build is None:  # only a caller's context has it: nobody knows it here
            columns[spec.name] = Given(cast(null(), type_of(spec)))
    _compose(ask, facts, columns, homes.c.place_code)
    return Layers(homes, joined, columns)


def _scan(ask: Ask, counted: Mapping[str, tuple[FactSpec, Source]]) -> Any:
    """All counted facts in one scan of the turnovers, summed by household."""
    t = ask.relation
    whole = span_of(ask, [spec for spec, _ in counted.values()])
    marks, source_of_rows = _marked(ask, [spec.codes for spec, _ in counted.values()])
    sums, finish = [], {}
    for name, (spec, source) in counted.items():
        assert source.count is not None
        made = source.count(Turnovers(ask, spec, whole, marks))
        if isinstance(made, Counting):
            finish[name] = made.finish
            made = made.aggregate
        sums.append(made.label(spec.column))
    sub = select(t.household.label("household_id"), *sums).select_from(source_of_rows).where(
        t.within(whole), *ask.some(t.household)).group_by(t.household).subquery("scan")
    columns = [(spec.column, finish.get(name)) for name, (spec, _) in counted.items()]
    return select(sub.c.household_id, *((last(sub.c[column]) if last else sub.c[column]).label(column)
                                        for column, last in columns)).cte("counted")


def _marked(ask: Ask, codes: Iterable[tuple[str, ...]]) -> tuple[Marks | None, Any]:
    """The scan's rows, with their rules looked up where a whole place is asked of more than a few."""
    sets = [each for each in dict.fromkeys(codes) if each and not any(code.isalpha() for code in each)]
    if ask.ids is not None or len(sets) < MARKED_FROM:
        return None, ask.relation.source
    marks = marks_of(ask.s, sets)
    return marks, ask.relation.source.outerjoin(marks.rows, marks.rows.c.code == ask.relation.rule)


def _compose(ask: Ask, facts: Mapping[str, tuple[FactSpec, Source]], columns: dict[str, Given],
             place: ColumnElement[str]) -> None:
    """Facts made of others, in the order that their parts are there; never in a ring."""
    waiting = [each for each in facts.values() if each[1].build is not None]
    while waiting:
        ready = [(spec, source) for spec, source in waiting
                 if source.needs is not None and set(source.needs(ask, spec)) <= columns.keys()]
        assert ready, "facts are composed of one another"
        for spec, source in ready:
            assert source.build is not None
            values = {name: given.value for name, given in columns.items()}
            built = source.build(ask, spec, values, place)
            columns[spec.name] = _given(cast(built, type_of(spec)), spec)  # where no scheme holds it is a bare NULL
        waiting = [each for each in waiting if each[0].name not in columns]


def _brought(ask: Ask, facts: Mapping[str, tuple[FactSpec, Source]],
             carried: Mapping[str, Mapping[UUID, Any]]) -> tuple[Any, dict[str, Given]]:
    """Facts that were read elsewhere, as one JSON parameter: [household, value, …]; {} for one of a wrong type."""
    names = sorted(carried)
    specs = {name: facts[name][0] for name in names}
    ids = list(dict.fromkeys(household for name in names for household in carried[name]))
    rows = rows_of_json(ask.s, [[household.hex, *(_bring(specs[name], carried[name].get(household)) for name in names)]
                                for household in ids])
    columns: list[ColumnElement[Any]] = [rows.id_at(0).label("household_id")]
    for place, name in enumerate(names, 1):
        columns += [rows.is_object(place).label(f"{specs[name].column} wrong"),
                    rows.value_at(place, type_of(specs[name])).label(specs[name].column)]
    part = select(*columns).select_from(rows.each).cte("brought")
    return part, {name: Given(part.c[spec.column], func.coalesce(part.c[f"{spec.column} wrong"], False))
                  for name, spec in specs.items()}


def _bring(spec: FactSpec, value: Any) -> Any:
    """Types are judged here, as in memory: what is of the wrong one stays outside and is only said to be there."""
    return None if value is None else value if fits(spec.kind, value) else {}


def settled(found: Layers, facts: Iterable[FactSpec]) -> Layers:
    """These facts, each worked out once for a household and then only read; households in order.

    OFFSET keeps the database from putting a fact's own sum into every place that speaks of it. In order, because what
    is written of a county is written under a key: an index that grows at its end costs half of one that grows anywhere.
    """
    specs = {spec.name: spec for spec in facts}
    columns: list[ColumnElement[Any]] = [found.homes.c.id]
    for spec in specs.values():
        given = found.columns[spec.name]
        columns.append(given.value.label(spec.column))
        if given.wrong is not None:
            columns.append(given.wrong.label(f"{spec.column} wrong"))
    once = select(*columns).select_from(found.joined).order_by(found.homes.c.id).offset(
        literal_column("0")).subquery("settled")
    return Layers(once, once, {
        spec.name: found.columns[spec.name]._replace(value=once.c[spec.column],
                                                     wrong=once.c.get(f"{spec.column} wrong"))
        for spec in specs.values()})


def everything(ask: Ask, names: Iterable[str]) -> Select[Any]:
    """One row a household: its id, and a column for every name. All names must be known to the database."""
    found = layers(ask, closure(ask, names))
    return select(found.homes.c.id, *(found.columns[name].value.label(name) for name in dict.fromkeys(names))
                  ).select_from(found.joined)


def facts_for(s: Session, book_id: int, household_ids: Iterable[UUID], names: Iterable[str], *, on: date,
              window: Window | None = None, context: Mapping[str, Any] | None = None,
              known: Mapping[str, Mapping[UUID, Any]] | None = None,
              using: Mapping[str, Any] | None = None) -> dict[UUID, dict[str, Any]]:
    """The named facts of these households on a day: {household: {name: stored value}}; what is missing is absent.

    `window`: the days that counted facts look at (default: the calendar year up to the day). `context` adds facts of
    the moment that are the same for all (the basket's line) and wins over what is read; so does `known`, what the
    caller has found already per household. `using`: for the facts' own functions (see Ask).
    Cost: one statement, and one reading per source of facts that the database cannot count, whatever the number of
    households. Raises UnknownFact.
    """
    ids = list(dict.fromkeys(household_ids))
    given = dict(context or {})
    answers: dict[UUID, dict[str, Any]] = {household_id: dict(given) for household_id in ids}
    for name, found_already in (known or {}).items():
        for household_id in ids:
            if found_already.get(household_id) is not None:
                answers[household_id][name] = found_already[household_id]
    asked = [name for name in dict.fromkeys(names) if name not in given and name not in (known or {})]
    sources = {name: source_of(name) for name in asked}
    days = window or year_to(on)
    for source in dict.fromkeys(source for _, source in sources.values() if source.read is not None):
        assert source.read is not None
        some = [name for name in asked if sources[name][1] is source]
        read = source.read(s, book_id, ids, on, days, some)
        for name in some:
            for household_id, value in read.get(name, {}).items():
                if household_id in answers and value is not None:
                    answers[household_id][name] = value
    in_sql = [name for name in asked if sources[name][1].in_sql]
    if ids and in_sql:
        for household_id, values in _from_sql(s, book_id, ids, in_sql, on, days, using or {}):
            answers[household_id].update(values)
    return answers


def _from_sql(s: Session, book_id: int, ids: Sequence[UUID], names: Sequence[str], on: date, window: Window,
              using: Mapping[str, Any]) -> Iterable[tuple[UUID, dict[str, Any]]]:
    ask = Ask(s, book_id, ids, on, window, live(book_id, ids, window), using=using)
    span = span_of(ask, [spec for spec, _ in closure(ask, names).values()])
    ask = replace(ask, relation=live(book_id, ids, span))
    for row in s.execute(everything(ask, names)):
        yield row[0], {name: value for name, value in zip(names, row[1:], strict=True) if value is not None}
