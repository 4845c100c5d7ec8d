"""One forking process for all the tests of this folder; a server to be killed, migrated like any other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.nursery import Nursery
from tests.faults.own_postgresql import OwnServer


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    made = Nursery()
    yield made
    made.close()


@pytest.fixture
def own_server() -> Iterator[OwnServer]:
    from pointsbank.migrate import migrate

    made = OwnServer()
    migrate(made.url)
    yield made
    made.close()
