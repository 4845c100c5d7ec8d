"""Teams and their members, volunteers' profiles, civilised units and their pairings; records name a team.

Why: 总队, eight standing teams, any number of special teams; units that work together with a village.
Rows touched: none. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0033_teams", "0032_venues_grids"


def upgrade() -> None:
    op.create_table(
        "team",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("place_code", sa.String(12), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("field", sa.String(20)),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("founded_on", sa.Date, nullable=False),
        sa.Column("closed_on", sa.Date),
        sa.UniqueConstraint("book_id", "place_code", "name", name="uq_team_name"),
    )
    op.create_table(
        "team_member",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("team_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("is_leader", sa.Boolean, nullable=False),
        sa.Column("joined_on", sa.Date, nullable=False),
        sa.Column("left_on", sa.Date),
        sa.ForeignKeyConstraint(["book_id", "team_id"], ["team.book_id", "team.id"], name="fk_team_member_team"),
        sa.ForeignKeyConstraint(["book_id", "person_id"], ["person.book_id", "person.id"],
                                name="fk_team_member_person"),
    )
    op.create_index("ix_team_member_team", "team_member", ["book_id", "team_id"])
    op.create_index("ix_team_member_person", "team_member", ["book_id", "person_id"])
    op.create_table(
        "volunteer",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("person_id", sa.Uuid, primary_key=True),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("ended_on", sa.Date),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["book_id", "person_id"], ["person.book_id", "person.id"],
                                name="fk_volunteer_person"),
    )
    op.create_table(
        "civil_unit",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("place_code", sa.String(12), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("level", sa.String(12), nullable=False),
        sa.Column("code_hash", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("named_on", sa.Date),
        sa.UniqueConstraint("book_id", "code_hash", name="uq_civil_unit_code"),
    )
    op.create_table(
        "pairing",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("unit_id", sa.Uuid, nullable=False),
        sa.Column("place_code", sa.String(12), nullable=False),
        sa.Column("from_on", sa.Date, nullable=False),
        sa.Column("until_on", sa.Date, nullable=False),
        sa.Column("times_a_year", sa.Integer, nullable=False),
        sa.Column("ended_on", sa.Date),
        sa.ForeignKeyConstraint(["book_id", "unit_id"], ["civil_unit.book_id", "civil_unit.id"],
                                name="fk_pairing_unit"),
    )
    op.create_index("ix_pairing_place", "pairing", ["book_id", "place_code"])
    op.add_column("service_record", sa.Column("team_id", sa.Uuid))
    op.create_index("ix_service_record_team", "service_record", ["book_id", "team_id"])
