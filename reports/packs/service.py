"""Asking for a pack, making it, putting it away. The making can be stopped and started again at any point.

    pack = ask_pack(s, AskPack(…), by=officer, at=now)     # a row that waits; the same key: the same pack
    if start_pack(s, pack.id, by=officer): make_pack(s, pack.id, by=officer, at=now)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require, require_seen
from pointsbank.clock import to_day
from pointsbank.crypto import erase_subject, seal_bytes
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, DomainError, KeyReused, NotFound
from pointsbank.people import find_household
from pointsbank.places import book_of, place_by_code, stem_of
from reports.packs.asked import KINDS
from reports.packs.errors import PackGone
from reports.packs.figures import STEPS, build, scope_of
from reports.packs.models import DISCARDED, DONE, FAILED, RUNNING, WAITING, EvidencePack
from reports.packs.pdf import pack_pdf
from reports.packs.records import PackData
from reports.packs.sheet import pack_xlsx
from reports.position import position_now
from reports.register import RegisterDocument, check_code, register_document
from reports.statements.errors import BadPeriod

POWER = "packs.make"
CONTEXT = "evidence_pack"


@dataclass(frozen=True)
class AskPack:
    """What is asked for. `household`: its code, for a family's pack. The last day is never after today."""

    key: UUID
    place_code: str
    kind: str
    start: date
    end: date
    household: str | None = None
    lang: str = "zh"


def ask_pack(s: Session, cmd: AskPack, *, by: Actor, at: datetime) -> EvidencePack:
    """A pack that waits to be made. Raises NotAllowed, BadInput, BadPeriod, NotFound, KeyReused."""
    require(by, POWER, at_place=cmd.place_code)
    if cmd.kind not in KINDS:
        raise BadInput("kind", "没有这种材料。", "There is no such pack.")
    if (cmd.kind == "family") != bool(cmd.household):
        raise BadInput("household", "文明家庭的材料要写明户号;其他材料不写。",
                       "A family's pack names its household; the others name none.")
    if cmd.start > cmd.end or cmd.end > to_day(at):
        raise BadPeriod("start", start=str(cmd.start), end=str(cmd.end))
    book_id = book_of(cmd.place_code)
    with unit_of_work(s):
        place_by_code(s, cmd.place_code)
        home = find_household(s, cmd.place_code, cmd.household.strip().upper()) if cmd.household else None
        if cmd.household and home is None:
            raise NotFound("household")
        first = s.scalar(select(EvidencePack).where(EvidencePack.book_id == book_id, EvidencePack.scope == by.scope,
                                                    EvidencePack.key == cmd.key))
        asked = (cmd.place_code, cmd.kind, cmd.start, cmd.end, home.id if home else None, cmd.lang)
        if first is not None:
            if (first.place_code, first.kind, first.start_on, first.end_on, first.household_id, first.lang) != asked:
                raise KeyReused("key")
            return first
        row = EvidencePack(
            book_id=book_id, id=new_id(), place_code=cmd.place_code, household_id=home.id if home else None,
            kind=cmd.kind, start_on=cmd.start, end_on=cmd.end, lang=cmd.lang, status=WAITING, done=0, total=STEPS,
            size=0, root="", known_at=None, figures={},
            subject_id=(home.head_id or home.id) if home else new_id(), pdf=None, xlsx=None, made_at=at,
            made_by=by.user_id, finished_at=None, scope=by.scope, key=cmd.key)
        s.add(row)
        audit.record(s, by, "pack.asked", f"pack:{row.id}", at=at, kind=cmd.kind)
        s.flush()
        return row


def own_pack(s: Session, pack_id: UUID, by: Actor, *, lock: bool = False) -> EvidencePack:
    """The pack, for whoever may make packs at its place. Raises NotFound, NotAllowed."""
    query = select(EvidencePack).where(EvidencePack.book_id == by.book_id, EvidencePack.id == pack_id)
    row = s.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("pack")
    require_seen(by, POWER, at_place=row.place_code, what="pack")
    return row


