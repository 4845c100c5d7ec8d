"""What the API can write about people and places, as cases; see tests/api_writes.py."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

from pointsbank import clock
from pointsbank.database import db
from pointsbank.people import AddHousehold, AddPerson, add_household, add_person
from pointsbank.places import AddPlace, add_place
from pointsbank.sheets import write_csv
from tests.api_writes import World, Write, case
from tests.sheets_of_people import HEADER

WHY = "家庭变动,双方自愿"


def a_newcomer(place: str, code: str) -> UUID:
    """A household without an opening balance."""
    return add_household(db.session(), AddHousehold(place, code, 1, clock.today())).id


def twice(w: World, code: str) -> list[str]:
    """One person registered twice in a household of their own."""
    home = a_newcomer(w.place, code)
    return [str(add_person(db.session(), AddPerson(w.village.book_id, home, "赵重名", clock.today(), phone=phone,
                                                   is_head=not phone)).id) for phone in ("", "13800138000")]


def merged_newcomers(w: World, by: Any) -> str:
    keep, lose = twice(w, f"T{clock.now():%H%M%S%f}")
    return str(by.done("/persons/merges", {"keep": keep, "lose": lose, "reason": "同一人"})["id"])


def _change(w: World, **more: Any) -> dict[str, Any]:
    return {"on": str(w.today), "reason": WHY, **more}


def _path(w: World, code: str, what: str) -> str:
    return f"/households/{w.village.households[code].id}/{what}"


def _child(w: World, code: str) -> str:
    return next(str(person.id) for person in w.village.members[code] if not person.is_head)


@case("/households/{household_id}/split")
def _(w: World) -> Write:
    child = _child(w, "H003")
    body = _change(w, code="H101", group_no=3, members=[child], head=child, points=500)
    return Write("committee2", _path(w, "H003", "split"), body, other={**body, "points": 600})


@case("/households/{household_id}/merge")
def _(w: World) -> Write:
    body = _change(w, into=str(w.village.households["H006"].id))
    return Write("committee2", _path(w, "H005", "merge"), body,
                 other={**body, "into": str(w.village.households["H007"].id)})


@case("/households/{household_id}/move")
def _(w: World) -> Write:
    add_place(db.session(), AddPlace("230199100201", "village", "前进村"))
    body = _change(w, place_code="230199100201", code="Q1", group_no=1)
    return Write("office", _path(w, "H007", "move"), body, other={**body, "code": "Q2"})


@case("/households/{household_id}/departure")
def _(w: World) -> Write:
    body = _change(w, to_book=230183)
    return Write("committee2", _path(w, "H008", "departure"), body, other={**body, "to_book": 230184})


@case("/households/{household_id}/deaths")
def _(w: World) -> Write:
    body = _change(w, person=_child(w, "H003"))
    return Write("committee2", _path(w, "H003", "deaths"), body, other={**body, "reason": "另有证明"})


@case("/households/{household_id}/head")
def _(w: World) -> Write:
    body = _change(w, head=_child(w, "H003"))
    return Write("committee2", _path(w, "H003", "head"), body, other={**body, "reason": "另有缘由"})


def _roster(code: str) -> dict[str, Any]:
    return {"file": (io.BytesIO(write_csv(HEADER, [(code, "赵新来", "户主", "1", "", "", "", "")])), "roster.csv")}


def _received(w: World) -> str:
    return str(w.by("recorder").done("/rosters", **_roster("H900"))["id"])


@case("/rosters")
def _(w: World) -> Write:
    return Write("recorder", "/rosters", form=lambda: _roster("H900"), other_form=lambda: _roster("H901"))


@case("/rosters/{file_id}/check")
def _(w: World) -> Write:
    return Write("recorder", f"/rosters/{_received(w)}/check", {}, by_nature=True)


@case("/rosters/{file_id}/confirm")
def _(w: World) -> Write:
    upload = _received(w)
    w.by("recorder").done(f"/rosters/{upload}/check", {})
    return Write("recorder", f"/rosters/{upload}/confirm", by_nature=True)


@case("/privacy/erasures")
def _(w: World) -> Write:
    body = {"person": _child(w, "H003"), "reason": "withdrawn"}
    return Write("admin", "/privacy/erasures", body, other={**body, "reason": "asked"})


def _openings(w: World, code: str) -> dict[str, Any]:
    return {"lines": [{"household": str(a_newcomer(w.place, code)), "points": 14600, "due_on": "2030-03-31"}]}


@case("/openings")
def _(w: World) -> Write:
    body = _openings(w, "N901")
    return Write("recorder", "/openings", body, other={"lines": [{**body["lines"][0], "points": 1}]})


@case("/openings/{sheet_id}/confirmation")
def _(w: World) -> Write:
    entered = w.by("recorder").done("/openings", _openings(w, "N902"))["id"]
    return Write("committee", f"/openings/{entered}/confirmation", by_nature=True)


@case("/persons/merges")
def _(w: World) -> Write:
    keep, lose = twice(w, "N903")
    body = {"keep": keep, "lose": lose, "reason": "同一人"}
    return Write("committee", "/persons/merges", body, other={**body, "take": ["phone"]})


@case("/persons/merges/{merge_id}/undo")
def _(w: World) -> Write:
    merge = merged_newcomers(w, w.by("committee"))
    return Write("committee", f"/persons/merges/{merge}/undo", by_nature=True)
