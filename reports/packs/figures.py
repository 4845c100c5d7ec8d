"""A pack put together: figures by section, the lines behind them, its own tables, the versions it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.access import Actor
from pointsbank.amounts import MINUTE, POINT, SCORE
from pointsbank.clock import to_day
from pointsbank.people import household_cards
from pointsbank.places import is_demo
from pointsbank.ratings.scheme import rules_due, scheme_version
from pointsbank.records import ServiceRecord
from pointsbank.records.models import POSTED
from pointsbank.words import words
from reports.packs.asked import Ask, asked
from reports.packs.entries import Line, Scope, Sum, counted, how_many, lines, sums, value_of
from reports.packs.models import EvidencePack
from reports.packs.outside import Outside
from reports.packs.records import Entry, Figure, PackData
from reports.packs.tables import tables_of
from reports.packs.wording import codes_of_households, entry_words, kind_words, pack_title
from reports.pdf import day_text
from reports.position import Position
from reports.statements.queries import place_line

LINES_MAX = 5_000  # lines of a pack's list; beyond that each village's own pack holds them
Tell = Callable[[int], None]
STEPS = 40  # of the progress bar, whatever the table


def scope_of(pack: EvidencePack, stem: str) -> Scope:
    return Scope(pack.book_id, stem, pack.household_id, pack.start_on, pack.end_on, pack.size)


def build(s: Session, pack: EvidencePack, scope: Scope, *, by: Actor, at: datetime, tell: Tell) -> PackData:
    """Read everything and put it together. `tell(step)` says how far it is, of STEPS."""
    _ = words(pack.lang)
    found = {commodity: sums(s.connection(), scope, commodity) for commodity in (SCORE, POINT, MINUTE)}
    outside = Outside(s, scope, pack.lang)
    sections = asked(pack.kind, pack.lang)
    every = [(section.title, ask) for section in sections for ask in section.asks]
    figures: list[Figure] = []
    listed: list[tuple[Ask, Line]] = []
    spans: dict[object, tuple[int, int]] = {}
    left_out = 0
    for step, (title, ask) in enumerate(every):
        if ask.source == "ledger":
            behind = lines(s.connection(), scope, ask, LINES_MAX + 1)
            value = _value(s, scope, ask, found[ask.commodity], behind)
            query = (ask.commodity, ask.rules, ask.kinds)  # the same lines may answer two questions: listed once
            if query not in spans and len(listed) + len(behind) <= LINES_MAX:
                spans[query] = (len(listed) + 1, len(listed) + len(behind)) if behind else (0, 0)
                listed += [(ask, line) for line in behind]
            if query in spans:
                figures.append(Figure(ask, title, value, _where(ask, pack.lang, len(behind)), *spans[query]))
            else:
                left_out += 1
                figures.append(Figure(ask, title, value, _where(ask, pack.lang, None)))
        else:
            figures.append(Figure(ask, title, *_from_outside(ask, outside, figures, _)))
        tell(5 + step * 25 // len(every))
    tables = tables_of(s, pack, scope, outside, by=by)
    tell(33)
    place, names = place_line(s, pack.place_code)
    data = PackData(
        kind=pack.kind, title=pack_title(pack.kind, pack.lang), place_name=names, issuer=place.body or place.name,
        whom=_whom(s, pack), start=pack.start_on, end=pack.end_on, figures=tuple(figures), tables=tables,
        entries=tuple(_entries(s, pack, listed)), entries_left_out=left_out,
        versions=tuple(_versions(s, pack, scope, outside)), position=Position(pack.size, pack.root),
        known_at=pack.known_at or at, made_at=pack.made_at,
        demo=is_demo(s, pack.book_id), lang=pack.lang)
    tell(35)
    return data


def _value(s: Session, scope: Scope, ask: Ask, found: list[Sum], behind: list[Line]) -> int:
    """From the lines when all of them are there, else from sums in the database: the two agree."""
    if len(behind) <= LINES_MAX:
        return counted(ask, behind)
    if ask.measure in ("people", "households"):
        return how_many(s.connection(), scope, ask.commodity, "person" if ask.measure == "people" else "household")
    return value_of(ask, found)


def book_words(commodity: str, lang: str) -> str:
    """The account book a commodity is kept in, as people call it."""
    _ = words(lang)
    return {SCORE: _("评价分账"), POINT: _("积分账"), MINUTE: _("时长账")}[commodity]


def _where(ask: Ask, lang: str, count: int | None) -> str:
    """Where a figure of the ledger comes from, so that an auditor can ask for the same over the pack's period."""
    _ = words(lang)
    book = book_words(ask.commodity, lang)
    rules = "、".join(ask.rules) if ask.rules else _("全部规则")
    if ask.kinds:
        rules += _("(%(kinds)s)", kinds="、".join(kind_words(kind, lang) for kind in ask.kinds))
    much = _("%(n)s 笔", n=count) if count is not None else _("笔数多,按查询逐笔列在“数据来源”页")
    return _("账本·%(book)s·%(rules)s·%(much)s", book=book, rules=rules, much=much)


