"""Service records, decisions, objections, awards, the room's idempotency keys, places' policies.

Why: facts go through review, approval and notice before they are posted. Every key of a table that grows with activity
begins with the book. Rows touched: none. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0007_records", "0006_schedule"


def book() -> sa.Column:
    return sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False)


def uid(name: str, key: bool = False, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.Uuid, primary_key=True) if key else sa.Column(name, sa.Uuid, nullable=nullable)


def text(name: str, length: int, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length), nullable=nullable)


def whole(name: str, kind: type = sa.Integer, nullable: bool = False) -> sa.Column:
    return sa.Column(name, kind, nullable=nullable)


def moment(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "record_activity", book(), uid("id", key=True), text("place_code", 12), whole("held_on", sa.Date),
        text("title_hash", 64), whole("sealed", sa.LargeBinary), whole("started", nullable=True),
        whole("minutes", nullable=True),
        sa.UniqueConstraint("book_id", "place_code", "held_on", "title_hash", name="uq_record_activity"),
    )
    op.create_table(
        "service_record", book(), uid("id", key=True), text("place_code", 12), uid("household_id", nullable=False),
        uid("person_id"), text("rule_code", 12), whole("rule_version"), text("chain", 160),
        whole("service_on", sa.Date), whole("started", nullable=True), whole("minutes"),
        whole("quantity", sa.BigInteger), whole("amount_fen", sa.BigInteger), text("level", 40, nullable=True),
        whole("coefficients", sa.JSON), text("cause_key", 64, nullable=True), text("source", 20),
        text("source_system", 40, nullable=True), text("external_no", 80, nullable=True), uid("activity_id"),
        uid("import_id"), text("timing", 10), whole("late", sa.Boolean),
        whole("sealed", sa.LargeBinary, nullable=True), text("content_hash", 64), text("status", 12),
        whole("step_index"), text("waiting_for", 20, nullable=True), whole("round"), whole("revision"),
        uid("submitted_by"), uid("submitted_person"), moment("submitted_at"),
        whole("notice_from", sa.Date, nullable=True), whole("notice_until", sa.Date, nullable=True),
        whole("post_on", sa.Date, nullable=True), uid("transaction_id"),
        sa.UniqueConstraint("book_id", "source_system", "external_no", name="uq_service_record_external"),
    )
    for name, columns in (("waiting", ["status", "waiting_for", "place_code"]), ("place", ["place_code", "id"]),
                          ("household", ["household_id", "service_on"]), ("person", ["person_id", "service_on"]),
                          ("activity", ["activity_id"]), ("import", ["import_id"]), ("content", ["content_hash"])):
        op.create_index(f"ix_service_record_{name}", "service_record", ["book_id", *columns])
    op.create_table(
        "record_decision", book(), uid("id", key=True), uid("record_id", nullable=False), whole("round"),
        text("step", 20), text("decision", 12), uid("user_id"), uid("person_id"),
        whole("reason", sa.LargeBinary, nullable=True), moment("at"),
    )
    op.create_index("ix_record_decision_record", "record_decision", ["book_id", "record_id"])
    op.create_table(
        "record_objection", book(), uid("id", key=True), uid("record_id", nullable=False),
        whole("sealed", sa.LargeBinary), uid("raised_by"), uid("raised_person"), uid("raised_household"),
        moment("raised_at"), whole("answer_by", sa.Date), whole("days_left", nullable=True), text("outcome", 12),
        whole("answer", sa.LargeBinary, nullable=True), uid("resolved_by"), uid("resolved_person"),
        moment("resolved_at", nullable=True),
    )
    op.create_index("ix_record_objection_record", "record_objection", ["book_id", "record_id"])
    op.create_index("ix_record_objection_open", "record_objection", ["book_id", "outcome", "answer_by"])
    awards()
    op.create_table(
        "record_command", book(), sa.Column("scope", sa.String(80), primary_key=True), uid("key", key=True),
        text("verb", 20), text("asked", 64), whole("answer", sa.JSON, nullable=True), moment("at"),
    )
    op.create_table(
        "record_policy", sa.Column("place_code", sa.String(12), primary_key=True),
        whole("begins_on", sa.Date, nullable=True), whole("late_days"), whole("day_minutes"),
        whole("day_minutes_by_rule", sa.JSON), text("expiry", 24), whole("expiry_months"),
    )


def awards() -> None:
    op.create_table(
        "award", book(), uid("id", key=True), uid("record_id", nullable=False), whole("revision"), text("kind", 12),
        text("rule_code", 12), whole("rule_version"), uid("household_id", nullable=False), uid("person_id"),
        whole("service_on", sa.Date), text("cause_key", 64, nullable=True), whole("points", sa.BigInteger),
        whole("score", sa.BigInteger), whole("minutes"), whole("times"), whole("capped_off", sa.BigInteger),
        whole("steps", sa.JSON), uid("transaction_id"), uid("cause_record_id"), moment("at"),
        moment("reversed_at", nullable=True), uid("reversal_id"),
    )
    for name, columns in (("record", ["record_id"]), ("household", ["household_id", "rule_code", "service_on"]),
                          ("person", ["person_id", "rule_code", "service_on"]), ("transaction", ["transaction_id"])):
        op.create_index(f"ix_award_{name}", "award", ["book_id", *columns])
