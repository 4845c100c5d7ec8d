"""What every request passes before a page sees it, and every answer before it leaves.

A write must come from our own pages: the browser says so by Sec-Fetch-Site and Origin, and the form carries the
session's token. Visitors have no session, so their writes (signing in, choosing large type) are judged by origin
alone. A Bearer token is never sent by a browser on its own, so the API with one is exempt.
"""

from __future__ import annotations

import hmac
import json
import re
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from flask.sessions import SecureCookieSessionInterface
from werkzeug.datastructures import ImmutableMultiDict

from pointsbank.access import csrf_token, optional_actor
from pointsbank.access.web import load_actor
from pointsbank.errors import DomainError
from pointsbank.web.viewer import SIGN_OUT, stand_where_chosen

SAFE = ("GET", "HEAD", "OPTIONS")
STRAY = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
DEEPEST = 500  # brackets in a JSON body before it is looked at for its depth
POLICY = ("default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; "
          "base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
# The documentation viewer writes its own styles; it stands alone under this path.
DOCS_PATH = "/api/docs"
DOCS_POLICY = POLICY + "; style-src 'self' 'unsafe-inline'"
# Answered without asking who it is: no database for a style sheet or a health check.
KEPT_FOR_A_REQUEST = ("actor", "session_row", "app_user", "csrf", "shell", "place_choices")
QUIET = frozenset({"healthz", "web.send_bundle"})


class NotFromHere(DomainError):
    code, status = "not_from_here", 403
    zh = "这次提交不是从本系统的页面发出的,没有办理。请刷新页面再试。"
    en = "This did not come from one of our own pages; nothing was done. Reload the page and try again."


class StrayCharacters(DomainError):
    code, status = "stray_characters", 400
    zh = "网址里有不能用的字符。"
    en = "The address holds characters that cannot be used."


class BrokenJson(DomainError):
    code, status = "broken_json", 400
    zh = "送来的 JSON 嵌套太深,或含有无法保存的字符。"
    en = "The JSON is nested too deep or holds characters that cannot be stored."


def is_api() -> bool:
    return request.path.startswith("/api/")


def _quiet() -> bool:
    return request.endpoint in QUIET or (request.endpoint or "").endswith(".static")


def refuse_stray_characters() -> None:
    """NUL and its like reach no query: PostgreSQL refuses them with an error, SQLite stores them."""
    texts = [request.path, *request.args.keys(), *request.args.values()]
    if any(ord(character) < 32 and character not in "\t\r\n" for text in texts for character in text):
        raise StrayCharacters()


def refuse_broken_json() -> None:
    """A body nested beyond reading, or with characters no database holds (NUL, halves of a pair), is no request."""
    if not is_api() or not request.is_json:
        return
    body = request.get_data()
    try:
        waiting = [json.loads(body)] if b"\\u" in body or body.count(b"[") + body.count(b"{") > DEEPEST else []
    except RecursionError:
        raise BrokenJson() from None
    except ValueError:
        return  # no JSON at all: the form check of the endpoint says so
    while waiting:
        one = waiting.pop()
        if isinstance(one, str) and STRAY.search(one):
            raise BrokenJson()
        waiting += [*one.keys(), *one.values()] if isinstance(one, dict) else one if isinstance(one, list) else []


def drop_stray_characters() -> None:
    """A form is taken without them: they come along unseen when somebody pastes from another program."""
    given = [] if request.method in SAFE else list(request.form.items(multi=True))
    if any(STRAY.search(value) for _, value in given):
        request.form = ImmutableMultiDict((name, STRAY.sub("", value)) for name, value in given)


def know_who_asks() -> None:
    """Start clean (a command or a test may hold the context open over several requests), then read the session."""
    for kept in KEPT_FOR_A_REQUEST:
        g.pop(kept, None)
    if not _quiet():
        load_actor()
        stand_where_chosen()


def from_our_own_page() -> bool:
    """What the browser says about where a write comes from; a browser that says nothing is not refused here."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def refuse_foreign_writes() -> None:
    """before_request: the check on every unsafe request. Raises NotFromHere."""
    if request.method in SAFE or request.headers.get("Authorization", "").lower().startswith("bearer "):
        return
    if not from_our_own_page():
        raise NotFromHere()
    wanted = csrf_token()
    if not wanted:
        return
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token") or ""
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        raise NotFromHere()


def seal_answer(answer: Response) -> Response:
    """after_request: headers of every answer."""
    headers = answer.headers
    docs = request.path == DOCS_PATH or request.path.startswith(DOCS_PATH + "/")
    headers.setdefault("Content-Security-Policy", DOCS_POLICY if docs else POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.path == SIGN_OUT and request.method == "POST":
            headers.setdefault("Clear-Site-Data", '"cache"')
    if optional_actor() is not None and not _quiet():
        headers.setdefault("Cache-Control", "no-store")  # an office computer is used by many
    return answer


class NotesInterface(SecureCookieSessionInterface):
    """The cookie of the notes for the next page, Secure where the page came by HTTPS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def install(app: Flask) -> None:
    app.session_interface = NotesInterface()
    app.config.update(SESSION_COOKIE_NAME="pb_notes", SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_HTTPONLY=True,
                      MAX_FORM_PARTS=5000, MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024)
    app.before_request(refuse_stray_characters)
    app.before_request(refuse_broken_json)
    app.before_request(know_who_asks)
    app.before_request(drop_stray_characters)
    app.before_request(refuse_foreign_writes)
    app.after_request(seal_answer)
