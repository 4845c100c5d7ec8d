"""Style sheets and scripts: written in small files, sent as one of each, kept by the browser for a year.

A slow line pays for round trips, so the shell's files are joined and named by their content. A room's own file is
linked by `asset_url("till.static", "till.js")`, which carries the content's digest too.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from flask import Flask, Response, abort, current_app, request, url_for

HERE = Path(__file__).parent / "static"
PARTS = {
    "css": ("tokens.css", "base.css", "layout.css", "components.css", "forms.css", "tables.css", "charts.css",
            "print.css"),
    "js": ("visit.js", "keys.js", "forms.js", "progress.js"),
}
TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
FOR_A_YEAR = "public, max-age=31536000, immutable"


class Bundle(NamedTuple):
    digest: str
    plain: bytes
    packed: bytes


@cache
def bundle(kind: str) -> Bundle:
    """All parts of a kind, joined."""
    plain = b"\n".join((HERE / kind / name).read_bytes() for name in PARTS[kind])
    return Bundle(hashlib.sha256(plain).hexdigest()[:12], plain, gzip.compress(plain, mtime=0))


@cache
def _digest(path: str, changed: int) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]


def bundle_url(kind: str) -> str:
    return url_for("web.send_bundle", kind=kind, digest=bundle(kind).digest)


def asset_url(endpoint: str, filename: str) -> str:
    """The address of a room's static file, changed whenever the file is."""
    folder = current_app.blueprints[endpoint.rpartition(".")[0]].static_folder
    path = Path(folder or "") / filename
    return url_for(endpoint, filename=filename, v=_digest(str(path), path.stat().st_mtime_ns))


def send_bundle(kind: str, digest: str) -> Response:
    if kind not in PARTS:
        abort(404)
    found = bundle(kind)
    packed = request.accept_encodings["gzip"] > 0
    answer = Response(found.packed if packed else found.plain, content_type=TYPES[kind])
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    # A page of the previous release may still ask for the previous name: answer, but let nobody keep it.
    answer.headers["Cache-Control"] = FOR_A_YEAR if digest == found.digest else "no-cache"
    return answer


def keep_static(answer: Response) -> Response:
    """after_request: files asked for by digest never change under that address."""
    if (request.endpoint or "").endswith(".static") and answer.status_code in (200, 304):
        answer.headers["Cache-Control"] = FOR_A_YEAR if request.args.get("v") else "no-cache"
    return answer


def install(app: Flask) -> None:
    app.jinja_env.globals.update(bundle_url=bundle_url, asset_url=asset_url)
    app.after_request(keep_static)
