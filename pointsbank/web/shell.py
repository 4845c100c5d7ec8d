"""The shell put into an app: `register(app)`, called first of all rooms.

Pages of every floor extend base.html and use web/macros.html; see those files' first lines. What the shell knows of a
request stands in `viewer.py`, what every request passes in `security.py`, what goes wrong in `errors.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel import Babel

from pointsbank.access import csrf_token
from pointsbank.web import api, assets, errors, filters, links, security
from pointsbank.web.forms import form_key
from pointsbank.web.viewer import language, shell
from pointsbank.web.views import web

TRANSLATIONS = Path(__file__).parent.parent / "translations"


def register(app: Flask) -> None:
    """Templates, language, security, errors, API and the shell's own pages."""
    app.config.update(BABEL_TRANSLATION_DIRECTORIES=str(TRANSLATIONS), BABEL_DEFAULT_LOCALE="zh",
                      BABEL_DEFAULT_TIMEZONE="Asia/Shanghai")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Babel(app, locale_selector=language)
    app.jinja_env.globals.update(csrf_token=csrf_token, form_key=form_key)
    app.context_processor(_shell_for_templates)
    for part in (filters, links, assets, security, errors, api):
        part.install(app)
    app.register_blueprint(web)


def _shell_for_templates() -> dict[str, Any]:
    return {"shell": shell()}
