"""Rows brought into a statement as one JSON parameter, on both databases alike.

    rows = rows_of_json(s, [[household.hex, 3, "…"], …])
    select(rows.id_at(0), rows.value_at(1, BigInteger())).select_from(rows.each)

One parameter, whatever the number of rows: a list of parameters ends at some ten thousand. Values are what they are
typed as; an object {} is no value.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, String, Uuid, case, cast, func, literal
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class JsonRows:
    """The rows as something to select from, and their places."""

    each: FromClause
    on_postgresql: bool

    def id_at(self, place: int) -> ColumnElement[Any]:
        if self.on_postgresql:
            return cast(self._row[place].astext, Uuid())
        return func.json_extract(self.each.c.value, f"$[{place}]", type_=Uuid())

    def is_object(self, place: int) -> ColumnElement[bool]:
        if self.on_postgresql:
            return func.jsonb_typeof(self._row[place]) == "object"
        return func.json_type(self.each.c.value, f"$[{place}]") == "object"

    def value_at(self, place: int, kind: Any) -> ColumnElement[Any]:
        """NULL for null and for an object."""
        if self.on_postgresql:
            return case((self.is_object(place), None), else_=cast(self._row[place].astext, kind))
        found = func.json_extract(self.each.c.value, f"$[{place}]", type_=kind)
        return case((self.is_object(place), None), else_=found)

    @property
    def _row(self) -> Any:
        return cast(self.each.c.value, JSONB)


def rows_of_json(s: Session, rows: Sequence[Sequence[Any]]) -> JsonRows:
    """Rows of plain values (numbers, texts, booleans, None)."""
    doc = literal(json.dumps(rows, ensure_ascii=True, separators=(",", ":")), String())
    if s.get_bind().dialect.name == "postgresql":
        return JsonRows(func.jsonb_array_elements(cast(doc, JSONB)).table_valued("value"), True)
    return JsonRows(func.json_each(doc).table_valued("value"), False)


__all__ = ["JsonRows", "rows_of_json"]
