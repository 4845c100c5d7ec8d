"""From the rows of a sheet to deeds: every cell parsed, every person found, every reason why not named by its cell.

Pure but for what is given: `People` is loaded once per run. A row with three bad cells gives three findings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from pointsbank.imports.fields import BY_NAME
from pointsbank.people import HouseholdCard, PersonCard
from pointsbank.records import ActivityFacts, RecordFacts
from pointsbank.sheets import (
    Header,
    Parsed,
    Row,
    Workbook,
    column_letters,
    data_rows,
    parse_code,
    parse_day,
    parse_minutes,
    parse_name,
    parse_number,
    parse_time,
    unit_of_header,
)


class Finding(NamedTuple):
    """One reason why a row cannot be imported: where, in both languages. Never repeats a personal value."""

    row: int
    column: str  # letters; '' when it is about the whole row
    title: str  # the column's name in the sheet
    code: str
    zh: str
    en: str

    def sentence(self, lang: str) -> str:
        return self.en if lang.startswith("en") else self.zh


class Told(NamedTuple):
    """A row that says something usable."""

    row: int
    facts: RecordFacts
    notices: int


@dataclass(frozen=True)
class Choices:
    """What the person chose: columns by field (0-based), the unit of bare numbers, the rule where no column has it."""

    columns: Mapping[str, int]
    unit: str = "hours"
    rule: str = ""
    sheet: str | None = None
    hidden_rows: bool = False

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Choices:
        return cls({name: int(index) for name, index in value.get("columns", {}).items()}, value.get("unit", "hours"),
                   value.get("rule", ""), value.get("sheet"), bool(value.get("hidden_rows", False)))

    def as_json(self) -> dict[str, Any]:
        return {"columns": dict(self.columns), "unit": self.unit, "rule": self.rule, "sheet": self.sheet,
                "hidden_rows": self.hidden_rows}


class People:
    """The households and members of one place, findable by code and by name."""

    def __init__(self, households: list[HouseholdCard], persons: list[PersonCard]) -> None:
        self.households = {card.code: card for card in households}
        self.by_name: dict[str, list[PersonCard]] = {}
        for person in persons:
            self.by_name.setdefault(person.name, []).append(person)

    def in_household(self, code: str, name: str) -> list[PersonCard]:
        return [person for person in self.by_name.get(name, []) if person.household_code == code]


class Reader:
    """Reads the data rows of one workbook. `findings` grows as rows are read."""

    def __init__(self, book: Workbook, header: Header, choices: Choices, people: People, rules: frozenset[str],
                 needs_person: frozenset[str], today: date, teams: Mapping[str, UUID] | None = None) -> None:
        self.book, self.header, self.choices, self.people = book, header, choices, people
        self.rules, self.needs_person, self.today = rules, needs_person, today
        self.teams = teams or {}
        self.findings: list[Finding] = []
        self.read = 0
        unit = unit_of_header(self.title("minutes")) if "minutes" in choices.columns else None
        self.unit: Any = unit or choices.unit

    def title(self, field: str) -> str:
        index = self.choices.columns.get(field)
        return self.header.names[index] if index is not None and index < len(self.header.names) else ""

    def __iter__(self) -> Iterator[Told]:
        for row in data_rows(self.book, self.header):
            self.read += 1
            if (told := self.row(row)) is not None:
                yield told

    def row(self, row: Row) -> Told | None:
        """The deed a row tells, or None with the reasons among the findings."""
        if row.problem is not None:
            self.findings.append(Finding(row.number, "", "", row.problem.code, row.problem.zh, row.problem.en))
            return None
        before = len(self.findings)
        told = _Told(self, row)
        facts = told.facts()
        return Told(row.number, facts, told.notices) if facts is not None and len(self.findings) == before else None

    def find(self, row: int, field: str, code: str, zh: str, en: str) -> None:
        index = self.choices.columns.get(field)
        self.findings.append(Finding(row, column_letters(index) if index is not None else "",
                                     self.title(field) or str(BY_NAME[field].synonyms[0]), code, zh, en))


class _Told:
    """One row while it is read."""

    def __init__(self, reader: Reader, row: Row) -> None:
        self.reader, self.row, self.notices = reader, row, 0

    def text(self, field: str) -> str:
        index = self.reader.choices.columns.get(field)
        return "" if index is None else self.row.cell(index).text.strip(" \u3000\u00a0\t\r\n")

    def parsed(self, field: str, parser: Any, **options: Any) -> Any:
        """The field's value; None when the column is not mapped or blank, or when there is a finding."""
        index = self.reader.choices.columns.get(field)
        if index is None:
            return None
        result: Parsed[Any] = parser(self.row.cell(index), **options)
        self.notices += len(result.notices)
        if result.problem is not None:
            if not (result.is_blank and not BY_NAME[field].required):
                self.reader.find(self.row.number, field, result.problem.code, result.problem.zh, result.problem.en)
            return None
        return result.value

    def facts(self) -> RecordFacts | None:
        day = self.parsed("service_on", parse_day)
        minutes = self.parsed("minutes", parse_minutes, unit=self.reader.unit)
        started = self.parsed("started", parse_time)
        quantity = self.parsed("quantity", parse_number, decimals=2, least=0, most=9999)
        amount = self.parsed("amount", parse_number, decimals=2, least=0, most=99_999_999)
        rule = self.rule()
        household_id, person_id = self.who(rule)
        team = self.team()
        if day is not None and day > self.reader.today:
            self.reader.find(self.row.number, "service_on", "future_service", "服务日期还没到,只能记已经做过的事。",
                             "The day of service has not come yet; only what was done can be recorded.")
        if day is None or rule is None or household_id is None:
            return None
        title = self.text("activity")
        return RecordFacts(
            household_id=household_id, rule=rule, service_on=day, person_id=person_id, minutes=minutes or 0,
            started=started.hour * 60 + started.minute if started is not None else None,
            quantity=quantity if quantity is not None else 1,
            amount_fen=int(amount * 100) if isinstance(amount, Decimal) else 0, level=self.text("level") or None,
            activity=ActivityFacts(title[:80]) if title else None, external_no=self.text("external_no")[:80] or None,
            note=self.text("note")[:500], evidence=self.text("evidence")[:500],
            late_reason=self.text("late_reason")[:500], team=team)

    def team(self) -> UUID | None:
        name = self.text("team")
        if name and name not in self.reader.teams:
            self.reader.find(self.row.number, "team", "unknown_team", "本村没有叫这个名字的队伍,请照“队伍”一页写全名。",
                             "No team of this name serves in the village.")
        return self.reader.teams.get(name)

    def rule(self) -> str | None:
        given = self.text("rule").upper() or self.reader.choices.rule
        if given in self.reader.rules:
            return given
        if not given:
            self.reader.find(self.row.number, "rule", "blank", "没有写细则编码。请写上,或在上一步选好统一的细则。",
                             "No rule is given. Write its code, such as V01, or choose one for all rows.")
        else:
            self.reader.find(self.row.number, "rule", "unknown_rule", "细则里没有这个编码。",
                             "There is no such rule in the schedule.")
        return None

    def who(self, rule: str | None) -> tuple[UUID | None, UUID | None]:
        """(household, person). A name alone will do where it is one person's in the place."""
        code = self.parsed("household", parse_code)
        name = self.parsed("name", parse_name)
        number, people = self.row.number, self.reader.people
        if code is None and name is None:
            if not any(f.row == number and f.code != "blank" for f in self.reader.findings):
                self.reader.find(number, "household", "blank", "户号和姓名都是空的,不知道记给谁。",
                                 "Neither household nor name is given, so it belongs to nobody.")
            return None, None
        if code is not None and code not in people.households:
            self.reader.find(number, "household", "unknown_household", f"本村没有户号 {code}。",
                             f"There is no household {code} in this village.")
            return None, None
        if name is None:
            if rule in self.reader.needs_person and self.text("name") == "":
                self.reader.find(number, "name", "blank", "按小时记的服务要写明是谁做的。",
                                 "Service counted by the hour needs the person's name.")
            return (people.households[code].id, None) if code else (None, None)
        return self.person(code, name)

    def person(self, code: str | None, name: str) -> tuple[UUID | None, UUID | None]:
        number, people = self.row.number, self.reader.people
        found = people.in_household(code, name) if code else people.by_name.get(name, [])
        if len(found) == 1:
            return found[0].household_id, found[0].id
        if code:
            self.reader.find(number, "name", "unknown_person", f"户号 {code} 里没有登记这个人,请核对户号和姓名。",
                             f"Household {code} has no member of this name; check both.")
        elif found:
            self.reader.find(number, "name", "several_persons", "本村有几个人同名。请加上户号。",
                             "Several people of the village have this name. Add the household code.")
        else:
            self.reader.find(number, "name", "unknown_person", "本村没有登记这个人。请核对姓名,或先登记。",
                             "Nobody of this name is registered in the village.")
        return None, None
