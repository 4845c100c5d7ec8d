"""Alembic's entry: one history for the ledger's tables and the bank's, on SQLite and PostgreSQL."""

from alembic import context

from pointsbank.database import engine_for, write_connection

engine = engine_for(context.config.get_main_option("sqlalchemy.url") or "")
with write_connection(engine) as connection:
    context.configure(connection=connection, transaction_per_migration=False)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
