"""The catalogue of facts: what a rule may speak of, and how each is found for many households at once.

    register_fact("stars", "whole", "现有星数", "stars held", stars_of)           # one fact, one function
    register_facts((FactSpec("veto", "boolean", …), …), read_vetoes)             # several from one reading
    register_family("count_", "whole", "{name} 入账次数", "times {name} was awarded", counts_by_rule)
    register_fact("bought_before", "whole", "此前兑换件数", "pieces redeemed before", None)   # the caller gives it

    facts_for(s, book_id, household_ids, ["stars", "count_E01"], on=day)         # {household: {name: value}}

Each function reads for all households asked, in a number of statements that does not grow with them, and leaves out
whoever it has no answer for: what is absent is *missing*, never zero. Registering a name again replaces it, so that
several apps in one process do not collide.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from pointsbank.eligibility.errors import UnknownFact
from pointsbank.eligibility.kinds import KINDS, Kind, Value

UNIT_ZH: dict[str, str] = {"hundredths": "分", "minutes": "小时"}
UNIT_EN: dict[str, str] = {"hundredths": "points", "minutes": "h"}


class Window(NamedTuple):
    """The days looked at, both included."""

    start: date
    end: date


def year_to(on: date) -> Window:
    """From the first of January to the day."""
    return Window(date(on.year, 1, 1), on)


def months_back(on: date, months: int) -> date:
    """The same day of an earlier month, or its last day when that month is shorter."""
    index = on.year * 12 + on.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact. `private`: its figure is about a person and is never shown in a refusal; only the rule is named.

    `yes`/`no`: a boolean fact in words (default: the title, and "not" before it). `more`: what to do when some is
    missing, with '{n}' for the amount ("再服务 {n}"); default: "还差 {n}" behind the title. `codes`: the rules behind a
    counted fact, where its name does not say them.
    """

    name: str
    kind: Kind
    title_zh: str
    title_en: str
    unit_zh: str = ""
    unit_en: str = ""
    yes_zh: str = ""
    yes_en: str = ""
    no_zh: str = ""
    no_en: str = ""
    private: bool = False
    more_zh: str = ""
    more_en: str = ""
    codes: tuple[str, ...] = ()

    def title(self, lang: str) -> str:
        return self.title_en if lang == "en" else self.title_zh

    def unit(self, lang: str) -> str:
        if lang == "en":
            return self.unit_en or UNIT_EN.get(self.kind, "")
        return self.unit_zh or UNIT_ZH.get(self.kind, "")


Found = Mapping[UUID, Value]
OneFact = Callable[[Session, int, Sequence[UUID], date, Window], Found]
ManyFacts = Callable[[Session, int, Sequence[UUID], date, Window, Sequence[str]], Mapping[str, Found]]


@dataclass(frozen=True)
class _Source:
    specs: tuple[FactSpec, ...]
    read: ManyFacts | None  # None: only the caller's context can give it
    prefix: str = ""


_by_name: dict[str, tuple[FactSpec, _Source]] = {}
_families: dict[str, tuple[FactSpec, _Source]] = {}
_SUFFIX = re.compile(r"[A-Za-z0-9]{1,12}(_[A-Za-z0-9]{1,12}){0,5}")  # one code, or several that count together


def register_facts(specs: Sequence[FactSpec], read: ManyFacts | None) -> None:
    """Offer several facts that one reading answers together."""
    assert all(spec.kind in KINDS for spec in specs), "unknown kind of fact"
    source = _Source(tuple(specs), read)
    for spec in specs:
        _by_name[spec.name] = (spec, source)


def register_fact(name: str, kind: Kind, title_zh: str, title_en: str, fn: OneFact | None, **words: Any) -> None:
    """Offer one fact. `words`: the further fields of FactSpec. Without `fn` the caller's context gives it."""
    def read(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window,
             names: Sequence[str]) -> Mapping[str, Found]:
        assert fn is not None
        return {name: fn(s, book_id, ids, on, window)}

    register_facts([FactSpec(name, kind, title_zh, title_en, **words)], read if fn is not None else None)


def register_family(prefix: str, kind: Kind, title_zh: str, title_en: str, read: ManyFacts, **words: Any) -> None:
    """Offer a fact for every code behind a prefix; '{name}' in the titles is the code. count_E01; several codes
    together: count_E01_E02."""
    spec = FactSpec(prefix, kind, title_zh, title_en, **words)
    _families[prefix] = (spec, _Source((spec,), read, prefix))


def _find(name: str) -> tuple[FactSpec, _Source] | None:
    if name in _by_name:
        return _by_name[name]
    for prefix, (spec, source) in _families.items():
        code = name[len(prefix):]
        if name.startswith(prefix) and _SUFFIX.fullmatch(code):
            shown = code.replace("_", "、")
            named = replace(spec, name=name, title_zh=spec.title_zh.format(name=shown),
                            title_en=spec.title_en.format(name=shown), codes=tuple(code.split("_")))
            return named, source
    return None


def find_spec(name: str) -> FactSpec | None:
    found = _find(name)
    return found[0] if found else None


def spec_of(name: str) -> FactSpec:
    """Raises UnknownFact."""
    spec = find_spec(name)
    if spec is None:
        raise UnknownFact("text", fact=name, at=0, hint="")
    return spec


def catalogue() -> list[FactSpec]:
    """Every fact and family, by name; families carry their prefix as name."""
    return sorted([spec for spec, _ in (*_by_name.values(), *_families.values())], key=lambda spec: spec.name)


def facts_for(s: Session, book_id: int, household_ids: Iterable[UUID], names: Iterable[str], *, on: date,
              window: Window | None = None, context: Mapping[str, Any] | None = None,
              known: Mapping[str, Mapping[UUID, Any]] | None = None) -> dict[UUID, dict[str, Any]]:
    """The named facts of these households on a day: {household: {name: stored value}}; what is missing is absent.

    `window`: the days that counted facts look at (default: the calendar year up to the day). `context` adds facts of
    the moment that are the same for all (the basket's line) and wins over what is read; so does `known`, what the
    caller has found already per household.
    Cost: one reading per source of facts, whatever the number of households. Raises UnknownFact.
    """
    ids = list(dict.fromkeys(household_ids))
    given = dict(context or {})
    wanted: dict[int, tuple[_Source, list[str]]] = {}
    for name in dict.fromkeys(names):
        found = _find(name)
        if found is None:
            raise UnknownFact("text", fact=name, at=0, hint="")
        if name not in given and name not in (known or {}) and found[1].read is not None:
            wanted.setdefault(id(found[1]), (found[1], []))[1].append(name)
    answers: dict[UUID, dict[str, Any]] = {household_id: dict(given) for household_id in ids}
    for name, found_already in (known or {}).items():
        for household_id in ids:
            if found_already.get(household_id) is not None:
                answers[household_id][name] = found_already[household_id]
    for source, asked in wanted.values():
        assert source.read is not None
        read = source.read(s, book_id, ids, on, window or year_to(on), asked)
        for name in asked:
            for household_id, value in read.get(name, {}).items():
                if household_id in answers and value is not None:
                    answers[household_id][name] = value
    return answers
