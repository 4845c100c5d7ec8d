"""How big the city is: figures of the real one, made smaller by a scale, shared out to books, towns and villages.

    >>> plan = plan_of(Fraction(1, 100), seed=1)
    >>> len(plan.books), plan.offices, plan.stations, plan.teams, plan.households, plan.transfers
    (1, 3, 29, 41, 3000, 50000)
    >>> whole = plan_of(Fraction(1), seed=1)
    >>> len(whole.books), whole.offices, whole.stations, whole.teams, whole.households, whole.transfers
    (18, 303, 2930, 4107, 300000, 5000000)
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from pointsbank.territory import harbin, level_of

BOOKS, OFFICES, STATIONS, TEAMS, HOUSEHOLDS, TRANSFERS = 18, 303, 2_930, 4_107, 300_000, 5_000_000
MONTHS = 12
TOWNS = ("平安", "兴隆", "永丰", "太平", "双榆", "河湾", "柳河", "长岭", "石桥", "青山", "新华", "团结", "民主", "和平",
         "朝阳", "东风", "胜利", "红星", "前进", "幸福", "富强", "春光", "松江", "临江", "靠山", "万宝", "五星", "三合",
         "四方", "乐业")
VILLAGES = ("向阳", "红旗", "光明", "永胜", "新发", "增产", "保林", "长发", "兴旺", "福山", "清泉", "大榆树", "小河沿",
            "北沟", "南岗", "东升", "西山", "前屯", "后屯", "二道", "三家子", "四合", "五间房", "六合", "七星", "八里",
            "九江", "十里", "双井", "双桥")


class VillagePlan(NamedTuple):
    code: str
    name: str
    households: int
    transfers: int


class TownPlan(NamedTuple):
    code: str
    name: str
    villages: tuple[VillagePlan, ...]


class BookPlan(NamedTuple):
    code: str
    name: str
    teams: int
    towns: tuple[TownPlan, ...]

    @property
    def book_id(self) -> int:
        return int(self.code[:6])

    @property
    def villages(self) -> Iterator[VillagePlan]:
        return (village for town in self.towns for village in town.villages)


class CityPlan(NamedTuple):
    seed: int
    books: tuple[BookPlan, ...]

    @property
    def offices(self) -> int:
        return sum(len(book.towns) for book in self.books)

    @property
    def stations(self) -> int:
        return sum(1 for book in self.books for _ in book.villages)

    @property
    def teams(self) -> int:
        return sum(book.teams for book in self.books)

    @property
    def households(self) -> int:
        return sum(village.households for book in self.books for village in book.villages)

    @property
    def transfers(self) -> int:
        return sum(village.transfers for book in self.books for village in book.villages)


def shares(total: int, parts: int) -> list[int]:
    """Whole numbers that add up to the total, as even as can be.

    >>> shares(10, 4)
    [3, 3, 2, 2]
    """
    each, rest = divmod(total, parts)
    return [each + 1 if number < rest else each for number in range(parts)]


def plan_of(scale: Fraction, seed: int) -> CityPlan:
    """The city at a scale (1: the whole one); of every level there is at least one."""

    def scaled(count: int, least: int) -> int:
        return max(least, round(count * scale))

    counties = [row for row in harbin() if level_of(row.code) == "county"][:scaled(BOOKS, 1)]
    offices = shares(scaled(OFFICES, len(counties)), len(counties))
    stations = iter(shares(scaled(STATIONS, sum(offices)), sum(offices)))
    teams = shares(scaled(TEAMS, len(counties)), len(counties))
    by_office = [[next(stations) for _ in range(count)] for count in offices]
    count = sum(map(sum, by_office))
    homes, moves = iter(shares(scaled(HOUSEHOLDS, count), count)), iter(shares(scaled(TRANSFERS, count), count))
    books = []
    for county, wanted, towns in zip(counties, teams, by_office, strict=True):
        books.append(BookPlan(county.code, county.name, wanted, tuple(
            TownPlan(f"{county.code[:6]}{100 + number:03d}000", _name(TOWNS, number) + "镇", tuple(
                VillagePlan(f"{county.code[:6]}{100 + number:03d}{200 + village:03d}", _name(VILLAGES, village) + "村",
                            next(homes), next(moves)) for village in range(villages)))
            for number, villages in enumerate(towns))))
    return CityPlan(seed, tuple(books))


def _name(names: tuple[str, ...], number: int) -> str:
    again, place = divmod(number, len(names))
    return names[place] + (str(again + 1) if again else "")
