"""The demo village with its rules in force, on each database."""

from __future__ import annotations

import pytest

from redemption.demo.people import Village
from tests import databases
from tests.conftest import LOADERS
from tests.pointsbank.records.test_pages import village_with_rules

LOADERS["ruled"] = village_with_rules


@pytest.fixture
def ruled(database_kind: str, database_urls: tuple[str, str]) -> Village:
    return databases.prepared(database_kind, village_with_rules)[1]
