"""A county's stars in one run: every household, ten stars, every fact, each criterion explained and written.

    python -m tests.bench --only county            # PostgreSQL 100,000 households, SQLite 10,000
    python -m tests.bench --only county --quick

Fifteen turnovers a household stand in the table the facts are counted from, three jury averages and some vetoes beside
it; the rules are the ten of the demo's scheme. The reference is one sequential scan of those turnovers grouped by
household, in the same run: the aim is seven times that at most.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path

from sqlalchemy import event, insert, text
from sqlalchemy.orm import Session

from pointsbank.access import system_actor
from pointsbank.database import engine_for, new_id, unit_of_work
from pointsbank.eligibility import TakeSurvey, Window, survey_verdicts, take_survey
from pointsbank.eligibility.surveying import forget_surveys
from pointsbank.people import AddHousehold, Household, add_household
from pointsbank.places import AddPlace, add_place
from pointsbank.ratings import OpenCycle, Scheme, open_cycle, publish_scheme, scheme_from_json
from tests import databases
from tests.bench.measuring import Table

BOOK, COUNTY, VILLAGE = 230199, "230199000000", "230199100200"
AT, ON = datetime(2026, 11, 25, 4, tzinfo=UTC), date(2026, 11, 25)
BY = system_actor(BOOK, "bench")
MONTH = 2026 * 12
SIZES = {"full": {"postgresql": 100_000, "sqlite": 10_000}, "quick": {"postgresql": 10_000, "sqlite": 2_000},
         "tiny": {"postgresql": 60, "sqlite": 60}}
ROUNDS = {"full": {"postgresql": 3, "sqlite": 1}, "quick": {"postgresql": 3, "sqlite": 1},
          "tiny": {"postgresql": 1, "sqlite": 1}}
KINDS = [  # rule, month, commodity, the most it is worth; varied over the households below
    ("L01", 2, "SCORE", 200), ("L02", 4, "SCORE", 500), ("D04", 5, "SCORE", 5000), ("N02", 6, "SCORE", -1000),
    ("D01", 3, "SCORE", 500), ("N08", 7, "SCORE", -5000), ("D03", 8, "SCORE", 1000), ("N04", 2, "SCORE", -500),
    ("C02", 9, "SCORE", 1000), ("E01", 0, "SCORE", 1000), ("E01", 1, "SCORE", 1000), ("E02", 2, "SCORE", 500),
    ("V01", 3, "SCORE", 400), ("V01", 3, "POINT", 400), ("V01", 3, "MINUTE", 1500)]
SCAN = """SELECT sum(amount), sum(times) FROM (
              SELECT household_id, sum(amount) AS amount, sum(times) AS times FROM eligibility_turnover
              WHERE book_id = :book AND month BETWEEN :first AND :last GROUP BY household_id) AS grouped"""
SCANNED = {"book": BOOK, "first": MONTH, "last": MONTH + 10}  # the rows of the window that the survey looks at


def found_county(s: Session, households: int) -> Scheme:
    """The places, the scheme, a village of so many households."""
    for code, level in (("230000000000", "province"), ("230100000000", "city"), (COUNTY, "county"),
                        ("230199100000", "town"), (VILLAGE, "village")):
        add_place(s, AddPlace(code, level, level, None))
    body = json.loads((resources.files("redemption.demo") / "data" / "ratings.json").read_text("utf-8"))
    scheme = publish_scheme(s, scheme_from_json(body, key=uuid.uuid4(), place_code=COUNTY), by=BY, at=AT)
    add_household(s, AddHousehold(VILLAGE, "H0", 0, date(2020, 1, 1)))
    with unit_of_work(s):
        model = s.execute(Household.__table__.select()).mappings().one()
        for first in range(1, households, 10_000):
            s.execute(insert(Household), [{**model, "id": new_id(), "code": f"H{number}", "group_no": number}
                                          for number in range(first, min(first + 10_000, households))])
    return scheme


def fill(s: Session, cycle: uuid.UUID) -> None:
    """Fifteen turnovers a household, a jury's score for three stars each, a veto for one in a hundred."""
    rows = " UNION ALL ".join(
        f"SELECT {n} AS n, '{rule}' AS rule, {MONTH + month} AS month, '{commodity}' AS commodity, {worth} AS worth"
        for n, (rule, month, commodity, worth) in enumerate(KINDS, 2))
    with unit_of_work(s):
        s.execute(text(f"""
            INSERT INTO eligibility_turnover
                (book_id, household_id, month, commodity, rule, kind, person_id, amount, times)
            SELECT household.book_id, household.id, k.month, k.commodity, k.rule, 'earned', household.id,
                   CASE WHEN household.group_no % k.n = 0 THEN k.worth ELSE k.worth / 2 END, household.group_no % k.n
            FROM household CROSS JOIN ({rows}) AS k"""))
        for star in ("S04", "S05", "S09"):
            s.execute(text("""
                INSERT INTO rating_jury_score (book_id, cycle_id, household_id, star_code, juror, score, at)
                SELECT book_id, :cycle, id, :star, :juror, 600 + group_no % 5 * 100, :at FROM household"""),
                {"cycle": cycle if s.get_bind().dialect.name == "postgresql" else cycle.hex, "star": star,
                 "juror": b"one", "at": AT.replace(tzinfo=None)})


