"""A village with a rating scheme and a few households, made through the services."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib import resources
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import event
from sqlalchemy.orm import Session

import ledger
import pointsbank.ratings  # noqa: F401  its facts
from ledger import Entry, Party, Transfer
from pointsbank import accounts
from pointsbank.access import Actor, system_actor
from pointsbank.database import new_id, unit_of_work
from pointsbank.people import AddHousehold, AddPerson, HouseholdCard, PersonCard, add_household, add_person
from pointsbank.places import AddPlace, add_place
from pointsbank.ratings import (
    ConfirmCycle,
    Evaluation,
    Mark,
    OpenCycle,
    RecordJuryScores,
    RunEvaluation,
    Scheme,
    confirm_cycle,
    cycle_view,
    household_rating,
    open_cycle,
    publish_scheme,
    record_jury_scores,
    run_evaluation,
    scheme_from_json,
)
from pointsbank.ratings.queries import HouseholdRating, StarView

BOOK, COUNTY, TOWN, VILLAGE = 230199, "230199000000", "230199100000", "230199100200"
AT = datetime(2026, 11, 25, 2, tzinfo=UTC)
SYSTEM = system_actor(BOOK, "test")


def scheme_data() -> dict[str, Any]:
    """The demo village's scheme, as its data file has it."""
    file = resources.files("redemption.demo") / "data" / "ratings.json"
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def someone(*roles: str, person: PersonCard | None = None, place: str = VILLAGE) -> Actor:
    user = uuid4()
    return Actor(user, BOOK, person.id if person else None, person.household_id if person else None, place,
                 frozenset((role, place) for role in roles), f"user:{user}")


@dataclass
class Village:
    """What tests do in the village, in the words of the village."""

    s: Session
    scheme: Scheme
    homes: dict[str, HouseholdCard] = field(default_factory=dict)
    people: dict[str, PersonCard] = field(default_factory=dict)

    def home(self, code: str) -> HouseholdCard:
        if code not in self.homes:
            self.homes[code] = add_household(self.s, AddHousehold(VILLAGE, code, 1, date(2020, 1, 1)))
            self.people[code] = add_person(self.s, AddPerson(BOOK, self.homes[code].id, f"户主{code}", date(2020, 1, 1),
                                                             is_head=True, born_on=date(1970, 1, 1)))
        return self.homes[code]

    def deed(self, code: str, rule: str, day: date, points: int, *, minutes: int = 0, times: int = 1,
             at: datetime = AT) -> list[UUID]:
        """Awards (negative points: deductions) as the records room posts them."""
        home = self.home(code)
        wallet, score = accounts.wallet(home.id, VILLAGE), accounts.score(home.id)
        if points > 0:
            moves = [Transfer(accounts.budget(VILLAGE), wallet, points),
                     Transfer(accounts.scored(VILLAGE), score, points)]
        else:
            moves = [Transfer(wallet, accounts.penalty(VILLAGE), -points),
                     Transfer(score, accounts.scored(VILLAGE), -points)]
        if minutes:
            moves.append(Transfer(accounts.served(VILLAGE), accounts.hours(self.people[code].id), minutes))
        entries = [Entry("test", str(uuid4()), "earned" if points > 0 else "deducted", day, tuple(moves),
                         Party(home.id, self.people[code].id), rule, VILLAGE, may_go_below=points < 0)
                   for _ in range(times)]
        with unit_of_work(self.s):
            done = ledger.post(self.s.connection(), BOOK, entries, recorded_at=at)
        return [outcome.transaction_id for outcome in done if outcome.transaction_id]

    def take_back(self, transaction: UUID, day: date) -> None:
        with unit_of_work(self.s):
            ledger.reverse(self.s.connection(), BOOK, transaction, scope="test", key=str(uuid4()), recorded_at=AT,
                           effective_on=day, claw_back=True)

    def shop(self, code: str, points: int) -> None:
        home = self.home(code).id
        move = Transfer(accounts.wallet(home, VILLAGE), ledger.system("POINT", "spent:shop"), points)
        entry = Entry("test", str(uuid4()), "sale", date(2026, 11, 20), (move,), Party(home), place=VILLAGE)
        with unit_of_work(self.s):
            ledger.post(self.s.connection(), BOOK, [entry], recorded_at=AT)

    def cycle(self, year: int = 2026) -> UUID:
        return open_cycle(self.s, OpenCycle(new_id(), VILLAGE, year), by=SYSTEM, at=AT)

    def score(self, code: str, star: str, *scores: int) -> None:
        """One juror each, in hundredths."""
        for score in scores:
            sheet = RecordJuryScores(new_id(), self.cycle(), (Mark(self.home(code).id, star, score),))
            record_jury_scores(self.s, sheet, by=someone("reviewer"), at=AT)

    def judged(self, *codes: str) -> None:
        """The jury gives these households what it gives, so that no star of theirs stays open."""
        for code in codes:
            for star in ("S04", "S05", "S09"):
                self.score(code, star, 900)

    def evaluate(self, **more: Any) -> Evaluation:
        return run_evaluation(self.s, RunEvaluation(new_id(), self.cycle(), **more), by=SYSTEM, at=more.pop("at", AT))

    def rating(self, code: str, number: int | None = None) -> HouseholdRating:
        return household_rating(self.s, cycle_view(self.s, BOOK, self.cycle()), self.home(code).id, number)

    def star(self, code: str, star: str) -> StarView:
        return next(view for view in self.rating(code).stars if view.star.code == star)

    def outcome(self, code: str, star: str) -> bool | None:
        """The star by a fresh evaluation."""
        self.home(code)
        self.evaluate()
        return self.star(code, star).verdict.outcome


def found_village(s: Session) -> Village:
    """The demo county's tree and its ten-star scheme; no household yet."""
    for code, level, name in (("230000000000", "province", "省"), ("230100000000", "city", "市"),
                              (COUNTY, "county", "县"), (TOWN, "town", "镇"), (VILLAGE, "village", "村")):
        add_place(s, AddPlace(code, level, name, None))
    scheme = publish_scheme(s, scheme_from_json(scheme_data(), key=uuid4(), place_code=COUNTY), by=SYSTEM, at=AT)
    return Village(s, scheme)


def confirm(bank: Village) -> None:
    """The committee stands by the year's outcome."""
    confirm_cycle(bank.s, ConfirmCycle(bank.cycle()), by=someone("committee"), at=AT)


@contextmanager
def counted(s: Session) -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    event.listen(s.get_bind(), "before_cursor_execute", note)
    yield seen
    event.remove(s.get_bind(), "before_cursor_execute", note)
