"""Turnovers of deeds by household and month, and the findings of surveys over a whole book.

Why: a county's rules are judged inside the database in one run, over monthly sums. Both can be made again. Rows
touched: none. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0020_turnovers", "0019_honours"


def upgrade() -> None:
    op.create_table(
        "eligibility_turnover",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("household_id", sa.Uuid, primary_key=True),
        sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("commodity", sa.String(40), primary_key=True),
        sa.Column("rule", sa.String(80), primary_key=True),
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("person_id", sa.Uuid, primary_key=True),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
    )
    op.create_table(
        "eligibility_turnover_position",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "eligibility_survey",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("place_code", sa.String(12), nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("rules", sa.JSON, nullable=False),
        sa.Column("ledger_size", sa.BigInteger, nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Uuid),
        sa.Column("households", sa.Integer, nullable=False),
    )
    op.create_table(
        "eligibility_survey_finding",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("survey_id", sa.Uuid, primary_key=True),
        sa.Column("household_id", sa.Uuid, primary_key=True),
        sa.Column("met", sa.Integer, nullable=False),
        sa.Column("undecided", sa.Integer, nullable=False),
        sa.Column("findings", sa.Text, nullable=False),
    )
