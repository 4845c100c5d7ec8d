"""Households, persons, consents, declared relatives, member cards.

Why: points belong to households, hours to persons. Every key begins with the book. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0004_people", "0003_places"


def book() -> sa.Column:
    return sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False)


def upgrade() -> None:
    op.create_table(
        "household", book(),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("place_code", sa.String(12), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("group_no", sa.Integer, nullable=False),
        sa.Column("head_person_id", sa.Uuid),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("closed_on", sa.Date),
        sa.UniqueConstraint("book_id", "place_code", "code", name="uq_household_code"),
    )
    op.create_table(
        "person", book(),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("household_id", sa.Uuid, nullable=False),
        sa.Column("is_head", sa.Boolean, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("name_hash", sa.LargeBinary),
        sa.Column("phone_hash", sa.LargeBinary),
        sa.Column("id_hash", sa.LargeBinary),
        sa.Column("joined_on", sa.Date, nullable=False),
        sa.Column("left_on", sa.Date),
        sa.ForeignKeyConstraint(["book_id", "household_id"], ["household.book_id", "household.id"],
                                name="fk_person_household"),
        sa.UniqueConstraint("book_id", "id_hash", name="uq_person_id_hash"),
    )
    op.create_index("ix_person_household", "person", ["book_id", "household_id"])
    op.create_index("ix_person_name_hash", "person", ["book_id", "name_hash"])
    op.create_index("ix_person_phone_hash", "person", ["book_id", "phone_hash"])
    op.create_table(
        "consent", book(),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("guardian_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.String(20), nullable=False),
        sa.Column("given_on", sa.Date, nullable=False),
        sa.Column("withdrawn_on", sa.Date),
        sa.ForeignKeyConstraint(["book_id", "person_id"], ["person.book_id", "person.id"], name="fk_consent_person"),
    )
    op.create_index("ix_consent_person", "consent", ["book_id", "person_id"])
    op.create_table(
        "kinship", book(),
        sa.Column("person_id", sa.Uuid, primary_key=True),
        sa.Column("household_id", sa.Uuid, primary_key=True),
        sa.Column("declared_on", sa.Date, nullable=False),
    )
    op.create_table(
        "member_card", book(),
        sa.Column("household_id", sa.Uuid, primary_key=True),
        sa.Column("serial", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("book_id", "token_hash", name="uq_member_card_token"),
    )
