"""The city lived through: places, people, grids, teams, sign-ins, then twelve months of entries, town by town.

A portion is a unit of work. What is there already is found by asking for it (a village's households, a portion's first
entry), or by the key of its command: there is no mark that could disagree with what is stored.
"""

from __future__ import annotations

import time
import uuid
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

import ledger
from ledger.tables import transfer
from pointsbank import accounts
from pointsbank.access import Actor, AddUser, AppUser, add_user, system_actor
from pointsbank.database import unit_of_work
from pointsbank.errors import DomainError, KeyReused
from pointsbank.people import Household, Person, persons_of_place
from pointsbank.places import Book, open_book
from pointsbank.records import policy_of
from pointsbank.rosters.storing import store
from pointsbank.teams import AddTeam, AddTeams, add_teams
from pointsbank.teams.words import FIELDS
from pointsbank.territory import GridRow, ImportPlaces, PlaceRow, VenueRow, import_places
from redemption.city.deeds import SCOPE, Home, Month, entries_of
from redemption.city.people import lines_of
from redemption.city.plan import MONTHS, BookPlan, CityPlan, TownPlan, VillagePlan, shares

Tell = Callable[[int, int], None]
GRID = 40  # households of a grid
ROLES = ("office", "auditor", "admin", "security")
A_SECOND = 1_000_000_000
NO_KEY = uuid.UUID(int=0)  # of one team among many: the command has the key
EVENING = 12  # 20:00 in Shanghai
TEAM_NAMES = dict(zip(FIELDS, ("理论政策宣讲", "文化文艺", "助学支教", "医疗健身", "科学普及", "法律", "卫生环保",
                               "扶贫帮困"), strict=True))


class OtherCity(DomainError):
    code, status = "other_city", 409
    zh = "这里已经生成过另一种规模或种子的城市,或有真实的账本。请用一个空的数据库。"
    en = "This database holds a city of another scale or seed, or a real book. Use an empty one."


class CityDone(NamedTuple):
    """What stands there, and what this run did of it in how many seconds."""

    books: int
    households: int
    persons: int
    transfers: int
    made_persons: int
    made_transfers: int
    people_seconds: int
    ledger_seconds: int


