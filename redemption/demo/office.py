"""The demo's staff at work: the same services as the pages, with a clock that is handed in.

Only a demo on an empty database may do this: recorded times of the past are what a real book never sees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

import ledger
from pointsbank import accounts
from pointsbank.access import Actor, AppUser, actor_of_user
from pointsbank.clock import SHANGHAI
from pointsbank.errors import DomainError
from pointsbank.records import (
    ActivityFacts,
    DecideMany,
    RecordFacts,
    ServiceRecord,
    SubmitMany,
    decide_many,
    submit_many,
)
from pointsbank.records.models import WAITING
from redemption.demo.deeds import Deed
from redemption.demo.people import Village
from redemption.demo.village_data import key
from redemption.stock import GoodStock, stock_of
from redemption.till import Item, Receipt, Redeem, redeem

# Who decides a step, the first choice first: somebody who must step aside is followed by the other.
DECIDERS = {"group_review": ("reviewer", "reviewer2"), "grid_check": ("reviewer2", "reviewer"),
            "village_approval": ("committee", "committee2"), "town_approval": ("office",),
            "supervisor_check": ("supervisor",)}


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """A time of day in the village, as an instant."""
    return datetime.combine(day, time(hour, minute), SHANGHAI).astimezone(UTC)


@dataclass
class Office:
    """Everybody who works, the village they work for, and the shop."""

    s: Session
    village: Village
    shop: str
    staff: dict[str, Actor] = field(default_factory=dict)
    sold: int = 0
    sittings: int = 0

    def __post_init__(self) -> None:
        users = self.s.scalars(select(AppUser).where(AppUser.book_id == self.village.book_id, AppUser.kind == "staff"))
        self.staff = {user.login: actor_of_user(self.s, user) for user in users.all()}
        self.s.rollback()

    def family(self, code: str) -> Actor:
        """A household at its own phone."""
        user = self.s.scalars(select(AppUser).where(
            AppUser.book_id == self.village.book_id, AppUser.household_id == self.village.households[code].id,
            AppUser.kind == "household")).one()
        found = actor_of_user(self.s, user)
        self.s.rollback()
        return found

    def facts(self, deed: Deed, day: date) -> RecordFacts:
        home = self.village.households[deed.household]
        person = self.village.person(deed.household, deed.person) if deed.person else None
        return RecordFacts(
            home.id, deed.code, day, person_id=person.id if person else None, minutes=deed.minutes,
            started=deed.started, amount_fen=deed.amount_fen, level=deed.level, cause=deed.cause,
            activity=ActivityFacts(deed.title) if deed.title else None, evidence="演示:签到表和照片",
            timing="timed" if deed.started is not None else "typed")

    def submit(self, deeds: list[Deed], day: date, label: str = "day", told_on: date | None = None,
               ) -> tuple[UUID, ...]:
        """The recorder enters the day's deeds in the evening (or on `told_on`); what the rules refuse is left out."""
        if not deeds:
            return ()
        outcome = submit_many(self.s, SubmitMany(key(label, day), tuple(self.facts(deed, day) for deed in deeds),
                                                 source="typed", same_is_same=False),
                              by=self.staff["recorder"], at=moment(told_on or day, 18))
        return tuple(one.id for one in outcome.recorded)

    def waiting(self, step: str) -> tuple[UUID, ...]:
        self.s.rollback()
        return tuple(self.s.scalars(select(ServiceRecord.id).where(
            ServiceRecord.book_id == self.village.book_id, ServiceRecord.status == WAITING,
            ServiceRecord.waiting_for == step).order_by(ServiceRecord.id)))

    def decide_all(self, day: date, hour: int = 19, keep: frozenset[UUID] = frozenset()) -> None:
        """An office evening: every step has its turn; who must step aside leaves the record to the other."""
        for step, deciders in DECIDERS.items():
            for turn, login in enumerate(deciders):
                ids = tuple(id_ for id_ in self.waiting(step) if id_ not in keep)
                if ids:
                    self.sittings += 1
                    decide_many(self.s, DecideMany(key("decide", self.sittings), ids), by=self.staff[login],
                                at=moment(day, hour, turn))

    def balance(self, code: str) -> int:
        """What a household has on the books now, in hundredths."""
        home = self.village.households[code]
        account = accounts.wallet(home.id, home.place_code)
        self.s.rollback()
        return ledger.balances(self.s.connection(), home.book_id, [account])[account].posted

    def stock(self, day: date) -> dict[str, GoodStock]:
        self.s.rollback()
        return stock_of(self.s, self.village.book_id, self.shop, day)

    def sell(self, code: str, items: tuple[Item, ...], at: datetime, label: str) -> Receipt | None:
        """A sale by the clerk who has nothing to do with the household; None when the till refuses it."""
        clerk = "clerk2" if code == "H019" else "clerk"
        try:
            receipt = redeem(self.s, Redeem(key("sale", label, code), self.shop, self.village.households[code].id,
                                            items, confirm_again=True), by=self.staff[clerk], at=at)
        except DomainError:
            self.s.rollback()
            return None
        self.sold += 1
        return receipt


def days(first: date, last: date) -> list[date]:
    """Every day from the first to the last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
