"""The carry-over cap: where a place's policy has one, only so much of a wallet goes on after 31 December.

    cap_carried(s, 230199, at)        # the daily job `cap-carried`: what is due, once a place and year

The ledger does the arithmetic (`ledger.cap_carried`): the oldest points go, what lapses that day by itself is not taken
twice, what is held is left alone, what was spent since counts. A portion of wallets is one unit of work. Killed and run
again the job goes on, since a wallet is capped once for a day; done, it reads one row a place. A year that was over
before the cap was set is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

import ledger
from ledger import Account
from pointsbank import accounts, audit
from pointsbank.access import system_actor
from pointsbank.amounts import POINT, format_points
from pointsbank.clock import to_day
from pointsbank.database import unit_of_work
from pointsbank.places import villages_under
from pointsbank.records.models import CarryCapDone, PlacePolicy
from pointsbank.records.policy import Policy, policies
from pointsbank.wallets.narrators import Told, register_narrator
from pointsbank.words import words

PORTION = 500
JOB = "cap-carried"


def cap_carried(s: Session, book_id: int, at: datetime) -> str:
    """Apply every cap whose day has come, oldest year first. Returns a sentence of figures."""
    wallets = points = 0
    due = list(due_caps(s, book_id, to_day(at)))
    owned = wallets_by_place(s, book_id) if due else {}
    for place_code, cut_off, rule in due:
        some = owned.get(place_code, [])
        for start in range(0, len(some), PORTION):
            taken = cap_portion(s, book_id, place_code, some[start:start + PORTION], cut_off, rule, at)
            wallets, points = wallets + len(taken), points + sum(taken.values())
        with unit_of_work(s):
            if s.get(CarryCapDone, (book_id, place_code, cut_off)) is None:
                s.add(CarryCapDone(book_id=book_id, place_code=place_code, cut_off=cut_off, done_at=at))
    return f"{len(due)} caps, {wallets} wallets, {format_points(points)} points"


def due_caps(s: Session, book_id: int, today: date) -> Iterator[tuple[str, date, Policy]]:
    """(village, last day of a year, its policy): caps in force by that day that were not applied. Three statements."""
    if s.scalar(select(PlacePolicy.place_code).where(PlacePolicy.carry_since.is_not(None)).limit(1)) is None:
        return
    rules = policies(s, [place.code for place in villages_under(s, str(book_id).ljust(12, "0"))])
    done = {(row.place_code, row.cut_off) for row in s.execute(select(
        CarryCapDone.place_code, CarryCapDone.cut_off).where(CarryCapDone.book_id == book_id))}
    for place_code, rule in sorted(rules.items()):
        if rule.caps and rule.carry_since is not None:
            for cut_off in (date(year, 12, 31) for year in range(rule.carry_since.year, today.year)):
                if (place_code, cut_off) not in done:
                    yield place_code, cut_off, rule


def wallets_by_place(s: Session, book_id: int) -> dict[str, list[Account]]:
    """Wallets by the place where they lapse: that is where their household lives. One statement."""
    found: dict[str, list[Account]] = {}
    for one in ledger.lapsing_accounts(s.connection(), book_id, POINT, accounts.WALLETS):
        assert one.expires_to is not None
        found.setdefault(accounts.place_of(one.expires_to), []).append(one)
    return found


def cap_portion(s: Session, book_id: int, place_code: str, some: Sequence[Account], cut_off: date, rule: Policy,
                at: datetime) -> dict[Account, int]:
    with unit_of_work(s):
        taken = ledger.cap_carried(s.connection(), book_id, some, cut_off=cut_off, most=rule.carry_most,
                                   percent=rule.carry_percent, recorded_at=at)
        if taken:
            audit.record(s, system_actor(book_id, JOB), "records.carry_capped", f"place:{place_code}", at=at,
                         cut_off=cut_off.isoformat(), wallets=len(taken), points=sum(taken.values()))
    return taken


# -- in words ----------------------------------------------------------------------------------------------------------
def tell_capped(_s: Session, _book_id: int, lines: Sequence[Told], lang: str) -> dict[UUID, str]:
    return {line.transaction_id: sentence(str(line.meta.get("cut_off", "")), line.meta.get("most"),
                                          line.meta.get("percent"), lang) for line in lines}


def sentence(cut_off: str, most: object, percent: object, lang: str) -> str:
    """'2026-12-31 结转:最多 100.00 分,超出部分作废'; without figures (nobody ruled them) a plain word is left."""
    _ = words(lang)
    if isinstance(most, int) and isinstance(percent, int):
        return _("%(day)s 结转:最多 %(most)s 分,不超过余额的 %(percent)s%%,超出部分作废", day=cut_off,
                 most=format_points(most), percent=percent)
    if isinstance(most, int):
        return _("%(day)s 结转:最多 %(most)s 分,超出部分作废", day=cut_off, most=format_points(most))
    if isinstance(percent, int):
        return _("%(day)s 结转:不超过余额的 %(percent)s%%,超出部分作废", day=cut_off, percent=percent)
    return ""


def register() -> None:
    register_narrator("capped", tell_capped)
