"""ID numbers that do not check, as they stand on a real card, waiting for a second person.

Why: some real cards carry a wrong check digit; one person alone does not store it. Rows touched: none. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0036_number_claims", "0035_carry_caps"


def upgrade() -> None:
    op.create_table(
        "number_claim",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("made_by", sa.Uuid),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["book_id", "person_id"], ["person.book_id", "person.id"],
                                name="fk_number_claim_person"),
    )
    op.create_index("ix_number_claim_person", "number_claim", ["book_id", "person_id"])
