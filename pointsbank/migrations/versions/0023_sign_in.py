"""Sign-in that stands an attack: tries counted by account, device and source; devices and sessions by name.

Why: an account's own counter let a stranger lock its owner out. Rows touched: sessions end (the table is made anew),
everybody signs in once more. The trail learns in which role, at which place and from where. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0023_sign_in", "0022_posting_function"


def book() -> sa.Column:
    return sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False)


def moment(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.drop_column("app_user", "failed_count")
    op.drop_column("app_user", "locked_until")
    op.add_column("app_user", sa.Column("must_change", sa.Boolean, nullable=False, server_default=sa.false()))
    op.drop_table("sign_in_session")
    op.create_table(
        "sign_in_session", book(),
        sa.Column("token_hash", sa.LargeBinary, primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("label", sa.String(40), nullable=False),
        sa.Column("source", sa.String(45), nullable=False),
        moment("created_at"), moment("seen_at"), moment("ended_at", True),
        sa.UniqueConstraint("book_id", "id", name="uq_sign_in_session_id"),
    )
    op.create_index("ix_sign_in_session_user", "sign_in_session", ["book_id", "user_id"])
    op.create_table(
        "known_device", book(),
        sa.Column("token_hash", sa.LargeBinary, primary_key=True),
        sa.Column("user_id", sa.Uuid, primary_key=True),
        sa.Column("label", sa.String(40), nullable=False),
        moment("made_at"), moment("seen_at"), moment("ended_at", True),
    )
    op.create_table(
        "sign_in_try", book(),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("source", sa.LargeBinary, nullable=False),
        moment("at"),
    )
    op.create_index("ix_sign_in_try_subject", "sign_in_try", ["book_id", "subject", "at"])
    op.create_index("ix_sign_in_try_source", "sign_in_try", ["book_id", "source", "at"])
    op.create_index("ix_sign_in_try_at", "sign_in_try", ["book_id", "at"])
    for column in (sa.Column("role", sa.String(60)), sa.Column("place_code", sa.String(12)),
                   sa.Column("origin", sa.String(80))):
        op.add_column("audit_event", column)
