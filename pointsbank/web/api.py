"""The JSON API's plumbing: documents, problem answers, idempotency keys.

    from pointsbank.web.api import register_api, idempotency_key
    api = Blueprint("sales_api", __name__, url_prefix="/api/v1/sales", description="…")    # flask_smorest's
    register_api(app, api)                              # in the room's register(app)
    key = idempotency_key()                             # in a write: the header's UUID, or a 400 problem

The document is at /api/openapi.json, the viewer at /api/docs, served from here without any outside network.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import flask_swagger_ui
from flask import Blueprint, Flask, Response, render_template, request, send_from_directory
from flask_smorest import Api
from marshmallow import Schema, fields

from pointsbank.errors import DomainError

DIST = Path(flask_swagger_ui.__file__).parent / "dist"
SHOWN = frozenset({"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"})
EXTENSION = "pointsbank-api"


class KeyMissing(DomainError):
    code, status = "idempotency_key_missing", 400
    zh = "每次写入都要带 Idempotency-Key 请求头(一个 UUID)。"
    en = "Every write needs an Idempotency-Key header holding a UUID."


class FieldProblemSchema(Schema):
    field = fields.String(metadata={"description": "Dotted path of the input concerned"})
    message = fields.String()


class ProblemSchema(Schema):
    """A problem document (RFC 9457), sent as application/problem+json."""

    type = fields.String(metadata={"description": "Address of a page that explains the code"})
    title = fields.String()
    status = fields.Integer()
    detail = fields.String(metadata={"description": "A sentence in the language of the request"})
    code = fields.String(metadata={"description": "Stable name of the refusal"})
    field = fields.String(allow_none=True)
    errors = fields.List(fields.Nested(FieldProblemSchema))


class BankApi(Api):
    """flask-smorest with this project's answers: errors are rendered by pointsbank.web.errors."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """None of its own: pages and API share one handler."""


def idempotency_key() -> uuid.UUID:
    """The write's key, made by the client before its first try. Raises KeyMissing."""
    try:
        return uuid.UUID(request.headers.get("Idempotency-Key", ""))
    except ValueError:
        raise KeyMissing("Idempotency-Key") from None


def register_api(app: Flask, blueprint: Any) -> None:
    """Serve a flask-smorest blueprint and put it into the document."""
    app.extensions[EXTENSION].register_blueprint(blueprint)


docs = Blueprint("api_viewer", __name__)


@docs.get("/api/docs")
def viewer() -> str:
    return render_template("web/api_docs.html")


@docs.get("/api/docs/assets/<name>")
def viewer_file(name: str) -> Response:
    return send_from_directory(DIST, name if name in SHOWN else "not-shown", max_age=86400)


def install(app: Flask) -> None:
    app.config.update(
        API_TITLE="积分银行 Points bank", API_VERSION="v1", OPENAPI_VERSION="3.0.3", OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {"description": "Points, hours and goods. Amounts are integers: points in hundredths, service in "
                                    "minutes, goods in pieces. Every write carries an Idempotency-Key."},
            "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
            "security": [{"token": []}]})
    app.extensions[EXTENSION] = BankApi(app)
    app.register_blueprint(docs)