def live_the_city(s: Session, plan: CityPlan, *, password: str, at: datetime, tell: Tell | None = None) -> CityDone:
    """Make the city, or go on making it; staff of each county sign in with the password. Raises OtherCity."""
    year = _begin(s, plan, at)
    total = sum(2 * len(book.towns) + 2 + MONTHS * len(book.towns) for book in plan.books)
    made = {"persons": 0, "transfers": 0}
    spent = {"persons": 0, "transfers": 0}
    done = 0
    try:
        for portion in _portions(s, plan, year, at, password):
            began = time.monotonic_ns()
            kind, count = portion()
            made[kind] += count
            spent[kind] += time.monotonic_ns() - began
            s.expunge_all()
            done += 1
            if tell:
                tell(done, total)
    except KeyReused:
        raise OtherCity() from None
    return CityDone(len(plan.books), _count(s, Household.id), _count(s, Person.id),
                    s.scalar(select(func.count()).select_from(transfer)) or 0, made["persons"], made["transfers"],
                    spent["persons"] // A_SECOND, spent["transfers"] // A_SECOND)


def _count(s: Session, column: InstrumentedAttribute[uuid.UUID]) -> int:
    return s.scalar(select(func.count(column))) or 0


def _begin(s: Session, plan: CityPlan, at: datetime) -> int:
    """Open the books, all of them made-up for good; the year is the last whole one before the first was opened."""
    mine = {book.book_id for book in plan.books}
    with unit_of_work(s):
        there = list(s.scalars(select(Book)))
        if any(not book.is_demo for book in there) or {book.book_id for book in there if book.is_demo} & mine not in (
                set(), mine):
            raise OtherCity()
        for book in plan.books:
            open_book(s, book.code, at=at, is_demo=True)
    year = (s.scalar(select(func.min(Book.opened_at)).where(Book.book_id.in_(mine))) or at).year - 1
    village = next(plan.books[0].villages)
    people = {(one.household_code, one.name) for one in persons_of_place(s, village.code)}
    if people and people != {(line.household, line.name) for line in lines_of(village, plan.seed, year)}:
        raise OtherCity()  # of another seed
    return year


Portion = Callable[[], tuple[str, int]]  # what was made ('persons' or 'transfers') and how many


def _portions(s: Session, plan: CityPlan, year: int, at: datetime, password: str) -> Iterator[Portion]:
    """Every step of the city in order; each finds out by itself whether it is done already."""
    for book in plan.books:
        by = system_actor(book.book_id, "city")
        yield lambda book=book, by=by: _places(s, book, by, at, password)  # type: ignore[misc]
        for town in book.towns:
            yield lambda town=town, by=by: _people(s, plan, town, by.book_id, year)  # type: ignore[misc]
            yield lambda town=town, by=by: _grids(s, town, by, at)  # type: ignore[misc]
        yield lambda book=book, by=by: _teams(s, book, by, year, at)  # type: ignore[misc]
    for book in plan.books:
        for month in range(1, MONTHS + 1):
            for town in book.towns:
                yield lambda book=book, town=town, month=month: _month(  # type: ignore[misc]
                    s, plan.seed, book.book_id, town, date(year, month, 1))


def _key(*parts: object) -> uuid.UUID:
    """A command's key that is the same in every run."""
    return uuid.uuid5(uuid.NAMESPACE_URL, "city:" + ":".join(map(str, parts)))


def _places(s: Session, book: BookPlan, by: Actor, at: datetime, password: str) -> tuple[str, int]:
    """The county's tree and venues as one sheet; whoever signs in at its top. Another plan's sheet is refused."""
    code = book.code
    rows = [PlaceRow("230000000000", "黑龙江省"), PlaceRow("230100000000", "哈尔滨市"),
            PlaceRow(code, book.name, f"{book.name}新时代文明实践中心")]
    venues = [VenueRow(code, "square", f"{book.name}文明广场")]
    for town in book.towns:
        rows.append(PlaceRow(town.code, town.name, f"{town.name}新时代文明实践所"))
        venues.append(VenueRow(town.code, "base", f"{town.name}实践基地"))
        rows += [PlaceRow(one.code, one.name, f"{one.name}新时代文明实践站") for one in town.villages]
        venues += [VenueRow(one.code, "point", f"{one.name}活动点") for one in town.villages]
    everywhere = Actor(None, by.book_id, None, None, "230000000000", frozenset({("system", "230000000000")}), by.scope)
    import_places(s, ImportPlaces(_key("places", book.code), tuple(rows), tuple(venues)), by=everywhere,
                  at=at)
    with unit_of_work(s):
        for role in ROLES:
            login = f"{role}-{code[:6]}"
            if s.scalar(select(AppUser.id).where(AppUser.book_id == by.book_id, AppUser.login == login)) is None:
                add_user(s, AddUser(login, "staff", code, password, ((role, code),)), at=at)
    return "persons", 0


def _people(s: Session, plan: CityPlan, town: TownPlan, book_id: int, year: int) -> tuple[str, int]:
    """The rosters of a town's villages through the roster's bulk door. Raises OtherCity for another plan's village."""
    made = 0
    with unit_of_work(s):
        there = {row[0]: row[1] for row in s.execute(select(Household.place_code, func.count()).where(
            Household.book_id == book_id, Household.place_code.in_([one.code for one in town.villages]))
            .group_by(Household.place_code))}
        for village in town.villages:
            if there.get(village.code, village.households) != village.households:
                raise OtherCity()
            if village.code not in there:
                made += store(s, book_id, lines_of(village, plan.seed, year), date(year, 1, 1)).persons
    return "persons", made


def _grids(s: Session, town: TownPlan, by: Actor, at: datetime) -> tuple[str, int]:
    rows = [GridRow(village.code, str(number + 1), f"第{number + 1}网格", "", tuple(
        f"H{home:03d}" for home in range(number * GRID + 1, min((number + 1) * GRID, village.households) + 1)))
        for village in town.villages for number in range(-(-village.households // GRID))]
    import_places(s, ImportPlaces(_key("grids", town.code), (), (), tuple(rows)), by=by, at=at)
    return "persons", 0


def _teams(s: Session, book: BookPlan, by: Actor, year: int, at: datetime) -> tuple[str, int]:
    """总队 and eight standing teams of the county, a special team a town, then as many as there are to be."""
    day, teams = date(year, 1, 1), []
    for kind, field in (("chief", None), *(("standing", field) for field in FIELDS)):
        name = f"{book.name}{TEAM_NAMES.get(field or '', '')}志愿服务{'队' if field else '总队'}"
        teams.append(AddTeam(NO_KEY, book.code, kind, name, day, field))
    places: list[TownPlan | VillagePlan] = [*book.towns, *book.villages]
    teams += [AddTeam(NO_KEY, (place := places[number % len(places)]).code, "special",
                      f"{place.name}特色志愿服务{number // len(places) + 1}队", day)
              for number in range(max(0, book.teams - len(teams)))]
    add_teams(s, AddTeams(_key("teams", book.code), tuple(teams[:book.teams])), by=by, at=at)
    return "persons", 0


def _month(s: Session, seed: int, book_id: int, town: TownPlan, first: date) -> tuple[str, int]:
    """One town's month in one batch. It is there whole or not at all, so its first entry tells."""
    key = f"{town.code}|{first:%Y-%m}"
    counts = {village.code: shares(village.transfers, MONTHS)[first.month - 1] for village in town.villages}
    counts = {code: count for code, count in counts.items() if count}
    with unit_of_work(s):
        connection = s.connection()
        if not counts or ledger.find_by_key(connection, book_id, SCOPE, f"{key}|0") is not None:
            return "transfers", 0
        homes = _homes(s, book_id, counts)
        wallets = {accounts.wallet(home.id, home.place_code): home.id for home in homes}
        held = {wallets[account]: balance.posted for account, balance in ledger.balances(
            connection, book_id, list(wallets)).items()}
        month = Month(key, first, monthrange(first.year, first.month)[1], policy_of(s, town.code).due_on(first))
        evening = datetime(first.year, first.month, month.days, EVENING, tzinfo=UTC)
        ledger.post(connection, book_id, entries_of(month, homes, counts, held, seed), recorded_at=evening)
    return "transfers", sum(counts.values())


def _homes(s: Session, book_id: int, places: Mapping[str, int]) -> list[Home]:
    """The villages' households by code, each with its members in the order of the roster."""
    people: dict[uuid.UUID, list[uuid.UUID]] = {}
    for home, person in s.execute(select(Person.household_id, Person.id).join(
            Household, (Household.book_id == Person.book_id) & (Household.id == Person.household_id)).where(
            Person.book_id == book_id, Household.place_code.in_(sorted(places)))
            .order_by(Person.is_head.desc(), Person.id)):
        people.setdefault(home, []).append(person)
    return [Home(row.id, row.place_code, tuple(people[row.id])) for row in s.execute(
        select(Household.id, Household.place_code).where(
            Household.book_id == book_id, Household.place_code.in_(sorted(places)))
        .order_by(Household.place_code, Household.code))]