def start_pack(s: Session, pack_id: UUID, *, by: Actor, again: bool = False) -> bool:
    """Claim the run; False when it runs or is done. `again`: nobody carries it on any more, so take it over."""
    with unit_of_work(s):
        row = own_pack(s, pack_id, by, lock=True)
        if row.status == DISCARDED:
            raise PackGone("pack")
        if row.status == DONE or (row.status == RUNNING and not again):
            return False
        row.status, row.done = RUNNING, 0
        return True


def make_pack(s: Session, pack_id: UUID, *, by: Actor, at: datetime, base_url: str = "") -> EvidencePack:
    """Seal what waits, count at that position, draw both files, enter the print into the register.

    Running it again on a pack that is done changes nothing. Raises NotFound, NotAllowed, PackGone.
    """
    row = own_pack(s, pack_id, by)
    if row.status == DONE:
        return row
    if row.status == DISCARDED:
        raise PackGone("pack")
    book_id, key = row.book_id, (row.book_id, row.id)

    def tell(step: int) -> None:
        with unit_of_work(s):
            found = s.get_one(EvidencePack, key)
            if found.status == RUNNING:
                found.done = step

    try:
        position = position_now(s, book_id, at=at)
        with unit_of_work(s):
            row = s.get_one(EvidencePack, key)
            row.size, row.root, row.known_at = position.size, position.root, at
        tell(2)
        row = s.get_one(EvidencePack, key)
        s.expunge(row)  # plain data from here on: telling how far it is ends the reading transaction
        data = build(s, row, scope_of(row, stem_of(row.place_code)), by=by, at=at, tell=tell)
    except DomainError:
        with unit_of_work(s):
            s.get_one(EvidencePack, key).status = FAILED
        raise
    with unit_of_work(s):
        code = register_document(s, _print(row, data), by=by, at=at)
    pdf, xlsx = pack_pdf(data, check_code(code, base_url)), pack_xlsx(data)  # drawn while nobody waits for the writer
    tell(STEPS - 1)
    with unit_of_work(s):
        row = own_pack(s, pack_id, by, lock=True)
        if row.status in (DONE, DISCARDED):
            return row
        row.pdf = seal_bytes(s, book_id, row.subject_id, pdf, CONTEXT)
        row.xlsx = seal_bytes(s, book_id, row.subject_id, xlsx, CONTEXT)
        row.figures = {figure.ask.code: figure.value for figure in data.figures if figure.value is not None}
        row.status, row.done, row.finished_at = DONE, STEPS, at
        audit.record(s, by, "pack.made", f"pack:{row.id}", at=at, position=row.size)
        s.flush()
        return row


def _print(row: EvidencePack, data: PackData) -> RegisterDocument:
    """What the register keeps for whoever holds the paper: a few figures, nothing personal."""
    kept = {f"{figure.ask.code}": figure.text for figure in data.figures if figure.value is not None}
    return RegisterDocument(
        kind=f"pack_{row.kind}"[:20], place_code=row.place_code, start_on=row.start_on, end_on=row.end_on,
        known_at=data.known_at, household_id=row.household_id,
        figures={"position": row.size, "root": row.root[:16], "lines": len(data.entries), **kept})


def discard_pack(s: Session, pack_id: UUID, *, by: Actor, at: datetime) -> None:
    """Destroy the files; the row stays and says that there was one. Discarding twice changes nothing."""
    with unit_of_work(s):
        row = own_pack(s, pack_id, by, lock=True)
        if row.status == DISCARDED:
            return
        row.pdf, row.xlsx, row.status = None, None, DISCARDED
        if row.household_id is None:
            erase_subject(s, row.book_id, row.subject_id)
        audit.record(s, by, "pack.discarded", f"pack:{row.id}", at=at)
