"""Sales, returns, proxies on file.

Why: a slip can be printed again as it was, and a limit can count what a household kept.
Every key begins with the book. Rows touched: none. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0012_till", "0011_goods"


def book() -> sa.Column:
    return sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False)


def upgrade() -> None:
    op.create_table(
        "sale", book(),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("shop_code", sa.String(20), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("household_id", sa.Uuid, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid),
        sa.Column("proxy_id", sa.Uuid),
        sa.Column("basket", sa.Text, nullable=False),
        sa.Column("points", sa.Integer, nullable=False),
        sa.Column("before", sa.Integer, nullable=False),
        sa.Column("after", sa.Integer, nullable=False),
        sa.Column("policy_version", sa.Integer, nullable=False),
        sa.Column("transaction_id", sa.Uuid, nullable=False),
        sa.Column("scope", sa.String(80), nullable=False),
        sa.Column("key", sa.Uuid, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.UniqueConstraint("book_id", "scope", "key", name="uq_sale_key"),
        sa.UniqueConstraint("book_id", "shop_code", "day", "number", name="uq_sale_number"),
    )
    op.create_index("ix_sale_household", "sale", ["book_id", "household_id", "day"])
    op.create_index("ix_sale_transaction", "sale", ["book_id", "transaction_id"])
    op.create_table(
        "sale_line", book(),
        sa.Column("sale_id", sa.Uuid, primary_key=True),
        sa.Column("line_no", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sku", sa.String(20), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("unit", sa.String(10), nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("unit_points", sa.Integer, nullable=False),
        sa.Column("points", sa.Integer, nullable=False),
        sa.Column("price_version", sa.Integer, nullable=False),
        sa.Column("rule_version", sa.Integer),
        sa.Column("tx_line", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["book_id", "sale_id"], ["sale.book_id", "sale.id"],
                                name="fk_sale_line_sale"),
    )
    op.create_table(
        "sale_batch", book(),
        sa.Column("sale_id", sa.Uuid, primary_key=True),
        sa.Column("line_no", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("tx_line", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("batch_id", sa.Uuid, nullable=False),
        sa.Column("pieces", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["book_id", "sale_id", "line_no"], ["sale_line.book_id",
                                "sale_line.sale_id", "sale_line.line_no"], name="fk_sale_batch_line"),
    )
    op.create_index("ix_sale_batch_batch", "sale_batch", ["book_id", "batch_id"])
    op.create_table(
        "sale_return", book(),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("sale_id", sa.Uuid, nullable=False),
        sa.Column("shop_code", sa.String(20), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid),
        sa.Column("second_by", sa.Uuid),
        sa.Column("points", sa.Integer, nullable=False),
        sa.Column("before", sa.Integer, nullable=False),
        sa.Column("after", sa.Integer, nullable=False),
        sa.Column("transaction_id", sa.Uuid, nullable=False),
        sa.Column("scope", sa.String(80), nullable=False),
        sa.Column("key", sa.Uuid, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["book_id", "sale_id"], ["sale.book_id", "sale.id"],
                                name="fk_sale_return_sale"),
        sa.UniqueConstraint("book_id", "scope", "key", name="uq_sale_return_key"),
    )
    op.create_index("ix_sale_return_day", "sale_return", ["book_id", "shop_code", "day"])
    op.create_index("ix_sale_return_sale", "sale_return", ["book_id", "sale_id"])
    op.create_index("ix_sale_return_transaction", "sale_return", ["book_id", "transaction_id"])
    op.create_table(
        "sale_return_line", book(),
        sa.Column("return_id", sa.Uuid, primary_key=True),
        sa.Column("line_no", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("destination", sa.String(10), primary_key=True),
        sa.Column("pieces", sa.Integer, nullable=False),
        sa.Column("points", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["book_id", "return_id"], ["sale_return.book_id", "sale_return.id"],
                                name="fk_sale_return_line"),
    )
    op.create_table(
        "proxy", book(),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("household_id", sa.Uuid, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Uuid),
        sa.Column("ended_on", sa.Date),
    )
    op.create_index("ix_proxy_household", "proxy", ["book_id", "household_id"])
