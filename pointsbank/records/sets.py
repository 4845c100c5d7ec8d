"""Thousands of values as one parameter, so that a statement stays one statement whatever the size of a batch.

    select(Award).where(among(s, Award.household_id, ids))

SQLite reads a JSON text with json_each, PostgreSQL takes an array.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BindParameter, ColumnElement, any_, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session


def among(s: Session, column: InstrumentedAttribute[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """The column holds one of the values (ids or texts). One bound parameter."""
    listed = sorted(set(values))
    if s.get_bind().dialect.name == "postgresql":
        return column == any_(BindParameter(None, listed, type_=ARRAY(column.type), unique=True))
    packed = json.dumps([value.hex if isinstance(value, UUID) else value for value in listed])
    each = func.json_each(literal(packed)).table_valued("value")
    return column.in_(select(each.c.value))
