"""How an application is put together: settings, database, keys, shell, then each room by its register(app)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import import_module

from flask import Flask, Response, current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix

from pointsbank import crypto
from pointsbank.backups.noticing import unacknowledged
from pointsbank.database import db, engine_options, prepare_engine
from pointsbank.migrate import current, newest
from pointsbank.settings import Settings, load_settings
from pointsbank.web.busy import Bank

SHELL = "pointsbank.web.shell"


def build(import_name: str, settings: Settings | None, rooms: Sequence[str]) -> Flask:
    """An app on these settings with the shell and these rooms (module names offering register(app)).

    Makes no data folder: the server's entry and `bank migrate` do, so that a command in the wrong place leaves none.
    """
    settings = settings or load_settings()
    app = Bank(import_name, static_folder=None)
    if proxies := settings.trusted_proxies:
        # Counted from our side: what a client has written further left is believed by nobody. The host comes in Host.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_host=0)  # type: ignore[method-assign]
    ring = crypto.load_keys(settings.keys_dir)
    crypto.use_keys(ring)
    app.extensions["settings"] = settings
    app.config.update(
        SECRET_KEY=ring.session, SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        MAX_CONTENT_LENGTH=64 * 1024 * 1024, TRAP_HTTP_EXCEPTIONS=False, JSON_AS_ASCII=False)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    app.add_url_rule("/healthz", "healthz", healthz)
    for name in (SHELL, *rooms):
        import_module(name).register(app)
    return app


def healthz() -> Response:
    """200 when the database answers, stands at this program's schema and is no unacknowledged old copy, else 503."""
    try:
        found = current(db.engine)
        db.session.execute(text("SELECT 1"))
        ok, why = found == newest(), "migrations are missing"
    except SQLAlchemyError:
        found, ok, why = None, False, "the database does not answer"
    if unacknowledged(current_app.extensions["settings"].data_dir) is not None:
        ok, why = False, "an older copy of the database is in place: flask --app wsgi backup acknowledge"
    body = {"status": "ok" if ok else "unavailable", "database": db.engine.dialect.name, "revision": found}
    if not ok:
        body["reason"] = why
    return Response(json.dumps(body), status=200 if ok else 503, mimetype="application/json")
