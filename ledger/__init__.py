"""The double-entry ledger of a points bank, usable with a SQLAlchemy connection alone.

    import ledger
    wallet = ledger.member("POINT", f"wallet:{household}", expires_to=ledger.system("POINT", "expired:v1"))
    budget = ledger.system("POINT", "budget:v1")
    entry = ledger.Entry("user:7", key, "earned", day, (ledger.Transfer(budget, wallet, 300, due_on=last_day),))
    outcome, = ledger.post(connection, 230199, [entry], recorded_at=now)
    outcome.balances[wallet]                                     # (before, after)

It knows accounts, commodities, transfers and transactions, holds, days and due days, closed months; it knows no
volunteer, no shop and no web request. It takes the time as an argument and never reads a clock. It never commits: the
caller's transaction does.
"""

from __future__ import annotations

from ledger.assertions import Assertion, assert_balance, assertions, withdraw_assertion
from ledger.capping import cap_carried, lapsing_accounts
from ledger.checking import check
from ledger.creating import create
from ledger.errors import (
    AlreadyReversed,
    BelowFloor,
    DomainError,
    FutureDay,
    HoldEnded,
    HoldTimedOut,
    KeyReused,
    MoreThanHeld,
    MoreThanPosted,
    NotPositive,
    NotReversible,
    PeriodClosed,
    PeriodNotClosed,
    PeriodNotOver,
    PeriodOutOfOrder,
    SecondPersonNeeded,
    TooContended,
    UnknownAssertion,
    UnknownHold,
    UnknownTransaction,
)
from ledger.expiry import GIVEN_BACK_KIND, LAPSED_KIND
from ledger.held import Hold, HoldOutcome, HoldView
from ledger.holding import capture, expire_holds, find_hold, hold, one_hold, open_holds, release
from ledger.newest import NewLine, newest_lines
from ledger.periods import Period, close_period, closed_balance, closed_until, periods, reopen_period
from ledger.posting import lock_members, post
from ledger.reading import balances, balances_by_prefix, expiring, expiring_many, lines, overdue, position_at
from ledger.rebuilding import rebuild
from ledger.records import (
    Account,
    Balance,
    Entry,
    Finding,
    Line,
    Outcome,
    Party,
    TransactionView,
    Transfer,
    TransferView,
    TrialRow,
    Turnover,
    member,
    system,
)
from ledger.reversal import reverse
from ledger.sealing import seal_now
from ledger.sweep import expire, expiry_is_on, switch_expiry
from ledger.turnover import trial_balance, turnovers
from ledger.turnover_keeping import carry_turnovers
from ledger.views import find_by_key, transactions
from ledger.views import transaction_by_id as transaction

__all__ = [
    "GIVEN_BACK_KIND", "LAPSED_KIND", "Account", "AlreadyReversed", "Assertion", "Balance", "BelowFloor",
    "DomainError", "Entry", "Finding", "FutureDay", "Hold", "HoldEnded", "HoldOutcome", "HoldTimedOut", "HoldView",
    "KeyReused", "Line", "MoreThanHeld", "MoreThanPosted", "NewLine", "NotPositive", "NotReversible", "Outcome",
    "Party", "Period", "PeriodClosed", "PeriodNotClosed", "PeriodNotOver", "PeriodOutOfOrder", "SecondPersonNeeded",
    "TooContended", "TransactionView", "Transfer", "TransferView", "TrialRow", "Turnover", "UnknownAssertion",
    "UnknownHold", "UnknownTransaction", "assert_balance", "assertions", "balances", "balances_by_prefix",
    "cap_carried", "capture", "carry_turnovers", "check", "close_period", "closed_balance", "closed_until",
    "create", "expire", "expire_holds", "expiring", "expiring_many", "expiry_is_on", "find_by_key", "find_hold",
    "hold", "lapsing_accounts", "lines", "lock_members", "member", "newest_lines", "one_hold", "open_holds",
    "overdue", "periods", "position_at", "post", "rebuild", "release", "reopen_period", "reverse", "seal_now",
    "switch_expiry", "system", "transaction", "transactions", "trial_balance", "turnovers", "withdraw_assertion",
]
