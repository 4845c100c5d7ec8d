"""Death, a new head, moving out of the county: who leaves, who follows, and what becomes of the points."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

import ledger
from ledger import Entry, Party, Transfer
from pointsbank import accounts
from pointsbank.access import Actor, AppUser
from pointsbank.database import unit_of_work
from pointsbank.errors import BadInput
from pointsbank.households.carrying import OUT, balance_of, carry, lock, wallet_of, year_score
from pointsbank.households.commands import ChangeHead, MoveAway, RecordDeath
from pointsbank.households.doing import (
    begin,
    check_nothing_open,
    end_household_sign_in,
    finish,
    follow,
    own_household,
)
from pointsbank.households.errors import NeedsHead, NotAMember
from pointsbank.households.models import AWAY, DEATH, HEAD, HouseholdChange
from pointsbank.people import Person, close_household, household_row, leave, member_rows, set_head


def _sign_ins_end(s: Session, person: Person, at: datetime) -> None:
    """A dead person's own sign-ins end; the household's sign-in passes to its head."""
    s.execute(update(AppUser).where(AppUser.book_id == person.book_id, AppUser.person_id == person.id,
                                    AppUser.kind == "staff", AppUser.disabled_at.is_(None))
              .values(disabled_at=at).execution_options(synchronize_session=False))


def _sign_in_of_head(s: Session, person: Person) -> None:
    s.execute(update(AppUser).where(AppUser.book_id == person.book_id, AppUser.kind == "household",
                                    AppUser.household_id == person.household_id)
              .values(person_id=person.id).execution_options(synchronize_session=False))


def record_death(s: Session, cmd: RecordDeath, *, by: Actor, at: datetime) -> HouseholdChange:
    """A member died. The points stay the household's; hours stay with the person's record for good.

    When nobody is left, the household is closed and its points go to `heir`'s household, or stay where they are until
    they lapse. Raises: NotAllowed, StepAsideHere, HouseholdClosed, NotAMember, NeedsHead, OpenMatters, KeyReused.
    """
    with unit_of_work(s):
        if (first := begin(s, cmd, DEATH, by, at)) is not None:
            return first
        home = own_household(s, cmd.household, by, on=cmd.on, at=at)
        heir = own_household(s, cmd.heir, by, on=cmd.on, at=at) if cmd.heir else None
        lock(s, home.book_id, [home, heir] if heir else [home])
        row = household_row(s, home.book_id, home.id)
        members = {person.id: person for person in member_rows(s, home.book_id, home.id)}
        dead = members.pop(cmd.person, None)
        if dead is None:
            raise NotAMember("person")
        was_head = row.head_person_id == dead.id
        leave(s, dead, cmd.on, "died")
        _sign_ins_end(s, dead, at)
        detail: dict[str, object] = {"person": str(dead.id), "was_head": was_head}
        if was_head and members:
            following = members.get(cmd.head) if cmd.head else None
            if following is None:
                raise NeedsHead("head")
            dead.is_head = False
            set_head(s, row, following, cmd.on)
            _sign_in_of_head(s, following)
            detail["head"] = str(following.id)
        elif not members:
            check_nothing_open(s, home)
            if heir is not None:
                balance = balance_of(s, home, at)
                done = carry(s, cmd.key, home, heir, points=balance.posted - balance.lapsed,
                             score=year_score(s, home, cmd.on), on=cmd.on, at=at,
                             meta={"why": DEATH, "from": str(home.id), "to": str(heir.id)})
                detail |= {"points": done.points, "transactions": [str(one) for one in done.transactions]}
                follow(s, home.book_id, home.id, heir.id, at)
            close_household(s, row, cmd.on, into=heir.id if heir else None)
            end_household_sign_in(s, home.book_id, home.id, at)
        return finish(s, cmd, by, at, kind=DEATH, home=home, other=heir.id if heir else None, **detail)


def change_head(s: Session, cmd: ChangeHead, *, by: Actor, at: datetime) -> HouseholdChange:
    """Another member is head from the day on; earlier papers go on to name the head of their time."""
    with unit_of_work(s):
        if (first := begin(s, cmd, HEAD, by, at)) is not None:
            return first
        home = own_household(s, cmd.household, by, on=cmd.on, at=at)
        row = household_row(s, home.book_id, home.id)
        head = next((one for one in member_rows(s, home.book_id, home.id) if one.id == cmd.head), None)
        if head is None:
            raise NotAMember("head")
        set_head(s, row, head, cmd.on)
        _sign_in_of_head(s, head)
        return finish(s, cmd, by, at, kind=HEAD, home=home, head=str(head.id))


def move_away(s: Session, cmd: MoveAway, *, by: Actor, at: datetime) -> HouseholdChange:
    """迁出本区县: the household is closed; its points leave into 往来, to the book named or to wait for one.

    A debt has to be worked off or settled first. Raises: as merge, BadInput.
    """
    with unit_of_work(s):
        if (first := begin(s, cmd, AWAY, by, at)) is not None:
            return first
        home = own_household(s, cmd.household, by, on=cmd.on, at=at)
        if cmd.to_book == home.book_id:
            raise BadInput("to_book", "还在本区县的,请办迁移。", "Within the county, use the move.")
        lock(s, home.book_id, [home])
        check_nothing_open(s, home)
        balance = balance_of(s, home, at)
        points = balance.posted - balance.lapsed
        if points < 0:
            raise BadInput("household", "户里积分是负数,先补平再迁出。",
                           "The household owes points; settle that first.")
        done: list[ledger.Outcome] = []
        if points:
            other = accounts.clearing(cmd.to_book or home.book_id)
            done = ledger.post(s.connection(), home.book_id, [Entry(
                "household", f"{cmd.key}:out", OUT, cmd.on, (Transfer(wallet_of(home), other, points),),
                Party(household=home.id), place=home.place_code, meta={"why": AWAY})], recorded_at=at)
        for person in member_rows(s, home.book_id, home.id):
            leave(s, person, cmd.on, "moved")
            _sign_ins_end(s, person, at)
        close_household(s, household_row(s, home.book_id, home.id), cmd.on)
        end_household_sign_in(s, home.book_id, home.id, at)
        return finish(s, cmd, by, at, kind=AWAY, home=home, points=points, to_book=cmd.to_book,
                      transactions=[str(one.transaction_id) for one in done])
