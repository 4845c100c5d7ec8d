"""The ledger's tables, in its own MetaData. `book_id` (one book = one county centre) leads every key.

Truth:    ledger_transaction, ledger_transfer. Append-only by database triggers (see the migrations).
Queue:    ledger_unsealed, one row written with each transaction, taken away when it becomes a leaf.
Derived:  ledger_balance and ledger_due, rebuilt from transfers and open holds at any time; ledger_turnover, months of
          each account, with how far in the log it goes (ledger_turned).
Promises: ledger_hold and ledger_capture, ledger_period and ledger_period_balance, ledger_assertion.
Seals:    ledger_leaf and ledger_checkpoint.

There is no foreign key from a transfer to its accounts on purpose: on PostgreSQL it would take a share lock on the
hot system accounts with every posting. `ledger check` proves instead that each named account exists. Nor is there one,
on PostgreSQL, from a transfer to its transaction: its check costs as much as the row, and before the tables' first
ANALYZE it walks the book. The door writes both at once, and `ledger check` and `verify` find an orphan.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData()


class Instant(TypeDecorator[datetime]):
    """Aware in, aware UTC out; SQLite keeps it as UTC text, which sorts as time does."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


book = Table(
    "ledger_book", metadata,
    Column("book_id", Integer, nullable=False, autoincrement=False),
    Column("lapses", Boolean, nullable=False),  # is expiry switched on for this book?
    Column("closed_until", Date),  # nothing can become effective on this day or before; NULL: no month is closed
    PrimaryKeyConstraint("book_id", name="pk_ledger_book"),
)

commodity = Table(
    "ledger_commodity", metadata,
    Column("book_id", Integer, nullable=False),
    Column("code", String(40), nullable=False),
    PrimaryKeyConstraint("book_id", "code", name="pk_ledger_commodity"),
)

account = Table(
    "ledger_account", metadata,
    Column("book_id", Integer, nullable=False),
    Column("id", Uuid, nullable=False),  # made from commodity and code, so it need not be looked up
    Column("commodity", String(40), nullable=False),
    Column("code", String(120), nullable=False),
    Column("is_member", Boolean, nullable=False),
    Column("floor", BigInteger),  # NULL: may go as far below zero as it likes
    Column("expires_to", Uuid),  # the system account that lapsed value leaves to; NULL: it never lapses
    PrimaryKeyConstraint("book_id", "id", name="pk_ledger_account"),
    UniqueConstraint("book_id", "commodity", "code", name="uq_ledger_account_code"),
)

