"""Venues (阵地): squares, points and bases of a place of any level.

    venue = add_venue(s, AddVenue(key, place, "square", "向阳文化广场"), by=admin, at=now)
    close_venue(s, CloseVenue(key, venue.id, last_day), by=admin, at=now)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require, require_seen
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, NotFound
from pointsbank.people.service import AlreadyThere
from pointsbank.places import Place, place_by_code
from pointsbank.records.keys import claim, settle
from pointsbank.territory.judging import POWER
from pointsbank.territory.models import Venue
from pointsbank.territory.words import VENUE_KINDS

VIEW = "place.view"
NAME_MAX, SHOWN = 60, 1_000


@dataclass(frozen=True)
class AddVenue:
    key: UUID
    place_code: str
    kind: str
    name: str
    since: date | None = None


@dataclass(frozen=True)
class CloseVenue:
    """`until` None opens it again."""

    key: UUID
    venue: UUID
    until: date | None


class VenueView(NamedTuple):
    id: UUID
    place_code: str
    place: str
    level: str
    kind: str
    name: str
    valid_from: date | None
    valid_until: date | None


def add_venue(s: Session, cmd: AddVenue, *, by: Actor, at: datetime) -> Venue:
    """Register a venue. Raises NotAllowed, NotFound, BadInput, AlreadyThere, KeyReused."""
    with unit_of_work(s):
        require(by, POWER, at_place=cmd.place_code)
        if (first := claim(s, cmd, "venue.add", by, at)) is not None:
            return s.get_one(Venue, UUID(first["venue"]))
        place_by_code(s, cmd.place_code)
        name = cmd.name.strip(" \u3000\u00a0")
        if not 1 <= len(name) <= NAME_MAX:
            raise BadInput("name", f"名称应为 1 到 {NAME_MAX} 个字。", f"A name has 1 to {NAME_MAX} characters.")
        if cmd.kind not in VENUE_KINDS:
            raise BadInput("kind", "阵地是广场、点或基地。", "A venue is a square, a point or a base.")
        if s.scalar(select(Venue.id).where(Venue.place_code == cmd.place_code, Venue.kind == cmd.kind,
                                           Venue.name == name)):
            raise AlreadyThere("name", what={"zh": f"“{name}”", "en": f"“{name}”"})
        venue = Venue(id=new_id(), place_code=cmd.place_code, kind=cmd.kind, name=name, valid_from=cmd.since)
        s.add(venue)
        s.flush()
        audit.record(s, by, "venue.added", f"venue:{venue.id}", at=at, place=cmd.place_code)
        settle(s, cmd, by, {"venue": str(venue.id)})
        return venue


def close_venue(s: Session, cmd: CloseVenue, *, by: Actor, at: datetime) -> Venue:
    """Give a venue its last day, or take it away again. Raises NotAllowed, NotFound, BadInput, KeyReused."""
    with unit_of_work(s):
        venue = s.get(Venue, cmd.venue)
        if venue is None:
            require(by, POWER)
            raise NotFound("venue")
        require_seen(by, POWER, at_place=venue.place_code, what="venue")
        if claim(s, cmd, "venue.close", by, at) is not None:
            return venue
        if cmd.until is not None and venue.valid_from is not None and cmd.until < venue.valid_from:
            raise BadInput("until", "停用日期比启用日期还早。", "The last day lies before the first one.")
        venue.valid_until = cmd.until
        audit.record(s, by, "venue.closed", f"venue:{venue.id}", at=at, until=str(cmd.until or ""))
        settle(s, cmd, by, {"venue": str(venue.id)})
        s.flush()
        return venue


def venues_under(s: Session, place_code: str) -> list[VenueView]:
    """The venues of a place and of all below it, the place's own first."""
    place = s.get(Place, place_code)
    if place is None:
        raise NotFound("place")
    rows = s.execute(select(Venue, Place.name, Place.level).join(Place, Place.code == Venue.place_code)
                     .where(Place.path.startswith(place.path)).order_by(Place.path, Venue.kind, Venue.name)
                     .limit(SHOWN))
    return [VenueView(venue.id, venue.place_code, name, level, venue.kind, venue.name, venue.valid_from,
                      venue.valid_until) for venue, name, level in rows]
