"""Tables beside the tree: venues, grids with their households, and sheets between dry run and import."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import UtcDateTime, db

CHECKED, DONE, DISCARDED = "checked", "done", "discarded"


class Venue(db.Model):  # type: ignore[name-defined, misc]
    """阵地: a square, a point or a base of a place of any level. It belongs to nobody and grows with places only."""

    __tablename__ = "venue"
    __table_args__ = (UniqueConstraint("place_code", "kind", "name", name="uq_venue_name"),
                      {"info": {"grows_with_places": True}})
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    place_code: Mapped[str] = mapped_column(String(12), ForeignKey("place.code"))
    kind: Mapped[str] = mapped_column(String(12))  # square | point | base
    name: Mapped[str] = mapped_column(String(60))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)  # the last day


class Grid(db.Model):  # type: ignore[name-defined, misc]
    """网格 of a village; `worker_id` is the person who walks it."""

    __tablename__ = "grid"
    __table_args__ = (UniqueConstraint("book_id", "place_code", "code", name="uq_grid_code"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    place_code: Mapped[str] = mapped_column(String(12))
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    worker_id: Mapped[UUID | None] = mapped_column(Uuid)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)


class GridHousehold(db.Model):  # type: ignore[name-defined, misc]
    """A household stands in one grid at a time."""

    __tablename__ = "grid_household"
    __table_args__ = (
        ForeignKeyConstraint(["book_id", "grid_id"], ["grid.book_id", "grid.id"], name="fk_grid_household_grid"),
        ForeignKeyConstraint(["book_id", "household_id"], ["household.book_id", "household.id"],
                             name="fk_grid_household_household"),
        Index("ix_grid_household_grid", "book_id", "grid_id"),
    )
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    household_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    grid_id: Mapped[UUID] = mapped_column(Uuid)


class TreeFile(db.Model):  # type: ignore[name-defined, misc]
    """A sheet of the tree. Content and name are sealed under a key of its own, which goes when the import is over."""

    __tablename__ = "tree_file"
    __table_args__ = (UniqueConstraint("book_id", "scope", "key", name="uq_tree_file_key"),
                      Index("ix_tree_file_place", "book_id", "place_code", "id"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    scope: Mapped[str] = mapped_column(String(80))
    key: Mapped[UUID] = mapped_column(Uuid)
    place_code: Mapped[str] = mapped_column(String(12))
    made_by: Mapped[UUID | None] = mapped_column(Uuid)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    digest: Mapped[str] = mapped_column(String(64))
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    about: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(String(12))
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
