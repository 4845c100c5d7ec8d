"""Leases of jobs: one runner per book and job.

Why: a second process must not run the same job at the same moment. Rows touched: none. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0014_jobs", "0013_reports"


def upgrade() -> None:
    op.create_table(
        "job_lease",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("holder", sa.Uuid),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.Column("last_run_at", sa.DateTime(timezone=True)),
        sa.Column("last_outcome", sa.String(200)),
    )
