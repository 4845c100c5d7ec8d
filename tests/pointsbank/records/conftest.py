"""The village of these tests, on each database."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.pointsbank.records.a_village import TheVillage, build


@pytest.fixture
def village(s: Session) -> TheVillage:
    return build(s)
