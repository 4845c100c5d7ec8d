"""A bank to back up: the village with a few postings, on both databases, with a key folder of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from pointsbank.database import engine_for
from pointsbank.settings import Settings
from tests.ledger.house import Book
from tests.pointsbank.backups.bank import earned, tools_folder


@pytest.fixture
def settings(database_kind: str, database_urls: tuple[str, str], tmp_path: Path, keys: Path) -> Settings:
    """As every test's, but what is remembered of one test's bank is not met by the next."""
    own = tmp_path / "keys"
    shutil.copytree(keys, own, ignore=shutil.ignore_patterns("last-known"))
    return Settings(host="127.0.0.1", port=0, data_dir=tmp_path / "data", keys_dir=own,
                    database_url=database_urls[0], migrate_url=database_urls[1], tls_cert=None, tls_key=None,
                    font_fallback=None, pg_bin=tools_folder() if database_kind == "postgresql" else None)


@pytest.fixture
def bank(settings: Settings, village: Any) -> Iterator[Book]:
    """The village's book with five earnings in it."""
    engine: Engine = engine_for(settings.database_url)
    book = Book(engine)
    for number in range(5):
        book.post(earned(number))
    engine.dispose()
    yield book
    engine.dispose()


@pytest.fixture
def run(bank: Book, settings: Settings, app: Flask) -> Any:
    return app.test_cli_runner().invoke


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path) -> Settings:
    """The same settings with a data folder that holds no database."""
    return replace(settings, data_dir=tmp_path / "elsewhere")
