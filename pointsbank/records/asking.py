"""From what a form or a client says to a deed: codes and names looked up, lengths and times read as people write them.

One schema for page and API. "3小时", "90分钟" and "1:30" are lengths; 09:00 is a time; a household goes by its code.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range
from sqlalchemy.orm import Session

from pointsbank.access import Actor, can
from pointsbank.amounts import parse_points
from pointsbank.errors import BadInput
from pointsbank.people import HouseholdCard, PersonCard, find_household, persons_of_household
from pointsbank.records.commands import ActivityFacts, RecordFacts
from pointsbank.schedule import parse_duration


class DeedSchema(Schema):
    """One deed. `household` is the code in `place`; give `person` (a member's name) or `person_id`."""

    place = fields.Str(validate=Length(equal=12), metadata={"description": "12-digit code; your own place if left out"})
    household = fields.Str(required=True, validate=Length(1, 20))
    person = fields.Str(validate=Length(max=50))
    person_id = fields.UUID()
    rule = fields.Str(required=True, validate=Length(1, 12))
    service_on = fields.Date(required=True)
    started = fields.Time(format="%H:%M")
    duration = fields.Str(validate=Length(max=20), metadata={"description": "3小时, 90分钟, 1:30; bare: hours"})
    minutes = fields.Int(validate=Range(1, 1440))
    quantity = fields.Decimal(allow_nan=False, load_default=Decimal(1), as_string=True)
    yuan = fields.Str(validate=Length(max=13))
    amount_fen = fields.Int(validate=Range(min=1))
    level = fields.Str(validate=Length(max=40))
    coefficients = fields.List(fields.Str(validate=Length(1, 40)), validate=Length(max=10))
    cause = fields.Str(validate=Length(max=80))
    activity = fields.Str(validate=Length(max=80))
    activity_started = fields.Time(format="%H:%M")
    activity_minutes = fields.Int(validate=Range(1, 1440))
    team = fields.UUID(metadata={"description": "With which team of the place or of one above it"})
    external_no = fields.Str(validate=Length(1, 80))
    note = fields.Str(validate=Length(max=500))
    evidence = fields.Str(validate=Length(max=500))
    late_reason = fields.Str(validate=Length(max=500))


class DeedFormSchema(DeedSchema):
    """The same from a form, with its key; `again` comes back to an empty form for the next one."""

    key = fields.UUID(required=True)
    again = fields.Str()


class RecordDecisionSchema(Schema):
    decision = fields.Str(load_default="approve", validate=OneOf(("approve", "return", "reject")))
    reason = fields.Str(load_default="", validate=Length(max=500))


class RecordDecisionFormSchema(RecordDecisionSchema):
    key = fields.UUID(required=True)


class CorrectionSchema(Schema):
    reason = fields.Str(required=True, validate=Length(2, 500))


class CorrectionFormSchema(CorrectionSchema):
    key = fields.UUID(required=True)


class ObjectionTextSchema(Schema):
    text = fields.Str(required=True, validate=Length(2, 500))


class ObjectionTextFormSchema(ObjectionTextSchema):
    key = fields.UUID(required=True)


class ObjectionAnswerSchema(CorrectionSchema):
    upheld = fields.Bool(required=True)


class ObjectionAnswerFormSchema(ObjectionAnswerSchema):
    key = fields.UUID(required=True)


class HeapFormSchema(Schema):
    """All of a heap at once, as it was seen: what came later is not meant."""

    key = fields.UUID(required=True)
    group = fields.Str(required=True, validate=Length(1, 120))
    upto = fields.AwareDateTime(required=True)
    seen = fields.AwareDateTime(load_default=None)  # when the page was made: to tell what others did meanwhile


class UploadFormSchema(Schema):
    """All that waits of one import at once, as it was seen."""

    key = fields.UUID(required=True)
    import_id = fields.UUID(required=True)
    upto = fields.AwareDateTime(required=True)
    seen = fields.AwareDateTime(load_default=None)


Homes = dict[tuple[str, str], tuple[HouseholdCard | None, list[PersonCard]]]


def facts_of(s: Session, data: Mapping[str, Any], place_code: str, by: Actor,
             seen: Homes | None = None) -> RecordFacts:
    """The deed that was described, in a place where `by` may record; `seen` keeps households between a batch's rows.

    Raises BadInput (no such household or member), BadDuration, BadAmount.
    """
    seen = {} if seen is None else seen
    named = (data.get("place") or place_code, data["household"].strip().upper())
    if named not in seen:
        found = find_household(s, *named) if can(by, "records.submit", named[0]) else None
        seen[named] = found, persons_of_household(s, found.book_id, found.id) if found else []
    home, members = seen[named]
    if home is None:
        raise BadInput("household", "没有这个户号,请核对。", "There is no household of this code; please check.")
    title = data.get("activity")
    activity = ActivityFacts(title, minute_of(data.get("activity_started")), data.get("activity_minutes")) \
        if title else None
    return RecordFacts(
        household_id=home.id, rule=data["rule"].strip().upper(), service_on=data["service_on"],
        person_id=_person(members, data), minutes=_minutes(data, activity),
        started=minute_of(data.get("started")), quantity=data.get("quantity", Decimal(1)),
        amount_fen=parse_points(data["yuan"], "yuan") if data.get("yuan") else data.get("amount_fen", 0),
        level=data.get("level"), coefficients=tuple(data.get("coefficients", ())), cause=data.get("cause"),
        activity=activity, external_no=data.get("external_no"), note=data.get("note", ""),
        evidence=data.get("evidence", ""), late_reason=data.get("late_reason", ""),
        team=data.get("team"))


def minute_of(value: time | None) -> int | None:
    """09:30 -> 570."""
    return None if value is None else value.hour * 60 + value.minute


def _person(members: list[PersonCard], data: Mapping[str, Any]) -> UUID | None:
    if data.get("person_id"):
        found: UUID = data["person_id"]
        return found
    name = (data.get("person") or "").strip(" \u3000\u00a0")
    if not name:
        return None
    same = [card.id for card in members if card.name == name]
    if len(same) != 1:
        raise BadInput("person", "这一户没有叫这个名字的成员,请核对姓名和户号。",
                       "This household has no member of that name; check the name and the code.")
    return same[0]


def _minutes(data: Mapping[str, Any], activity: ActivityFacts | None) -> int | None:
    """As given; not given with an activity that has an end, nobody checked out."""
    if data.get("duration"):
        return parse_duration(data["duration"], bare="hours", field="duration")
    if data.get("minutes"):
        return int(data["minutes"])
    return None if activity and activity.minutes and data.get("started") is not None else 0
