"""`bank import-hours`: a sheet of hours from the command line, by the same steps as the page."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path

import click
from sqlalchemy.orm import Session

from pointsbank import clock
from pointsbank.access import Actor, AppUser, actor_of_user
from pointsbank.console import show
from pointsbank.crypto import keyed_hash
from pointsbank.database import db
from pointsbank.errors import NotFound
from pointsbank.imports.queries import find_import, import_view
from pointsbank.imports.running import check_file, import_rows, start_check, start_import
from pointsbank.imports.service import ChooseColumns, ReceiveFile, choose_columns, discard_file, receive_file


def actor_of_login(s: Session, login: str) -> Actor:
    """The user behind a --login. Raises NotFound."""
    user = s.query(AppUser).filter_by(login=login).one_or_none()
    if user is None:
        raise NotFound("login")
    return actor_of_user(s, user)


@click.command("import-hours")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--login", required=True, help="The user who imports; somebody else approves.")
@click.option("--place", default=None, help="The village's 12-digit code (default: the user's own place).")
@click.option("--rule", default="", help="The rule for rows that name none, such as V01.")
@click.option("--unit", type=click.Choice(["hours", "minutes"]), default="hours", help="What a bare number means.")
@click.option("--dry-run", is_flag=True, help="Show what would happen; store nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def import_hours(file: Path, login: str, place: str | None, rule: str, unit: str, dry_run: bool,
                 as_json: bool) -> None:
    """Import a spreadsheet of service hours: every bad row is named, the good ones wait for approval.

    Example: flask --app wsgi bank import-hours hours.xlsx --login recorder --rule V01 --dry-run
    """
    s, at = db.session(), clock.now()
    by = actor_of_login(s, login)
    data = file.read_bytes()
    # The same file by the same user is the same upload while it is open, so a second run goes on with the first.
    key = uuid.UUID(bytes=keyed_hash("import-hours", f"{data.hex()}{at.isoformat()}")[:16], version=4)
    row = receive_file(s, ReceiveFile(key, place or by.place_code, file.name, data), by=by, at=at)
    shown, view = find_import(s, row.id, by=by), import_view(s, row.id, by=by)
    choose_columns(s, ChooseColumns(row.id, view.choices.columns, unit, rule, shown.book.sheet), shown.header, by=by,
                   at=at)
    import_id = row.id
    with click.progressbar(length=2, label="import", file=sys.stderr) as bar:
        start_check(s, import_id, by=by)
        check_file(s, import_id, by=by, at=at)
        bar.update(1)
        view = import_view(s, import_id, by=by)
        if not dry_run and (view.figures["good"] or view.figures["already"]):
            start_import(s, import_id, by=by)
            import_rows(s, import_id, by=by, at=at)
        bar.update(1)
    findings = view.findings
    figures = import_view(s, import_id, by=by).figures
    if dry_run or not (figures["good"] or figures["already"]):
        discard_file(s, import_id, by=by, at=at)
    lines = [f"{f.row:>6} {f.column:<3} {f.title}: {f.zh}" for f in findings]
    lines.append(f"rows {figures['rows']}, new {figures.get('recorded', figures['good'])}, "
                 f"already recorded {figures['already']}, with findings {figures['bad']}"
                 + (" (dry run: nothing stored)" if dry_run else ""))
    show({"import": import_id, "figures": figures, "findings": [f._asdict() for f in findings]}, as_json,
         "\n".join(lines))
    sys.exit(1 if findings else 0)
