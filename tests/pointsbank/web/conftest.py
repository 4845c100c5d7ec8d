"""The sample app and its menu."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.pointsbank.web.sample import forget_sample_menu, register_sample_menu, sample_app


@pytest.fixture(autouse=True)
def sample_menu() -> Iterator[None]:
    register_sample_menu()
    yield
    forget_sample_menu()


@pytest.fixture
def somebody() -> FlaskClient:
    """A browser of somebody signed in, at the sample page."""
    return sample_app().test_client()


@pytest.fixture
def visitor() -> FlaskClient:
    return sample_app(signed_in=False).test_client()
