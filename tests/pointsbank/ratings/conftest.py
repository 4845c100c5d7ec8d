"""The rated village of this folder's tests."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.pointsbank.ratings.village import Village, found_village


@pytest.fixture
def bank(s: Session) -> Village:
    """The demo county's tree and its ten-star scheme; no household yet."""
    return found_village(s)
