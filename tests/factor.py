"""The second factor in tests: through the real door, and never waiting for the next half minute.

A code counts once, so whoever signs in four times in a minute would have to wait. Here the user's last used step is
forgotten before each code; that a code really counts once is tried in `tests/pointsbank/access/test_second_factor.py`.
"""

from __future__ import annotations

from datetime import datetime

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from pointsbank import clock
from pointsbank.access import SignedIn, factor, find_session
from pointsbank.access.web import COOKIE
from pointsbank.database import db, unit_of_work


def fresh_code(s: Session, token: str, at: datetime | None = None) -> tuple[str, str]:
    """(code, csrf) for a half-open session: of the user's own secret, or of the one the page would offer."""
    at = at or clock.now()
    row = find_session(s, token, at=at)
    assert row is not None
    csrf, key = row.csrf, (row.book_id, row.user_id)
    with unit_of_work(s):
        found = factor.factor_of(s, *key)
        if found is not None:
            found.last_step = None
            secret = factor.secret_of(s, found)
        else:
            secret = factor.offered_secret(token)
    return factor.code_at(secret, factor.step_of(at)), csrf


def whole(s: Session, signed: SignedIn, at: datetime | None = None) -> SignedIn:
    """Make a sign-in of the service a whole one, where the roles ask for it."""
    if signed.half:
        at = at or clock.now()
        code, _ = fresh_code(s, signed.token, at)
        if factor.factor_of(s, signed.actor.book_id, signed.actor.user_id) is None:  # type: ignore[arg-type]
            factor.enrol(s, signed.token, code, at=at)
        else:
            factor.show_factor(s, signed.token, code, at=at)
    return signed


def go_on(client: FlaskClient, answer: TestResponse) -> TestResponse:
    """From the answer to the password on to the second factor, where it leads there."""
    if answer.status_code != 303 or not str(answer.location).startswith("/second"):
        return answer
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    with client.application.app_context():
        code, csrf = fresh_code(db.session(), cookie.value)
    passed = client.post("/second", data={"code": code, "csrf_token": csrf})
    assert passed.status_code in (201, 303), passed.text
    return passed
