"""Tables of donors, suppliers, batches, and the papers that move goods without a customer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Date, ForeignKeyConstraint, Index, Integer, LargeBinary, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import UtcDateTime, db

WAITING, DIFFERS, POSTED, WITHDRAWN = "waiting", "differs", "posted", "withdrawn"


class GoodsSource(db.Model):  # type: ignore[name-defined, misc]
    """A donor or supplier. Name and phone exist only sealed (context 'goods_source'); `name_hash` finds them again."""

    __tablename__ = "goods_source"
    __table_args__ = (UniqueConstraint("book_id", "kind", "name_hash", name="uq_goods_source_name"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))  # donation | purchase
    name_hash: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StockPaper(db.Model):  # type: ignore[name-defined, misc]
    """A paper: goods received, counted, written off or found. `transaction_id` is None when a count changed nothing.

    `sealed` is a note under the paper's own id (context 'stock_paper'). `moment` is when a count was taken.
    """

    __tablename__ = "stock_paper"
    __table_args__ = (UniqueConstraint("book_id", "scope", "key", name="uq_stock_paper_key"),
                      UniqueConstraint("book_id", "shop_code", "kind", "number", name="uq_stock_paper_number"),
                      Index("ix_stock_paper_day", "book_id", "shop_code", "day"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    shop_code: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(12))  # receipt | count | write_off | found | correction
    number: Mapped[str] = mapped_column(String(20))
    day: Mapped[date] = mapped_column(Date)
    moment: Mapped[datetime] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[UUID | None] = mapped_column(Uuid)
    second_by: Mapped[UUID | None] = mapped_column(Uuid)
    source_kind: Mapped[str | None] = mapped_column(String(12))
    source_id: Mapped[UUID | None] = mapped_column(Uuid)
    reason: Mapped[str | None] = mapped_column(String(20))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    transaction_id: Mapped[UUID | None] = mapped_column(Uuid)
    scope: Mapped[str] = mapped_column(String(80))
    key: Mapped[UUID] = mapped_column(Uuid)
    digest: Mapped[str] = mapped_column(String(64))


class Batch(db.Model):  # type: ignore[name-defined, misc]
    """Pieces of one good that came together: same use-by day, source and value. Its pieces are a ledger balance.

    `market_fen` is the value a piece was taken in at; `valuation` says where that value comes from.
    """

    __tablename__ = "batch"
    __table_args__ = (ForeignKeyConstraint(["book_id", "sku"], ["good.book_id", "good.sku"], name="fk_batch_good"),
                      ForeignKeyConstraint(["book_id", "paper_id"], ["stock_paper.book_id", "stock_paper.id"],
                                           name="fk_batch_paper"),
                      Index("ix_batch_shop", "book_id", "shop_code", "sku"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    shop_code: Mapped[str] = mapped_column(String(20))
    sku: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(24))
    use_by: Mapped[date | None] = mapped_column(Date)
    received_on: Mapped[date] = mapped_column(Date)
    paper_id: Mapped[UUID] = mapped_column(Uuid)
    market_fen: Mapped[int] = mapped_column(Integer)
    valuation: Mapped[str] = mapped_column(String(20))  # invoice | market | donor | estimate


class StockLine(db.Model):  # type: ignore[name-defined, misc]
    """One batch on a paper. `pieces` is signed: + onto the shelf, − off it; a count also keeps what it judged by."""

    __tablename__ = "stock_line"
    __table_args__ = (ForeignKeyConstraint(["book_id", "paper_id"], ["stock_paper.book_id", "stock_paper.id"],
                                           name="fk_stock_line_paper"),
                      Index("ix_stock_line_batch", "book_id", "batch_id"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    paper_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    line_no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    batch_id: Mapped[UUID] = mapped_column(Uuid)
    sku: Mapped[str] = mapped_column(String(20))
    pieces: Mapped[int] = mapped_column(Integer)
    counted: Mapped[int | None] = mapped_column(Integer)
    book_then: Mapped[int | None] = mapped_column(Integer)  # the book at the moment of the count
    moved_since: Mapped[int | None] = mapped_column(Integer)  # book now less book then


class OpeningCount(db.Model):  # type: ignore[name-defined, misc]
    """What lay in a shop before its first day: counted by one, counted again by another, then one receipt.

    `lines`: sku, pieces, use_by, market_fen, valuation; `again`: the second person's pieces, line by line.
    """

    __tablename__ = "opening_count"
    __table_args__ = (UniqueConstraint("book_id", "scope", "key", name="uq_opening_count_key"),
                      Index("ix_opening_count_shop", "book_id", "shop_code", "id"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    shop_code: Mapped[str] = mapped_column(String(20))
    scope: Mapped[str] = mapped_column(String(80))
    key: Mapped[UUID] = mapped_column(Uuid)
    status: Mapped[str] = mapped_column(String(12))  # waiting | differs | posted | withdrawn
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    again: Mapped[list[int] | None] = mapped_column(JSON)
    made_by: Mapped[UUID | None] = mapped_column(Uuid)
    made_person: Mapped[UUID | None] = mapped_column(Uuid)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    second_by: Mapped[UUID | None] = mapped_column(Uuid)
    second_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paper_id: Mapped[UUID | None] = mapped_column(Uuid)