balance = Table(
    "ledger_balance", metadata,  # member accounts only; the row is the account's lock
    Column("book_id", Integer, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("posted", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("out_total", BigInteger, nullable=False),  # debits less what came back: `O` of the expiry rule
    Column("last_due_on", Date),  # the due day of the last credit; 9999-12-31 for one that never lapses
    Column("last_effective_on", Date),  # the latest effective day posted; a debit on it or later needs no day check
    Column("last_lapse_on", Date),  # the latest cut-off for which a lapse was posted
    PrimaryKeyConstraint("book_id", "account_id", name="pk_ledger_balance"),
    ForeignKeyConstraint(["book_id", "account_id"], ["ledger_account.book_id", "ledger_account.id"],
                         name="fk_ledger_balance_account"),
    CheckConstraint("held >= 0", name="ck_ledger_balance_held"),
)

due = Table(
    "ledger_due", metadata,  # credits by the last day they can be spent, less their reversals
    Column("book_id", Integer, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("credits", BigInteger, nullable=False),
    PrimaryKeyConstraint("book_id", "account_id", "due_on", name="pk_ledger_due"),
)

turnover = Table(
    "ledger_turnover", metadata,  # what went in and out, for the first `ledger_turned.position` leaves of the book
    Column("book_id", Integer, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("month", Date, nullable=False),  # its first day; the effective one
    Column("kind", String(40), nullable=False),
    Column("rule", String(80), nullable=False),  # '' where the transaction has none
    Column("credits", BigInteger, nullable=False),
    Column("debits", BigInteger, nullable=False),
    Column("transfers", BigInteger, nullable=False),
    PrimaryKeyConstraint("book_id", "account_id", "month", "kind", "rule", name="pk_ledger_turnover"),
)

turned = Table(
    "ledger_turned", metadata,
    Column("book_id", Integer, nullable=False, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    PrimaryKeyConstraint("book_id", name="pk_ledger_turned"),
)

transaction = Table(
    "ledger_transaction", metadata,
    Column("book_id", Integer, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("scope", String(120), nullable=False),  # device, user or source system: who may replay the key
    Column("key", String(200), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("content_hash", LargeBinary(32), nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("household", Uuid),
    Column("person", Uuid),
    Column("rule", String(80)),
    Column("place", String(12)),
    Column("reverses", Uuid),
    Column("may_go_below", Boolean, nullable=False),  # had the right to push a floor: deduction, claw-back
    Column("meta", JSON, nullable=False),
    PrimaryKeyConstraint("book_id", "id", name="pk_ledger_transaction"),
    UniqueConstraint("book_id", "scope", "key", name="uq_ledger_transaction_key"),
)
Index("ix_ledger_transaction_household", transaction.c.book_id, transaction.c.household, transaction.c.id,
      sqlite_where=transaction.c.household.is_not(None), postgresql_where=transaction.c.household.is_not(None))
Index("ix_ledger_transaction_person", transaction.c.book_id, transaction.c.person, transaction.c.id,
      sqlite_where=transaction.c.person.is_not(None), postgresql_where=transaction.c.person.is_not(None))
Index("ix_ledger_transaction_reverses", transaction.c.book_id, transaction.c.reverses,
      sqlite_where=transaction.c.reverses.is_not(None), postgresql_where=transaction.c.reverses.is_not(None))

transfer = Table(
    "ledger_transfer", metadata,
    Column("book_id", Integer, nullable=False),
    Column("transaction_id", Uuid, nullable=False),
    Column("line", Integer, nullable=False),
    Column("debit_account", Uuid, nullable=False),
    Column("credit_account", Uuid, nullable=False),
    Column("commodity", String(40), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("effective_on", Date, nullable=False),  # the transaction's, kept here for reads by account and day
    Column("due_on", Date),  # the last day the credit can be spent; a reversal inherits it; NULL: never lapses
    Column("debit_seq", BigInteger),  # place in the account's own gapless sequence; NULL for a system account
    Column("debit_after", BigInteger),  # the account's balance right after this line
    Column("credit_seq", BigInteger),
    Column("credit_after", BigInteger),
    Column("reverses_line", Integer),  # a line of the transaction that this one's transaction reverses
    PrimaryKeyConstraint("book_id", "transaction_id", "line", name="pk_ledger_transfer"),
    UniqueConstraint("book_id", "debit_account", "debit_seq", name="uq_ledger_transfer_debit"),
    UniqueConstraint("book_id", "credit_account", "credit_seq", name="uq_ledger_transfer_credit"),
    ForeignKeyConstraint(["book_id", "transaction_id"], ["ledger_transaction.book_id", "ledger_transaction.id"],
                         name="fk_ledger_transfer_transaction").ddl_if(dialect="sqlite"),
    CheckConstraint("amount > 0", name="ck_ledger_transfer_amount"),
    CheckConstraint("debit_account <> credit_account", name="ck_ledger_transfer_two_accounts"),
    CheckConstraint("debit_seq IS NOT NULL OR credit_seq IS NOT NULL", name="ck_ledger_transfer_has_member"),
    CheckConstraint("(debit_seq IS NULL) = (debit_after IS NULL)", name="ck_ledger_transfer_debit"),
    CheckConstraint("(credit_seq IS NULL) = (credit_after IS NULL)", name="ck_ledger_transfer_credit"),
)
Index("ix_ledger_transfer_returns", transfer.c.book_id, transfer.c.credit_account,
      sqlite_where=transfer.c.reverses_line.is_not(None), postgresql_where=transfer.c.reverses_line.is_not(None))

unsealed = Table(
    "ledger_unsealed", metadata,
    Column("book_id", Integer, nullable=False),
    Column("transaction_id", Uuid, nullable=False),
    PrimaryKeyConstraint("book_id", "transaction_id", name="pk_ledger_unsealed"),
)

hold = Table(
    "ledger_hold", metadata,  # value set aside in a member account; changed only under the account's lock
    Column("book_id", Integer, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("scope", String(120), nullable=False),
    Column("key", String(200), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("content_hash", LargeBinary(32), nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("captured", BigInteger, nullable=False),
    Column("reserved_at", Instant, nullable=False),
    Column("lapses_at", Instant),  # NULL: a lease, which ends only when it is captured or released
    Column("ended_at", Instant),
    Column("ended_as", String(20)),  # captured, released, timed_out
    Column("since_seq", BigInteger, nullable=False),  # the account's last number when the hold was made
    Column("until_seq", BigInteger),  # and when it ended: lapses posted in between left its value alone
    Column("household", Uuid),
    Column("person", Uuid),
    Column("place", String(12)),
    Column("meta", JSON, nullable=False),
    PrimaryKeyConstraint("book_id", "id", name="pk_ledger_hold"),
    UniqueConstraint("book_id", "scope", "key", name="uq_ledger_hold_key"),
    CheckConstraint("amount > 0", name="ck_ledger_hold_amount"),
    CheckConstraint("captured >= 0 AND captured <= amount", name="ck_ledger_hold_captured"),
)
Index("ix_ledger_hold_account", hold.c.book_id, hold.c.account_id, hold.c.ended_at)
Index("ix_ledger_hold_timeout", hold.c.book_id, hold.c.lapses_at,
      sqlite_where=hold.c.ended_at.is_(None), postgresql_where=hold.c.ended_at.is_(None))

capture = Table(
    "ledger_capture", metadata,  # what a transaction took out of a hold; append-only
    Column("book_id", Integer, nullable=False),
    Column("transaction_id", Uuid, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("hold_id", Uuid, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("since_seq", BigInteger, nullable=False),  # the hold's: from there on its value counted as taken
    PrimaryKeyConstraint("book_id", "transaction_id", "account_id", name="pk_ledger_capture"),
    CheckConstraint("amount > 0", name="ck_ledger_capture_amount"),
)
Index("ix_ledger_capture_hold", capture.c.book_id, capture.c.hold_id)

period = Table(
    "ledger_period", metadata,  # every closing there ever was; one that was reopened keeps its row
    Column("book_id", Integer, nullable=False),
    Column("month", Date, nullable=False),  # its first day
    Column("closed_at", Instant, nullable=False),
    Column("closed_by", String(120), nullable=False),
    Column("reopened_at", Instant),
    Column("reopened_by", String(120)),
    Column("reopened_with", String(120)),  # the second person
    Column("reason", String(80)),  # an id; what it says is kept, sealed, by whoever asked
    PrimaryKeyConstraint("book_id", "month", "closed_at", name="pk_ledger_period"),
)

period_balance = Table(
    "ledger_period_balance", metadata,  # a closing's trial balance: accounts that moved in the month; append-only
    Column("book_id", Integer, nullable=False),
    Column("month", Date, nullable=False),
    Column("closed_at", Instant, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("debits", BigInteger, nullable=False),  # of the month
    Column("credits", BigInteger, nullable=False),
    Column("balance", BigInteger, nullable=False),  # at the end of the month
    PrimaryKeyConstraint("book_id", "month", "closed_at", "account_id", name="pk_ledger_period_balance"),
    ForeignKeyConstraint(["book_id", "month", "closed_at"],
                         ["ledger_period.book_id", "ledger_period.month", "ledger_period.closed_at"],
                         name="fk_ledger_period_balance_period"),
)
Index("ix_ledger_period_balance_account", period_balance.c.book_id, period_balance.c.account_id,
      period_balance.c.month)

assertion = Table(
    "ledger_assertion", metadata,  # what a person says an account held at the end of a day
    Column("book_id", Integer, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("on_day", Date, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("asserted_by", String(120), nullable=False),
    Column("asserted_at", Instant, nullable=False),
    Column("withdrawn_by", String(120)),
    Column("withdrawn_at", Instant),
    PrimaryKeyConstraint("book_id", "id", name="pk_ledger_assertion"),
)

leaf = Table(
    "ledger_leaf", metadata,
    Column("book_id", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("transaction_id", Uuid, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("sealed_at", Instant, nullable=False),
    PrimaryKeyConstraint("book_id", "position", name="pk_ledger_leaf"),
    UniqueConstraint("book_id", "transaction_id", name="uq_ledger_leaf_transaction"),
)

checkpoint = Table(
    "ledger_checkpoint", metadata,
    Column("book_id", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("signed_at", Instant, nullable=False),
    Column("note", Text, nullable=False),
    PrimaryKeyConstraint("book_id", "size", name="pk_ledger_checkpoint"),
)
