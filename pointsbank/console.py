"""What every command has in common: refusals in one line with exit status 2, results for a person or a program."""

from __future__ import annotations

import json
import sys

import click
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from pointsbank.errors import DomainError

NO_DATABASE = ("还没有数据库,请先运行 make run 或 flask --app wsgi bank migrate / "
               "no database yet: run `make run` or `flask --app wsgi bank migrate`")
UNDEFINED_TABLE = "42P01"  # PostgreSQL's code


class Refusing(click.Group):
    """A group whose commands turn a refusal, or a database that is not there yet, into one line and exit status 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except DomainError as error:
            click.echo(f"{error.sentence('zh')} / {error.sentence('en')}", err=True)
            sys.exit(2)
        except (OperationalError, ProgrammingError) as error:
            if not is_missing(error):
                raise
            click.echo(NO_DATABASE, err=True)
            sys.exit(2)


def is_missing(error: DBAPIError) -> bool:
    """Whether the error means that nobody has made the database (SQLite's file) or its tables yet."""
    text = str(error.orig)
    return ("no such table" in text or "unable to open database file" in text
            or getattr(error.orig, "sqlstate", None) == UNDEFINED_TABLE)


def show(value: object, as_json: bool, text: str) -> None:
    """Print a result for a person or for a program."""
    click.echo(json.dumps(value, ensure_ascii=False, default=str) if as_json else text)
