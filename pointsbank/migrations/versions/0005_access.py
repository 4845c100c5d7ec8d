"""Users, role grants, sessions, API tokens, and the append-only audit trail.

Why: nobody acts without a name. The trail refuses UPDATE and DELETE like the ledger's rows. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0005_access", "0004_people"


def book() -> sa.Column:
    return sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False)


def moment(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


SQLITE = [f"""
CREATE TRIGGER audit_event_no_{verb.lower()} BEFORE {verb} ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END""" for verb in ("UPDATE", "DELETE")] + ["""
CREATE TRIGGER audit_event_no_replace BEFORE INSERT ON audit_event WHEN EXISTS (
    SELECT 1 FROM audit_event WHERE book_id = NEW.book_id AND id = NEW.id
    UNION ALL SELECT 1 FROM audit_event WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END"""]
POSTGRESQL = ["""
CREATE FUNCTION audit_event_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit_event is append-only'; END $$""", """
CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
FOR EACH STATEMENT EXECUTE FUNCTION audit_event_append_only()"""]


def upgrade() -> None:
    op.create_table(
        "app_user", book(),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("login", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("place_code", sa.String(12), nullable=False),
        sa.Column("person_id", sa.Uuid),
        sa.Column("household_id", sa.Uuid),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("failed_count", sa.Integer, nullable=False),
        moment("locked_until", True), moment("disabled_at", True),
        sa.Column("large_type", sa.Boolean, nullable=False),
        sa.UniqueConstraint("book_id", "login", name="uq_app_user_login"),
    )
    op.create_index("ix_app_user_login", "app_user", ["login"])
    op.create_table(
        "role_grant", book(),
        sa.Column("user_id", sa.Uuid, primary_key=True),
        sa.Column("role", sa.String(20), primary_key=True),
        sa.Column("place_code", sa.String(12), primary_key=True),
        sa.ForeignKeyConstraint(["book_id", "user_id"], ["app_user.book_id", "app_user.id"],
                                name="fk_role_grant_user"),
    )
    op.create_table(
        "sign_in_session", book(),
        sa.Column("token_hash", sa.LargeBinary, primary_key=True),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("csrf", sa.String(64), nullable=False),
        moment("created_at"), moment("seen_at"), moment("ended_at", True),
    )
    op.create_table(
        "api_token", book(),
        sa.Column("token_hash", sa.LargeBinary, primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        moment("created_at"), moment("expires_at", True), moment("revoked_at", True),
        sa.UniqueConstraint("book_id", "id", name="uq_api_token_id"),
    )
    op.create_table(
        "audit_event", book(),
        sa.Column("id", sa.Uuid, primary_key=True),
        moment("at"),
        sa.Column("user_id", sa.Uuid),
        sa.Column("scope", sa.String(80), nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
    )
    op.create_index("ix_audit_event_subject", "audit_event", ["book_id", "subject"])
    op.create_index("ix_audit_event_at", "audit_event", ["book_id", "at"])
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
