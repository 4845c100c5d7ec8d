"""A real village's first day: the demo left behind, a roster, opening balances by two persons, a PIN at the till."""

from __future__ import annotations

import io
import re
import sqlite3
import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import text

import ledger
from pointsbank import accounts, clock
from pointsbank.access import AppUser, actor_of_user, can, sign_in
from pointsbank.errors import KeyReused, NotFound
from pointsbank.founding import (
    BeginBook,
    EnterOpenings,
    begin_book,
    confirm_openings,
    enter_openings,
    read_openings,
    withdraw_openings,
)
from pointsbank.founding.beginning import BegunBefore, DemoIsHere
from pointsbank.founding.openings import CarriedBefore, NeedsAnother, WrongRows
from pointsbank.people import find_household
from pointsbank.sheets import write_csv
from tests.demo_today import bare_today  # noqa: F401
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("day_of_the_test")
TODAY = clock.today()
NEXT = date(TODAY.year + 1, 3, 31)
WHERE = ["--county", "230183", "--county-name", "尚志市", "--town", "230183100000", "--town-name", "尚志镇",
         "--village", "230183100200=向阳村", "--admin", "zhang", "--password", "lampe-fluss-9"]
BOOK = BeginBook("230183", "尚志市", "230183100000", "尚志镇", (("230183100200", "向阳村"),), "zhang", "lampe-fluss-9")


def actor(s, login: str):
    return actor_of_user(s, s.query(AppUser).filter_by(login=login).one())


def test_a_real_book_begins_in_an_empty_database_with_its_administrator(app, s):
    run = app.test_cli_runner().invoke(args=["bank", "begin", *WHERE])
    assert run.exit_code == 0, run.output
    assert s.execute(text("SELECT is_demo FROM book WHERE book_id = 230183")).scalar_one() in (0, False)
    user = s.query(AppUser).one()
    assert (user.login, user.must_change) == ("zhang", True)
    first = sign_in(s, "zhang", "lampe-fluss-9", at=clock.now()).actor
    assert first.grants == {("admin", "230183000000"), ("security", "230183000000")}
    assert all(can(first, power, "230183100200") for power in ("users.manage", "people.edit", "imports.roster"))
    with pytest.raises(BegunBefore):
        begin_book(s, BOOK, at=clock.now())


def test_a_real_book_never_begins_beside_the_demo(s, village):
    with pytest.raises(DemoIsHere):
        begin_book(s, BOOK, at=clock.now())
    assert s.execute(text("SELECT count(*) FROM place WHERE code LIKE '230183%'")).scalar_one() == 0


def test_leaving_the_demo_puts_it_aside_whole(app, village, settings, database_kind):
    run = app.test_cli_runner().invoke(args=["bank", "begin", "--leave-demo", *WHERE])
    if database_kind == "postgresql":
        assert run.exit_code == 2 and "DATABASE_URL" in run.output
        return
    assert run.exit_code == 0, run.output
    aside, = (settings.data_dir / "backups").glob("*.db")
    kept = sqlite3.connect(aside)
    assert kept.execute("SELECT count(*) FROM household").fetchone() == (24,)
    kept.close()
    here = sqlite3.connect(settings.database_url.removeprefix("sqlite:///"))
    assert here.execute("SELECT count(*) FROM household").fetchone() == (0,)
    assert here.execute("SELECT book_id FROM book").fetchall() == [(230183,)]
    here.close()


def sheet(*lines: tuple[object, ...]) -> bytes:
    return write_csv(("户号", "余额(分)", "到期日"), lines)


def points(s, home) -> int:
    wallet = accounts.wallet(home.id, home.place_code)
    return ledger.balances(s.connection(), home.book_id, [wallet])[wallet].posted


def entered(s, village, data: bytes, key: uuid.UUID | None = None):
    lines = read_openings(s, village.place_code, data, "期初.csv", TODAY)
    return enter_openings(s, EnterOpenings(key or uuid.uuid4(), village.place_code, lines), by=actor(s, "recorder"),
                          at=clock.now())


