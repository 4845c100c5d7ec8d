"""The tree of places from a spreadsheet, and Harbin's eighteen districts as data.

    rows = read_places(data, "区划.xlsx")               # every bad row named, or nothing is taken
    import_places(s, ImportPlaces(key, rows), by=admin, at=now)

A code says its level by its zeros (GB/T 2260 and the town's and village's three digits). A code that is abolished keeps
its row, its last day and its successor: what was recorded under it stays readable. Importing the same again changes
nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, can
from pointsbank.database import unit_of_work
from pointsbank.errors import DomainError
from pointsbank.imports.rows import Finding
from pointsbank.places import AddPlace, Place, add_place, ancestors
from pointsbank.records.keys import claim, settle
from pointsbank.sheets import column_letters, data_rows, find_header, guess_mapping, open_workbook, parse_day

POWER = "places.manage"
WANTED = {"code": ("区划代码", "代码", "编码"), "name": ("名称", "地名", "单位名称"),
          "body": ("机构名称", "中心(所、站)名称"), "valid_from": ("启用日期",), "valid_until": ("停用日期",),
          "replaced_by": ("替代代码", "并入代码")}
TITLES = tuple(words[0] for words in WANTED.values())
ROWS_MAX = 50_000
CODE = re.compile(r"[0-9]{12}")


class PlaceRow(NamedTuple):
    code: str
    name: str
    body: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    replaced_by: str | None = None


class WrongPlaces(DomainError):
    code, status = "place_rows_wrong", 422
    zh = "这份区划表有 {count} 处要改,一行也没有收。请按下面的说明改好再传。"
    en = "This sheet of places has {count} mistakes; nothing was taken in. Correct them as shown and upload it again."

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("file", count=len(findings))
        self.findings = findings


@dataclass(frozen=True)
class ImportPlaces:
    key: UUID
    rows: tuple[PlaceRow, ...]


def level_of(code: str) -> str:
    """'230183100200' is a village, '230183100000' a town, '230183000000' a county."""
    for digits, level in ((2, "province"), (4, "city"), (6, "county"), (9, "town")):
        if code[digits:] == "0" * (12 - digits):
            return level
    return "village"


def harbin() -> tuple[PlaceRow, ...]:
    """The province, the city and its eighteen districts and counties of today."""
    data = json.loads((resources.files("pointsbank.territory") / "data" / "harbin.json").read_text(encoding="utf-8"))
    return (PlaceRow("230000000000", "黑龙江省"), PlaceRow("230100000000", "哈尔滨市"),
            *(PlaceRow(one["code"].ljust(12, "0"), one["name"], f"{one['name']}新时代文明实践中心")
              for one in data["counties"]))


def read_places(data: bytes, filename: str) -> tuple[PlaceRow, ...]:
    """Raises WrongPlaces with every finding, FileRefused, NoHeader."""
    book = open_workbook(data, filename)
    header = find_header(book, WANTED)
    columns = guess_mapping(header.names, WANTED)
    findings: list[Finding] = []
    rows: list[PlaceRow] = []
    seen: dict[str, int] = {}

    def wrong(row: int, field: str, code: str, zh: str, en: str) -> None:
        index = columns.get(field)
        findings.append(Finding(row, column_letters(index) if index is not None else "", WANTED[field][0], code, zh,
                                en))

    for row in data_rows(book, header):
        texts = {field: row.cell(index).text.strip(" \u3000") for field, index in columns.items()}
        code = re.sub(r"\s", "", texts.get("code", ""))
        code = code.ljust(12, "0") if code.isdigit() and len(code) in (2, 4, 6, 9) else code
        if not CODE.fullmatch(code):
            wrong(row.number, "code", "code_form", "区划代码应为 12 位数字(也可以只写 6 位或 9 位)。",
                  "A division code has 12 digits (6 or 9 will do).")
        elif code in seen:
            wrong(row.number, "code", "twice_in_file", f"和第 {seen[code]} 行的代码相同。",
                  f"Row {seen[code]} has the same code.")
        seen.setdefault(code, row.number)
        name = texts.get("name", "")
        if not 1 <= len(name) <= 60:
            wrong(row.number, "name", "name_form", "名称应为 1 到 60 个字。", "A name has 1 to 60 characters.")
        days: dict[str, Any] = {}
        for field in ("valid_from", "valid_until"):
            if texts.get(field):
                days[field] = parse_day(row.cell(columns[field])).value
                if days[field] is None:
                    wrong(row.number, field, "day_unreadable", "日期请写成 2026-03-05。",
                          "Write the day like 2026-03-05.")
        successor = texts.get("replaced_by") or None
        if successor and not CODE.fullmatch(successor):
            wrong(row.number, "replaced_by", "code_form", "替代代码应为 12 位数字。", "The successor has 12 digits.")
        rows.append(PlaceRow(code, name, texts.get("body", "")[:80] or None, days.get("valid_from"),
                             days.get("valid_until"), successor))
    if findings or not rows or len(rows) > ROWS_MAX:
        raise WrongPlaces(findings or [Finding(0, "", TITLES[0], "blank", f"应有 1 到 {ROWS_MAX} 行。",
                                               f"1 to {ROWS_MAX} rows.")])
    return tuple(rows)


def import_places(s: Session, cmd: ImportPlaces, *, by: Actor, at: datetime) -> dict[str, int]:
    """Add and change places below the actor's own, all or nothing. Returns how many were added and changed.

    Raises WrongPlaces for a row out of reach or without its upper place, KeyReused.
    """
    with unit_of_work(s):
        if (answer := claim(s, cmd, "places.import", by, at)) is not None:
            return answer
        findings = [_out_of_reach(number, row.code) for number, row in enumerate(cmd.rows, start=1)
                    if not can(by, POWER, row.code) and row.code not in ancestors(by.place_code)]
        if findings:
            raise WrongPlaces(findings)
        known = set(s.scalars(select(Place.code)))
        added = changed = 0
        for row in sorted(cmd.rows, key=lambda one: one.code):
            level, above = level_of(row.code), ancestors(row.code)[1:]
            if level != "province" and not known & set(above):
                raise WrongPlaces([Finding(0, "", TITLES[0], "no_place_above", f"{row.code} 的上级还没有登记。",
                                           f"The place above {row.code} is not registered.")])
            if row.code not in known:
                add_place(s, AddPlace(row.code, level, row.name, row.body))
                known.add(row.code)
                added += 1
            elif not can(by, POWER, row.code):
                continue  # a place above one's own is named in the sheet; it is left as it is
            changed += _change(s, row)
        answer = {"added": added, "changed": changed}
        audit.record(s, by, "places.imported", f"book:{by.book_id}", at=at, **answer)
        settle(s, cmd, by, answer)
        return answer


def _out_of_reach(number: int, code: str) -> Finding:
    return Finding(number, "", TITLES[0], "out_of_reach", f"{code} 不在您负责的范围里。",
                   f"{code} is outside the place you are responsible for.")


def _change(s: Session, row: PlaceRow) -> int:
    """1 when something changed in a place that was there, 0 otherwise."""
    place = s.get_one(Place, row.code)
    before = (place.name, place.body, place.valid_from, place.valid_until, place.replaced_by)
    after = (row.name, row.body or place.body, row.valid_from or place.valid_from, row.valid_until, row.replaced_by)
    place.name, place.body, place.valid_from, place.valid_until, place.replaced_by = after
    return int((before != after and before[2:] != (None, None, None)) or before[:2] != after[:2])
