"""A database that is busy: what collided is tried again, then said: 503, Retry-After, in the reader's language.

A view is tried again when the database threw it out (serialization failure, deadlock, a lock that was not free) before
anything of it was committed: nothing has been sent yet, and every write carries the key of its form. Otherwise, and
when it does not go through in a few tries, the answer is the designed 503, and nothing was done.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask.typing import ResponseReturnValue

from pointsbank.database import commits, db, through


class Bank(Flask):
    """The application, whose views are tried again after a collision."""

    def dispatch_request(self, *given: Any) -> ResponseReturnValue:
        before = commits(db.session())

        def ask() -> ResponseReturnValue:
            return super(Bank, self).dispatch_request(*given)

        def nothing_stays() -> bool:
            if commits(db.session()) != before:
                return False
            db.session.rollback()
            for uploads in request.files.listvalues():
                for one in uploads:
                    one.stream.seek(0)
            return True

        return through(ask, may_repeat=nothing_stays)
