"""Shops with their rules and days, goods with prices and barcodes, batches, papers, numbers.

Why: the love supermarket's shelves are ledger accounts; these tables say what lies on them and why it moved.
Every key begins with the book. Rows touched: none. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0011_goods", "0010_ratings"


def book() -> sa.Column:
    return sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False)


def upgrade() -> None:
    op.create_table(
        "shop", book(),
        sa.Column("code", sa.String(20), primary_key=True),
        sa.Column("place_code", sa.String(12), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("closed_on", sa.Date),
    )
    op.create_table(
        "shop_policy", book(),
        sa.Column("shop_code", sa.String(20), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid),
    )
    op.create_table(
        "shop_day", book(),
        sa.Column("shop_code", sa.String(20), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("opens", sa.String(5), nullable=False),
        sa.Column("closes", sa.String(5), nullable=False),
        sa.Column("reason", sa.String(60), nullable=False),
    )
    op.create_table(
        "good", book(),
        sa.Column("sku", sa.String(20), primary_key=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("unit", sa.String(10), nullable=False),
        sa.Column("category", sa.String(20), nullable=False),
        sa.Column("initials", sa.String(60), nullable=False),
        sa.Column("rule_code", sa.String(40)),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_on", sa.Date),
    )
    op.create_table(
        "good_barcode", book(),
        sa.Column("barcode", sa.String(20), primary_key=True),
        sa.Column("sku", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["book_id", "sku"], ["good.book_id", "good.sku"], name="fk_barcode_good"),
    )
    op.create_index("ix_good_barcode_sku", "good_barcode", ["book_id", "sku"])
    op.create_table(
        "good_price", book(),
        sa.Column("sku", sa.String(20), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("points", sa.Integer, nullable=False),
        sa.Column("market_fen", sa.Integer, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid),
        sa.ForeignKeyConstraint(["book_id", "sku"], ["good.book_id", "good.sku"], name="fk_price_good"),
    )
    op.create_table(
        "goods_source", book(),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("name_hash", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("book_id", "kind", "name_hash", name="uq_goods_source_name"),
    )
    op.create_table(
        "stock_paper", book(),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("shop_code", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid),
        sa.Column("second_by", sa.Uuid),
        sa.Column("source_kind", sa.String(12)),
        sa.Column("source_id", sa.Uuid),
        sa.Column("reason", sa.String(20)),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("transaction_id", sa.Uuid),
        sa.Column("scope", sa.String(80), nullable=False),
        sa.Column("key", sa.Uuid, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.UniqueConstraint("book_id", "scope", "key", name="uq_stock_paper_key"),
        sa.UniqueConstraint("book_id", "shop_code", "kind", "number", name="uq_stock_paper_number"),
    )
    op.create_index("ix_stock_paper_day", "stock_paper", ["book_id", "shop_code", "day"])
    op.create_table(
        "batch", book(),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("shop_code", sa.String(20), nullable=False),
        sa.Column("sku", sa.String(20), nullable=False),
        sa.Column("number", sa.String(24), nullable=False),
        sa.Column("use_by", sa.Date),
        sa.Column("received_on", sa.Date, nullable=False),
        sa.Column("paper_id", sa.Uuid, nullable=False),
        sa.Column("market_fen", sa.Integer, nullable=False),
        sa.Column("valuation", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["book_id", "sku"], ["good.book_id", "good.sku"], name="fk_batch_good"),
        sa.ForeignKeyConstraint(["book_id", "paper_id"], ["stock_paper.book_id", "stock_paper.id"],
                                name="fk_batch_paper"),
    )
    op.create_index("ix_batch_shop", "batch", ["book_id", "shop_code", "sku"])
    op.create_table(
        "stock_line", book(),
        sa.Column("paper_id", sa.Uuid, primary_key=True),
        sa.Column("line_no", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("batch_id", sa.Uuid, nullable=False),
        sa.Column("sku", sa.String(20), nullable=False),
        sa.Column("pieces", sa.Integer, nullable=False),
        sa.Column("counted", sa.Integer),
        sa.Column("book_then", sa.Integer),
        sa.Column("moved_since", sa.Integer),
        sa.ForeignKeyConstraint(["book_id", "paper_id"], ["stock_paper.book_id", "stock_paper.id"],
                                name="fk_stock_line_paper"),
    )
    op.create_index("ix_stock_line_batch", "stock_line", ["book_id", "batch_id"])
    op.create_table(
        "number_series", book(),
        sa.Column("shop_code", sa.String(20), primary_key=True),
        sa.Column("series", sa.String(30), primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
    )
