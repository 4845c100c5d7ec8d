"""Honours that levels above awarded after joint review, and the evidence packs made for them.

Why: what a household or a place was awarded has to be shown with who decided, when and by which document; a pack is
made in the background and fetched later. Rows touched: none. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0027_reviews_packs", "0026_benefits"


def upgrade() -> None:
    op.create_table(
        "review_result",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("place_code", sa.String(12), nullable=False),
        sa.Column("household_id", sa.Uuid),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("granted", sa.Boolean, nullable=False),
        sa.Column("decided_on", sa.Date, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid),
        sa.Column("withdrawn_on", sa.Date),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_by", sa.Uuid),
        sa.Column("withdrawn_sealed", sa.LargeBinary),
    )
    op.create_index("ix_review_result_place", "review_result", ["book_id", "place_code", "decided_on"])
    op.create_index("ix_review_result_household", "review_result", ["book_id", "household_id"])
    op.create_table(
        "evidence_pack",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("place_code", sa.String(12), nullable=False),
        sa.Column("household_id", sa.Uuid),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("start_on", sa.Date, nullable=False),
        sa.Column("end_on", sa.Date, nullable=False),
        sa.Column("lang", sa.String(2), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True)),
        sa.Column("figures", sa.JSON, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("pdf", sa.LargeBinary),
        sa.Column("xlsx", sa.LargeBinary),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("scope", sa.String(80), nullable=False),
        sa.Column("key", sa.Uuid, nullable=False),
        sa.UniqueConstraint("book_id", "scope", "key", name="uq_evidence_pack_key"),
    )
    op.create_index("ix_evidence_pack_place", "evidence_pack", ["book_id", "place_code", "id"])
