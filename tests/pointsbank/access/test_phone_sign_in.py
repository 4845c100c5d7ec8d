"""Sign-in by phone: a code once, alike for numbers nobody has, and a number that several families share."""

from __future__ import annotations

import json
import uuid
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from pointsbank import clock
from pointsbank.access import AppUser, Origin, SlowDown, phone
from pointsbank.access.models import PhoneCode
from pointsbank.access.phone import LIVES, TO_ONE_PHONE, TRIES, WrongPhoneCode, ask_code, enter_home, prove_phone
from pointsbank.audit import AuditEvent
from pointsbank.crypto import keyed_hash
from pointsbank.database import db
from pointsbank.errors import BadInput
from pointsbank.people import AddPerson, Person, add_person
from pointsbank.sending import sender_named, to_console
from redemption.demo.people import Village, data
from tests.conftest import VILLAGE_AT as AT
from tests.visitor import Visitor, forms_of, words

NOBODYS = "19912345678"
MINUTE = timedelta(minutes=1)
HERE = Origin("192.168.1.20", "", "微信 · Android")


def phone_of(code: str) -> str:
    return next(one["phone"] for one in data("members.json")["heads"] if one["hh"] == code)


def other(code: str | None) -> str:
    return f"{(int(code or 0) + 1) % 10**6:06d}"


def shared(s: Session, village: Village, code: str, number: str) -> None:
    """Somebody of another household has the same number: a grandchild's."""
    home = village.households[code]
    add_person(s, AddPerson(home.book_id, home.id, "共用机", date(2026, 1, 1), relation="孙辈", phone=number))
    s.commit()


@pytest.fixture
def sent(app: Flask) -> list[tuple[str, str]]:
    """What went out, as (number, text)."""
    found: list[tuple[str, str]] = []
    app.extensions["sender"] = lambda number, said: found.append((number, said))
    return found


def asked(visitor: Visitor, number: str, after: str = ""):
    form = next(one for one in forms_of(visitor.page("/login", kind="phone", next=after), "/login")
                if one.action == "/login/phone")
    answer = visitor.send(form, phone=number)
    answer.close()  # the message leaves after the answer
    return answer


def test_a_volunteer_signs_in_by_phone_and_the_code_opens_once(app, village, sent):
    visitor = Visitor(app, None)
    answer = asked(visitor, f"+86 {phone_of('H011')}", after="/me/code")
    assert (answer.status_code, answer.location) == (303, "/login/code?next=/me/code")
    (number, said), = sent
    code = next(part for part in said.replace(",", " ").split() if part.isdigit())
    assert number == phone_of("H011") and len(code) == 6
    form = next(one for one in visitor.forms("/login/code?next=/me/code") if one.action == "/login/code")
    wrong = visitor.send(form, code=other(code))
    assert wrong.status_code == 401 and "验证码不对" in words(wrong.text) and other(code) not in wrong.text
    assert visitor.send(form, code=code).location == "/me/code"
    assert "H011" in visitor.page("/me/code")
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "signed_in")).one()
    assert event.detail == {"way": "phone"}
    thief = Visitor(app, None)
    thief.client.set_cookie("pb_asked", visitor.client.get_cookie("pb_asked", path="/login").value, path="/login")
    assert thief.send(form, code=code).status_code == 401


def test_a_number_nobody_has_reads_the_same_and_nothing_is_sent(app, village, sent):
    pages = []
    for number in (phone_of("H011"), NOBODYS):
        visitor = Visitor(app, None)
        answer = asked(visitor, number)
        form = next(one for one in visitor.forms("/login/code") if one.action == "/login/code")
        wrong = visitor.send(form, code="1")
        pages.append((answer.status_code, answer.location, words(visitor.page("/login/code")), wrong.status_code,
                      words(wrong.text), sorted(answer.headers.keys())))
    assert pages[0] == pages[1]
    assert [number for number, _ in sent] == [phone_of("H011")]


def test_a_phone_that_several_families_share_asks_which(app, village, sent):
    shared(db.session(), village, "H012", phone_of("H011"))
    visitor = Visitor(app, None)
    asked(visitor, phone_of("H011"))
    form = next(one for one in visitor.forms("/login/code") if one.action == "/login/code")
    code = next(part for part in sent[0][1].replace(",", " ").split() if part.isdigit())
    assert visitor.send(form, code=code).location == "/login/whose"
    page = visitor.page("/login/whose")
    assert "H011" in page and "H012" in page and "共用机" in page and visitor.get("/me").status_code == 303
    choice = next(one for one in forms_of(page, "/login/whose") if one.action == "/login/whose")
    users = {user.login.rpartition("/")[2]: user.id for user in db.session.scalars(select(AppUser).where(
        AppUser.kind == "household"))}
    assert visitor.send(choice, user=str(users["H013"])).location == "/login?kind=phone", "not one of them"
    assert visitor.send(choice, user=str(users["H012"])).status_code == 303
    assert "H012" in visitor.page("/me/code")
    thief = Visitor(app, None)
    thief.client.set_cookie("pb_asked", visitor.client.get_cookie("pb_asked", path="/login").value, path="/login")
    assert thief.send(choice, user=str(users["H011"])).location == "/login?kind=phone", "chosen once"