def test_two_persons_carry_the_passbooks_over_with_their_last_days(app, s, village):
    row = entered(s, village, sheet(("H001", "100.50", NEXT.isoformat()), ("H001", "20", ""),
                                    ("H002", "-3", ""), ("H003", "54", NEXT.isoformat())))
    home = village.households["H001"]
    assert points(s, home) == 0, "nothing is posted by one person"
    with pytest.raises(NotFound):  # who enters has no power to confirm
        confirm_openings(s, row.id, by=actor(s, "recorder"), at=clock.now())
    confirm_openings(s, row.id, by=actor(s, "office"), at=clock.now())
    confirm_openings(s, row.id, by=actor(s, "office"), at=clock.now())
    assert [points(s, village.households[code]) for code in ("H001", "H002", "H003")] == [12050, -300, 5400]
    lapses = ledger.expiring(s.connection(), home.book_id, accounts.wallet(home.id, home.place_code), TODAY)
    assert lapses == [(NEXT, 10050)]
    with pytest.raises(CarriedBefore):
        entered(s, village, sheet(("H001", "1", "")))
    assert ledger.check(s.connection(), home.book_id) == []


def test_who_entered_does_not_confirm_whatever_the_roles(s, village):
    row = entered(s, village, sheet(("H001", "10", "")))
    row_id, maker = row.id, row.made_by
    from dataclasses import replace

    with pytest.raises(NeedsAnother):
        confirm_openings(s, row_id, by=replace(actor(s, "committee"), user_id=maker), at=clock.now())


def test_every_wrong_row_is_named_and_nothing_is_taken_in(s, village):
    with pytest.raises(WrongRows) as refused:
        entered(s, village, sheet(("H999", "1", ""), ("H001", "abc", ""), ("H002", "1", "2020-03-31")))
    assert [(one.row, one.code) for one in refused.value.findings] == [
        (2, "unknown_household"), (3, "bad_amount"), (4, "due_day")]


def test_the_same_list_twice_is_one_and_a_list_can_be_taken_back(s, village):
    key = uuid.uuid4()
    first = entered(s, village, sheet(("H001", "10", "")), key).id
    assert entered(s, village, sheet(("H001", "10", "")), key).id == first
    with pytest.raises(KeyReused):
        entered(s, village, sheet(("H001", "11", "")), key)
    withdraw_openings(s, first, by=actor(s, "recorder"), at=clock.now())
    assert points(s, village.households["H001"]) == 0


def test_the_page_shows_the_wrong_rows_and_the_second_person_confirms(app, s, village):
    recorder, committee = Visitor(app, "recorder"), Visitor(app, "committee")
    form = recorder.form("/openings", "/openings")

    def upload(data: bytes):
        return recorder.send(recorder.form("/openings", "/openings"), file=(io.BytesIO(data), "期初.csv"))

    assert form.typed == [] and 'data-row="2"' in upload(sheet(("H999", "1", ""))).text
    assert upload(sheet(("H004", "12.5", ""))).status_code == 303
    assert "已核对存折" not in recorder.page("/openings")
    assert committee.send(committee.form("/openings", "/openings/")).status_code == 303
    s.rollback()
    assert points(s, find_household(s, village.place_code, "H004")) == 1250


def test_a_forgotten_pin_is_renewed_at_the_till_with_a_second_person(app, s, bare_today):  # noqa: F811
    clerk, login = Visitor(app, "clerk"), f"{bare_today.place_code}/H005"
    form = clerk.form("/till/pins/H005", "/till/pins/H005")
    alone = clerk.send(form, second_login="clerk", second_password="xiangyang2026")
    assert alone.status_code == 409 and "两个人" in alone.text
    done = clerk.send(form, second_login="committee", second_password="xiangyang2026")
    assert done.status_code == 200 and done.headers["Cache-Control"] == "no-store"
    pin, = re.findall(r'class="value">(\d{6})<', done.text)
    assert pin not in clerk.page("/till/pins/H005")
    assert sign_in(s, login, pin, at=clock.now() + timedelta(seconds=1)).actor.household_id == (
        bare_today.households["H005"].id)
