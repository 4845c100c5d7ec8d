"""Benefits as versioned data, and what a sale owed to one of them.

Why: village welfare and privileges are rules on stars and balances; a sale at a reduced price or above the ordinary
ceiling must say for ever by which benefit. Rows touched: none. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0026_benefits", "0025_erasures"


def upgrade() -> None:
    op.create_table(
        "benefit_version",
        sa.Column("place_code", sa.String(12), primary_key=True),
        sa.Column("code", sa.String(12), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("title_zh", sa.String(60), nullable=False),
        sa.Column("title_en", sa.String(60), nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("rule_code", sa.String(40), nullable=False),
        sa.Column("effective_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date),
        sa.Column("adopted_by", sa.String(200), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid),
        sa.Column("scope", sa.String(80), nullable=False),
        sa.Column("key", sa.Uuid, nullable=False),
        sa.UniqueConstraint("scope", "key", name="uq_benefit_version_key"),
    )
    op.add_column("sale", sa.Column("benefits", sa.JSON))
    op.add_column("sale_line", sa.Column("full_points", sa.Integer))
    op.add_column("sale_line", sa.Column("benefit", sa.JSON))
