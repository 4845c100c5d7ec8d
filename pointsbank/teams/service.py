"""Teams in the 1 + 8 + N form: a place has one 总队, one standing team for each of the eight fields, any special ones.

    team = add_team(s, AddTeam(key, place, "standing", "向阳文艺队", day, field="culture"), by=recorder, at=now)
    join_team(s, JoinTeam(key, team.id, person, is_leader=True), by=recorder, at=now)
    add_teams(s, AddTeams(key, (AddTeam(…), …)), by=admin, at=now)          # many at once
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require, require_seen
from pointsbank.clock import to_day
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, DomainError, NotFound
from pointsbank.people import Household, NeedsConsent, Person, person_cards, recordable
from pointsbank.people.service import AlreadyThere
from pointsbank.places import covers, place_by_code
from pointsbank.records.keys import claim, settle
from pointsbank.teams.models import Team, TeamMember
from pointsbank.teams.words import FIELDS, KINDS

EDIT, VIEW, LIST = "teams.edit", "people.view", "place.view"
NAME_MAX = 60
CHUNK = 500


class TeamTaken(DomainError):
    code, status = "team_taken", 409
    zh = "这里已经有{what},一处只有一支。"
    en = "This place has {what} already; there is one only."


class TeamClosed(DomainError):
    code, status = "team_closed", 409
    zh = "这支队伍已经撤销,不能再变动。"
    en = "This team is dissolved and cannot change any more."


@dataclass(frozen=True)
class AddTeam:
    key: UUID
    place_code: str
    kind: str
    name: str
    founded_on: date
    field: str | None = None


@dataclass(frozen=True)
class AddTeams:
    """Many teams in one unit of work; `teams` carry keys of their own that do not count."""

    key: UUID
    teams: tuple[AddTeam, ...]


@dataclass(frozen=True)
class CloseTeam:
    key: UUID
    team: UUID
    on: date


@dataclass(frozen=True)
class JoinTeam:
    key: UUID
    team: UUID
    person: UUID
    is_leader: bool = False


@dataclass(frozen=True)
class ChangeMember:
    """`what`: lead, follow (no leader any more) or leave."""

    key: UUID
    team: UUID
    member: UUID
    what: str


def _checked(cmd: AddTeam, today: date) -> AddTeam:
    name = cmd.name.strip(" \u3000\u00a0")
    if not 1 <= len(name) <= NAME_MAX:
        raise BadInput("name", f"名称应为 1 到 {NAME_MAX} 个字。", f"A name has 1 to {NAME_MAX} characters.")
    if cmd.kind not in KINDS:
        raise BadInput("kind", "队伍是总队、常备队或特色队。", "A team is the chief, a standing or a special one.")
    if (cmd.kind == "standing") != (cmd.field in FIELDS):
        raise BadInput("field", "常备队要选八类里的一类,别的队伍不选。",
                       "A standing team is of one of the eight fields, other teams of none.")
    if cmd.founded_on > today:
        raise BadInput("founded_on", "成立日期还没到。", "The day has not come yet.")
    return AddTeam(cmd.key, cmd.place_code, cmd.kind, name, cmd.founded_on, cmd.field)


def add_team(s: Session, cmd: AddTeam, *, by: Actor, at: datetime) -> Team:
    """Found a team. Raises NotAllowed, NotFound, BadInput, TeamTaken, AlreadyThere, KeyReused."""
    with unit_of_work(s):
        require(by, EDIT, at_place=cmd.place_code)
        if (first := claim(s, cmd, "team.add", by, at)) is not None:
            return s.get_one(Team, (by.book_id, UUID(first["team"])))
        made = _store(s, by.book_id, [_checked(cmd, to_day(at))])[0]
        audit.record(s, by, "team.added", f"team:{made}", at=at, place=cmd.place_code, kind=cmd.kind)
        settle(s, cmd, by, {"team": str(made)})
        return s.get_one(Team, (by.book_id, made))


def add_teams(s: Session, cmd: AddTeams, *, by: Actor, at: datetime) -> int:
    """Found many teams, all or none, in a few statements for every 500. Raises as add_team."""
    with unit_of_work(s):
        for place in {team.place_code for team in cmd.teams}:
            require(by, EDIT, at_place=place)
        if (first := claim(s, cmd, "team.add_many", by, at)) is not None:
            return int(first["count"])
        made = _store(s, by.book_id, [_checked(team, to_day(at)) for team in cmd.teams])
        audit.record(s, by, "team.added", f"batch:{cmd.key}", at=at, count=len(made))
        settle(s, cmd, by, {"count": len(made)})
        return len(made)


def _store(s: Session, book_id: int, teams: Sequence[AddTeam]) -> list[UUID]:
    """Insert the teams, one of its kind in each place. Raises TeamTaken, AlreadyThere, NotFound."""
    places = sorted({team.place_code for team in teams})
    names: set[tuple[str, str]] = set()
    ones: set[tuple[str, str, str | None]] = set()
    for start in range(0, len(places), CHUNK):
        for there in s.execute(select(Team.place_code, Team.kind, Team.field, Team.name, Team.closed_on).where(
                Team.book_id == book_id, Team.place_code.in_(places[start:start + CHUNK]))):
            names.add((there.place_code, there.name))
            if there.closed_on is None and there.kind != "special":
                ones.add((there.place_code, there.kind, there.field))
    if len(places) == 1:
        place_by_code(s, places[0])
    rows = []
    for team in teams:
        one, named = (team.place_code, team.kind, team.field), (team.place_code, team.name)
        if one in ones:
            word = FIELDS[team.field] if team.field else KINDS[team.kind]
            raise TeamTaken("field" if team.field else "kind", what={"zh": f"“{word}”队", "en": f"a team “{team.field}”"
                                                                     if team.field else "a chief team"})
        if named in names:
            raise AlreadyThere("name", what={"zh": f"“{team.name}”", "en": f"“{team.name}”"})
        names.add(named)
        if team.kind != "special":
            ones.add(one)
        rows.append({"book_id": book_id, "id": new_id(), "place_code": team.place_code, "kind": team.kind,
                     "field": team.field, "name": team.name, "founded_on": team.founded_on, "closed_on": None})
    s.execute(insert(Team), rows)
    return [row["id"] for row in rows]  # type: ignore[misc]


def own_team(s: Session, team_id: UUID, by: Actor, power: str = VIEW, *, lock: bool = False) -> Team:
    """Raises NotFound, also for what lies out of reach."""
    query = select(Team).where(Team.book_id == by.book_id, Team.id == team_id)
    team = s.scalar(query.with_for_update() if lock else query)
    if team is None:
        raise NotFound("team")
    require_seen(by, power, at_place=team.place_code, what="team")
    return team


def close_team(s: Session, cmd: CloseTeam, *, by: Actor, at: datetime) -> Team:
    """Dissolve a team; its hours and members of then stay. Raises NotFound, BadInput, TeamClosed, KeyReused."""
    with unit_of_work(s):
        team = own_team(s, cmd.team, by, EDIT, lock=True)
        if claim(s, cmd, "team.close", by, at) is not None:
            return team
        if team.closed_on is not None:
            raise TeamClosed("team")
        if not team.founded_on <= cmd.on <= to_day(at):
            raise BadInput("on", "撤销日期应在成立以后、今天以前。", "The day lies between the founding and today.")
        team.closed_on = cmd.on
        audit.record(s, by, "team.closed", f"team:{team.id}", at=at, on=str(cmd.on))
        settle(s, cmd, by, {"team": str(team.id)})
        return team


def join_team(s: Session, cmd: JoinTeam, *, by: Actor, at: datetime) -> TeamMember:
    """A person of the team's place joins. Minors only with their guardian's consent on file.

    Raises NotFound, TeamClosed, AlreadyThere, NeedsConsent, KeyReused.
    """
    with unit_of_work(s):
        team = own_team(s, cmd.team, by, EDIT, lock=True)
        if (first := claim(s, cmd, "team.join", by, at)) is not None:
            return s.get_one(TeamMember, (by.book_id, UUID(first["member"])))
        if team.closed_on is not None:
            raise TeamClosed("team")
        check_person(s, by.book_id, cmd.person, team.place_code, to_day(at))
        if s.scalar(select(TeamMember.id).where(TeamMember.book_id == by.book_id, TeamMember.team_id == team.id,
                                                TeamMember.person_id == cmd.person, TeamMember.left_on.is_(None))):
            raise AlreadyThere("person", what={"zh": "这个人在这支队伍里", "en": "This person in this team"})
        member = TeamMember(book_id=by.book_id, id=new_id(), team_id=team.id, person_id=cmd.person,
                            is_leader=cmd.is_leader, joined_on=to_day(at), left_on=None)
        s.add(member)
        s.flush()
        audit.record(s, by, "team.joined", f"team:{team.id}", at=at, person=str(cmd.person), leader=cmd.is_leader)
        settle(s, cmd, by, {"member": str(member.id)})
        return member


def check_person(s: Session, book_id: int, person_id: UUID, place_code: str, on: date) -> None:
    """A living member of a household at or below the place, whose guardian has consented where that is needed.

    Raises NotFound, NeedsConsent.
    """
    row = s.execute(select(Person.left_on, Household.place_code).join(
        Household, (Household.book_id == Person.book_id) & (Household.id == Person.household_id)).where(
        Person.book_id == book_id, Person.id == person_id)).one_or_none()
    if row is None or row.left_on is not None or not covers(place_code, row.place_code):
        raise NotFound("person")
    card = person_cards(s, book_id, [person_id])[person_id]
    if not recordable(s, [card], on)[person_id]:
        raise NeedsConsent("person", person={"zh": f"户号 {card.household_code} 的这位成员",
                                             "en": f"This member of household {card.household_code}"})


def change_member(s: Session, cmd: ChangeMember, *, by: Actor, at: datetime) -> TeamMember:
    """Make a member a leader, a plain member again, or let them leave. Raises NotFound, BadInput, KeyReused."""
    with unit_of_work(s):
        team = own_team(s, cmd.team, by, EDIT, lock=True)
        member = s.get(TeamMember, (by.book_id, cmd.member))
        if member is None or member.team_id != team.id:
            raise NotFound("member")
        if claim(s, cmd, "team.member", by, at) is not None:
            return member
        if cmd.what not in ("lead", "follow", "leave"):
            raise BadInput("what", "没有这种改动。", "There is no such change.")
        if cmd.what == "leave":
            member.left_on = member.left_on or to_day(at)
        else:
            member.is_leader = cmd.what == "lead"
        audit.record(s, by, "team.member", f"team:{team.id}", at=at, person=str(member.person_id), what=cmd.what)
        settle(s, cmd, by, {"member": str(member.id)})
        return member
