"""Two persons: what moves goods without a customer needs somebody else who stands by and countersigns.

The second person proves who they are with their own sign-in on the first one's screen (no session stays open), or acts
as an `Actor` handed in by a command or import.
"""

from __future__ import annotations

from datetime import datetime

from marshmallow import Schema, fields
from marshmallow.validate import Length
from sqlalchemy.orm import Session

from pointsbank.access import Actor, AppUser, actor_of_user, can, origin_of_request, proven
from redemption.errors import NeedsSecond

POWER = "stock.second"


class SecondSchema(Schema):
    """The second person, by their own sign-in."""

    login = fields.String(required=True, validate=Length(1, 60))
    password = fields.String(required=True, validate=Length(1, 200), load_only=True)


def countersigner(s: Session, login: str, password: str, *, at: datetime) -> Actor:
    """The second person by their own sign-in. Wrong tries slow the account down as at the door."""
    key = proven(s, login, password, at=at, origin=origin_of_request())
    return actor_of_user(s, s.get_one(AppUser, key))


def check_second(by: Actor, second: Actor | None, place_code: str) -> Actor:
    """Raises NeedsSecond unless `second` may countersign at the place and is another person than `by`."""
    if second is None or not can(second, POWER, place_code):
        raise NeedsSecond("second")
    same_user = second.user_id is not None and second.user_id == by.user_id
    same_person = second.person_id is not None and second.person_id == by.person_id
    if same_user or same_person or second.scope == by.scope:
        raise NeedsSecond("second")
    return second
