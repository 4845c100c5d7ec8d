"""Guessing: at one account, at many, from one place; and what the owner of an attacked account notices."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from pointsbank.access import AppUser, Origin, SlowDown, WrongSignIn, sign_in
from pointsbank.access.passwords import hashed, use_cost, weak
from pointsbank.access.tries import FROM_ONE_SOURCE, IN_A_WEEK, TRIES, network_of
from pointsbank.database import db
from pointsbank.errors import BadInput
from redemption.demo.people import Village
from tests.conftest import VILLAGE_AT
from tests.visitor import Visitor, words

LONG = os.environ.get("LONG") == "1"
STAFF, PIN = "xiangyang2026", "202611"
HOME = Origin("192.168.1.20", "a-phone-that-signed-in-before", "Chrome · Android")
MINUTE = timedelta(minutes=1)


def guess(s, login: str, at, source: str = "203.0.113.9") -> str:
    try:
        sign_in(s, login, "not-it-at-all", at=at, origin=Origin(source))
    except (WrongSignIn, SlowDown) as refusal:
        return refusal.code
    return "in"


@pytest.fixture
def cheap_hash(s: Session, village: Village) -> Iterator[None]:
    """Thousands of guesses: passwords that are little work, the same for everybody."""
    use_cost(1, 8)
    s.execute(update(AppUser).where(AppUser.kind == "staff").values(password_hash=hashed(STAFF)))
    s.execute(update(AppUser).where(AppUser.kind == "household").values(password_hash=hashed(PIN)))
    s.commit()
    yield
    use_cost(2, 19 * 1024)


@pytest.mark.parametrize("login", ["clerk", "230199100200/H011", "nobody-here"])
def test_an_account_takes_ten_wrong_tries_in_a_quarter_of_an_hour(s, village, cheap_hash, login):
    answers = [guess(s, login, VILLAGE_AT + n * MINUTE / 60, f"203.0.113.{n}") for n in range(12)]
    assert answers == ["wrong_sign_in"] * TRIES + ["slow_down"] * 2
    assert guess(s, login, VILLAGE_AT + 14 * MINUTE) == "slow_down"
    assert guess(s, login, VILLAGE_AT + 16 * MINUTE) == "wrong_sign_in"


def test_ten_thousand_guesses_at_one_account_get_a_hundred_tries_in_a_week(s, village, cheap_hash):
    guesses, week = 10_000 if LONG else 300, timedelta(days=6)
    answers = [guess(s, "clerk", VILLAGE_AT + n * week / guesses, f"198.51.{n % 256}.{n // 256}")
               for n in range(guesses)]
    assert answers.count("wrong_sign_in") == IN_A_WEEK
    assert answers.count("in") == 0


def test_one_guess_at_each_of_many_accounts_from_one_source_ends(s, village, cheap_hash):
    guesses = 10_000 if LONG else FROM_ONE_SOURCE + 20
    answers = [guess(s, f"2301991002{n % 100:02d}/H{n:05d}", VILLAGE_AT + n * MINUTE / 10_000) for n in range(guesses)]
    assert answers.count("wrong_sign_in") == FROM_ONE_SOURCE
    assert sign_in(s, "clerk", STAFF, at=VILLAGE_AT + MINUTE, origin=Origin("203.0.113.77"))


def test_a_whole_village_behind_one_router_signs_in(s, village, cheap_hash):
    """288 sign-ins from one address within ten minutes, two hundred of them mistyped first."""
    codes = [f"H{n:03d}" for n in range(1, 25)] * 12
    for n, code in enumerate(codes):
        login, at = f"230199100200/{code}", VILLAGE_AT + n * MINUTE / 30
        if n < 200:
            assert guess(s, login, at, "192.168.1.1") == "wrong_sign_in"
        assert sign_in(s, login, PIN, at=at, origin=Origin("192.168.1.1", f"phone-{n}", "微信"))


def test_who_is_attacked_still_signs_in_from_a_device_the_account_knows(s, village, cheap_hash):
    device = sign_in(s, "clerk", STAFF, at=VILLAGE_AT, origin=HOME).device
    later = VILLAGE_AT + 60 * MINUTE
    assert [guess(s, "clerk", later) for _ in range(15)].count("slow_down") == 5
    known = Origin("10.0.0.5", device, "Chrome · Android")
    assert sign_in(s, "clerk", STAFF, at=later, origin=known)
    with pytest.raises(SlowDown):
        sign_in(s, "clerk", STAFF, at=later, origin=Origin("10.0.0.5", "another-device"))
    with pytest.raises(SlowDown):
        sign_in(s, "clerk", STAFF, at=later, origin=Origin("10.0.0.5"))


def test_a_device_of_somebody_else_opens_no_second_budget(s, village, cheap_hash):
    device = sign_in(s, "clerk2", STAFF, at=VILLAGE_AT, origin=HOME).device
    answers = []
    for n in range(12):
        try:
            sign_in(s, "clerk", "wrong", at=VILLAGE_AT, origin=Origin("10.0.0.5", device if n % 2 else ""))
        except (WrongSignIn, SlowDown) as refusal:
            answers.append(refusal.code)
    assert answers == ["wrong_sign_in"] * TRIES + ["slow_down"] * 2


def test_right_tries_use_nothing_up(s, village, cheap_hash):
    for n in range(30):
        assert sign_in(s, "clerk", STAFF, at=VILLAGE_AT + n * MINUTE / 60, origin=Origin("10.0.0.5"))


def test_an_unknown_account_and_a_wrong_password_read_and_take_the_same(app, village):
    """In the long run the work is measured as well, not the wall clock: other programs do not count."""
    rounds = 60 if LONG else 2
    spent: dict[str, list[int]] = {"clerk": [], "no-such-name": []}
    texts = {}
    for n in range(rounds):
        for login, took in spent.items():
            client = app.test_client()
            data = {"kind": "staff", "login": login, "password": f"wrong-{n}"}
            environment = {"REMOTE_ADDR": f"203.0.113.{n}"}
            if n % TRIES == 0:
                db.session.rollback()
                db.session.execute(db.text("DELETE FROM sign_in_try"))
                db.session.commit()
            start = time.thread_time_ns()
            answer = client.post("/login", data=data, environ_overrides=environment)
            took.append(time.thread_time_ns() - start)
            assert answer.status_code == 401
            texts[login] = words(answer.text)
    medians = [statistics.median(took) for took in spent.values()]
    assert not LONG or abs(medians[0] - medians[1]) < 20_000_000, spent
    assert texts["clerk"] == texts["no-such-name"]


def test_a_locked_account_and_a_locked_nobody_read_the_same(app, village, cheap_hash):
    texts = []
    for login in ("clerk", "no-such-name"):
        for n in range(TRIES + 1):
            answer = app.test_client().post("/login", data={"kind": "staff", "login": login, "password": "wrong"},
                                            environ_overrides={"REMOTE_ADDR": f"203.0.113.{n}"})
        assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0
        texts.append(words(answer.text))
    assert texts[0] == texts[1]


@pytest.mark.parametrize(("pin", "is_weak"), [
    ("12345", True), ("123456", True), ("654321", True), ("888888", True), ("121212", True), ("123123", True),
    ("112233", True), ("520520", True), ("890123", True), ("739204", False), ("202611", False)])
def test_a_pin_has_six_digits_and_is_none_of_those_everybody_tries(pin, is_weak):
    assert weak("household", pin) is is_weak


def test_a_household_cannot_choose_a_pin_everybody_tries(app, village):
    home = Visitor(app, "H011")
    answer = home.send(home.form("/password", "/password"), old_password=PIN, new_password="666666")
    assert answer.status_code == 422 and "太容易被猜中" in words(answer.text)
    assert home.send(home.form("/password", "/password"), old_password=PIN, new_password="739204").status_code == 303


def test_staff_choose_no_password_with_their_own_name(app, village):
    clerk = Visitor(app, "clerk")
    for bad in ("clerk-2027", "short-7", "aaaaaaaaaa", "password123"):
        answer = clerk.send(clerk.form("/password", "/password"), old_password=STAFF, new_password=bad)
        assert answer.status_code == 422, bad


def test_one_household_s_router_is_one_source_in_the_new_addresses_too():
    assert network_of("2001:db8:1:2:aaaa::1") == network_of("2001:db8:1:2:bbbb::2") != network_of("2001:db8:1:3::1")
    assert network_of("10.0.0.1") != network_of("10.0.0.2")


def test_a_weak_first_password_is_refused(s, village):
    from pointsbank.access import AddUser, add_user

    with pytest.raises(BadInput):
        add_user(s, AddUser("new-clerk", "staff", village.place_code, "12345678"), at=VILLAGE_AT)
