"""Tables of sales, returns and the proxies on file."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import UtcDateTime, db


class Sale(db.Model):  # type: ignore[name-defined, misc]
    """One redemption. `basket` is its goods in canonical form ('P01*2 P13*1'); points are hundredths.

    `before` and `after` are the wallet's balance around it, as the slip shows them. `benefits`: those that raised the
    month's ceiling then, by their versions; NULL: none did.
    """

    __tablename__ = "sale"
    __table_args__ = (UniqueConstraint("book_id", "scope", "key", name="uq_sale_key"),
                      UniqueConstraint("book_id", "shop_code", "day", "number", name="uq_sale_number"),
                      Index("ix_sale_household", "book_id", "household_id", "day"),
                      Index("ix_sale_transaction", "book_id", "transaction_id"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    shop_code: Mapped[str] = mapped_column(String(20))
    day: Mapped[date] = mapped_column(Date)
    number: Mapped[int] = mapped_column(Integer)
    household_id: Mapped[UUID] = mapped_column(Uuid)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[UUID | None] = mapped_column(Uuid)
    proxy_id: Mapped[UUID | None] = mapped_column(Uuid)
    basket: Mapped[str] = mapped_column(Text)
    points: Mapped[int] = mapped_column(Integer)
    before: Mapped[int] = mapped_column(Integer)
    after: Mapped[int] = mapped_column(Integer)
    policy_version: Mapped[int] = mapped_column(Integer)
    transaction_id: Mapped[UUID] = mapped_column(Uuid)
    scope: Mapped[str] = mapped_column(String(80))
    key: Mapped[UUID] = mapped_column(Uuid)
    digest: Mapped[str] = mapped_column(String(64))
    benefits: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))


class SaleLine(db.Model):  # type: ignore[name-defined, misc]
    """A good on a sale, with its name and price of then. `tx_line` is the points' transfer in the transaction.

    `full_points` and `benefit`: where a benefit reduced the price, what others paid, and by which versions of it.
    """

    __tablename__ = "sale_line"
    __table_args__ = (ForeignKeyConstraint(["book_id", "sale_id"], ["sale.book_id", "sale.id"],
                                           name="fk_sale_line_sale"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sale_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    line_no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sku: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    unit: Mapped[str] = mapped_column(String(10))
    quantity: Mapped[int] = mapped_column(Integer)
    unit_points: Mapped[int] = mapped_column(Integer)
    points: Mapped[int] = mapped_column(Integer)
    price_version: Mapped[int] = mapped_column(Integer)
    rule_version: Mapped[int | None] = mapped_column(Integer)
    tx_line: Mapped[int] = mapped_column(Integer)
    full_points: Mapped[int | None] = mapped_column(Integer)
    benefit: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class SaleBatch(db.Model):  # type: ignore[name-defined, misc]
    """Which batch gave how many pieces for a line; `tx_line` is that transfer in the transaction."""

    __tablename__ = "sale_batch"
    __table_args__ = (ForeignKeyConstraint(["book_id", "sale_id", "line_no"],
                                           ["sale_line.book_id", "sale_line.sale_id", "sale_line.line_no"],
                                           name="fk_sale_batch_line"),
                      Index("ix_sale_batch_batch", "book_id", "batch_id"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sale_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    line_no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    tx_line: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    batch_id: Mapped[UUID] = mapped_column(Uuid)
    pieces: Mapped[int] = mapped_column(Integer)


class SaleReturn(db.Model):  # type: ignore[name-defined, misc]
    """A return, whole or in part: one reversal of the sale's transaction. `points` came back to the wallet."""

    __tablename__ = "sale_return"
    __table_args__ = (ForeignKeyConstraint(["book_id", "sale_id"], ["sale.book_id", "sale.id"],
                                           name="fk_sale_return_sale"),
                      UniqueConstraint("book_id", "scope", "key", name="uq_sale_return_key"),
                      Index("ix_sale_return_sale", "book_id", "sale_id"),
                      Index("ix_sale_return_day", "book_id", "shop_code", "day"),
                      Index("ix_sale_return_transaction", "book_id", "transaction_id"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    sale_id: Mapped[UUID] = mapped_column(Uuid)
    shop_code: Mapped[str] = mapped_column(String(20))
    day: Mapped[date] = mapped_column(Date)
    number: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[UUID | None] = mapped_column(Uuid)
    second_by: Mapped[UUID | None] = mapped_column(Uuid)
    points: Mapped[int] = mapped_column(Integer)
    before: Mapped[int] = mapped_column(Integer)
    after: Mapped[int] = mapped_column(Integer)
    transaction_id: Mapped[UUID] = mapped_column(Uuid)
    scope: Mapped[str] = mapped_column(String(80))
    key: Mapped[UUID] = mapped_column(Uuid)
    digest: Mapped[str] = mapped_column(String(64))


class SaleReturnLine(db.Model):  # type: ignore[name-defined, misc]
    """Pieces of one sale line that came back, and where they went: shelf, damaged, or paper (they never left)."""

    __tablename__ = "sale_return_line"
    __table_args__ = (ForeignKeyConstraint(["book_id", "return_id"], ["sale_return.book_id", "sale_return.id"],
                                           name="fk_sale_return_line"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    return_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    line_no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    destination: Mapped[str] = mapped_column(String(10), primary_key=True)
    pieces: Mapped[int] = mapped_column(Integer)
    points: Mapped[int] = mapped_column(Integer)


class Proxy(db.Model):  # type: ignore[name-defined, misc]
    """Somebody who may fetch for a household (代领). Name and relation are sealed under the household ('proxy')."""

    __tablename__ = "proxy"
    __table_args__ = (Index("ix_proxy_household", "book_id", "household_id"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    household_id: Mapped[UUID] = mapped_column(Uuid)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    added_by: Mapped[UUID | None] = mapped_column(Uuid)
    ended_on: Mapped[date | None] = mapped_column(Date)
