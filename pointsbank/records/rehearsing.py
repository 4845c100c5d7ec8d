"""What would become of a batch: the same checks as `submit_many`, and nothing is stored.

    outcome = rehearse_many(s, SubmitMany(key, rows), by=actor, at=now)      # .recorded is what would be new
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from pointsbank.access import Actor, require
from pointsbank.database import unit_of_work
from pointsbank.errors import DomainError
from pointsbank.records.checking import Row, admit, described, remember
from pointsbank.records.commands import RecordFacts, SubmitMany
from pointsbank.records.loading import Twins, load_known
from pointsbank.records.models import WAITING
from pointsbank.records.outcomes import Recorded, RowProblem, SubmitOutcome, problem_of


def rehearse_many(s: Session, cmd: SubmitMany, *, by: Actor, at: datetime) -> SubmitOutcome:
    """The answer submit_many would give now. The ids of new records are the command's key: nothing has an id yet.

    Raises: NotAllowed.
    """
    with unit_of_work(s):
        require(by, "records.submit")
        known = load_known(s, cmd.rows, by, at)
        problems: list[RowProblem] = []
        told: list[tuple[int, RecordFacts, Row]] = []
        for index, facts in enumerate(cmd.rows):
            try:
                told.append((index, facts, described(facts, known)))
            except DomainError as refusal:
                problems.append(problem_of(refusal, index))
        twins = Twins(s, by.book_id, cmd.source_system or cmd.source, ((facts, row) for _, facts, row in told),
                      cmd.same_is_same)
        already, new = [], []
        for index, facts, row in told:
            try:
                if before := twins.before(index, facts, row):
                    already.append(Recorded(index, before.id, before.status, before.submitted_at, already=True))
                    continue
                admit(row, facts, known)
                remember(row, cmd.key, known)
                new.append(Recorded(index, cmd.key, WAITING, at))
            except DomainError as refusal:
                problems.append(problem_of(refusal, index))
        problems.sort(key=lambda problem: problem.index)
        return SubmitOutcome(tuple(new), tuple(already), tuple(problems))
