"""Colleagues, the page of powers, and the trail: what it holds, who reads it, what it never holds."""

from __future__ import annotations

import ast
import io
import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from pointsbank.access import POWERS, ROLES
from pointsbank.audit import AuditEvent
from pointsbank.database import db
from pointsbank.sheets import open_workbook
from pointsbank.staff.looks import LOOKS, NOBODY, plain, subject_of
from pointsbank.staff.trail_words import ACTION_WORDS
from pointsbank.staff.words import ROLE_WORDS, grouped
from tests.api_writes import World
from tests.demo_today import bare_today  # noqa: F401
from tests.doors.entries import ENTRIES
from tests.test_tidy import sources
from tests.visitor import Visitor, words

PERSONAL = {"record", "household", "household_id", "sale", "cycle", "import", "roster", "user", "transaction",
            "honour", "put_up"}


def events(**wanted: Any) -> list[AuditEvent]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEvent).filter_by(**wanted).order_by(AuditEvent.at, AuditEvent.id)))


def test_every_page_about_one_person_s_affairs_writes_a_look(app: Flask):
    read = {rule.endpoint: rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    about = {name for name, entry in ENTRIES.items() if name in read and set(entry.where.values()) & PERSONAL}
    forgotten = {name for name in about - NOBODY if subject_of(name, {
        one: uuid.uuid4() if "uuid:" + one in read[name].rule else "H011" for one in read[name].arguments}) is None}
    assert forgotten == set(), "new pages: say in pointsbank/staff/looks.py what is looked at"
    assert LOOKS.keys() - read.keys() == set(), "pages that are no more"


def test_a_look_says_who_what_when_in_which_role_and_from_where(app, village):
    office = Visitor(app, "committee2")
    office.client.environ_base["REMOTE_ADDR"] = "192.168.1.31"
    home = village.households["H011"]
    assert office.get(f"/households/{home.id}").status_code == 200
    seen, = events(action="looked")
    assert (seen.subject, seen.role, seen.place_code, seen.detail) == (
        f"household:{home.id}", "committee", village.place_code, {"page": "households.show"})
    assert seen.origin.endswith("192.168.1.31") and seen.user_id is not None


def test_what_was_refused_or_not_there_is_no_look(app, village):
    clerk = Visitor(app, "clerk")
    assert clerk.get(f"/households/{village.households['H011'].id}").status_code == 403
    assert Visitor(app, "committee").get("/households/00000000-0000-0000-0000-000000000000").status_code == 404
    assert events(action="looked") == []


def test_what_somebody_types_into_an_address_does_not_get_into_the_trail(app, village):
    Visitor(app, "committee").get("/records", place="王德顺 13900000001")
    assert all("王德顺" not in one.subject and "13900000001" not in one.subject for one in events())
    assert (plain("H011"), plain("a" * 26), plain("王德顺")) == ("H011", "", "")


@pytest.mark.parametrize("login", ["admin", "security", "committee", "supervisor", "clerk", "H011"])
def test_only_an_auditor_reads_the_trail(app, village, login):
    assert Visitor(app, login).get("/audit/trail").status_code == 403
    assert Visitor(app, login).get("/audit/trail.csv").status_code == 403


def test_the_auditor_filters_and_exports_and_that_is_a_look_too(app, village):
    Visitor(app, "committee2").get(f"/households/{village.households['H002'].id}")
    Visitor(app, "clerk")
    auditor = Visitor(app, "auditor")
    page = words(auditor.page("/audit/trail", login="committee2", action="looked"))
    assert "committee2" in page and f"household:{village.households['H002'].id}" in page and "村“两委”成员" in page
    assert "signed_in" not in page
    answer = auditor.get("/audit/trail.xlsx", action="signed_in")
    rows = [[cell.value for cell in row.cells] for row in open_workbook(io.BytesIO(answer.data).read(), "").rows()]
    assert {row[1] for row in rows[1:]} >= {"committee2", "clerk", "auditor"} and {row[5] for row in rows[1:]} == {
        "signed_in"}
    assert [one.detail["page"] for one in events(action="looked")][-2:] == ["trail.home", "trail.fetch"]
    assert auditor.get("/audit/trail", start="not a day").status_code == 422
    assert auditor.get("/audit/trail", start="2099-01-01").status_code == 200


def recorded_actions() -> tuple[set[str], set[str]]:
    """What the code writes onto the trail: whole names, and the beginnings of those that it puts together."""
    whole, beginnings = set(), set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
            if called != "record" or len(node.args) < 4:  # type: ignore[attr-defined]
                continue
            action = node.args[2]  # type: ignore[attr-defined]
            if isinstance(action, ast.Constant):
                whole.add(action.value)
            elif isinstance(action, ast.JoinedStr):
                beginnings.add(action.values[0].value)  # type: ignore[attr-defined]
    return whole, beginnings


def test_every_action_on_the_trail_has_words():
    whole, beginnings = recorded_actions()
    assert len(whole) > 50 and {"honours.", "records.objection_"} <= beginnings
    assert whole - ACTION_WORDS.keys() == set()
    assert {one for one in beginnings if not any(action.startswith(one) for action in ACTION_WORDS)} == set()


def test_a_change_and_its_event_are_one(app, s, bare_today):  # noqa: F811
    """A sale that is refused leaves no event; one that is made leaves exactly one, with who and where."""
    world = World(app, bare_today)
    assert world.by("clerk").post("/sales", {**world.basket("H001", "P01"), "items": [
        {"sku": "P01", "quantity": 100}]}).status_code == 409
    assert [one for one in events() if one.action.startswith(("sale", "till"))] == []
    world.by("clerk").done("/sales", world.basket("H001", "P01"))
    made, = [one for one in events() if one.action.startswith(("sale", "till"))]
    assert (made.role, made.place_code) == ("clerk", bare_today.place_code) and made.origin.startswith("API")


def test_the_page_of_powers_says_every_power_of_every_role_and_who_holds_it_where(app, village):
    page = words(Visitor(app, "security").page("/staff/powers"))
    for role in ROLES:
        assert str(ROLE_WORDS[role]) in page
    assert "clerk · 向阳村" in page and "storekeeper · 向阳村" in page
    assert "其他" not in {title for title, _ in grouped(frozenset().union(*POWERS.values()))}, "a power without words"
    named = {power for _, some in grouped(frozenset().union(*POWERS.values())) for power, _ in some}
    assert named == frozenset().union(*POWERS.values())
    assert "clerk · 向阳村" not in words(Visitor(app, "admin").page("/staff/powers")), "who, only for who manages"


def test_a_colleague_comes_changes_and_goes(app, village):
    security = Visitor(app, "security")
    answer = security.send(security.form("/staff", "/staff"), login="new-clerk", place=village.place_code, role="clerk")
    first = words(answer.text).split("(只显示这一次):")[1].split()[0]
    assert answer.status_code == 201 and first not in security.page("/staff")
    clerk = Visitor(app, None)
    assert clerk.sign_in("new-clerk", first).status_code == 303
    assert clerk.get("/till").headers["Location"] == "/password"
    clerk.send(clerk.form("/password", "/password"), old_password=first, new_password="mein-eigenes-1")
    clerk.sign_in("new-clerk", "mein-eigenes-1")
    assert clerk.get("/goods").status_code == 200
    link = security.page("/staff").split('>new-clerk</a>')[0].rpartition('href="')[2].split('"')[0]
    assert security.send(security.form(link, f"{link}/roles/end")).status_code == 303
    assert clerk.get("/goods").status_code == 403
    assert security.send(security.form(link, f"{link}/roles"), role="storekeeper",
                         place=village.place_code).status_code == 303
    assert clerk.get("/stock/papers").status_code in (200, 404)
    assert security.send(security.form(link, f"{link}/off")).status_code == 303
    assert clerk.get("/goods").status_code == 303
    same = security.send(security.form("/staff", "/staff"), login="new-clerk", place=village.place_code, role="clerk")
    assert same.status_code == 422 and "已经有人用了" in words(same.text)


def test_no_one_gives_a_role_to_their_own_name(app, village):
    security = Visitor(app, "security")
    link = security.page("/staff").split('>security</a>')[0].rpartition('href="')[2].split('"')[0]
    answer = security.send(security.form(link, f"{link}/roles"), role="auditor", place="230199000000")
    assert answer.status_code == 403 and "要由别人来办" in words(answer.text)


def test_the_three_administrators_are_three():
    """System, security and audit: none holds what another is there to check."""
    admin, security, auditor = (POWERS[role] for role in ("admin", "security", "auditor"))
    assert "users.manage" in security and "users.manage" not in admin | auditor
    assert "trail.view" in auditor and "trail.view" not in admin | security
    assert {"schedule.publish", "jobs.run"} <= admin and not {"schedule.publish", "jobs.run"} & (security | auditor)
