"""Months as bits of one number, so that "in how many" and "how many on end" are sums of a single scan.

    bit 0 is the window's first month; E01 in January, February and April: 0b1011, three months, two on end

Counting distinct months by the databases' own count(DISTINCT …) would sort every household's rows.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

MONTHS_MAX = 60


class months_mask(FunctionElement[int]):  # a function of SQL, so named like one
    """The months (numbers from 0) of the rows that fulfil the condition, as bits of one number. An aggregate."""

    name = "months_mask"
    type = BigInteger()
    inherit_cache = True


class bits_set(FunctionElement[int]):
    """How many bits of a column are set."""

    name = "bits_set"
    type = BigInteger()
    inherit_cache = True


class longest_run(FunctionElement[int]):
    """The longest run of bits of a column that are set."""

    name = "longest_run"
    type = BigInteger()
    inherit_cache = True


@compiles(months_mask, "postgresql")
def _mask_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    month, rows = element.clauses
    bit = f"1::bigint << ({compiler.process(month, **kw)})::integer"
    return f"bit_or({bit}) FILTER (WHERE {compiler.process(rows, **kw)})"


@compiles(months_mask, "sqlite")
def _mask_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    month, rows = element.clauses
    return f"sum(DISTINCT 1 << ({compiler.process(month, **kw)})) FILTER (WHERE {compiler.process(rows, **kw)})"


@compiles(bits_set, "postgresql")
def _set_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"bit_count(({compiler.process(element.clauses, **kw)})::bit(64))"


@compiles(bits_set, "sqlite")
def _set_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    mask = compiler.process(element.clauses, **kw)
    return "(" + " + ".join(f"(({mask} >> {bit}) & 1)" for bit in range(MONTHS_MAX)) + ")"


@compiles(longest_run, "postgresql")
def _run_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    mask = compiler.process(element.clauses, **kw)
    return f"(SELECT max(length(run)) FROM unnest(string_to_array((({mask})::bit(64))::text, '0')) AS run)"


@compiles(longest_run, "sqlite")
def _run_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    """The mask laid over itself, once for every month of the run: what is left after n times has a run of n."""
    mask = compiler.process(element.clauses, **kw)
    return ("(WITH RECURSIVE fold(rest, n) AS (SELECT " + mask + ", 0 UNION ALL SELECT rest & (rest >> 1), n + 1 "
            "FROM fold WHERE rest <> 0) SELECT max(n) FROM fold)")
