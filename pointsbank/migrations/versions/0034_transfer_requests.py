"""Requests to hand a person over from one village to another.

Why: whoever is registered elsewhere is asked over with their consent, not entered twice. Rows touched: none.
Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0034_transfer_requests", "0033_teams"


def upgrade() -> None:
    op.create_table(
        "transfer_request",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("from_place", sa.String(12), nullable=False),
        sa.Column("to_place", sa.String(12), nullable=False),
        sa.Column("to_household", sa.Uuid, nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("answer", sa.LargeBinary),
        sa.Column("points", sa.BigInteger, nullable=False),
        sa.Column("asked_by", sa.Uuid),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["book_id", "person_id"], ["person.book_id", "person.id"],
                                name="fk_transfer_request_person"),
    )
    op.create_index("ix_transfer_request_from", "transfer_request", ["book_id", "from_place", "status"])
    op.create_index("ix_transfer_request_to", "transfer_request", ["book_id", "to_place", "status"])
