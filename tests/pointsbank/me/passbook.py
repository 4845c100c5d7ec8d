"""What the tests of /me do to a household's wallet, through the ledger's one door."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from uuid import UUID

import ledger
from ledger import Entry, Party, Transfer
from pointsbank import accounts, clock
from pointsbank.database import db, unit_of_work
from redemption.demo.people import Village
from tests.pointsbank.records.test_pages import Person


def on_the_day(day: date) -> datetime:
    """Recorded on its day, as deeds are; what is recorded late gets days of grace before it lapses."""
    return min(clock.now(), datetime(day.year, day.month, day.day, 4, tzinfo=UTC))


class Passbook:
    """One household's wallet in the running app's database."""

    def __init__(self, village: Village, code: str) -> None:
        self.home = village.households[code]
        self.head = next(one for one in village.members[code] if one.is_head)
        self.place = village.place_code
        self.wallet = accounts.wallet(self.home.id, self.place)

    def _post(self, kind: str, day: date, moves: tuple[Transfer, ...], rule: str | None = None,
              below: bool = False) -> UUID:
        entry = Entry("test", str(uuid.uuid4()), kind, day, moves, Party(self.home.id, self.head.id), rule,
                      self.place, may_go_below=below)
        with unit_of_work(db.session()) as s:
            done = ledger.post(s.connection(), self.home.book_id, [entry], recorded_at=on_the_day(day))[0]
        assert done.transaction_id
        return done.transaction_id

    def earned(self, points: int, day: date, due_on: date | None = None, rule: str = "V01", minutes: int = 0) -> UUID:
        moves = [Transfer(accounts.budget(self.place), self.wallet, points, due_on=due_on),
                 Transfer(accounts.scored(self.place), accounts.score(self.home.id), points)]
        if minutes:
            moves.append(Transfer(accounts.served(self.place), accounts.hours(self.head.id), minutes))
        return self._post("earned", day, tuple(moves), rule)

    def carried(self, points: int, day: date) -> UUID:
        return self._post("opening", day, (Transfer(accounts.opening(self.place), self.wallet, points),))

    def shopped(self, day: date, *points: int) -> UUID:
        shop = ledger.system("POINT", f"spent:{self.place}")
        return self._post("sale", day, tuple(Transfer(self.wallet, shop, one) for one in points))

    def deducted(self, points: int, day: date) -> UUID:
        move = Transfer(self.wallet, accounts.penalty(self.place), points)
        return self._post("deducted", day, (move,), "N01", below=True)

    def taken_back(self, transaction: UUID, day: date) -> UUID:
        with unit_of_work(db.session()) as s:
            done = ledger.reverse(s.connection(), self.home.book_id, transaction, scope="test", key=str(uuid.uuid4()),
                                  recorded_at=clock.now(), effective_on=day, claw_back=True)
        assert done.transaction_id
        return done.transaction_id


class Family(Person):
    """A household signed in with its code and number."""

    def __init__(self, app: object, code: str) -> None:
        super().__init__(app, code, "202611", "household")  # type: ignore[arg-type]
