"""A village at the end of its year, rated and confirmed: what the honours begin with."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.pointsbank.honours.course import Course, rated_village


@pytest.fixture
def course(s: Session) -> Course:
    """H001 nine stars, H002 five, H003 four; confirmed by one member of the committee on 15 December 2026."""
    return rated_village(s)
