"""The operator's commands of this floor: `token`, `jobs`, and the group `bank`, to which higher floors add theirs.

Exit status everywhere: 0 good, 1 found something wrong, 2 could not run.
"""

from __future__ import annotations

import sys
from uuid import UUID

import click
from flask import Flask, current_app

from pointsbank import clock
from pointsbank.access import issue_token, revoke_token
from pointsbank.backups import backup_before_upgrade
from pointsbank.console import Refusing, show
from pointsbank.database import db
from pointsbank.jobs import JOBS, JobLease, run_job
from pointsbank.migrate import migrate
from pointsbank.places import books


@click.group(cls=Refusing)
def bank() -> None:
    """The bank: demo data, imports, ratings.

    Example: flask --app wsgi bank migrate
    """


@bank.command("migrate")
@click.option("--no-backup", is_flag=True, help="Make no backup first (where another program makes them).")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def migrate_command(no_backup: bool, as_json: bool) -> None:
    """Bring the database to the newest schema (as the owner, MIGRATE_URL); one that holds something is backed up first.

    Example: flask --app wsgi bank migrate
    """
    settings = current_app.extensions["settings"]
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    made = None if no_backup else backup_before_upgrade(settings, at=clock.now())
    migrate(settings.migrate_url, settings.database_url)
    show({"migrated": True, "backup": made and str(made.file)}, as_json,
         f"backup: {made.file}\nmigrated" if made else "migrated")


@click.group(cls=Refusing)
def token() -> None:
    """API tokens.

    Example: flask --app wsgi token issue --login auditor --name "city platform"
    """


@token.command("issue")
@click.option("--login", required=True, help="The user the token acts as.")
@click.option("--name", required=True, help="What the token is for.")
@click.option("--days", type=click.IntRange(1, 3650), default=None, help="Days until it ends (default: never).")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def issue(login: str, name: str, days: int | None, as_json: bool) -> None:
    """Issue an API token; it is shown once.

    Example: flask --app wsgi token issue --login clerk --name till-2 --days 365
    """
    token_id, secret = issue_token(db.session(), login, name, at=clock.now(), days=days)
    show({"id": token_id, "token": secret}, as_json, f"id:    {token_id}\ntoken: {secret}")


@token.command("revoke")
@click.argument("token_id", type=click.UUID)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def revoke(token_id: UUID, as_json: bool) -> None:
    """Revoke an API token at once.

    Example: flask --app wsgi token revoke 01990f3e-7a00-7000-8000-000000000000
    """
    revoke_token(db.session(), token_id, at=clock.now())
    show({"revoked": token_id}, as_json, f"revoked {token_id}")


@click.group(cls=Refusing)
def jobs() -> None:
    """What the bank does by itself every day.

    Example: flask --app wsgi jobs list
    """


@jobs.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def list_jobs(as_json: bool) -> None:
    """The jobs, when they run, and how they ended last.

    Example: flask --app wsgi jobs list
    """
    s = db.session()
    rows = [{"job": job.name, "title": job.title, "at": f"{job.hour:02d}:{job.minute:02d}", "book": book_id,
             "last_run_at": (last := s.get(JobLease, (book_id, job.name))) and last.last_run_at,
             "last_outcome": last and last.last_outcome}
            for job in JOBS.values() for book_id in books(s)]
    lines = [f"{row['job']:<20} {row['at']}  {row['book']}  {row['last_run_at'] or '-'}  {row['last_outcome'] or ''}"
             for row in rows]
    show(rows, as_json, "\n".join(lines) or "no book yet: load the demo or add a county")


@jobs.command("run")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def run(name: str, as_json: bool) -> None:
    """Run a job now, in every book.

    Example: flask --app wsgi jobs run expire-points
    """
    s = db.session()
    if name not in JOBS:
        click.echo(f"no such job: {name} (see: jobs list)", err=True)
        sys.exit(2)
    done = {book_id: run_job(s, book_id, name, at=clock.now()) for book_id in books(s)}
    show(done, as_json, "\n".join(f"{book_id}: {outcome}" for book_id, outcome in done.items()))


def register(app: Flask) -> None:
    for group in (bank, token, jobs):
        app.cli.add_command(group)
