"""What the auditor's pages show: a transaction's story and the results of the search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

import ledger
from ledger import TransactionView, TransferView
from pointsbank import accounts
from pointsbank.access import Actor, can
from pointsbank.errors import NotFound
from pointsbank.people import HouseholdCard, household_cards, households_of_place
from pointsbank.places import county_of, place_cards
from pointsbank.wallets import narrate
from pointsbank.words import words
from reports.audit.chain import ChainStep, chain_of
from reports.audit.service import POWER
from reports.trial_balance.names import commodity_name, kind_name
from reports.trial_balance.queries import kind_of, owners_of
from reports.trial_balance.records import amount_text


class TransferRow(NamedTuple):
    commodity: str
    debit: str
    credit: str
    amount: str
    due_on: date | None
    note: str


class Fact(NamedTuple):
    label: str
    value: str


class Story(NamedTuple):
    """A transaction as the page tells it."""

    sentence: str
    chain: list[ChainStep]
    transfers: list[TransferRow]
    facts: list[Fact]
    household_code: str | None
    household_place: str | None


class HouseholdRow(NamedTuple):
    code: str
    place_code: str
    masked_name: str
    balance: int


class Told(NamedTuple):
    """A transaction as narrators want it."""

    transaction_id: UUID
    kind: str
    rule: str | None
    reverses: UUID | None
    meta: Mapping[str, Any]


def told(view: TransactionView) -> Told:
    return Told(view.id, view.kind, view.rule, view.reverses, view.meta)


def find_transaction(s: Session, by: Actor, transaction_id: UUID) -> TransactionView:
    """Raises NotFound, also for what lies outside the reader's places."""
    view = ledger.transaction(s.connection(), by.book_id, transaction_id)
    if view is None or not within_reach(s, by, [view])[view.id]:
        raise NotFound("transaction")
    return view


def within_reach(s: Session, by: Actor, views: Iterable[TransactionView]) -> dict[UUID, bool]:
    """Whether the reader may audit each: by its place, else its household's, else the county."""
    views = list(views)
    homes = household_cards(s, by.book_id, (v.party.household for v in views if v.party.household and not v.place))
    found = {}
    for view in views:
        home = homes.get(view.party.household) if view.party.household else None
        place = view.place or (home.place_code if home else county_of(str(by.book_id)))
        found[view.id] = can(by, POWER, place)
    return found


def story_of(s: Session, by: Actor, view: TransactionView, lang: str) -> Story:
    """Sentence, chain, transfers with their accounts in words, numbers and grounds."""
    _ = words(lang)
    codes = {side.code for t in view.transfers for side in (t.debit, t.credit)}
    names = account_names(s, view.book_id, codes, lang)
    home = household_cards(s, view.book_id, [view.party.household] if view.party.household else [])
    card = home.get(view.party.household) if view.party.household else None
    place = place_cards(s, [view.place]).get(view.place) if view.place else None
    facts = [Fact(_("记录编号"), str(view.id)), Fact(_("提交编号"), f"{view.scope} / {view.key}"),
             Fact(_("种类"), view.kind)]
    if view.rule:
        facts.append(Fact(_("依据的细则"), view.rule))
    if place:
        facts.append(Fact(_("所在地"), place.name))
    if card:
        facts.append(Fact(_("户"), f"{card.code} {card.masked_name}"))
    return Story(
        sentence=narrate(s, view.book_id, [told(view)], lang)[view.id], chain=chain_of(s, by, view, lang),
        transfers=[transfer_row(t, names, lang) for t in view.transfers],
        facts=facts, household_code=card.code if card else None, household_place=card.place_code if card else None)


def transfer_row(t: TransferView, names: Mapping[str, str], lang: str) -> TransferRow:
    _ = words(lang)
    unit = t.debit.commodity
    note = _("已更正 %(amount)s", amount=amount_text(unit, t.reversed_amount)) if t.reversed_amount else ""
    return TransferRow(commodity_name(unit, lang), names[t.debit.code], names[t.credit.code],
                       amount_text(unit, t.amount), t.due_on, note)


def account_names(s: Session, book_id: int, codes: Iterable[str], lang: str) -> dict[str, str]:
    """Account codes in words: 'wallet:0198…' -> '各户积分账户 H011'."""
    by_kind: dict[str, list[str]] = {}
    for code in codes:
        by_kind.setdefault(kind_of(code), []).append(code)
    names = {}
    for kind, some in by_kind.items():
        owners = owners_of(s, book_id, kind, some)
        for code in some:
            tail = owners[code].name if code in owners else code.partition(":")[2]
            names[code] = f"{kind_name(kind, lang)} {tail}".strip()
    return names


def households_here(s: Session, by: Actor) -> list[HouseholdRow]:
    """The households of the place the reader stands at, with their balances; two or three statements."""
    if not can(by, POWER, by.place_code):
        return []
    cards: list[HouseholdCard] = households_of_place(s, by.place_code)
    wallets = {card.id: accounts.wallet(card.id, card.place_code) for card in cards}
    found = ledger.balances(s.connection(), by.book_id, wallets.values())
    return [HouseholdRow(card.code, card.place_code, card.masked_name, found[wallets[card.id]].posted)
            for card in cards]


class FoundRow(NamedTuple):
    """One transaction in a list of results. `points` is what it did to its household's wallet."""

    transaction_id: UUID
    effective_on: date
    recorded_at: datetime
    sentence: str
    household_code: str | None
    points: int | None


def rows_of(s: Session, by: Actor, views: Iterable[TransactionView], lang: str) -> list[FoundRow]:
    """Those of the transactions the reader may see, in words."""
    views = list(views)
    reach = within_reach(s, by, views)
    shown = [view for view in views if reach[view.id]]
    sentences = narrate(s, by.book_id, [told(view) for view in shown], lang)
    homes = household_cards(s, by.book_id, (view.party.household for view in shown if view.party.household))
    return [FoundRow(view.id, view.effective_on, view.recorded_at, sentences[view.id],
                     homes[view.party.household].code if view.party.household in homes else None, points_of(view))
            for view in shown]


def points_of(view: TransactionView) -> int | None:
    """The change of the wallets a transaction touches; None when it touches none."""
    signed = [t.amount if side is t.credit else -t.amount for t in view.transfers for side in (t.debit, t.credit)
              if side.commodity == "POINT" and kind_of(side.code) == "wallet"]
    return sum(signed) if signed else None
