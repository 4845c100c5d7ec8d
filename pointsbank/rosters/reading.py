"""From the rows of a sheet to lines of a roster: every cell parsed, every reason why not named by its cell. Streams.

What only the whole file can tell (the same person twice, two heads in one household) is remembered as eight bytes a
line, never as the line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from pointsbank.crypto import keyed_hash
from pointsbank.imports.rows import Choices, Finding
from pointsbank.people import age_on
from pointsbank.people.service import CODE
from pointsbank.rosters.fields import BY_NAME, HEAD
from pointsbank.sheets import (
    Header,
    Parsed,
    Row,
    Workbook,
    column_letters,
    data_rows,
    parse_day,
    parse_id_number,
    parse_name,
    parse_number,
    parse_phone,
)

CHILD = 14  # below it nothing is stored without a guardian's consent (个人信息保护法 第三十一条)
TAG_MAX, RELATION_MAX = 60, 40


class Line(NamedTuple):
    """One member as the roster tells it."""

    row: int
    place_code: str
    household: str
    name: str
    relation: str
    group: int
    phone: str
    id_no: str
    born_on: date | None
    guardian: str
    tag: str

    @property
    def is_head(self) -> bool:
        return self.relation == HEAD


class Reader:
    """Reads one workbook. `findings` holds the reasons since it was last emptied."""

    def __init__(self, book: Workbook, header: Header, choices: Choices, villages: Mapping[str, str],
                 place_code: str | None, today: date) -> None:
        self.book, self.header, self.columns = book, header, choices.columns
        self.villages, self.place_code, self.today = villages, place_code, today
        self.findings: list[Finding] = []
        self.read = 0
        self._seen: set[int] = set()
        self._heads: set[int] = set()

    def __iter__(self) -> Iterator[Line | None]:
        """One answer a row: the line, or None when there are findings."""
        for row in data_rows(self.book, self.header):
            self.read += 1
            yield self.line(row)

    def find(self, row: int, field: str, code: str, zh: str, en: str) -> None:
        index = self.columns.get(field)
        title = self.header.names[index] if index is not None and index < len(self.header.names) else ""
        self.findings.append(Finding(row, column_letters(index) if index is not None else "",
                                     title or BY_NAME[field].synonyms[0], code, zh, en))

    def _text(self, row: Row, field: str, most: int) -> str:
        index = self.columns.get(field)
        return "" if index is None else row.cell(index).text.strip(" \u3000\u00a0\t\r\n")[:most]

    def _parsed(self, row: Row, field: str, parser: Any, **options: Any) -> Any:
        index = self.columns.get(field)
        if index is None:
            return None
        result: Parsed[Any] = parser(row.cell(index), **options)
        if result.problem is None:
            return result.value
        if not result.is_blank or BY_NAME[field].required:
            self.find(row.number, field, result.problem.code, result.problem.zh, result.problem.en)
        return None

    def line(self, row: Row) -> Line | None:
        if row.problem is not None:
            self.findings.append(Finding(row.number, "", "", row.problem.code, row.problem.zh, row.problem.en))
            return None
        before = len(self.findings)
        household, name = self._code(row), self._parsed(row, "name", parse_name)
        phone, group = self._parsed(row, "phone", parse_phone), self._parsed(row, "group", parse_number, decimals=0,
                                                                              least=0, most=999)
        number = self._parsed(row, "id_no", parse_id_number, not_after=self.today)
        born = self._parsed(row, "born_on", parse_day)
        guardian = self._parsed(row, "guardian", parse_name)
        place = self._place(row)
        if number is not None:
            if born is not None and born != number.born_on:
                self.find(row.number, "born_on", "born_differs", "出生日期和证件号里的不一样,请核对。",
                          "The day of birth differs from the one in the ID number; check both.")
            born = number.born_on
        if born is not None and born > self.today:
            self.find(row.number, "born_on", "born_later", "出生日期还没到。", "The day of birth has not come yet.")
        elif born is not None and age_on(born, self.today) < CHILD and not guardian:
            self.find(row.number, "guardian", "under_14", "不满 14 周岁,要先有监护人签的同意书:请填上签字的监护人。",
                      "Under 14: a guardian's signed consent comes first. Name the guardian who signed.")
        if len(self.findings) > before or household is None or name is None or place is None:
            return None
        line = Line(row.number, place, household, name, self._text(row, "relation", RELATION_MAX), int(group or 0),
                    phone or "", number.as_18 if number else "", born, guardian or "", self._text(row, "tag", TAG_MAX))
        return line if self._only_once(line) else None

    def _code(self, row: Row) -> str | None:
        """Any letters and digits a place numbers its households with, in any width and case."""
        code = re.sub(r"\s", "", unicodedata.normalize("NFKC", self._text(row, "household", 60))).upper()
        if CODE.fullmatch(code):
            return code
        if code:
            self.find(row.number, "household", "code_form", "户号只能用字母、数字和短横线,最多 20 位。",
                      "A household code uses letters, digits and hyphens, 20 at most.")
        else:
            self.find(row.number, "household", "blank", "这一格是空的。", "The cell is empty.")
        return None

    def _place(self, row: Row) -> str | None:
        given = self._text(row, "village", 60)
        if not given and self.place_code is not None:
            return self.place_code
        if given in self.villages:
            return self.villages[given]
        self.find(row.number, "village", "unknown_village",
                  "没有写是哪个村。" if not given else "您负责的范围里没有这个村。请写全名或 12 位代码。",
                  "The village is missing." if not given else "No village of this name is within your reach.")
        return None

    def _only_once(self, line: Line) -> bool:
        if line.id_no and not self._first(self._seen, "id", line.id_no):
            self.find(line.row, "id_no", "twice_in_file", "这个证件号在表里前面已经有了。",
                      "This ID number stands further up in the sheet already.")
            return False
        who = f"{line.place_code}|{line.household}|{line.name}|{line.id_no or line.born_on}"
        if not self._first(self._seen, "who", who):
            self.find(line.row, "name", "twice_in_file", "这个人在表里前面已经有了。",
                      "This person stands further up in the sheet already.")
            return False
        if line.is_head and not self._first(self._heads, "head", f"{line.place_code}|{line.household}"):
            self.find(line.row, "relation", "second_head", "这一户前面已经有一位户主。",
                      "This household has a head further up already.")
            return False
        return True

    def _first(self, seen: set[int], kind: str, text: str) -> bool:
        mark = int.from_bytes(keyed_hash(f"roster-{kind}", text)[:8], "big")
        if mark in seen:
            return False
        seen.add(mark)
        return True
