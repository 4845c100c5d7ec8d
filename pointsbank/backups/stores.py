"""The store of the database in use: what differs between SQLite and PostgreSQL stands behind these verbs."""

from __future__ import annotations

from pointsbank.backups.postgres_store import PostgresStore
from pointsbank.backups.sqlite_store import SqliteStore
from pointsbank.settings import Settings

Store = SqliteStore | PostgresStore


def store_for(settings: Settings) -> Store:
    return SqliteStore(settings) if settings.migrate_url.startswith("sqlite") else PostgresStore(settings)
