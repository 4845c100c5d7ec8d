"""`bank import-places`: the tree from a spreadsheet, or Harbin's districts as they ship."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path

import click

from pointsbank import clock
from pointsbank.access import system_actor
from pointsbank.commands import show
from pointsbank.database import db
from pointsbank.imports.commands import actor_of_login
from pointsbank.territory.importing import ImportPlaces, WrongPlaces, harbin, import_places
from pointsbank.territory.judging import judge
from pointsbank.territory.tree_sheet import read_tree


@click.command("import-places")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--login", default=None, help="The user who imports: places below the user's own only.")
@click.option("--harbin", "districts", is_flag=True, help="Harbin's 18 districts and counties, as they ship.")
@click.option("--dry-run", is_flag=True, help="Show what would happen; register nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def import_places_command(file: Path | None, login: str | None, districts: bool, dry_run: bool,
                          as_json: bool) -> None:
    """Import places with their codes and days, venues and grids; every bad row is named, all or nothing.

    Example: flask --app wsgi bank import-places --harbin
    """
    s, at = db.session(), clock.now()
    try:
        if districts:
            done: dict[str, int] = {}
            for row in harbin():  # the operator's own: no user reaches over 18 books
                by = system_actor(int(row.code[:6]), "districts")
                one = import_places(s, ImportPlaces(uuid.uuid4(), (row,)), by=by, at=at)
                done = {name: done.get(name, 0) + count for name, count in one.items()}
        elif file is not None and login is not None:
            by = actor_of_login(s, login)
            tree = read_tree(file.read_bytes(), file.name)
            if dry_run:
                judged = judge(s, tree, by)
                if judged.findings:
                    raise WrongPlaces(judged.findings)
                show(judged.figures(), as_json, f"dry run, nothing registered: {judged.figures()}")
                return
            done = import_places(s, ImportPlaces(uuid.uuid4(), tree.places, tree.venues, tree.grids), by=by, at=at)
        else:
            raise click.UsageError("give a FILE with --login, or --harbin")
    except WrongPlaces as refusal:
        lines = [f"{one.row:>6} {one.column:<3} {one.title}: {one.zh}" for one in refusal.findings]
        show({"findings": [one._asdict() for one in refusal.findings]}, as_json, "\n".join(lines))
        sys.exit(1)
    show(done, as_json, f"added {done['added']}, changed {done['changed']}")
