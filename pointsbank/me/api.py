"""The household's own figures as JSON: /api/v1/me and /api/v1/me/entries."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.me.queries import entries_of, months_of, own_household, turnovers_of, wallet_of
from pointsbank.web.viewer import language

blueprint = Blueprint("me_api", __name__, url_prefix="/api/v1/me", description="One's own household")


class ExpiringSchema(Schema):
    last_day = fields.Date()
    points = fields.Int(metadata={"description": "Hundredths of a point"})


class HoursSchema(Schema):
    person_id = fields.UUID()
    this_year = fields.Int(metadata={"description": "Minutes"})
    in_all = fields.Int(metadata={"description": "Minutes"})


class MeSchema(Schema):
    household = fields.Str()
    posted = fields.Int(metadata={"description": "账面, hundredths of a point"})
    held = fields.Int(metadata={"description": "冻结"})
    available = fields.Int(metadata={"description": "可用"})
    score = fields.Int()
    expiring = fields.List(fields.Nested(ExpiringSchema))
    hours = fields.List(fields.Nested(HoursSchema))


class EntrySchema(Schema):
    transaction_id = fields.UUID()
    effective_on = fields.Date()
    what = fields.Str()
    points = fields.Int(metadata={"description": "Signed hundredths of a point"})
    balance = fields.Int(metadata={"description": "After this entry, in the order of days"})
    person_id = fields.UUID(allow_none=True, metadata={"description": "The member whose deed it was"})
    kind = fields.Str(metadata={"description": "earned, deducted, sale, sale_return, expired, reversal, …"})
    due_on = fields.Date(allow_none=True, metadata={"description": "Last day these points can be spent"})


class AskEntriesSchema(Schema):
    before = fields.Date(load_default=None, metadata={"description": "`older` of the page before"})


class EntryPageSchema(Schema):
    entries = fields.List(fields.Nested(EntrySchema))
    older = fields.Date(allow_none=True, metadata={"description": "Ask with before=this for the next page"})


@blueprint.get("")
@needs("me.view")
@blueprint.response(200, MeSchema)
def me() -> dict[str, Any]:
    """Balance, what lapses when, hours."""
    actor, s = current_actor(), db.session()
    household = own_household(s, actor.book_id, actor.household_id)
    wallet = wallet_of(s, household, clock.today())
    return {"household": household.code, "posted": wallet.balance.posted, "held": wallet.balance.held,
            "available": wallet.balance.available, "score": wallet.score,
            "expiring": [{"last_day": day, "points": points} for day, points in wallet.expiring],
            "hours": [{"person_id": row.person.id, "this_year": row.this_year, "in_all": row.in_all}
                      for row in wallet.hours]}


@blueprint.get("/entries")
@needs("me.view")
@blueprint.arguments(AskEntriesSchema, location="query")
@blueprint.response(200, EntryPageSchema)
def entries(asked: dict[str, Any]) -> dict[str, Any]:
    """The wallet's movements, newest first, three months that had any at a time."""
    actor, s = current_actor(), db.session()
    household = own_household(s, actor.book_id, actor.household_id)
    page = entries_of(s, household, months_of(turnovers_of(s, household)), language(), asked["before"])
    return {"entries": [entry for _, some in page.months for entry in some], "older": page.older}
