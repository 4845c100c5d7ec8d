"""A book as a journal that a foreign program recomputes: hledger and beancount.

    flask --app wsgi ledger export --format hledger > book.journal && hledger -f book.journal check --strict
    flask --app wsgi ledger export --format beancount > book.beancount && bean-check book.beancount

Every account, commodity and transaction, streamed in the order of posting; then, as assertions, the balance at the end
of each month of every account that moved in it, and the last balance of every account. The program accepts the journal
exactly when its own balances are ours, to the last unit: nothing is rounded, no tolerance is granted.

Value flows from debit to credit, so a posting of the credited account is positive and a balance reads as ours.
`decimals` says how many of a commodity's digits are written after the point ({"POINT": 2}: 1234 is written 12.34).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Date, Select, func, literal, select
from sqlalchemy import union_all as union

from ledger.days import ONE_DAY
from ledger.exporting import history
from ledger.periods import last_day, month
from ledger.records import TransactionView, TrialRow
from ledger.tables import account, transfer
from ledger.turnover import trial_balance

Decimals = Mapping[str, int]
WHOLE: Decimals = {}


class MonthEnd(NamedTuple):
    """What an account that moved in a month had at its end."""

    on: date
    commodity: str
    code: str
    is_member: bool
    balance: int


def number(amount: int, digits: int) -> str:
    """An amount with its decimals, exactly.

    >>> number(-1205, 2), number(7, 2), number(7, 0)
    ('-12.05', '0.07', '7')
    """
    if digits == 0:
        return str(amount)
    whole, part = divmod(abs(amount), 10 ** digits)
    return f"{'-' if amount < 0 else ''}{whole}.{part:0{digits}d}"


def span(connection: Connection, book_id: int) -> tuple[date, date] | None:
    """The first and the last effective day; None for an empty book."""
    first, last = connection.execute(select(
        func.min(transfer.c.effective_on, type_=Date()), func.max(transfer.c.effective_on, type_=Date())).where(
        transfer.c.book_id == book_id)).one()
    return None if first is None else (first, last)


def month_ends(connection: Connection, book_id: int) -> Iterator[MonthEnd]:
    """By month, the balance at its end of every account that moved in it; one statement over the transfers, streamed.

    The book's last month is left out where its last entry is not on its last day: it has no end yet.
    """
    def side(mine: str, sign: int) -> Select[Any]:
        return select(transfer.c[mine].label("account"), month(connection, transfer.c.effective_on).label("month"),
                      (transfer.c.amount * literal(sign)).label("amount")).where(transfer.c.book_id == book_id)

    sides = union(side("debit_account", -1), side("credit_account", 1)).subquery("sides")
    moved = (select(sides.c.account, sides.c.month, func.sum(sides.c.amount).label("amount"))
             .group_by(sides.c.account, sides.c.month).subquery("moved"))
    balance = func.sum(moved.c.amount).over(partition_by=moved.c.account, order_by=moved.c.month)
    query = (select(moved.c.month, account.c.commodity, account.c.code, account.c.is_member, balance.label("balance"))
             .join(account, (account.c.book_id == literal(book_id)) & (account.c.id == moved.c.account))
             .order_by(moved.c.month, account.c.commodity, account.c.code))
    found = span(connection, book_id)
    for row in connection.execute(query, execution_options={"yield_per": 2_000}):
        end = last_day(date.fromisoformat(f"{row.month}-01"))
        if found is not None and end < found[1]:
            yield MonthEnd(end, row.commodity, row.code, row.is_member, int(row.balance))


def one_line(text: str) -> str:
    """Text that cannot end its line or begin a comment.

    >>> one_line('sale; of\\nsoap')
    'sale, of soap'
    """
    return " ".join(text.replace(";", ",").replace("|", "/").split())


# -- hledger --------------------------------------------------------------------------------------------------------
def plain(code: str) -> str:
    """An account's code as hledger can read it; whatever means something to it is written as its hexadecimal number.

    >>> plain("wallet:h1"), plain("shelf:S1:two  words;")
    ('wallet:h1', 'shelf:S1:two%20%20words%3b')
    """
    return re.sub(r"[^\w:.@/-]", lambda found: f"%{ord(found[0]):02x}", code)


def as_hledger(connection: Connection, book_id: int, decimals: Decimals = WHOLE) -> Iterator[str]:
    """A journal that passes `hledger check --strict` exactly when its balances are ours."""
    accounts, days = trial_balance(connection, book_id), span(connection, book_id)
    if not accounts:
        return
    yield f"; book {book_id}\n"
    for commodity in sorted({row.commodity for row in accounts}):
        digits = decimals.get(commodity, 0)
        yield f'commodity {number(10 ** digits, digits)}{"" if digits else "."} "{commodity}"\n'
    for code in sorted({row.code for row in accounts}):
        yield f"account {plain(code)}\n"

    def amount(value: int, commodity: str) -> str:
        return f'{number(value, decimals.get(commodity, 0))} "{commodity}"'

    for one in history(connection, book_id):
        yield f"\n{one.effective_on} * ({one.id}) {one_line(one.kind)}{hledger_notes(one)}\n" + "".join(
            f"    {plain(line.debit.code)}  {amount(-line.amount, line.debit.commodity)}\n"
            f"    {plain(line.credit.code)}  {amount(line.amount, line.credit.commodity)}\n" for line in one.transfers)
    # hledger goes by days and, within one, by the order of the file: what is asserted stands after all entries.
    on = None
    for end in month_ends(connection, book_id):
        if end.on != on:
            on = end.on
            yield f"\n{on} * end of month\n"
        yield (f"    {plain(end.code)}  {amount(0, end.commodity)} = {amount(end.balance, end.commodity)}\n")
    yield f"\n{days[1] if days else date.min} * closing balances\n"
    for row in accounts:
        yield f"    {plain(row.code)}  {amount(0, row.commodity)} = {amount(row.balance, row.commodity)}\n"


def hledger_notes(one: TransactionView) -> str:
    notes = {"rule": one.rule, "reverses": one.reverses}
    text = ", ".join(f"{name}:{one_line(str(value)).replace(',', ' ')}" for name, value in notes.items() if value)
    return f"  ; {text}" if text else ""


# -- beancount ------------------------------------------------------------------------------------------------------
class Names:
    """beancount's own names for accounts and commodities: made from ours, two of ours never share one.

    >>> names = Names()
    >>> names.account("wallet:h1", True), names.account("wallet:H1!", True), names.account("budget:v1", False)
    ('Assets:Wallet:H1', 'Assets:Wallet:H1-', 'Equity:Budget:V1')
    >>> names.account("wallet:H1?", True), names.account("wallet:h1", True)
    ('Assets:Wallet:H1--2', 'Assets:Wallet:H1')
    >>> names.commodity("POINT"), names.commodity("p 1"), names.commodity("P-1")
    ('POINT', 'P-1', 'P-1-2')
    """

    def __init__(self) -> None:
        self.made: dict[tuple[str, str], str] = {}
        self.taken: set[str] = set()

    def account(self, code: str, is_member: bool) -> str:
        """Members' accounts are assets (theirs), the world's other side is equity. Three parts each, so that none is
        another's parent: beancount adds children up.
        """
        def part(text: str) -> str:
            text = re.sub(r"[^A-Za-z0-9-]", "-", text)
            return text[:1].upper() + text[1:] if text[:1].isalnum() else f"X{text}"

        root = "Assets" if is_member else "Equity"
        kind, _, rest = code.partition(":")
        return self.once(f"account {root}", code, f"{root}:{part(kind)}:{part(rest or kind)}")

    def commodity(self, code: str) -> str:
        text = re.sub(r"[^A-Z0-9-]", "-", code.upper())[:20].strip("-")
        return self.once("commodity", code, text if text[:1].isalpha() else f"X{text}")

    def once(self, sort: str, ours: str, wanted: str) -> str:
        if (sort, ours) not in self.made:
            name, number_ = wanted, 1
            while name in self.taken:
                number_ += 1
                name = f"{wanted}-{number_}"
            self.taken.add(name)
            self.made[sort, ours] = name
        return self.made[sort, ours]


def quoted(text: str) -> str:
    """A beancount string."""
    escaped = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def as_beancount(connection: Connection, book_id: int, decimals: Decimals = WHOLE) -> Iterator[str]:
    """A ledger file that `bean-check` accepts exactly when its balances are ours."""
    accounts, days = trial_balance(connection, book_id), span(connection, book_id)
    if not accounts:
        return
    names, first, last = Names(), days[0] if days else date.min, days[1] if days else date.min
    yield f'option "title" "book {book_id}"\n'
    for commodity in sorted({row.commodity for row in accounts}):
        yield f"{first} commodity {names.commodity(commodity)}\n  name: {quoted(commodity)}\n"
    for code, is_member in sorted({(row.code, row.is_member) for row in accounts}):
        yield f"{first} open {names.account(code, is_member)}\n  code: {quoted(code)}\n"

    def amount(value: int, commodity: str) -> str:
        return f"{number(value, decimals.get(commodity, 0))} {names.commodity(commodity)}"

    for one in history(connection, book_id):
        notes = {"id": one.id, "rule": one.rule, "reverses": one.reverses}
        yield f"\n{one.effective_on} * {quoted(one.kind)}\n" + "".join(
            f"  {name}: {quoted(str(value))}\n" for name, value in notes.items() if value) + "".join(
            f"  {names.account(side.code, side.is_member)}  {amount(value, side.commodity)}\n"
            for line in one.transfers for side, value in ((line.debit, -line.amount), (line.credit, line.amount)))
    yield "\n"

    def balance(on: date, row: MonthEnd | TrialRow) -> str:  # beancount judges at the beginning of a day
        return (f"{on + ONE_DAY} balance {names.account(row.code, row.is_member)}  "
                f"{number(row.balance, decimals.get(row.commodity, 0))} ~ 0 {names.commodity(row.commodity)}\n")

    for end in month_ends(connection, book_id):
        yield balance(end.on, end)
    for row in accounts:
        yield balance(last, row)


JOURNALS: dict[str, Callable[[Connection, int, Decimals], Iterator[str]]] = {
    "hledger": as_hledger, "beancount": as_beancount}
