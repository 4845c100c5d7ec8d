"""The demo village: its past ends exactly on the given figures, and everything in it went through the front doors."""

from __future__ import annotations

import io
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

import ledger
from ledger.journals import JOURNALS, plain
from pointsbank import accounts
from pointsbank.ledger_cli import DECIMALS
from pointsbank.places import is_demo
from pointsbank.records import ServiceRecord
from redemption.demo.loading import NotEmpty, a_year_before, load_demo
from redemption.demo.office import moment
from redemption.demo.people import Village, data
from redemption.stock import stock_of
from tests.conftest import LOADERS
from tests.databases import prepared
from tests.ledger.foreign import Read, beancount, hledger, nonzero

TODAY = date(2026, 11, 25)


def the_demo(s: Session, today: date = TODAY, bare: bool = False) -> Village:
    return load_demo(s, today=today, now=moment(today, 8), bare=bare, out=io.StringIO())


def the_bare_demo(s: Session) -> Village:
    return the_demo(s, bare=True)


LOADERS["lived"] = the_demo
LOADERS["bare"] = the_bare_demo


@pytest.fixture
def lived(database_kind, database_urls) -> Village:
    """The demo village with its past."""
    return prepared(database_kind, the_demo)[1]


@pytest.fixture
def bare(database_kind, database_urls) -> Village:
    """The demo village without its past."""
    return prepared(database_kind, the_bare_demo)[1]


def points(s: Session, village: Village) -> dict[str, int]:
    wallets = {code: accounts.wallet(home.id, home.place_code) for code, home in village.households.items()}
    found = ledger.balances(s.connection(), village.book_id, list(wallets.values()))
    return {code: found[account].posted for code, account in wallets.items()}


def on_hand(s: Session, village: Village, today: date = TODAY) -> dict[str, int]:
    return {sku: stock.posted for sku, stock in stock_of(s, village.book_id, village.place_code, today).items()}


GIVEN_POINTS = {row["no"]: row["opening_points"] * 100 for row in data("village.json")["households"]}
GIVEN_STOCK = {row["sku"]: row["stock"] for row in data("village.json")["goods"]}


def test_a_year_of_village_life_ends_on_the_given_balances_and_stock(s, lived):
    assert points(s, lived) == GIVEN_POINTS
    assert on_hand(s, lived) == GIVEN_STOCK
    assert points(s, lived)["H023"] == -500


def test_the_lived_book_breaks_no_law_of_the_ledger(s, lived):
    assert ledger.check(s.connection(), lived.book_id) == []


def test_foreign_programs_recompute_the_village_to_the_last_hundredth(s, lived, tmp_path):
    mine = {(plain(row.code), row.commodity): Decimal(row.balance).scaleb(-DECIMALS.get(row.commodity, 0))
            for row in ledger.trial_balance(s.connection(), lived.book_id)}
    paths = {form: tmp_path / f"book.{form}" for form in JOURNALS}
    for form, path in paths.items():
        path.write_text("".join(JOURNALS[form](s.connection(), lived.book_id, DECIMALS)), encoding="utf-8")
    with paths["hledger"].open(encoding="utf-8") as file:
        read = Read(file)
    assert (read.wrong, dict(read.balances)) == ([], mine)
    assert read.transactions == s.scalar(text("SELECT count(*) FROM ledger_transaction"))
    if answer := hledger(paths["hledger"]):
        assert (answer[0], nonzero(answer[1])) == (None, nonzero(mine))
    said, found = beancount(paths["beancount"])
    assert (said, sorted(nonzero(found).values())) == ("", sorted(nonzero(mine).values()))


def test_the_past_holds_what_a_real_year_holds(s, lived):
    kinds = Counter(dict(s.execute(text("SELECT kind, count(*) FROM ledger_transaction GROUP BY kind")).all()))
    for kind in ("earned", "deducted", "opening", "expired", "reversal", "sale", "sale_return", "receipt",
                 "stocktake", "written_off"):
        assert kinds[kind] > 0, kind
    states = Counter(dict(s.execute(select(ServiceRecord.status, func.count()).group_by(ServiceRecord.status)).all()))
    assert states["objected"] == 2 and states["on_notice"] >= 2 and states["waiting"] >= 8 and states["voided"] == 2
    months = s.scalar(text("SELECT count(DISTINCT substr(CAST(effective_on AS VARCHAR), 1, 7)) "
                           "FROM ledger_transaction"))
    assert months == 13, "every month from November to November"


def test_a_stocktake_missed_soap_and_expired_eggs_left_the_shelf(s, lived):
    gone = dict(s.execute(text("SELECT t.kind, sum(f.amount) FROM ledger_transaction t JOIN ledger_transfer f "
                               "ON f.book_id = t.book_id AND f.transaction_id = t.id "
                               "WHERE (t.kind = 'stocktake' AND f.commodity = 'P01') "
                               "OR (t.kind = 'written_off' AND f.commodity = 'P12') GROUP BY t.kind")).all())
    assert gone["stocktake"] >= 3 and gone["written_off"] >= 1


def test_the_bare_demo_has_the_same_figures_and_no_past(s, bare):
    assert points(s, bare) == GIVEN_POINTS and on_hand(s, bare) == GIVEN_STOCK
    assert s.scalar(select(func.count()).select_from(ServiceRecord)) == 0


def test_the_demo_is_loaded_into_an_empty_database_only(s, bare):
    with pytest.raises(NotEmpty):
        the_demo(s)


def test_the_book_stays_a_demo_for_good(s, bare):
    assert is_demo(s, bare.book_id)
    s.rollback()
    with pytest.raises(DatabaseError):
        s.execute(text("UPDATE book SET is_demo = :no"), {"no": False})
    s.rollback()


def test_every_household_has_as_many_members_as_the_data_says(s, bare):
    assert {code: len(people) for code, people in bare.members.items()} == {
        row["no"]: row["members"] for row in data("village.json")["households"]}


@pytest.mark.long
@pytest.mark.parametrize("today", [date(2027, month, day) for month, day in (
    (1, 1), (1, 31), (2, 14), (3, 31), (4, 1), (5, 8), (6, 26), (7, 25), (8, 31), (9, 6), (10, 3), (12, 31))])
def test_the_demo_ends_exactly_on_whatever_day_it_is_loaded(s, today):
    village = the_demo(s, today)
    assert points(s, village) == GIVEN_POINTS and on_hand(s, village, today) == GIVEN_STOCK


def test_a_year_before_the_leap_day_is_the_day_before_march():
    assert a_year_before(date(2028, 2, 29)) == date(2027, 2, 28)
