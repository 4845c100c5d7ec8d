"""A small book for reports: one village, two households, an auditor, a volunteer; its past is posted by the tests."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

import ledger
from pointsbank import accounts
from pointsbank.access import Actor, AddUser, actor_of_user, add_user, sign_in
from pointsbank.access.web import COOKIE
from pointsbank.database import db, unit_of_work
from pointsbank.people import AddHousehold, AddPerson, HouseholdCard, add_household, add_person, find_household
from pointsbank.places import AddPlace, add_place, open_book
from tests.factor import whole

COUNTY, TOWN, VILLAGE, NEXT_VILLAGE = "230199000000", "230199100000", "230199100200", "230199100201"
BOOK = 230199
START = datetime(2026, 1, 1, tzinfo=UTC)
PASSWORD = "correct horse"


def noon(day: date) -> datetime:
    """Midday of a day in Asia/Shanghai."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


@dataclass
class Book:
    """The set-up and short words for what happens in it."""

    s: Session
    h011: HouseholdCard
    h021: HouseholdCard

    def post(self, home: HouseholdCard, points: int, day: date, *, at: datetime | None = None,
             due_on: date | None = None, kind: str | None = None) -> uuid.UUID:
        """Points earned (above zero) or spent (below)."""
        wallet = accounts.wallet(home.id, home.place_code)
        budget, shop = accounts.budget(home.place_code), ledger.system("POINT", "spent:S1")
        transfer = (ledger.Transfer(budget, wallet, points, due_on) if points > 0
                    else ledger.Transfer(wallet, shop, -points))
        entry = ledger.Entry("test", str(uuid.uuid4()), kind or ("earned" if points > 0 else "sale"), day, (transfer,),
                             party=ledger.Party(household=home.id), place=home.place_code,
                             rule="V01" if points > 0 else None)
        with unit_of_work(self.s) as s:
            (outcome,) = ledger.post(s.connection(), BOOK, [entry], recorded_at=at or noon(day))
        assert outcome.transaction_id is not None
        return outcome.transaction_id

    def reverse(self, transaction_id: uuid.UUID, day: date) -> uuid.UUID:
        with unit_of_work(self.s) as s:
            outcome = ledger.reverse(s.connection(), BOOK, transaction_id, scope="test", key=str(uuid.uuid4()),
                                     recorded_at=noon(day), effective_on=day, claw_back=True)
        assert outcome.transaction_id is not None
        return outcome.transaction_id


def household(s: Session, code: str, head: str, place: str = VILLAGE) -> HouseholdCard:
    home = add_household(s, AddHousehold(place, code, 1, date(2026, 1, 1)))
    add_person(s, AddPerson(BOOK, home.id, head, date(2026, 1, 1), relation="户主", is_head=True))
    found = find_household(s, place, code)
    assert found is not None
    return found


def fill(s: Session) -> Book:
    for code, level, name, body in (
            ("230000000000", "province", "黑龙江省", None), ("230100000000", "city", "哈尔滨市", None),
            (COUNTY, "county", "演示县", "演示县新时代文明实践中心"),
            (TOWN, "town", "安和镇", "安和镇新时代文明实践所"),
            (VILLAGE, "village", "向阳村", "向阳村新时代文明实践站"), (NEXT_VILLAGE, "village", "永丰村", None)):
        add_place(s, AddPlace(code, level, name, body))
    open_book(s, COUNTY, at=START)
    return Book(s, household(s, "H011", "李𬭎"), household(s, "H021", "王㛃"))


@pytest.fixture
def book(s: Session) -> Book:
    return fill(s)


@pytest.fixture
def app_book(app: Flask) -> Book:
    """The same book in the app's own database session."""
    return fill(db.session())


def actor(s: Session, login: str, role: str, place: str, home: HouseholdCard | None = None) -> Actor:
    user = add_user(s, AddUser(
        login, "household" if home else "staff", place, PASSWORD, ((role, place),),
        household_id=home.id if home else None, person_id=home.head_id if home else None), at=START)
    return actor_of_user(s, user)


@pytest.fixture
def auditor(book: Book) -> Actor:
    return actor(book.s, "auditor", "auditor", COUNTY)


@pytest.fixture
def signed_in(app: Flask, app_book: Book) -> Callable[..., FlaskClient]:
    """signed_in("auditor", COUNTY) -> a browser with that role at that place (and household)."""

    def enter(role: str, place: str = COUNTY, home: HouseholdCard | None = None) -> FlaskClient:
        login = f"{role}-{uuid.uuid4().hex[:8]}"
        actor(db.session(), login, role, place, home)
        found = whole(db.session(), sign_in(db.session(), login, PASSWORD, at=datetime.now(UTC)))
        client = app.test_client()
        client.set_cookie(COOKIE, found.token)
        return client

    return enter
