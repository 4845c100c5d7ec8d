"""The open shop, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from redemption.demo.people import Village
from tests.redemption.a_shop import Market, open_market


@pytest.fixture
def market(s: Session, village: Village) -> Market:
    return open_market(s, village)
