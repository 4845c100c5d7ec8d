"""Published rules, version by version.

Why: a verdict names the rule version it was judged by, for ever. Grows with rules only. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0009_eligibility", "0008_imports"


def upgrade() -> None:
    op.create_table(
        "eligibility_rule",
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("title_zh", sa.String(80), nullable=False),
        sa.Column("title_en", sa.String(80), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("effective_on", sa.Date, nullable=False),
        sa.Column("review_on", sa.Date),
        sa.Column("adopted_by", sa.String(200)),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid),
        sa.Column("scope", sa.String(80), nullable=False),
        sa.Column("key", sa.Uuid, nullable=False),
        sa.UniqueConstraint("scope", "key", name="uq_eligibility_rule_key"),
    )
