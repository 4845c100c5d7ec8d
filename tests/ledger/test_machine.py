"""Random deeds of every kind on a real database; after each one every row is judged against the laws and the model.

`tests/ledger/machine` is the plain model. Each sequence lives in a book of its own, so the database is made once.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import rule, run_state_machine_as_test
from sqlalchemy import Engine

from tests.ledger.machine.deeds import any_deed
from tests.ledger.machine.postings import Postings
from tests.ledger.machine.reservations import Reservations
from tests.ledger.machine.upkeep import Upkeep

LONG = bool(os.environ.get("LONG"))
SEQUENCES, STEPS = (2_000, 25) if LONG else (100, 12)
PHASES = (Phase.generate, Phase.shrink)


class BookMachine(Postings, Reservations, Upkeep):
    """All deeds."""

    @rule(step=any_deed(type("All", (Postings, Reservations, Upkeep), {})))
    def do(self, step: tuple[str, dict[str, Any]]) -> None:
        getattr(self, step[0])(**step[1])


@pytest.mark.timeout(36_000 if LONG else 1_800)
def test_every_law_holds_after_any_deed(engine: Engine, tmp_path: Path) -> None:
    class OnThisDatabase(BookMachine):
        pass

    OnThisDatabase.engine, OnThisDatabase.keys_dir = engine, tmp_path / "machine-keys"
    run_state_machine_as_test(OnThisDatabase, settings=settings(
        max_examples=SEQUENCES, stateful_step_count=STEPS, deadline=None, database=None,
        phases=PHASES, report_multiple_bugs=False, suppress_health_check=list(HealthCheck)))
