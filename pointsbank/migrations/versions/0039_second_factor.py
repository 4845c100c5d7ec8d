"""The second factor: what an authenticator app computes its codes from, recovery codes, and where none is asked for.

Why: a password alone opened the doors of approvers and administrators. They enrol at their next sign-in; sessions of
theirs that are open are asked for it at the next request. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0039_second_factor", "0038_opening_counts"


def book() -> sa.Column:
    return sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False)


def moment(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "second_factor", book(),
        sa.Column("user_id", sa.Uuid, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("last_step", sa.Integer),
        sa.Column("of_the_demo", sa.Boolean, nullable=False),
        moment("made_at"),
        sa.ForeignKeyConstraint(["book_id", "user_id"], ["app_user.book_id", "app_user.id"],
                                name="fk_second_factor_user"),
    )
    op.create_table(
        "recovery_code", book(),
        sa.Column("user_id", sa.Uuid, primary_key=True),
        sa.Column("code_hash", sa.LargeBinary, primary_key=True),
        moment("used_at", True),
        sa.ForeignKeyConstraint(["book_id", "user_id"], ["second_factor.book_id", "second_factor.user_id"],
                                name="fk_recovery_code_factor", ondelete="CASCADE"),
    )
    op.add_column("sign_in_session", moment("second_at", True))
    op.add_column("known_device", moment("trusted_until", True))
