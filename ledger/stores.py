"""Which store speaks a connection's dialect."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.store import Store
from ledger.store_copy import CopyingStore
from ledger.store_postgres import PostgresStore
from ledger.store_sqlite import SqliteStore


def store_for(connection: Connection, book_id: int, copying: bool = False) -> Store:
    """The store that speaks this connection's dialect; one that writes many rows by COPY where the driver can."""
    if connection.dialect.name == "sqlite":
        return SqliteStore(connection, book_id)
    if connection.dialect.name == "postgresql":
        if copying and connection.dialect.driver == "psycopg":
            return CopyingStore(connection, book_id)
        return PostgresStore(connection, book_id)
    raise ValueError(f"the ledger knows SQLite and PostgreSQL, not {connection.dialect.name}")
