"""When two records of one person become one, their teams and what they offer go along; and back when split again."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pointsbank.crypto import open_many, seal_json
from pointsbank.teams.models import TeamMember, Volunteer
from pointsbank.teams.volunteers import CONTEXT


def follow_person(s: Session, book_id: int, keep: UUID, lose: UUID) -> list[UUID]:
    """Stays in teams go to `keep` where it has none there; the profile too where `keep` has none. Returns the stays."""
    mine = set(s.scalars(select(TeamMember.team_id).where(TeamMember.book_id == book_id, TeamMember.person_id == keep)))
    stays = [row for row in s.scalars(select(TeamMember).where(
        TeamMember.book_id == book_id, TeamMember.person_id == lose)) if row.team_id not in mine]
    for row in stays:
        row.person_id = keep
    profile = s.get(Volunteer, (book_id, lose))
    if profile is not None and s.get(Volunteer, (book_id, keep)) is None:
        said = open_many(s, book_id, [(lose, profile.sealed)], CONTEXT)[0]
        if said is not None:
            s.add(Volunteer(book_id=book_id, person_id=keep, since=profile.since, ended_on=profile.ended_on,
                            sealed=seal_json(s, book_id, keep, said, CONTEXT)))
    s.flush()
    return [row.id for row in stays]


def follow_back(s: Session, book_id: int, lose: UUID, stays: Iterable[UUID]) -> None:
    s.execute(update(TeamMember).where(TeamMember.book_id == book_id, TeamMember.id.in_(list(stays)))
              .values(person_id=lose).execution_options(synchronize_session=False))
