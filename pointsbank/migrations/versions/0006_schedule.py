"""The points schedule: published versions of rules, which nothing may change.

Why: same facts + same version = same points for ever, so a version's row is written once. UPDATE, DELETE and, on
SQLite, INSERT OR REPLACE are refused by triggers, whoever connects. Rows touched: none. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0006_schedule", "0005_access"

TRIGGERS = {
    "sqlite": (
        "CREATE TRIGGER rule_version_no_update BEFORE UPDATE ON rule_version "
        "BEGIN SELECT RAISE(ABORT, 'a published rule version cannot be changed'); END",
        "CREATE TRIGGER rule_version_no_delete BEFORE DELETE ON rule_version "
        "BEGIN SELECT RAISE(ABORT, 'a published rule version cannot be deleted'); END",
        "CREATE TRIGGER rule_version_no_replace BEFORE INSERT ON rule_version WHEN EXISTS (SELECT 1 FROM rule_version "
        "WHERE id = NEW.id OR (place_code = NEW.place_code AND code = NEW.code AND version = NEW.version) "
        "OR (scope = NEW.scope AND key = NEW.key)) "
        "BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: a published rule version cannot be replaced'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION rule_version_unchanged() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a published rule version cannot be changed or deleted'; END $$",
        "CREATE TRIGGER rule_version_no_change BEFORE UPDATE OR DELETE ON rule_version "
        "FOR EACH ROW EXECUTE FUNCTION rule_version_unchanged()",
        "CREATE TRIGGER rule_version_no_truncate BEFORE TRUNCATE ON rule_version "
        "FOR EACH STATEMENT EXECUTE FUNCTION rule_version_unchanged()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "rule_version",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("place_code", sa.String(12), sa.ForeignKey("place.code"), nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("retired", sa.Boolean, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date),
        sa.Column("adopted_minutes", sa.Text, nullable=False),
        sa.Column("scope", sa.String(80), nullable=False),
        sa.Column("key", sa.Uuid, nullable=False),
        sa.Column("published_by", sa.Uuid),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("place_code", "code", "version", name="uq_rule_version_number"),
        sa.UniqueConstraint("scope", "key", name="uq_rule_version_key"),
    )
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)
