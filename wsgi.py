"""The composition root: one function that puts the floors together. Nothing imports it but servers and tests.

    flask --app wsgi ledger check          # the command line
    from wsgi import create_app            # a server or a test

`create_app()` starts nothing: no job, no thread. The server entry (`python -m pointsbank`) does.
"""

from __future__ import annotations

from flask import Flask

import pointsbank.composition
from pointsbank.settings import Settings

# Each room's register(app) adds its pages, API, commands, jobs and facts; lower floors first.
ROOMS: tuple[str, ...] = (
    "pointsbank.commands",
    "pointsbank.ledger_cli",
    "pointsbank.seal_cli",
    "pointsbank.period_cli",
    "pointsbank.asking_cli",
    "pointsbank.backups",
    "pointsbank.https",
    "pointsbank.login",
    "pointsbank.schedule",
    "pointsbank.eligibility",
    "pointsbank.wallets",
    "pointsbank.records",
    "pointsbank.ratings",
    "pointsbank.honours",
    "pointsbank.benefits",
    "pointsbank.reviews",
    "pointsbank.imports",
    "pointsbank.households",
    "pointsbank.privacy",
    "pointsbank.rosters",
    "pointsbank.founding",
    "pointsbank.territory",
    "pointsbank.teams",
    "pointsbank.me",
    "pointsbank.committee",
    "pointsbank.staff",
    "redemption.demo",
    "redemption.rooms",
    "reports.rooms",
)


def create_app(settings: Settings | None = None) -> Flask:
    """The application on the given settings (default: environment and .env). Opens no database connection."""
    return pointsbank.composition.build(__name__, settings, ROOMS)
