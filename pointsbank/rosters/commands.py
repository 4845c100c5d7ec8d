"""`bank import-roster`: a village's or county's list from the command line, by the same steps as the page."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import click

from pointsbank import clock
from pointsbank.commands import show
from pointsbank.crypto import keyed_hash
from pointsbank.database import db
from pointsbank.imports.commands import actor_of_login
from pointsbank.rosters.models import CHECKED, IMPORTING
from pointsbank.rosters.queries import findings_of, roster_columns, roster_view
from pointsbank.rosters.running import (
    check_roster,
    import_roster,
    open_roster,
    start_roster_check,
    start_roster_import,
    unstick_roster,
)
from pointsbank.rosters.service import (
    ChooseRosterColumns,
    ReceiveRoster,
    choose_roster_columns,
    discard_roster,
    receive_roster,
)

SHOWN = 1_000


@contextmanager
def _bar(label: str) -> Iterator[Callable[[int, int], None]]:
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:
        def tell(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield tell


@click.command("import-roster")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--login", required=True, help="The user who imports.")
@click.option("--place", default=None, help="Village, town or county by its 12-digit code (default: the user's own).")
@click.option("--take-alike", is_flag=True, help="Also take who looks like somebody registered.")
@click.option("--dry-run", is_flag=True, help="Show what would happen; register nobody.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def import_roster_command(file: Path, login: str, place: str | None, take_alike: bool, dry_run: bool,
                          as_json: bool) -> None:
    """Import a roster of households and members: every bad row is named, a run that was killed goes on.

    Example: flask --app wsgi bank import-roster roster.xlsx --login recorder --dry-run
    """
    s, at = db.session(), clock.now()
    by = actor_of_login(s, login)
    data = file.read_bytes()
    row = open_roster(s, by, keyed_hash("roster_file", data.hex()).hex())
    if row is None:
        row = receive_roster(s, ReceiveRoster(uuid.uuid4(), place or by.place_code, file.name, data), by=by, at=at)
    file_id, status, columns = row.id, row.status, dict(row.choices["columns"])
    del data
    if status != IMPORTING:
        unstick_roster(s, file_id, by=by)
        shown = roster_columns(s, file_id, by=by)
        choose_roster_columns(s, ChooseRosterColumns(file_id, columns, shown.book.sheet, take_alike=take_alike),
                              shown.header, by=by, at=at)
        del shown
        start_roster_check(s, file_id, by=by)
        with _bar("check") as tell:
            check_roster(s, file_id, by=by, at=at, tell=tell)
    view = roster_view(s, file_id, by=by)
    count, findings = view.findings, list(islice(findings_of(s, file_id, by=by), SHOWN))
    good = view.status == IMPORTING or view.figures.get("new") or (take_alike and view.figures.get("alike"))
    if good and not dry_run:
        if view.status == CHECKED:
            start_roster_import(s, file_id, by=by)
        with _bar("import") as tell:
            import_roster(s, file_id, by=by, at=at, tell=tell)
    figures = roster_view(s, file_id, by=by).figures
    if dry_run or not good:
        discard_roster(s, file_id, by=by, at=at)
    lines = [f"{one.row:>6} {one.column:<3} {one.title}: {one.zh}" for one in findings]
    if count > SHOWN:
        lines.append(f"… {count - SHOWN} more")
    lines.append(f"rows {figures['rows']}, new {figures['new']}, already registered {figures['already']}, look-alikes "
                 f"{figures['alike']}, bad {figures['bad']}; households made {figures['households']}, persons "
                 f"{figures['persons']}" + (" (dry run: nobody registered)" if dry_run else ""))
    show({"roster": file_id, "figures": figures, "findings": [one._asdict() for one in findings]}, as_json,
         "\n".join(lines))
    sys.exit(1 if count else 0)
