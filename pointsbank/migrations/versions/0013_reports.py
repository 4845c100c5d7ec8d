"""The register of printed documents: whoever holds a paper can check it against the figures kept here.

Why: a paper can be altered, its random code leads to what was printed. Only the code's hash is kept, and figures
without personal data. Rows touched: none. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0013_reports", "0012_till"


def upgrade() -> None:
    op.create_table(
        "report_document",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("code_hash", sa.LargeBinary, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("place_code", sa.String(12), nullable=False),
        sa.Column("household_id", sa.Uuid),
        sa.Column("start_on", sa.Date),
        sa.Column("end_on", sa.Date, nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid),
        sa.Column("figures", sa.JSON, nullable=False),
    )
    op.create_index("ix_report_document_household", "report_document", ["book_id", "household_id", "made_at"])
