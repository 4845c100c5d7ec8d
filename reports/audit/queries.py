"""What the auditor's pages show: a transaction's story and the results of the search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import ledger
from ledger import TransactionView, TransferView
from pointsbank import accounts
from pointsbank.access import Actor, can
from pointsbank.errors import NotFound
from pointsbank.people import Household, HouseholdCard, household_cards, households_of_place
from pointsbank.places import county_of, place_cards, villages_under
from pointsbank.wallets import narrate
from pointsbank.wallets.narrators import plain_sentence
from pointsbank.words import words
from reports.audit.chain import ChainStep, chain_of
from reports.audit.service import POWER
from reports.audit.tellers import login_of
from reports.trial_balance.names import commodity_name, kind_name
from reports.trial_balance.owners import good_names, head_of, is_uuid, owners_of
from reports.trial_balance.queries import kind_of
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
    name: str
    balance: int


class VillageRow(NamedTuple):
    code: str
    name: str
    households: int


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
    try:
        view = ledger.transaction(s.connection(), by.book_id, transaction_id)
    except ledger.UnknownTransaction:
        raise NotFound("transaction") from None
    if not within_reach(s, by, [view])[view.id]:
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
    names = account_names(s, by, codes, lang)
    goods = good_names(s, view.book_id, (t.debit.commodity for t in view.transfers))
    home = household_cards(s, view.book_id, [view.party.household] if view.party.household else [])
    card = home.get(view.party.household) if view.party.household else None
    place = place_cards(s, [view.place]).get(view.place) if view.place else None
    facts = [Fact(_("记录编号"), str(view.id)), Fact(_("提交编号"), f"{scope_words(s, view, lang)} · {view.key}"),
             Fact(_("种类"), kind_words(view, lang))]
    if view.rule:
        facts.append(Fact(_("依据的细则"), view.rule))
    if place:
        facts.append(Fact(_("所在地"), place.name))
    if card:
        facts.append(Fact(_("户"), f"{card.code} {head_of(by, card)}"))
    return Story(
        sentence=narrate(s, view.book_id, [told(view)], lang)[view.id], chain=chain_of(s, by, view, lang),
        transfers=[transfer_row(t, names, goods, lang) for t in view.transfers],
        facts=facts, household_code=card.code if card else None, household_place=card.place_code if card else None)


def transfer_row(t: TransferView, names: Mapping[str, str], goods: Mapping[str, str], lang: str) -> TransferRow:
    _ = words(lang)
    unit = t.debit.commodity
    note = _("已更正 %(amount)s", amount=amount_text(unit, t.reversed_amount)) if t.reversed_amount else ""
    return TransferRow(commodity_name(unit, lang, goods.get(unit, "")), names[t.debit.code], names[t.credit.code],
                       amount_text(unit, t.amount), t.due_on, note)


def kind_words(view: TransactionView, lang: str) -> str:
    """The kind as the narrators' plain word: 'sale' -> '兑换'."""
    return plain_sentence(told(view)._replace(rule=None, reverses=None), lang)


def scope_words(s: Session, view: TransactionView, lang: str) -> str:
    """Who or what handed the transaction in: 'user:0198…' -> '用户 clerk'. An unknown scope keeps its code."""
    _ = words(lang)
    scope, _colon, tail = view.scope.partition(":")
    if scope == "user":
        login = login_of(s, view.book_id, UUID(tail)) if is_uuid(tail) else tail
        return _("用户 %(login)s", login=login.rpartition("/")[2])
    names = {"record": _("服务记录"), "carry-over": _("期初转入"), "ledger": _("到期处理"), "import": _("导入"),
             "system": _("系统")}
    return names.get(scope, view.scope)


def account_names(s: Session, by: Actor, codes: Iterable[str], lang: str) -> dict[str, str]:
    """Account codes in words: 'wallet:0198…' -> '各户积分账户 H011'."""
    by_kind: dict[str, list[str]] = {}
    for code in codes:
        by_kind.setdefault(kind_of(code), []).append(code)
    names = {}
    for kind, some in by_kind.items():
        owners = owners_of(s, by, kind, some, lang)
        for code in some:
            tail = owners[code].name if code in owners else code.partition(":")[2]
            names[code] = f"{kind_name(kind, lang)} {tail}".strip()
    return names


def households_here(s: Session, by: Actor, place_code: str) -> list[HouseholdRow]:
    """The households of a village with their balances, for whoever may audit it; two or three statements."""
    if not can(by, POWER, place_code):
        return []
    cards: list[HouseholdCard] = households_of_place(s, place_code)
    wallets = {card.id: accounts.wallet(card.id, card.place_code) for card in cards}
    found = ledger.balances(s.connection(), by.book_id, wallets.values())
    return [HouseholdRow(card.code, card.place_code, head_of(by, card), found[wallets[card.id]].posted)
            for card in cards]


def villages_here(s: Session, by: Actor) -> list[VillageRow]:
    """The villages below the town or county the reader stands at, with how many households they have."""
    below = [card for card in villages_under(s, by.place_code)
             if card.code != by.place_code and can(by, POWER, card.code)]
    found = s.execute(select(Household.place_code, func.count()).where(
        Household.book_id == by.book_id, Household.closed_on.is_(None)).group_by(Household.place_code))
    counts: dict[str, int] = {row[0]: row[1] for row in found}
    return [VillageRow(card.code, card.name, counts.get(card.code, 0)) for card in below]


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