def test_a_code_lives_five_minutes_and_stands_five_tries(s, village):
    one = ask_code(s, phone_of("H011"), at=AT, origin=HERE)
    with pytest.raises(WrongPhoneCode):
        prove_phone(s, one.token, str(one.code), at=AT + LIVES + MINUTE)
    two = ask_code(s, phone_of("H011"), at=AT, origin=HERE)
    for _ in range(TRIES):
        with pytest.raises(WrongPhoneCode):
            prove_phone(s, two.token, other(two.code), at=AT, origin=HERE)
    with pytest.raises(WrongPhoneCode):
        prove_phone(s, two.token, str(two.code), at=AT, origin=HERE)
    three = ask_code(s, phone_of("H011"), at=AT, origin=HERE)
    with pytest.raises(WrongPhoneCode):
        prove_phone(s, three.token, str(two.code) if two.code != three.code else "", at=AT, origin=HERE)
    assert prove_phone(s, three.token, str(three.code), at=AT, origin=HERE)
    with pytest.raises(WrongPhoneCode):
        prove_phone(s, three.token, str(three.code), at=AT, origin=HERE)
    home, = phone.proved_homes(s, three.token, at=AT)
    entered = enter_home(s, three.token, home.user_id, at=AT, origin=HERE)
    assert entered.actor.household_id == village.households["H011"].id
    with pytest.raises(WrongPhoneCode):
        enter_home(s, three.token, home.user_id, at=AT, origin=HERE)


@pytest.mark.parametrize("number", ["H011", NOBODYS])
def test_a_number_is_not_flooded_and_guesses_add_up_over_its_codes(s, village, number):
    number = phone_of(number) if number.startswith("H") else number
    codes = [ask_code(s, number, at=AT) for _ in range(TO_ONE_PHONE)]
    with pytest.raises(SlowDown):
        ask_code(s, number, at=AT + MINUTE)
    refused = []
    for one in codes:
        for _ in range(4):
            with pytest.raises((WrongPhoneCode, SlowDown)) as refusal:
                prove_phone(s, one.token, other(one.code), at=AT + MINUTE)
            refused.append(refusal.value.code)
    assert refused == ["wrong_phone_code"] * 10 + ["slow_down"] * 10
    assert ask_code(s, number, at=AT + 16 * MINUTE)


def test_who_left_and_who_was_shut_out_get_no_code(s, village):
    s.execute(update(Person).where(Person.phone_hash == keyed_hash("phone", phone_of("H011"))).values(
        left_on=date(2026, 1, 1)))
    s.execute(update(AppUser).where(AppUser.login.endswith("/H012")).values(disabled_at=AT))
    s.commit()
    assert ask_code(s, phone_of("H011"), at=AT).code is None and ask_code(s, phone_of("H012"), at=AT).code is None


def test_no_number_and_no_code_stand_in_the_table(s, village):
    one = ask_code(s, phone_of("H011"), at=AT)
    row = s.execute(text("SELECT token_hash, phone_hash, code_hash, source FROM phone_code")).one()
    kept = b"".join(bytes(part) for part in row)
    assert not any(word.encode() in kept for word in (one.token, one.phone, str(one.code)))
    assert s.query(PhoneCode).one().tries == 0


@pytest.mark.parametrize("typed", ["", "12345", "1234567890123", "H011"])
def test_what_is_no_number_is_said_to_be_none(s, typed):
    with pytest.raises(BadInput):
        ask_code(s, typed, at=AT)


def test_a_file_takes_the_messages_and_a_plug_in_is_named_by_its_function(tmp_path, capsys):
    out = tmp_path / "out.jsonl"
    send = sender_named(f"file:{out}")
    assert send is not None and sender_named("") is None and sender_named("console") is to_console
    send("13900000001", "一"), send("13900000002", "二")
    assert [json.loads(line)["phone"] for line in out.read_text("utf-8").splitlines()] == ["13900000001", "13900000002"]
    to_console("13900000001", "码 123456")
    assert "139****0001: 码 123456" in capsys.readouterr().out
    assert sender_named("pointsbank.sending:to_console") is to_console
    for wrong in ("pointsbank.sending:nothing", "no_such_module:send", "pointsbank.sending:json", "sms"):
        with pytest.raises(ValueError):
            sender_named(wrong)


def test_without_a_sender_a_real_book_offers_no_phone(app, s):
    visitor = Visitor(app, None)
    assert "手机号" not in visitor.page("/login") and visitor.get("/login/code").status_code == 404
    assert visitor.client.post("/login/phone", data={"phone": NOBODYS, "key": str(uuid.uuid4())}).status_code == 404


def test_a_sender_that_fails_is_the_operators_business(app, village, caplog):
    def broken(number: str, said: str) -> None:
        raise ConnectionError("no gateway")

    app.extensions["sender"] = broken
    assert asked(Visitor(app, None), phone_of("H011")).status_code == 303
    assert "could not be sent" in caplog.text and phone_of("H011") not in caplog.text


def test_asking_at_the_real_clock_is_counted_for_the_source_as_well(s, village):
    for _ in range(phone.FROM_ONE_SOURCE):
        s.add(PhoneCode(book_id=0, id=uuid.uuid4(), token_hash=uuid.uuid4().bytes, phone_hash=uuid.uuid4().bytes,
                        code_hash=b"-", source=keyed_hash("phone_code_source", "192.168.1.20"), tries=0,
                        made_at=clock.now(), proved_at=None, used_at=None))
    s.commit()
    with pytest.raises(SlowDown):
        ask_code(s, phone_of("H011"), at=clock.now(), origin=HERE)
    assert ask_code(s, phone_of("H011"), at=clock.now(), origin=Origin("192.168.1.21")).code
