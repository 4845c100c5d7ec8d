"""What the API can write about honours, as cases; see tests/api_writes.py.

A scheme of the county that everybody meets, rated by the quarter, gives each case a cycle of its own: one star, so that
everybody is awarded, and no jury to wait for.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from uuid import UUID, uuid4, uuid5

from sqlalchemy import select

import ledger
from pointsbank import clock
from pointsbank.access import system_actor
from pointsbank.database import db, unit_of_work
from pointsbank.honours import PublishNotice, publish_notice
from pointsbank.honours.models import CHECKED, Honour, HonourRecheck
from pointsbank.ratings import (
    ConfirmCycle,
    FreezeCycle,
    OpenCycle,
    confirm_cycle,
    freeze_cycle,
    open_cycle,
    publish_scheme,
    scheme_from_json,
)
from tests.api_writes import World, Write, case

SCHEME = {
    "title": {"zh": "人人有份", "en": "Everybody"}, "effective_on": "2000-01-01", "full": 10,
    "adopted_by": "村民代表会议纪要 1 号",
    "jury_trim_from": 5, "rarity_percent": 100, "vetoes": [],
    "bands": [{"code": "all", "name": {"zh": "一星", "en": "one star"}, "stars": 1}],
    "stars": [{"code": "E1", "name": {"zh": "在册星", "en": "On the books"}, "rule": "hours >= 0"}],
    "terms": {"kind": "title", "rhythm": "quarter"}}
WHY = "村民代表会议讨论过"
QUARTERS = 20  # five years: as long as everybody has lived in the test villages


def by_system(w: World) -> object:
    return system_actor(w.village.book_id, "test")


def open_one(w: World) -> str:
    """The next quarter back that this village has not rated yet."""
    by, s, at = by_system(w), db.session(), clock.now()
    number = next(w.app.extensions.setdefault("cycles of tests", {}).setdefault(w.place, count()))
    code, number = f"everybody{number // QUARTERS}", number % QUARTERS
    key = uuid5(UUID(int=7), code)
    publish_scheme(s, scheme_from_json({**SCHEME, "code": code}, key=key, place_code=f"{w.place[:6]}000000"), by=by,
                   at=at)
    year, quarter = w.today.year - 1 - number // 4, 4 - number % 4
    return str(open_cycle(s, OpenCycle(uuid4(), w.place, year, code, f"Q{quarter}"), by=by, at=at))


def confirmed(w: World) -> str:
    cycle = UUID(open_one(w))
    freeze_cycle(db.session(), FreezeCycle(uuid4(), cycle), by=by_system(w), at=clock.now())
    confirm_cycle(db.session(), ConfirmCycle(cycle), by=by_system(w), at=clock.now())
    return str(cycle)


def noticed(w: World, back: int = 0) -> str:
    """On notice since so many days; after six it has run out."""
    cycle = confirmed(w)
    publish_notice(db.session(), PublishNotice(uuid4(), UUID(cycle)), by=by_system(w),
                   at=clock.now() - timedelta(days=back))
    return cycle


def honour_in(w: World, cycle: str, code: str) -> str:
    found = db.session().scalars(select(Honour.id).where(
        Honour.cycle_id == UUID(cycle), Honour.household_id == w.village.households[code].id)).one()
    db.session().rollback()
    return str(found)


def awarded(w: World, code: str) -> str:
    cycle = noticed(w, 10)
    w.by("committee2" if not getattr(w, "prefix", "") else "committee").done(f"/honours/cycles/{cycle}/award")
    return honour_in(w, cycle, code)


def objected(w: World, code: str) -> tuple[str, str]:
    """(honour, objection)"""
    honour = honour_in(w, noticed(w), code)
    w.by("recorder").done(f"/honours/{honour}/objections", {"text": WHY})
    return honour, str(w.by("supervisor").get(f"/honours/{honour}").json["waiting"]["objections"][0])


def proposed(w: World, code: str, kind: str = "warn") -> tuple[str, str]:
    """(honour, measure)"""
    honour = awarded(w, code)
    return honour, str(w.by("committee").done(f"/honours/{honour}/measures", {"kind": kind, "reason": WHY})["id"])


def rechecked(w: World, code: str) -> tuple[str, str]:
    """(honour, recheck): as the job leaves one for the committee."""
    honour, s, at = UUID(awarded(w, code)), db.session(), clock.now()
    undone = ledger.transactions(s.connection(), w.village.book_id, household=w.village.households[code].id,
                                 limit=1)[0].id
    s.rollback()
    with unit_of_work(s):
        row = HonourRecheck(book_id=w.village.book_id, id=uuid4(), honour_id=honour, cause=uuid4(), undone=undone,
                            stars=["E1"], found_at=at, state=CHECKED, lost=["E1"], checked_at=at, sealed=None,
                            kept=None, settled_at=None, settled_by=None)
        s.add(row)
        found = row.id
    return str(honour), str(found)


def to_correct(w: World, code: str) -> tuple[str, str]:
    """(honour, correction): drafted by a suspension two people agreed on."""
    honour, measure = proposed(w, code, "suspend")
    w.by("supervisor").done(f"/honours/measures/{measure}/decision", {"agreed": True})
    return honour, str(w.by("committee").get(f"/honours/{honour}").json["waiting"]["corrections"][0])


@case("/honours/cycles/{cycle_id}/entries")
def _(w: World) -> Write:
    body = {"household": w.village.households["H005"].code}
    return Write("committee", f"/honours/cycles/{open_one(w)}/entries", body, other={**body, "withdraw": True})


@case("/honours/cycles/{cycle_id}/freeze")
def _(w: World) -> Write:
    return Write("committee", f"/honours/cycles/{open_one(w)}/freeze", {}, other={"as_of": str(date(2000, 1, 1))})


@case("/honours/cycles/{cycle_id}/notice")
def _(w: World) -> Write:
    return Write("committee", f"/honours/cycles/{confirmed(w)}/notice", by_nature=True)


@case("/honours/cycles/{cycle_id}/award")
def _(w: World) -> Write:
    return Write("committee2", f"/honours/cycles/{noticed(w, 10)}/award", by_nature=True)


@case("/honours/{honour_id}/objections")
def _(w: World) -> Write:
    return Write("recorder", f"/honours/{honour_in(w, noticed(w), 'H005')}/objections", {"text": WHY},
                 other={"text": WHY, "star": "E1"})


@case("/honours/objections/{objection_id}/answer")
def _(w: World) -> Write:
    body = {"upheld": False, "reason": WHY}
    return Write("supervisor", f"/honours/objections/{objected(w, 'H005')[1]}/answer", body,
                 other={**body, "upheld": True})


@case("/honours/{honour_id}/measures")
def _(w: World) -> Write:
    body = {"kind": "warn", "reason": WHY}
    return Write("committee", f"/honours/{awarded(w, 'H005')}/measures", body, other={**body, "kind": "suspend"})


@case("/honours/measures/{measure_id}/decision")
def _(w: World) -> Write:
    return Write("supervisor", f"/honours/measures/{proposed(w, 'H005')[1]}/decision", {"agreed": True},
                 other={"agreed": False, "reason": WHY})


@case("/honours/{honour_id}/plaque")
def _(w: World) -> Write:
    return Write("committee", f"/honours/{awarded(w, 'H005')}/plaque", {"plaque": "hung"},
                 other={"plaque": "withheld", "reason": WHY})


@case("/honours/rechecks")
def _(w: World) -> Write:
    return Write("committee", "/honours/rechecks", by_nature=True)


@case("/honours/rechecks/{recheck_id}/keep")
def _(w: World) -> Write:
    return Write("committee", f"/honours/rechecks/{rechecked(w, 'H005')[1]}/keep", {"reason": WHY},
                 other={"reason": WHY + "两次"})


@case("/honours/corrections/{correction_id}/publish")
def _(w: World) -> Write:
    return Write("committee", f"/honours/corrections/{to_correct(w, 'H005')[1]}/publish", by_nature=True)


@case("/ratings/schemes")
def _(w: World) -> Write:
    body = {"place": f"{w.place[:6]}000000", "scheme": {**SCHEME, "code": "more"}}
    return Write("admin", "/ratings/schemes", body, other={**body, "scheme": {**SCHEME, "code": "others"}})
