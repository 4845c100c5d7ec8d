"""The catalogue of facts: what a rule may speak of, and how each is found for many households at once.

A fact is one function in one file. The best says in SQL how it is found, so that a rule on it also runs inside the
database, for a whole county (see `asking` for what the functions get, `finding` for what becomes of them):

    register_turnover(FactSpec("hours", "minutes", …), lambda t: t.total(t.of(MINUTE)))   # counted in the ledger
    register_select((FactSpec("jury_", …),), select_averages)           # any other table: a SELECT by household
    register_composed(FactSpec("star_", …), needs, build)               # made of other facts' columns

What is kept sealed cannot be counted by the database; there a function reads for all households asked:

    register_fact("minors", "whole", "家中未成年人", "minors in the household", minors_of)
    register_facts((FactSpec("members", …), …), read_people)            # several from one reading
    register_fact("bought_before", "whole", "此前兑换件数", "pieces redeemed before", None)   # the caller gives it

A name that ends in "_" is a family: one fact for every code behind it (count_E01; several together: count_E01_E02;
a whole category by its letter: score_V). Facts of the ledger can be asked of another window than the caller's, by two
underscores behind the name: hours__12m, count_N03__lastyear (see `windows`).

Each function takes a number of statements that does not grow with households and leaves out whoever it has no answer
for: what is absent is *missing*, never zero, unless the spec's `absent` says what it means. Registering a name again
replaces it, so that several apps in one process do not collide.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session

from pointsbank.eligibility.errors import UnknownFact
from pointsbank.eligibility.kinds import KINDS, Kind, Value
from pointsbank.eligibility.windows import WINDOWS, Window, in_words

if TYPE_CHECKING:
    from pointsbank.eligibility.asking import Ask, Counting, Turnovers

COLUMN_MAX = 50
UNIT_ZH: dict[str, str] = {"hundredths": "分", "minutes": "小时"}
UNIT_EN: dict[str, str] = {"hundredths": "points", "minutes": "h"}


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact. `private`: its figure is about a person and is never shown in a refusal; only the rule is named.

    `yes`/`no`: a boolean fact in words (default: the title, and "not" before it). `more`: what to do when some is
    missing, with '{n}' for the amount ("再服务 {n}"); default: "还差 {n}" behind the title. `codes`: the rules behind a
    counted fact, where its name does not say them. `absent`: what it means when nothing was found (None: missing).
    `note`: a sentence for the catalogue's page. `window`: the named window it was asked of, if any.
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
    absent: Value | None = None
    note_zh: str = ""
    note_en: str = ""
    window: str = ""

    @property
    def column(self) -> str:
        """Its name inside a statement: databases cut names off, and two long ones may begin alike."""
        return self.name if len(self.name) <= COLUMN_MAX else \
            f"{self.name[:COLUMN_MAX - 16]}{hashlib.sha256(self.name.encode()).hexdigest()[:16]}"

    def title(self, lang: str) -> str:
        return self.title_en if lang.startswith("en") else self.title_zh

    def unit(self, lang: str) -> str:
        if lang.startswith("en"):
            return self.unit_en or UNIT_EN.get(self.kind, "")
        return self.unit_zh or UNIT_ZH.get(self.kind, "")

    def note(self, lang: str) -> str:
        return self.note_en if lang.startswith("en") else self.note_zh


Found = Mapping[UUID, Value]
OneFact = Callable[[Session, int, Sequence[UUID], date, Window], Found]
ManyFacts = Callable[[Session, int, Sequence[UUID], date, Window, Sequence[str]], Mapping[str, Found]]
Counted = Callable[["Turnovers"], "ColumnElement[Any] | Counting"]
Selected = Callable[["Ask", Sequence[FactSpec]], Select[Any]]
Needs = Callable[["Ask", FactSpec], Sequence[str]]
Build = Callable[["Ask", FactSpec, Mapping[str, ColumnElement[Any]], ColumnElement[str]], ColumnElement[Any]]


@dataclass(frozen=True, eq=False)
class Source:
    """Where facts come from: exactly one of the four ways, or none (only the caller's context can give them)."""

    room: str  # the module that registered it
    read: ManyFacts | None = None
    count: Counted | None = None
    select: Selected | None = None
    needs: Needs | None = None
    build: Build | None = None

    @property
    def in_sql(self) -> bool:
        return self.count is not None or self.select is not None or self.build is not None


_by_name: dict[str, tuple[FactSpec, Source]] = {}
_families: dict[str, tuple[FactSpec, Source]] = {}
_SUFFIX = re.compile(r"[A-Za-z0-9]{1,12}(_[A-Za-z0-9]{1,12}){0,5}")  # one code, or several that count together
MASKED = ("months_", "streak_")  # counted month by month: windows of known length only


def _offer(specs: Sequence[FactSpec], source: Source) -> None:
    assert all(spec.kind in KINDS for spec in specs), "unknown kind of fact"
    for spec in specs:
        (_families if spec.name.endswith("_") else _by_name)[spec.name] = (spec, source)


def register_facts(specs: Sequence[FactSpec], read: ManyFacts | None) -> None:
    """Offer several facts that one reading answers together."""
    _offer(specs, Source(read.__module__ if read else "", read=read))


def register_fact(name: str, kind: Kind, title_zh: str, title_en: str, fn: OneFact | None, **words: Any) -> None:
    """Offer one fact. `words`: the further fields of FactSpec. Without `fn` the caller's context gives it."""
    def read(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window,
             names: Sequence[str]) -> Mapping[str, Found]:
        assert fn is not None
        return {name: fn(s, book_id, ids, on, window)}

    spec = FactSpec(name, kind, title_zh, title_en, **words)
    _offer([spec], Source(fn.__module__, read=read) if fn is not None else Source(""))


def register_turnover(spec: FactSpec, count: Counted) -> None:
    """Offer a fact counted over the turnovers of the ledger; all of them are found in one scan."""
    _offer([spec if spec.absent is not None else replace(spec, absent=0)], Source(count.__module__, count=count))


def register_select(specs: Sequence[FactSpec], select: Selected) -> None:
    """Offer facts that one SELECT finds: a column `household_id`, and one for each spec asked, by its name."""
    _offer(specs, Source(select.__module__, select=select))


def register_composed(spec: FactSpec, needs: Needs, build: Build) -> None:
    """Offer a fact made of others: `needs` names them, `build` gets their columns and the household's place."""
    _offer([spec], Source(build.__module__, needs=needs, build=build))


def find(name: str) -> tuple[FactSpec, Source] | None:
    """The fact of a name with its source; None when there is none."""
    bare, _, suffix = name.partition("__")
    if suffix:
        found = find(bare) if suffix in WINDOWS else None
        if found is None or not found[1].in_sql or found[1].count is None:
            return None
        if suffix == "ever" and bare.startswith(MASKED):
            return None
        spec = found[0]
        zh, en = in_words(spec.title_zh, suffix, "zh"), in_words(spec.title_en, suffix, "en")
        return replace(spec, name=name, title_zh=zh, title_en=en, window=suffix), found[1]
    if name in _by_name:
        return _by_name[name]
    for prefix, (spec, source) in _families.items():
        code = name[len(prefix):]
        if name.startswith(prefix) and _SUFFIX.fullmatch(code):
            codes = tuple(code.split("_"))
            zh = "、".join(f"{each} 类" if each.isalpha() else each for each in codes)
            en = ", ".join(f"class {each}" if each.isalpha() else each for each in codes)
            named = replace(spec, name=name, title_zh=spec.title_zh.format(name=zh),
                            title_en=spec.title_en.format(name=en), codes=codes)
            return named, source
    return None


def find_spec(name: str) -> FactSpec | None:
    found = find(name)
    return found[0] if found else None


def spec_of(name: str) -> FactSpec:
    """Raises UnknownFact."""
    spec = find_spec(name)
    if spec is None:
        raise UnknownFact("text", fact=name, at=0, hint="")
    return spec


def source_of(name: str) -> tuple[FactSpec, Source]:
    """Raises UnknownFact."""
    found = find(name)
    if found is None:
        raise UnknownFact("text", fact=name, at=0, hint="")
    return found


def catalogue() -> list[FactSpec]:
    """Every fact and family, by name; families carry their prefix as name."""
    return [spec for spec, _ in entries()]


def entries() -> list[tuple[FactSpec, Source]]:
    """The catalogue with where each comes from."""
    return sorted([*_by_name.values(), *_families.values()], key=lambda each: each[0].name)
