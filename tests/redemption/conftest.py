"""The open shop, on both databases: loaded once per process, copied for each test."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.conftest import LOADERS
from tests.redemption.a_shop import Market, load_market, market_in

LOADERS["market"] = load_market


@pytest.fixture
def market(s: Session) -> Market:
    return market_in(s)
