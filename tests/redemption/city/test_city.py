"""A year of a city at a very small scale: the same from one seed, however often it is killed on the way."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import ledger
from pointsbank import accounts
from pointsbank.access import AppUser
from pointsbank.database import engine_for, unit_of_work
from pointsbank.people import Household, Person, persons_of_place, recordable
from pointsbank.places import Book
from pointsbank.teams.models import Team
from pointsbank.territory.models import Grid, GridHousehold, Venue
from redemption.city import OtherCity, live_the_city, plan_of
from tests import databases

AT = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
SCALE = Fraction(1, 2000)
SECRET = "Shi-fan-2026"


def face(s, plan):
    """What the city looks like to whoever does not see its random ids."""
    homes = s.execute(select(Household.book_id, Household.id, Household.place_code, Household.code).order_by(
        Household.place_code, Household.code)).all()
    owned = {row.id: (accounts.wallet(row.id, row.place_code), accounts.score(row.id)) for row in homes}
    book_id = plan.books[0].book_id
    found = ledger.balances(s.connection(), book_id, [one for pair in owned.values() for one in pair])
    names = sorted((card.household_code, card.name, str(card.born_on)) for village in plan.books[0].villages
                   for card in persons_of_place(s, village.code))
    return ([(row.place_code, row.code, *(found[one].posted for one in owned[row.id])) for row in homes], names,
            [str(row) for row in ledger.turnovers(s.connection(), book_id, "POINT", "", datetime(2025, 1, 1).date(),
                                                    datetime(2025, 12, 31).date(), by=("kind", "month"))])


def test_the_city_stands_as_planned_and_again_changes_nothing(s):
    plan = plan_of(SCALE, seed=1)
    done = live_the_city(s, plan, password=SECRET, at=AT)
    assert (done.households, done.transfers, done.made_transfers) == (150, 2500, 2500) == (
        plan.households, plan.transfers, plan.transfers)
    assert s.scalar(select(func.count()).select_from(Team)) == plan.teams
    assert s.scalar(select(func.count()).select_from(GridHousehold)) == 150
    assert s.scalar(select(func.count()).select_from(Grid)) == 4
    assert s.scalar(select(func.count()).select_from(Venue)) == 3
    assert s.scalars(select(Book.is_demo)).all() == [True]
    assert s.scalar(select(func.count()).select_from(AppUser)) == 4
    people = [card for village in plan.books[0].villages for card in persons_of_place(s, village.code)]
    assert all(recordable(s, people, AT.date()).values())  # every minor's guardian has signed
    assert ledger.check(s.connection(), plan.books[0].book_id) == []
    seen = face(s, plan)
    again = live_the_city(s, plan, password=SECRET, at=AT.replace(year=2027))
    assert (again.made_persons, again.made_transfers, again.transfers) == (0, 0, 2500)
    assert face(s, plan) == seen
    with pytest.raises(OtherCity):
        live_the_city(s, plan_of(SCALE, seed=2), password=SECRET, at=AT)
    with pytest.raises(OtherCity):
        live_the_city(s, plan_of(SCALE * 4, seed=1), password=SECRET, at=AT)


def test_killed_with_signal_9_it_goes_on_to_the_same_city(s, tmp_path, database_urls, keys):
    plan = plan_of(SCALE / 5, seed=7)
    for portions in (3, 7):  # among the people, then among the months
        kill_after(portions, plan, database_urls[0], keys)
    left = s.scalar(select(func.count()).select_from(Person)) or 0
    done = live_the_city(s, plan, password=SECRET, at=AT)
    assert 0 < done.made_transfers < plan.transfers and done.persons == left
    assert face(s, plan) == whole_face(plan, tmp_path)
    assert ledger.check(s.connection(), plan.books[0].book_id) == []


RUN = """
import sys
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from sqlalchemy.orm import Session
from pointsbank import crypto
from pointsbank.database import engine_for
from redemption.city import live_the_city, plan_of
url, folder, scale, seed, at, secret = sys.argv[1:]
crypto.use_keys(crypto.load_keys(Path(folder)))
with Session(engine_for(url)) as s:
    live_the_city(s, plan_of(Fraction(scale), int(seed)), password=secret, at=datetime.fromisoformat(at),
                  tell=lambda done, total: print(done, flush=True))
"""


def kill_after(portions, plan, url, keys):
    """Run the city in a process of its own and kill it in the middle of the next portion."""
    asked = [url, str(keys), str(SCALE / 5), str(plan.seed), AT.isoformat(), SECRET]
    with subprocess.Popen([sys.executable, "-c", RUN, *asked], stdout=subprocess.PIPE, text=True) as run:
        for line in run.stdout:
            if int(line) >= portions:
                break
        run.send_signal(signal.SIGKILL)
        run.stdout.read()
    assert run.returncode == -signal.SIGKILL


def whole_face(plan, folder):
    """The same city made without a stop, in a database of its own."""
    urls = databases.fresh("sqlite", folder / "whole", None)
    engine = engine_for(urls[0])
    try:
        with Session(engine) as other:
            live_the_city(other, plan, password=SECRET, at=AT)
            return face(other, plan)
    finally:
        engine.dispose()


def test_a_city_is_made_beside_no_real_book(s):
    with unit_of_work(s):
        s.add(Book(book_id=230183, place_code="230183000000", is_demo=False, opened_at=AT))
    with pytest.raises(OtherCity):
        live_the_city(s, plan_of(SCALE, seed=1), password=SECRET, at=AT)


def test_the_command_says_what_it_made_and_how_fast(app):
    run = app.test_cli_runner().invoke(args=["bank", "demo", "--city", "--scale", "0.00005", "--json"])
    assert run.exit_code == 0 and '"transfers": 250' in run.output, run.output
    wrong = app.test_cli_runner().invoke(args=["bank", "demo", "--city", "--scale", "2"])
    assert wrong.exit_code == 2
