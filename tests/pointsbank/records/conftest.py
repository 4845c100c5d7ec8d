"""The hamlet of these tests, on each database: built once, copied for each test."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from tests import databases
from tests.conftest import LOADERS
from tests.pointsbank.records.a_village import Hamlet, build
from tests.pointsbank.records.test_pages import ruled  # noqa: F401  the fixture, for the whole folder

LOADERS["hamlet"] = build


@pytest.fixture
def hamlet(database_kind: str, s: Session) -> Hamlet:
    return replace(databases.prepared(database_kind, build)[1], s=s)
