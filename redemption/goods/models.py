"""Tables of goods, their barcodes and price versions. A book keeps its own catalogue."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, ForeignKeyConstraint, Index, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import UtcDateTime, db


class Good(db.Model):  # type: ignore[name-defined, misc]
    """One good; its SKU is its commodity in the ledger. `rule_code`: the eligibility rule it is bound to, or None."""

    __tablename__ = "good"
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sku: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    unit: Mapped[str] = mapped_column(String(10))
    category: Mapped[str] = mapped_column(String(20))
    initials: Mapped[str] = mapped_column(String(60))
    rule_code: Mapped[str | None] = mapped_column(String(40))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_on: Mapped[date | None] = mapped_column(Date)


class GoodBarcode(db.Model):  # type: ignore[name-defined, misc]
    """A barcode, always 13 digits as text (12-digit codes get their leading 0): one code, one good."""

    __tablename__ = "good_barcode"
    __table_args__ = (ForeignKeyConstraint(["book_id", "sku"], ["good.book_id", "good.sku"], name="fk_barcode_good"),
                      Index("ix_good_barcode_sku", "book_id", "sku"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    barcode: Mapped[str] = mapped_column(String(20), primary_key=True)
    sku: Mapped[str] = mapped_column(String(20))


class GoodPrice(db.Model):  # type: ignore[name-defined, misc]
    """A price version: points (hundredths) a piece and the market price (fen) from a day on. Never changed."""

    __tablename__ = "good_price"
    __table_args__ = (ForeignKeyConstraint(["book_id", "sku"], ["good.book_id", "good.sku"], name="fk_price_good"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sku: Mapped[str] = mapped_column(String(20), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    valid_from: Mapped[date] = mapped_column(Date)
    points: Mapped[int] = mapped_column(Integer)
    market_fen: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[UUID | None] = mapped_column(Uuid)
