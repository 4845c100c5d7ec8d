"""Numbers that people read out: receipt 0007 of a shop and day, donation receipt JS2026-0012.

One counter row per series, raised in the same unit of work as what it numbers: a refused sale takes no number, so a
series has no gaps. The row is locked after the member accounts, always last, so nobody waits in a circle.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Integer, String
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from pointsbank.database import db


class NumberSeries(db.Model):  # type: ignore[name-defined, misc]
    """The last number given out in a series of a shop ('sale:2026-11-25', 'receipt:2026')."""

    __tablename__ = "number_series"
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    shop_code: Mapped[str] = mapped_column(String(20), primary_key=True)
    series: Mapped[str] = mapped_column(String(30), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


def next_number(s: Session, book_id: int, shop_code: str, series: str) -> int:
    """The next number of a series. One statement; inside the unit of work of what it numbers."""
    table: Any = NumberSeries.__table__
    insert: Any = (postgresql.insert if s.get_bind().dialect.name == "postgresql" else sqlite.insert)(table)
    statement = insert.values(book_id=book_id, shop_code=shop_code, series=series, last=1).on_conflict_do_update(
        index_elements=[table.c.book_id, table.c.shop_code, table.c.series], set_={"last": table.c.last + 1},
    ).returning(table.c.last)
    return int(s.execute(statement).scalar_one())


def receipt_number(day: date, number: int) -> str:
    """A receipt as people write it: '20261125-0007'."""
    return f"{day:%Y%m%d}-{number:04d}"
