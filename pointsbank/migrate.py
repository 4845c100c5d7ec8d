"""Bring a database to the newest schema: one Alembic history for every floor, run as the owner.

On PostgreSQL the owner (`MIGRATE_URL`) creates the tables and grants the application's role (`DATABASE_URL`) what it
needs: never UPDATE or DELETE on the ledger's transactions and transfers.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, make_url, text

from pointsbank.database import engine_for

HERE = Path(__file__).parent / "migrations"
APPEND_ONLY = ("ledger_transaction", "ledger_transfer", "ledger_leaf", "ledger_checkpoint", "ledger_capture",
               "ledger_period_balance", "audit_event", "audit_leaf", "audit_checkpoint")


def config_for(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def newest() -> str | None:
    """The revision this program's code expects."""
    return ScriptDirectory.from_config(config_for("sqlite://")).get_current_head()


def current(engine: Engine) -> str | None:
    """The revision the database stands at; None when it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def migrate(migrate_url: str, app_url: str | None = None) -> None:
    """Run every missing step, then grant the application's role its rights. Safe to run again."""
    command.upgrade(config_for(migrate_url), "head")
    role = make_url(app_url).username if app_url else None
    if migrate_url.startswith("postgresql") and role and role != make_url(migrate_url).username:
        grant(migrate_url, role)


def grant(migrate_url: str, role: str) -> None:
    """Application rights on PostgreSQL. Law 2: the ledger's rows can be added and read, not changed."""
    engine = engine_for(migrate_url)
    name = engine.dialect.identifier_preparer.quote(role)
    with engine.begin() as connection:
        connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {name}"))
        connection.execute(text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}"))
        connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}"))
        for table in set(APPEND_ONLY) & set(inspect(connection).get_table_names()):
            connection.execute(text(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {name}"))
        connection.execute(text(f"GRANT EXECUTE ON FUNCTION ledger_post TO {name}"))
        connection.execute(text(f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {name}"))
    engine.dispose()
