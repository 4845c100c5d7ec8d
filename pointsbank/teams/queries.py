"""Reads of teams: of a place and below it, one team with its members and hours, those that serve in a place."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pointsbank.people import Person, person_cards
from pointsbank.places import Place, ancestors, covers, stem_of
from pointsbank.records.models import Award, ServiceRecord
from pointsbank.teams.models import Team, TeamMember
from pointsbank.teams.words import FIELDS

SHOWN = 1_000
ORDER = {"chief": 0, "standing": 1, "special": 2}


class TeamRow(NamedTuple):
    id: UUID
    place_code: str
    place: str
    kind: str
    field: str | None
    name: str
    members: int
    minutes: int
    founded_on: date
    closed_on: date | None


class Member(NamedTuple):
    id: UUID
    person_id: UUID
    name: str
    household_id: UUID
    household_code: str
    is_leader: bool
    joined_on: date
    minutes: int


class TeamView(NamedTuple):
    team: Team
    place: str
    members: list[Member]
    guests: int  # minutes of people who are no members (any more)
    minutes: int
    this_year: int
    deeds: int
    months: list[tuple[str, int]]


def teams_in(s: Session, book_id: int, place_code: str, *, on: date) -> list[TeamRow]:
    """Teams at and below a place: chief, standing by field, special; with members and this year's minutes."""
    rows = s.execute(select(Team, Place.name).join(Place, Place.code == Team.place_code).where(
        Team.book_id == book_id, Team.place_code.startswith(stem_of(place_code))).limit(SHOWN)).all()
    members = {row[0]: row[1] for row in s.execute(select(TeamMember.team_id, func.count()).join(
        Person, (Person.book_id == TeamMember.book_id) & (Person.id == TeamMember.person_id)).where(
        TeamMember.book_id == book_id, TeamMember.left_on.is_(None), Person.left_on.is_(None))
        .group_by(TeamMember.team_id))} if rows else {}
    minutes = minutes_by_team(s, book_id, place_code, on.year)
    found = [TeamRow(team.id, team.place_code, place, team.kind, team.field, team.name, members.get(team.id, 0),
                     minutes.get(team.id, 0), team.founded_on, team.closed_on)
             for team, place in rows if covers(place_code, team.place_code)]
    fields = list(FIELDS)
    return sorted(found, key=lambda one: (one.closed_on is not None, one.place_code, ORDER[one.kind],
                                          fields.index(one.field) if one.field in fields else 0, one.name))


def minutes_by_team(s: Session, book_id: int, place_code: str, year: int) -> dict[UUID, int]:
    """This year's standing minutes of each team of a place and below. One statement."""
    rows = s.execute(select(ServiceRecord.team_id, func.sum(Award.minutes)).join(
        Award, (Award.book_id == ServiceRecord.book_id) & (Award.record_id == ServiceRecord.id)).where(
        ServiceRecord.book_id == book_id, ServiceRecord.place_code.startswith(stem_of(place_code)),
        ServiceRecord.team_id.is_not(None), Award.reversed_at.is_(None),
        Award.service_on.between(date(year, 1, 1), date(year, 12, 31)))
        .group_by(ServiceRecord.team_id))
    return {team: int(minutes) for team, minutes in rows if team is not None}


def team_view(s: Session, team: Team, *, on: date) -> TeamView:
    """One team. The hours are of records that name it, posted and not taken back. About eight statements."""
    book_id = team.book_id
    rows = s.execute(select(ServiceRecord.person_id, Award.service_on, func.sum(Award.minutes), func.count()).join(
        Award, (Award.book_id == ServiceRecord.book_id) & (Award.record_id == ServiceRecord.id)).where(
        ServiceRecord.book_id == book_id, ServiceRecord.team_id == team.id, Award.reversed_at.is_(None))
        .group_by(ServiceRecord.person_id, Award.service_on)).all()
    by_person: dict[UUID | None, int] = {}
    by_month: dict[str, int] = {}
    for person, day, minutes, _ in rows:
        by_person[person] = by_person.get(person, 0) + int(minutes)
        by_month[f"{day:%Y-%m}"] = by_month.get(f"{day:%Y-%m}", 0) + int(minutes)
    stays = list(s.scalars(select(TeamMember).where(TeamMember.book_id == book_id, TeamMember.team_id == team.id,
                                                    TeamMember.left_on.is_(None))))
    cards = person_cards(s, book_id, {one.person_id for one in stays})
    members = [Member(one.id, one.person_id, card.name, card.household_id, card.household_code, one.is_leader,
                      one.joined_on, by_person.get(one.person_id, 0))
               for one in stays if (card := cards.get(one.person_id)) is not None and card.left_on is None]
    members.sort(key=lambda one: (not one.is_leader, -one.minutes, one.household_code, one.name))
    total = sum(by_person.values())
    place = s.scalar(select(Place.name).where(Place.code == team.place_code)) or ""
    return TeamView(team, place, members, total - sum(one.minutes for one in members), total,
                    sum(minutes for month, minutes in by_month.items() if month.startswith(str(on.year))),
                    sum(row[3] for row in rows), sorted(by_month.items(), reverse=True)[:12])


def serving(s: Session, book_id: int, place_code: str) -> dict[UUID, str]:
    """Open teams of a place and of those above it; one name in two places is told apart by the place's."""
    rows = s.execute(select(Team.id, Team.name, Team.place_code, Place.name).join(
        Place, Place.code == Team.place_code).where(
        Team.book_id == book_id, Team.place_code.in_(ancestors(place_code)), Team.closed_on.is_(None))
        .order_by(Team.place_code.desc(), Team.name)).all()
    names = [row[1] for row in rows]
    return {id_: name if names.count(name) == 1 else f"{name}({place})" for id_, name, _, place in rows}


def teams_of(s: Session, book_id: int, person_id: UUID) -> list[tuple[UUID, str, bool]]:
    """The teams a person is in: (team, name, leads it)."""
    rows = s.execute(select(Team.id, Team.name, TeamMember.is_leader).join(
        TeamMember, (TeamMember.book_id == Team.book_id) & (TeamMember.team_id == Team.id)).where(
        Team.book_id == book_id, TeamMember.person_id == person_id, TeamMember.left_on.is_(None),
        Team.closed_on.is_(None)).order_by(Team.name))
    return [(row[0], row[1], row[2]) for row in rows]
