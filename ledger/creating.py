"""The ledger's tables for a project of your own: made, and made append-only, in one call.

    with engine.begin() as connection:
        ledger.create(connection)

It makes what is missing and changes nothing that is there. The points bank itself does not call it: its tables come
from its migrations, which say the same (a test compares). On PostgreSQL call it as the tables' owner, and let the
application connect as another role without UPDATE, DELETE and TRUNCATE on `APPEND_ONLY`.
"""

from __future__ import annotations

from sqlalchemy import Connection, Table, UniqueConstraint, text

from ledger import sealing_tables
from ledger.posting_function_sql import FUNCTION
from ledger.tables import capture, checkpoint, leaf, metadata, period_balance, transaction, transfer

APPEND_ONLY: tuple[Table, ...] = (transaction, transfer, capture, period_balance, leaf, checkpoint)
assert sealing_tables.log.metadata is metadata  # its tables are known once its module is imported


def create(connection: Connection) -> None:
    """Make the tables and the triggers that refuse to change what was posted. In the caller's transaction."""
    postgresql = connection.dialect.name == "postgresql"
    metadata.create_all(connection)
    if postgresql:
        connection.execute(text(
            "CREATE OR REPLACE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"))
        connection.exec_driver_sql(FUNCTION)
    for table in APPEND_ONLY:
        for statement in on_postgresql(table.name) if postgresql else on_sqlite(table):
            connection.exec_driver_sql(statement)


def on_postgresql(name: str) -> list[str]:
    return [f"DROP TRIGGER IF EXISTS {name}_no_change ON {name}",
            f"DROP TRIGGER IF EXISTS {name}_no_truncate ON {name}",
            f"CREATE TRIGGER {name}_no_change BEFORE UPDATE OR DELETE ON {name} "
            "FOR EACH ROW EXECUTE FUNCTION ledger_append_only()",
            f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()"]


def on_sqlite(table: Table) -> list[str]:
    """INSERT OR REPLACE slips past UPDATE and DELETE triggers: one more refuses a key that is there, rowid included."""
    name, refuse = table.name, f"SELECT RAISE(ABORT, '{table.name} is append-only')"
    keys = [table.primary_key, *sorted((one for one in table.constraints if isinstance(one, UniqueConstraint)),
                                       key=lambda one: str(one.name))]
    same = [" AND ".join(f"{column.name} = NEW.{column.name}" for column in key.columns) for key in keys]
    there = " UNION ALL ".join(f"SELECT 1 FROM {name} WHERE {one}" for one in (*same, "rowid = NEW.rowid"))
    return [f"CREATE TRIGGER IF NOT EXISTS {name}_no_update BEFORE UPDATE ON {name} BEGIN {refuse}; END",
            f"CREATE TRIGGER IF NOT EXISTS {name}_no_delete BEFORE DELETE ON {name} BEGIN {refuse}; END",
            f"CREATE TRIGGER IF NOT EXISTS {name}_no_replace BEFORE INSERT ON {name} WHEN EXISTS ({there}) "
            f"BEGIN {refuse}; END"]
