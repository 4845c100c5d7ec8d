"""Tables of shops, their rule versions and their special days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Boolean, Date, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import UtcDateTime, db


class Shop(db.Model):  # type: ignore[name-defined, misc]
    """A love supermarket of a place; a place's first shop carries the place's code."""

    __tablename__ = "shop"
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    place_code: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(60))
    opened_on: Mapped[date] = mapped_column(Date)
    closed_on: Mapped[date | None] = mapped_column(Date)


class ShopPolicy(db.Model):  # type: ignore[name-defined, misc]
    """One version of a shop's own rules; `body` is read by redemption.shops.policy. Never changed, only followed."""

    __tablename__ = "shop_policy"
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    shop_code: Mapped[str] = mapped_column(String(20), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    valid_from: Mapped[date] = mapped_column(Date)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[UUID | None] = mapped_column(Uuid)


class ShopDay(db.Model):  # type: ignore[name-defined, misc]
    """A special day: open at hours of its own, or closed although the rule says open."""

    __tablename__ = "shop_day"
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    shop_code: Mapped[str] = mapped_column(String(20), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    open: Mapped[bool] = mapped_column(Boolean)
    opens: Mapped[str] = mapped_column(String(5))
    closes: Mapped[str] = mapped_column(String(5))
    reason: Mapped[str] = mapped_column(String(60))
