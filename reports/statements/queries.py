"""Reading a statement from the ledger: seven statements or so, whatever the number of lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

import ledger
from pointsbank import accounts, clock
from pointsbank.access import Actor, can
from pointsbank.errors import NotFound
from pointsbank.people import Household, HouseholdCard, head_then, household_cards, person_cards
from pointsbank.places import PlaceCard, is_demo, place_by_code, place_cards
from pointsbank.places import ancestors as codes_above
from pointsbank.wallets import narrate
from reports.statements.errors import WhichPlace
from reports.statements.records import Lapse, StatementData, StatementLine

POWER = "statements.any"
TOWNWARDS = ("county", "town", "village")  # levels named on paper


def household_for(s: Session, by: Actor, code: str, place_code: str | None = None) -> HouseholdCard:
    """The household a code means to this reader: in the place named, else the only one within reach.

    Raises NotFound (also for what lies out of reach), WhichPlace when several villages have the code.
    """
    rows = s.execute(select(Household.id, Household.place_code).where(
        Household.book_id == by.book_id, Household.code == code.strip().upper())).all()
    found = {place: id_ for id_, place in rows if may_read(by, id_, place) and place_code in (None, place)}
    if len(found) > 1 and by.place_code in found:
        found = {by.place_code: found[by.place_code]}
    if not found:
        raise NotFound("household")
    if len(found) > 1:
        names = "、".join(sorted(card.name for card in place_cards(s, found).values()))
        raise WhichPlace("place", code=code.strip().upper(), places=names)
    (household_id,) = found.values()
    return household_cards(s, by.book_id, [household_id])[household_id]


def may_read(by: Actor, household_id: UUID, place_code: str) -> bool:
    """One's own household with `me.view`, any other with `statements.any` at its place."""
    own = by.household_id == household_id and can(by, "me.view")
    return own or can(by, POWER, place_code)


def place_line(s: Session, place_code: str) -> tuple[PlaceCard, str]:
    """The place and its name with what lies above it: '演示县 安和镇 向阳村'."""
    cards = place_cards(s, codes_above(place_code))
    names = [cards[code].name for code in reversed(codes_above(place_code))
             if code in cards and cards[code].level in TOWNWARDS]
    return place_by_code(s, place_code), " ".join(names)


def read_statement(s: Session, home: HouseholdCard, start: date, end: date, *, known_at: datetime, made_at: datetime,
                   lang: str = "zh", position: int | None = None) -> StatementData:
    """The wallet's statement from `start` to `end` (both included), as known at `known_at`: of a moment before
    `made_at`, by what was sealed then. With `position`, as that position of the sealed log knew it, so that its proofs
    show the same.

    What is effective before `start` is in the opening balance, what is effective on `start` is a line.
    """
    conn, wallet = s.connection(), accounts.wallet(home.id, home.place_code)
    then = None if known_at == made_at else known_at
    opening = ledger.balances(conn, home.book_id, [wallet], on=start - timedelta(days=1), known_at=then,
                              position=position)[wallet]
    closing = ledger.balances(conn, home.book_id, [wallet], on=end, known_at=then, position=position)[wallet]
    entries = ledger.lines(conn, home.book_id, wallet, start, end, then, position)
    told = narrate(s, home.book_id, entries, lang)
    place, names = place_line(s, home.place_code)
    today, held, lapsed = clock.to_day(made_at), 0, 0
    lapses: tuple[Lapse, ...] = ()
    if then is None:  # what is held and what lapses when is known for this moment only
        due = ledger.expiring(conn, home.book_id, wallet, today)
        lapses = tuple(Lapse(due_on, amount) for due_on, amount in due if amount)
        if end == today:
            now = ledger.balances(conn, home.book_id, [wallet], today=today)[wallet]
            held, lapsed = now.held, now.lapsed
    return StatementData(
        book_id=home.book_id, place_code=home.place_code, place_name=names, issuer=place.body or place.name,
        household_id=home.id, household_code=home.code, head_name=_head_name(s, home, end), start=start,
        end=end, as_of=today,
        known_at=known_at, made_at=made_at, opening=opening.posted,
        lines=statement_lines(entries, told),
        closing=closing.posted, held=held, lapsed=lapsed, available=closing.posted - held - lapsed,
        lapses=lapses,
        demo=is_demo(s, home.book_id), lang=lang, position=position)


def _head_name(s: Session, home: HouseholdCard, day: date) -> str:
    """Whoever was head on the last day of the period: a paper of last year names the head of last year."""
    then = head_then(s, home.book_id, home.id, day)
    return person_cards(s, home.book_id, [then])[then].name if then else home.head_name


def statement_lines(entries: Iterable[ledger.Line], told: Mapping[UUID, str]) -> tuple[StatementLine, ...]:
    """Movements as lines: neighbours of one transaction are one line, since people know one sale, not its parts."""
    lines: list[StatementLine] = []
    for e in entries:
        last = lines[-1] if lines else None
        if last and last.transaction_id == e.transaction_id and last.last_seq + 1 == e.seq:
            lines[-1] = last._replace(last_seq=e.seq, points=last.points + e.amount, balance=e.balance)
        else:
            lines.append(StatementLine(e.seq, e.seq, e.transaction_id, e.effective_on, e.recorded_at, e.kind,
                                       told[e.transaction_id], e.amount, e.balance))
    return tuple(lines)
