"""How the story's people go about: their devices, pictures in two widths, the switch to English, and the sums."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as TooSlow
from sqlalchemy import text
from sqlalchemy.orm import Session

import ledger
from pointsbank import accounts
from pointsbank.people import PersonCard, persons_of_place
from redemption.demo.people import Village, data
from tests.stories.conftest import DESKTOP, PHONE, picture, sign_in

LONG = 180_000  # milliseconds: 5,000 rows on a busy machine
HANZI = re.compile("[\u4e00-\u9fff]")


@dataclass
class Walk:
    """The living village, served; and who walks through it."""

    s: Session
    village: Village
    new_page: Callable[..., Page]
    people: dict[str, Page] = field(default_factory=dict)

    def person(self, login: str, size: dict[str, int] = DESKTOP) -> Page:
        """Their page, signed in at their own device."""
        if login not in self.people:
            page, staff = self.new_page(size), data("staff.json")
            home = login.startswith("H0")
            sign_in(page, login, staff["household_pin" if home else "password"], "household" if home else "staff")
            self.people[login] = page
        return self.people[login]

    def show(self, page: Page, name: str, *, english: bool = True) -> None:
        """Pictures at 390 and 1280 px, in Chinese and, by the page's own switch, in English."""
        before = page.viewport_size or DESKTOP
        for lang in ("zh", "en") if english else ("zh",):
            if lang == "en":
                switch(page, "en")
            for size in (PHONE, DESKTOP):
                page.set_viewport_size(size)  # type: ignore[arg-type]
                picture(page, f"story-{name}-{size['width']}-{lang}")
        if english:
            switch(page, "zh")
        page.set_viewport_size(before)

    def people_there(self) -> list[PersonCard]:
        self.s.rollback()
        return persons_of_place(self.s, self.village.place_code)

    def count(self, table: str, where: str = "1 = 1") -> int:
        self.s.rollback()
        return int(self.s.execute(text(f"SELECT count(*) FROM {table} WHERE {where}")).scalar_one())

    def newest(self, table: str) -> UUID:
        """The id of the row that was made last (ids are in order of creation)."""
        self.s.rollback()
        return UUID(str(self.s.execute(text(f"SELECT id FROM {table} ORDER BY id DESC LIMIT 1")).scalar_one()))


def switch(page: Page, lang: str) -> None:
    """The switch at the foot of every page; it leads back to the same page."""
    path = page.evaluate("location.pathname")
    page.locator(f"footer button[name=lang][value={lang}]").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN" if lang == "zh" else lang)
    there = page.evaluate("location.pathname")
    assert there == path, f"the switch led from {path} to {there}"
    menu = page.locator("nav.tabs").inner_text() if page.locator("nav.tabs").count() else ""
    assert bool(HANZI.search(menu)) == (lang == "zh" and bool(menu)), menu


def upload(page: Page, name: str, content: bytes) -> str:
    """Through the upload form to the page of the columns; the import's path."""
    page.goto("/imports")
    page.locator("input[type=file]").set_input_files({
        "name": name, "buffer": content,
        "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"})
    page.locator("main form button").first.click()
    page.wait_for_url("**/columns")
    return str(page.evaluate("location.pathname")).removesuffix("/columns")


def wait_for(page: Page, sentence: str) -> None:
    """Until a page that works in the background says so (it reloads itself)."""
    with suppress(TooSlow):  # with a run of seconds the page may have come in between
        page.get_by_role("heading", name=sentence).wait_for(timeout=2_000)
    page.get_by_role("heading", name=sentence).wait_for(timeout=LONG)


@dataclass(frozen=True)
class Totals:
    """Every balance of the village at a moment: minutes by person, points and score by household."""

    minutes: dict[UUID, int]
    points: dict[str, int]
    score: dict[str, int]


def totals(walk: Walk) -> Totals:
    people, village = walk.people_there(), walk.village
    hours = {card.id: accounts.hours(card.id) for card in people}
    wallets = {code: accounts.wallet(home.id, home.place_code) for code, home in village.households.items()}
    scores = {code: accounts.score(home.id) for code, home in village.households.items()}
    found = ledger.balances(walk.s.connection(), village.book_id, [*hours.values(), *wallets.values(),
                                                                   *scores.values()])
    return Totals({key: found[one].posted for key, one in hours.items()},
                  {code: found[one].posted for code, one in wallets.items()},
                  {code: found[one].posted for code, one in scores.items()})


def already_this_month(walk: Walk) -> dict[tuple[str, str], int]:
    """(household, month) -> hundredths that general service has brought so far."""
    codes = {home.id.hex: code for code, home in walk.village.households.items()}
    rows = walk.s.execute(text(
        "SELECT r.household_id, r.service_on, a.points FROM service_record r JOIN award a "
        "ON a.book_id = r.book_id AND a.record_id = r.id WHERE r.rule_code = 'V01' AND r.status = 'posted'"))
    found: dict[tuple[str, str], int] = defaultdict(int)
    for household, day, points in rows:
        code = codes[str(household).replace("-", "")]
        found[code, str(day)[:7]] += points
    return found


MINUTES = {2: 120, "1.5小时": 90, 2.5: 150, 1: 60}


def worth(walk: Walk, rows: list[list[Any]], before: dict[tuple[str, str], int]) -> tuple[dict[UUID, int],
                                                                                          dict[str, int]]:
    """What the good rows are worth, worked out the slow and obvious way: (minutes by person, points by household).

    V01: one point an hour, at most 4.00 a person and day, at most 40.00 a household and month.
    """
    by_name = {(card.household_code, card.name): card.id for card in walk.people_there()}
    minutes: dict[UUID, int] = defaultdict(int)
    days: dict[tuple[str, UUID, date], int] = defaultdict(int)
    for code, name, _rule, day, _start, hours, *_ in rows:
        person = by_name[code, name]
        minutes[person] += MINUTES[hours]
        days[code, person, day] += MINUTES[hours] * 100 // 60
    months: dict[tuple[str, str], int] = defaultdict(int)
    for (code, _person, day), points in days.items():
        months[code, str(day)[:7]] += min(points, 400)
    points: dict[str, int] = defaultdict(int)
    for (code, month), full in months.items():
        points[code] += min(full, max(4000 - before[code, month], 0))
    return minutes, points
