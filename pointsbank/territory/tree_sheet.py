"""A sheet of the tree read: places, venues and grids, one a row; every bad cell named by its row and column.

    tree = read_tree(data, "区划.xlsx")          # raises WrongPlaces with every finding
    tree.places, tree.venues, tree.grids

A row without 类别 is a place. A venue or a grid says in 区划代码 where it stands. The households of a grid are written
one after another, a run of them as H001至H024.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from pointsbank.errors import DomainError
from pointsbank.imports.rows import Finding
from pointsbank.people.service import CODE as HOUSEHOLD_CODE
from pointsbank.sheets import (
    Row,
    Workbook,
    column_letters,
    data_rows,
    find_header,
    guess_mapping,
    open_workbook,
    parse_day,
    parse_name,
)
from pointsbank.territory.words import SHEET_KINDS

WANTED = {"code": ("区划代码", "代码", "编码"), "name": ("名称", "地名", "单位名称"),
          "body": ("机构名称", "中心(所、站)名称"), "valid_from": ("启用日期",), "valid_until": ("停用日期",),
          "replaced_by": ("替代代码", "并入代码"), "kind": ("类别", "类型"), "grid": ("网格编号", "网格号"),
          "worker": ("网格员", "网格员姓名"), "households": ("网格内户号", "户号")}
TITLES = tuple(words[0] for words in WANTED.values())
ROWS_MAX, RUN_MAX = 50_000, 999
CODE = re.compile(r"[0-9]{12}")
RUN = re.compile(r"([A-Z0-9-]*?)([0-9]{1,9})(?:至|到|~|～)([A-Z0-9-]*?)([0-9]{1,9})")


class PlaceRow(NamedTuple):
    code: str
    name: str
    body: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    replaced_by: str | None = None
    row: int = 0


class VenueRow(NamedTuple):
    place_code: str
    kind: str
    name: str
    valid_from: date | None = None
    valid_until: date | None = None
    row: int = 0


class GridRow(NamedTuple):
    """`worker`: the name, with the household's code behind it where two have one name. `households`: their codes."""

    place_code: str
    code: str
    name: str
    worker: str = ""
    households: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    row: int = 0


class Tree(NamedTuple):
    places: tuple[PlaceRow, ...] = ()
    venues: tuple[VenueRow, ...] = ()
    grids: tuple[GridRow, ...] = ()


class WrongPlaces(DomainError):
    code, status = "place_rows_wrong", 422
    zh = "这份区划表有 {count} 处要改,一行也没有收。请按下面的说明改好再传。"
    en = "This sheet of places has {count} mistakes; nothing was taken in. Correct them as shown and upload it again."

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("file", count=len(findings))
        self.findings = findings


def read_tree(data: bytes, filename: str) -> Tree:
    """Raises WrongPlaces with every finding, FileRefused, NoHeader."""
    book = open_workbook(data, filename)
    return _Reading(book).tree()


