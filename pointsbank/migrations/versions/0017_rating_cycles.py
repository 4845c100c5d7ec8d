"""Ratings in other rhythms and for other honours: periods, entries, bars, what an evaluation was frozen on.

Why: a scheme may be yearly, half-yearly or quarterly, so a village has several cycles of one scheme in a year; the
unique key of a cycle grows by its period. SQLite cannot change a key in place: the cycle's table and those pointing to
it are written anew from their own text, rows included. Locks: these tables, briefly. Forward only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0017_rating_cycles", "0016_holds_periods"

FAMILY = ("rating_cycle", "rating_evaluation", "rating_verdict", "rating_jury_score", "rating_decision")
OLD_KEY = "UNIQUE (book_id, place_code, year, scheme_code)"
NEW_KEY = "UNIQUE (book_id, place_code, year, scheme_code, period)"


def instant(name: str, nullable: bool = False, default: str | None = None) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=default)


def book() -> sa.Column[int]:
    return sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False)


def cycle_of(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["book_id", "cycle_id"], ["rating_cycle.book_id", "rating_cycle.id"],
                                   name=f"fk_{table}_cycle")


def upgrade() -> None:
    columns()
    if op.get_bind().dialect.name == "sqlite":
        rewrite(op.get_bind())
    else:
        op.drop_constraint("uq_rating_cycle", "rating_cycle", type_="unique")
        op.create_unique_constraint("uq_rating_cycle", "rating_cycle",
                                    ["book_id", "place_code", "year", "scheme_code", "period"])
    entries()


def columns() -> None:
    op.add_column("rating_scheme", sa.Column("kind", sa.String(12), nullable=False, server_default="stars"))
    op.add_column("rating_cycle", sa.Column("period", sa.String(4), nullable=False, server_default="Y"))
    op.add_column("rating_cycle", sa.Column("start_on", sa.Date, nullable=False, server_default="2000-01-01"))
    op.add_column("rating_cycle", sa.Column("end_on", sa.Date, nullable=False, server_default="2000-12-31"))
    op.add_column("rating_cycle", sa.Column("apply_until", sa.Date))
    op.add_column("rating_cycle", instant("frozen_at", nullable=True))
    op.add_column("rating_cycle", sa.Column("frozen_by", sa.Uuid))
    op.add_column("rating_cycle", sa.Column("frozen_run", sa.Uuid))
    op.add_column("rating_evaluation", instant("run_at", default="2000-01-01 00:00:00+00:00"))
    op.add_column("rating_evaluation", sa.Column("checkpoint", sa.JSON))
    op.execute("UPDATE rating_evaluation SET run_at = known_at")
    day = {"sqlite": "year || '-{}'", "postgresql": "CAST(year || '-{}' AS DATE)"}[op.get_bind().dialect.name]
    op.execute(f"UPDATE rating_cycle SET start_on = {day.format('01-01')}, end_on = {day.format('12-31')}")


def rewrite(connection: sa.Connection) -> None:
    """SQLite: each table from its own text, the cycle's with the new key. References by name stay as they are."""
    connection.exec_driver_sql("PRAGMA legacy_alter_table = ON")
    listed = "', '".join(FAMILY)
    rows = connection.exec_driver_sql(
        f"SELECT type, name, tbl_name, sql FROM sqlite_master WHERE tbl_name IN ('{listed}') AND sql IS NOT NULL").all()
    made = {row.name: row.sql for row in rows if row.type == "table"}
    indexes = [row for row in rows if row.type == "index"]
    assert OLD_KEY in made["rating_cycle"], "the key of rating_cycle is not written as expected"
    made["rating_cycle"] = made["rating_cycle"].replace(OLD_KEY, NEW_KEY)
    for index in indexes:
        connection.exec_driver_sql(f"DROP INDEX {index.name}")
    for table in FAMILY:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {table}_before")
    for table in FAMILY:
        connection.exec_driver_sql(made[table])
        connection.exec_driver_sql(f"INSERT INTO {table} SELECT * FROM {table}_before")
    for table in reversed(FAMILY):
        connection.exec_driver_sql(f"DROP TABLE {table}_before")
    for index in indexes:
        connection.exec_driver_sql(index.sql)
    connection.exec_driver_sql("PRAGMA legacy_alter_table = OFF")


def entries() -> None:
    """Who takes part, and who may not for a while."""
    op.create_table(
        "rating_entry", book(),
        sa.Column("cycle_id", sa.Uuid, primary_key=True),
        sa.Column("household_id", sa.Uuid, primary_key=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("claimed", sa.JSON, nullable=False),
        sa.Column("on_behalf", sa.Boolean, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        instant("at"),
        sa.Column("by_user", sa.Uuid),
        cycle_of("rating_entry"),
    )
    op.create_table(
        "rating_bar", book(),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("household_id", sa.Uuid, nullable=False),
        sa.Column("scheme_code", sa.String(40), nullable=False),
        sa.Column("from_on", sa.Date, nullable=False),
        sa.Column("until_on", sa.Date, nullable=False),
        sa.Column("cause", sa.Uuid, nullable=False),
        sa.UniqueConstraint("book_id", "cause", name="uq_rating_bar_cause"),
    )
    op.create_index("ix_rating_bar_household", "rating_bar", ["book_id", "household_id"])
