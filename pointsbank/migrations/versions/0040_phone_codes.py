"""Codes sent to phones: volunteers sign in by phone number too.

Why: a household code and a PIN are on paper at home, the phone is in the pocket. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0040_phone_codes", "0039_second_factor"


def moment(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "phone_code",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("phone_hash", sa.LargeBinary, nullable=False),
        sa.Column("code_hash", sa.LargeBinary, nullable=False),
        sa.Column("source", sa.LargeBinary, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        moment("made_at"), moment("proved_at", True), moment("used_at", True),
        sa.UniqueConstraint("book_id", "token_hash", name="uq_phone_code_token"),
    )
    op.create_index("ix_phone_code_phone", "phone_code", ["book_id", "phone_hash", "made_at"])
    op.create_index("ix_phone_code_source", "phone_code", ["book_id", "source", "made_at"])
    op.create_index("ix_phone_code_made", "phone_code", ["book_id", "made_at"])