class _Reading:
    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.header = find_header(book, WANTED)
        self.columns = guess_mapping(self.header.names, WANTED)
        self.findings: list[Finding] = []
        self.seen: dict[tuple[str, ...], int] = {}
        self.homes: dict[tuple[str, str], int] = {}

    def tree(self) -> Tree:
        places: list[PlaceRow] = []
        venues: list[VenueRow] = []
        grids: list[GridRow] = []
        for row in data_rows(self.book, self.header):
            kind = SHEET_KINDS.get(self.text(row, "kind"))
            if kind is None:
                self.wrong(row, "kind", "kind_unknown", "类别请写:地区、广场、点、基地、网格,地区也可以不写。",
                           "The kind is 地区, 广场, 点, 基地 or 网格; empty means 地区.")
            elif kind == "place":
                places.append(self.place(row))
            elif kind == "grid":
                grids.append(self.grid(row))
            else:
                venues.append(self.venue(row, kind))
        count = len(places) + len(venues) + len(grids)
        if not self.findings and not 1 <= count <= ROWS_MAX:
            self.findings.append(Finding(0, "", TITLES[0], "blank", f"应有 1 到 {ROWS_MAX} 行。",
                                         f"1 to {ROWS_MAX} rows."))
        if self.findings:
            raise WrongPlaces(self.findings)
        return Tree(tuple(places), tuple(venues), tuple(grids))

    def wrong(self, row: Row, field: str, code: str, zh: str, en: str) -> None:
        self.findings.append(finding(row.number, field, code, zh, en, self.columns.get(field)))

    def text(self, row: Row, field: str) -> str:
        index = self.columns.get(field)
        return "" if index is None else row.cell(index).text.strip(" \u3000\u00a0")

    def code(self, row: Row) -> str:
        code = re.sub(r"\s", "", self.text(row, "code"))
        code = code.ljust(12, "0") if code.isdigit() and len(code) in (2, 4, 6, 9) else code
        if not CODE.fullmatch(code):
            self.wrong(row, "code", "code_form", "区划代码应为 12 位数字(也可以只写 6 位或 9 位)。",
                       "A division code has 12 digits (6 or 9 will do).")
        return code

    def name(self, row: Row) -> str:
        name = self.text(row, "name")
        if not 1 <= len(name) <= 60:
            self.wrong(row, "name", "name_form", "名称应为 1 到 60 个字。", "A name has 1 to 60 characters.")
        return name

    def once(self, row: Row, field: str, *what: str) -> None:
        if what in self.seen:
            self.wrong(row, field, "twice_in_file", f"和第 {self.seen[what]} 行重复。",
                       f"The same as in row {self.seen[what]}.")
        self.seen.setdefault(what, row.number)

    def days(self, row: Row) -> tuple[date | None, date | None]:
        days: dict[str, date | None] = {}
        for field in ("valid_from", "valid_until"):
            days[field] = None
            if self.text(row, field):
                days[field] = parse_day(row.cell(self.columns[field])).value
                if days[field] is None:
                    self.wrong(row, field, "day_unreadable", "日期请写成 2026-03-05。",
                               "Write the day like 2026-03-05.")
        first, last = days["valid_from"], days["valid_until"]
        if first is not None and last is not None and last < first:
            self.wrong(row, "valid_until", "days_crossed", "停用日期比启用日期还早。",
                       "The last day lies before the first one.")
        return first, last

    def place(self, row: Row) -> PlaceRow:
        code = self.code(row)
        self.once(row, "code", "place", code)
        name, (first, last) = self.name(row), self.days(row)
        successor = self.text(row, "replaced_by") or None
        if successor and (not CODE.fullmatch(successor) or successor == code):
            self.wrong(row, "replaced_by", "code_form", "替代代码应为 12 位数字,不能是它自己。",
                       "The successor has 12 digits and is another place.")
        return PlaceRow(code, name, self.text(row, "body")[:80] or None, first, last, successor, row.number)

    def venue(self, row: Row, kind: str) -> VenueRow:
        code, name, (first, last) = self.code(row), self.name(row), self.days(row)
        self.once(row, "name", kind, code, name)
        return VenueRow(code, kind, name, first, last, row.number)

    def grid(self, row: Row) -> GridRow:
        code, (first, last) = self.code(row), self.days(row)
        number = re.sub(r"\s", "", self.text(row, "grid")).upper()
        if not HOUSEHOLD_CODE.fullmatch(number):
            self.wrong(row, "grid", "grid_form", "网格编号只能用字母、数字和短横线,最多 20 位。",
                       "A grid's number uses letters, digits and hyphens, 20 at most.")
        self.once(row, "grid", "grid", code, number)
        worker = self.text(row, "worker")
        if worker and not (parsed := parse_name(worker.split()[0])).ok:
            self.wrong(row, "worker", "name_damaged", parsed.problem.zh if parsed.problem else "",
                       parsed.problem.en if parsed.problem else "")
        name = self.text(row, "name") or number
        return GridRow(code, number, name[:60], worker, tuple(self.households(row, code)), first, last, row.number)

    def households(self, row: Row, place: str) -> Iterator[str]:
        for part in filter(None, re.split(r"[、,,;;\s]+", self.text(row, "households").upper())):
            codes = list(run_of(part))
            if not codes:
                self.wrong(row, "households", "household_form", "户号写成 H001、H002,连着的写成 H001至H024。",
                           "Write households as H001、H002, a run of them as H001至H024.")
            for code in codes:
                if (place, code) in self.homes:
                    self.wrong(row, "households", "twice_in_file",
                               f"{code} 在第 {self.homes[place, code]} 行的网格里已经有了。",
                               f"{code} stands in the grid of row {self.homes[place, code]} already.")
                self.homes[place, code] = row.number
                yield code


def run_of(part: str) -> Iterator[str]:
    """'H001至H003' -> H001 H002 H003; one code -> itself; nothing when it is neither.

    >>> list(run_of("H009至H011")), list(run_of("A-1")), list(run_of("H1至K3"))
    (['H009', 'H010', 'H011'], ['A-1'], [])
    """
    if (run := RUN.fullmatch(part)) is not None:
        head, first, other, last = run.groups()
        if other in ("", head) and 0 <= int(last) - int(first) < RUN_MAX:
            yield from (f"{head}{number:0{len(first)}d}" for number in range(int(first), int(last) + 1))
    elif HOUSEHOLD_CODE.fullmatch(part):
        yield part


def finding(row: int, field: str, code: str, zh: str, en: str, index: int | None = None) -> Finding:
    return Finding(row, column_letters(index) if index is not None else "", WANTED[field][0], code, zh, en)