def statements(s: Session, action: Callable[[], object]) -> int:
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    event.listen(s.get_bind(), "before_cursor_execute", note)
    action()
    event.remove(s.get_bind(), "before_cursor_execute", note)
    return len(seen)


def bench(table: Table, kind: str, folder: Path) -> None:
    """Ours and the scan in turn; the aim holds for PostgreSQL. How many statements it took stands in the name."""
    count = table.fitting(f"{kind}: households that are rated", SIZES[table.sizes.name][kind], "county",
                          lambda count: rated(table, kind, folder, count, False))
    rated(table, kind, folder, count, True)


def rated(table: Table, kind: str, folder: Path, count: int, tell: bool) -> None:
    table.doing(f"{kind}: a county of {count:,} households")
    urls = databases.fresh(kind, folder / uuid.uuid4().hex)
    engine = engine_for(urls[0])
    with Session(engine) as s:
        scheme = found_county(s, count)
        fill(s, open_cycle(s, OpenCycle(new_id(), VILLAGE, 2026), by=BY, at=AT))
        analyze(urls[1])
        command = TakeSurvey(COUNTY, tuple(star.rule for star in scheme.stars), Window(date(2026, 1, 1), ON))

        def scan() -> float:
            if kind == "postgresql":  # one process, as PostgreSQL takes for a statement that writes what it finds
                s.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))
                s.execute(text("SET LOCAL work_mem = '256MB'"))
            start = time.perf_counter()
            s.execute(text(SCAN), SCANNED).one()  # its sums are read: PostgreSQL makes none that nobody reads
            s.rollback()
            return time.perf_counter() - start

        def survey() -> float:
            start = time.perf_counter()
            assert take_survey(s, command, by=BY, at=AT).households == count
            spent = time.perf_counter() - start
            forget_surveys(s, BOOK, AT)
            return spent

        scan()
        asked = statements(s, survey)
        told = criteria_told(s, command)
        what = f"stars of {count:,} households, {told} criteria each, {asked} statements"
        if tell:
            table.times(kind, what, "scanning and grouping their turnovers", survey, scan,
                        7 if kind == "postgresql" else None, rounds=ROUNDS[table.sizes.name][kind])
        else:
            for _ in range(ROUNDS[table.sizes.name][kind]):
                survey()
    engine.dispose()
    databases.drop(urls[1])


def criteria_told(s: Session, command: TakeSurvey) -> int:
    """How many explained criteria stand there for one household."""
    taken = take_survey(s, command, by=BY, at=AT)
    home = s.execute(Household.__table__.select().limit(1)).mappings().one()["id"]
    return sum(len(verdict.criteria) for verdict in survey_verdicts(s, BOOK, taken.id, [home])[home])


def analyze(owner: str) -> None:
    engine = engine_for(owner)
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()
