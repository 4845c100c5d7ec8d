"""Packs as they are shown: where they are, their files, and one figure traced back to its transactions."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.sealing import standing
from pointsbank.access import Actor, require
from pointsbank.crypto import ErasedSubject, open_bytes
from pointsbank.errors import NotFound
from pointsbank.people import household_cards
from pointsbank.places import place_cards, stem_of
from reports.packs.asked import Ask, ask_of, asked
from reports.packs.entries import Line
from reports.packs.errors import NotReady, PackGone
from reports.packs.figures import scope_of, trace
from reports.packs.models import DISCARDED, DONE, EvidencePack
from reports.packs.records import shown
from reports.packs.service import CONTEXT, POWER, own_pack
from reports.packs.wording import amount_words, codes_of_households, entry_words, kind_name

LINES_SHOWN = 200


class PackView(NamedTuple):
    """A pack with how far it is. `household` is a code, `size` how many transactions its figures were counted from."""

    id: UUID
    place_code: str
    place_name: str
    household: str
    kind: str
    kind_name: str
    start: date
    end: date
    status: str
    done: int
    total: int
    size: int
    root: str
    known_at: datetime | None
    made_at: datetime
    since: int  # transactions sealed since: what a pack made anew would also look at


class FigureView(NamedTuple):
    code: str
    section: str
    title: str
    text: str
    unit: str
    from_ledger: bool


class TraceLine(NamedTuple):
    transaction_id: UUID
    position: int
    effective_on: date
    what: str
    household: str
    amount: str
    taken_back: str


class Trace(NamedTuple):
    """One figure counted again: as printed, as counted now at the same position, and its lines."""

    ask: Ask
    printed: str
    counted: str
    same: bool
    lines: list[TraceLine]
    more: bool


def _views(s: Session, rows: list[EvidencePack], lang: str) -> list[PackView]:
    if not rows:
        return []
    book_id = rows[0].book_id
    homes = household_cards(s, book_id, {row.household_id for row in rows if row.household_id})
    places, size = place_cards(s, {row.place_code for row in rows}), standing(s.connection(), book_id).size
    return [PackView(
        row.id, row.place_code, places[row.place_code].name if row.place_code in places else row.place_code,
        homes[row.household_id].code if row.household_id in homes else "", row.kind, kind_name(row.kind, lang),
        row.start_on, row.end_on, row.status, row.done, row.total, row.size, row.root, row.known_at, row.made_at,
        size - row.size if row.size else 0) for row in rows]


def packs_of_place(s: Session, by: Actor, place_code: str, lang: str, limit: int = 50) -> list[PackView]:
    """Packs of a place and all below it, newest first. Four statements. Raises NotAllowed."""
    require(by, POWER, at_place=place_code)
    rows = s.scalars(select(EvidencePack).where(
        EvidencePack.book_id == by.book_id, EvidencePack.place_code.like(f"{stem_of(place_code)}%"))
        .order_by(EvidencePack.id.desc()).limit(limit)).all()
    return _views(s, list(rows), lang)


def pack_view(s: Session, pack_id: UUID, *, by: Actor, lang: str) -> PackView:
    """Raises NotFound, NotAllowed."""
    return _views(s, [own_pack(s, pack_id, by)], lang)[0]


def figures_of(s: Session, pack_id: UUID, *, by: Actor, lang: str) -> list[FigureView]:
    """The kept figures in the order of the table; empty before the pack is done."""
    row = own_pack(s, pack_id, by)
    return [FigureView(ask.code, section.title, ask.title, shown(ask, row.figures.get(ask.code)), ask.unit,
                       ask.source == "ledger")
            for section in asked(row.kind, lang) for ask in section.asks] if row.status == DONE else []


def pack_file(s: Session, pack_id: UUID, kind: str, *, by: Actor) -> bytes:
    """The PDF or the sheet. Raises NotReady, PackGone (discarded, or the family's data erased)."""
    row = own_pack(s, pack_id, by)
    blob = row.pdf if kind == "pdf" else row.xlsx
    if row.status == DISCARDED:
        raise PackGone("pack")
    if row.status != DONE or blob is None:
        raise NotReady("pack")
    try:
        return open_bytes(s, row.book_id, row.subject_id, blob, CONTEXT)
    except ErasedSubject as erased:
        raise PackGone("pack") from erased


def trace_figure(s: Session, pack_id: UUID, code: str, *, by: Actor, lang: str, limit: int = LINES_SHOWN) -> Trace:
    """The transactions behind one figure of the ledger, counted again at the pack's position. Raises NotFound."""
    row = own_pack(s, pack_id, by)
    if row.status == DISCARDED:
        raise PackGone("pack")
    ask = ask_of(row.kind, code, lang)
    if ask is None or ask.source != "ledger" or row.status != DONE:
        raise NotFound("figure")
    value, lines, homes = trace(s, row, scope_of(row, stem_of(row.place_code)), ask, limit)
    codes = codes_of_households(s, row.book_id, homes)
    printed = row.figures.get(code)
    return Trace(ask, shown(ask, printed), shown(ask, value), printed == value,
                 [_line(ask, line, codes, lang) for line in lines], len(lines) >= limit)


def _line(ask: Ask, line: Line, codes: dict[UUID, str], lang: str) -> TraceLine:
    return TraceLine(line.transaction_id, line.position, line.effective_on, entry_words(line, lang),
                     codes.get(line.household, "") if line.household else "",
                     amount_words(ask.commodity, line.amount),
                     amount_words(ask.commodity, line.taken_back) if line.taken_back else "")

