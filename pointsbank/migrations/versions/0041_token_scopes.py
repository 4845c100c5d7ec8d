"""API tokens that people make for themselves: which of their powers, and where.

Why: a program that prints statements needs no more than that. Tokens an operator issued keep all powers of their user.
Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0041_token_scopes", "0040_phone_codes"


def upgrade() -> None:
    op.add_column("api_token", sa.Column("scopes", sa.JSON))
    op.add_column("api_token", sa.Column("place_code", sa.String(12)))
    op.create_index("ix_api_token_user", "api_token", ["book_id", "user_id"])
