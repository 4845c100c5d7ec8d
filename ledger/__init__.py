"""The double-entry ledger of a points bank, usable with a SQLAlchemy connection alone.

    import ledger
    wallet = ledger.member("POINT", f"wallet:{household}", expires_to=ledger.system("POINT", "expired:v1"))
    budget = ledger.system("POINT", "budget:v1")
    entry = ledger.Entry("user:7", key, "earned", day, (ledger.Transfer(budget, wallet, 300, due_on=last_day),))
    outcome, = ledger.post(connection, 230199, [entry], recorded_at=now)
    outcome.balances[wallet]                                     # (before, after)

It knows accounts, commodities, transfers and transactions, days and due days; it knows no volunteer, no shop and no
web request. It takes the time as an argument and never reads a clock. It never commits: the caller's transaction does.
"""

from __future__ import annotations

from ledger.checking import check
from ledger.errors import (
    AlreadyReversed,
    BelowFloor,
    DomainError,
    FutureDay,
    KeyReused,
    MoreThanPosted,
    NotPositive,
    NotReversible,
    TooContended,
    UnknownTransaction,
)
from ledger.expiry import GIVEN_BACK_KIND, LAPSED_KIND
from ledger.posting import lock_members, post
from ledger.reading import balances, balances_by_prefix, expiring, expiring_many, lines, overdue
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
from ledger.views import find_by_key, transactions
from ledger.views import transaction_by_id as transaction

__all__ = [
    "GIVEN_BACK_KIND", "LAPSED_KIND", "Account", "AlreadyReversed", "Balance", "BelowFloor", "DomainError", "Entry",
    "Finding", "FutureDay", "KeyReused", "Line", "MoreThanPosted", "NotPositive", "NotReversible", "Outcome", "Party",
    "TooContended", "TransactionView", "Transfer", "TransferView", "TrialRow", "Turnover", "UnknownTransaction",
    "balances", "balances_by_prefix", "check", "expire", "expiring", "expiring_many", "expiry_is_on", "find_by_key",
    "lines", "lock_members", "member", "overdue", "post", "rebuild", "reverse", "seal_now", "switch_expiry", "system",
    "transaction", "transactions", "trial_balance", "turnovers",
]
