"""What a copy is held against: its figures, and the laws of the ledger."""

from __future__ import annotations

from typing import Any, NamedTuple

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

import ledger
from pointsbank.backups.marks import Mark, marks_of, row_counts
from pointsbank.migrate import config_for, newest


class Facts(NamedTuple):
    """What a database holds. `findings` is None when its schema is not of today, so that the laws cannot be asked."""

    revision: str | None
    marks: list[Mark]
    tables: dict[str, int]
    findings: list[dict[str, Any]] | None


def facts_of(connection: Connection) -> Facts:
    """Read everything once: figures, and `ledger check` of every book."""
    revision = MigrationContext.configure(connection).get_current_revision()
    marks = marks_of(connection)
    findings = None
    if revision == newest():
        findings = [{"book": mark.book, **one._asdict()} for mark in marks
                    for one in ledger.check(connection, mark.book)]
    return Facts(revision, marks, row_counts(connection), findings)


def is_of_this_program(revision: str | None) -> bool:
    """Whether this program knows the revision, and so can bring it up to today's."""
    script = ScriptDirectory.from_config(config_for("sqlite://"))
    return revision in {one.revision for one in script.walk_revisions()}