def _from_outside(ask: Ask, outside: Outside, before: list[Figure], _: Callable[..., str]) -> tuple[int | None, str]:
    if ask.source == "hand":
        return None, _("本系统不记这一项,请按实填写并附材料")
    if ask.of is not None:
        part, whole = (next((f.value for f in before if f.ask.code == code), None) or 0 for code in ask.of)
        where = _("%(part)s ÷ %(whole)s", part=ask.of[0], whole=ask.of[1])
        if ask.source == "average":
            return part // whole if whole else 0, where
        return part * 1000 // whole if whole else 0, where
    told = outside.tell(ask.source)
    return told.value, told.where


def _whom(s: Session, pack: EvidencePack) -> str:
    """The family's code and head; nothing for a place's pack."""
    if pack.household_id is None:
        return ""
    card = household_cards(s, pack.book_id, [pack.household_id]).get(pack.household_id)
    return f"{card.code} {card.head_name}" if card else ""


def _entries(s: Session, pack: EvidencePack, listed: list[tuple[Ask, Line]]) -> Iterator[Entry]:
    codes = codes_of_households(s, pack.book_id, {line.household for _, line in listed if line.household})
    for number, (ask, line) in enumerate(listed, 1):
        household = codes.get(line.household, "") if line.household else ""
        yield Entry(number, ask.code, line.transaction_id, line.position, line.effective_on,
                    entry_words(line, pack.lang), household, line.amount, line.taken_back, ask.commodity)


def _versions(s: Session, pack: EvidencePack, scope: Scope, outside: Outside) -> Iterator[str]:
    """The rules of the points schedule that deeds of the period were valued by, and the schemes of the stars."""
    _ = words(pack.lang)
    narrowed = (ServiceRecord.household_id == scope.household if scope.household
                else ServiceRecord.place_code.like(f"{scope.stem}%"))
    rows = s.execute(select(ServiceRecord.rule_code, ServiceRecord.rule_version).where(
        ServiceRecord.book_id == scope.book_id, narrowed, ServiceRecord.status == POSTED,
        ServiceRecord.service_on.between(scope.start, scope.end)).distinct()
        .order_by(ServiceRecord.rule_code, ServiceRecord.rule_version)).all()
    if rows:
        yield _("积分细则:%(rules)s", rules="、".join(f"{code}@{version}" for code, version in rows))
    made = to_day(pack.made_at)
    for code, version in outside.schemes:
        yield _("评星办法:%(code)s 第 %(n)s 版", code=code, n=version)
        for rule in rules_due(s, scheme_version(s, code, version), made):
            yield _("规则“%(rule)s”(%(code)s 第 %(n)s 版)定在%(day)s复核,出具时已经过了。", rule=rule.title(pack.lang),
                    code=rule.code, n=rule.version, day=day_text(rule.review_on or made, pack.lang))


def trace(s: Session, pack: EvidencePack, scope: Scope, ask: Ask, limit: int) -> tuple[int, list[Line], set[UUID]]:
    """One figure counted again at the pack's position: the value, its lines, the households among them."""
    behind = lines(s.connection(), scope, ask, limit + 1)
    found = sums(s.connection(), scope, ask.commodity) if len(behind) > limit else []
    value = counted(ask, behind) if len(behind) <= limit else (
        how_many(s.connection(), scope, ask.commodity, "person" if ask.measure == "people" else "household")
        if ask.measure in ("people", "households") else value_of(ask, found))
    return value, behind[:limit], {line.household for line in behind[:limit] if line.household}
