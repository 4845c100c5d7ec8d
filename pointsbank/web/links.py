"""Addresses that keep what is in the address: filters, order and page of a table live in the URL.

    url_with(after="x")        this page with after=x      url_with(after=None)    without it
    sort_url("name")           this page ordered by name, the other way round when it is already
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask, request, url_for

PAGE_KEYS = ("after", "before")  # of no use once the order or the filter changes


def url_with(**changes: Any) -> str:
    values: dict[str, Any] = {name: request.args.getlist(name) for name in request.args}
    values.update(request.view_args or {})
    for name, value in changes.items():
        values.pop(name, None)
        if value is not None:
            values[name] = value
    return url_for(request.endpoint or "web.home", **values)


def query_value(name: str, default: str = "") -> str:
    return request.args.get(name, default)


def query_items(names: Iterable[str]) -> list[tuple[str, str]]:
    """What of the address a search form carries on in hidden fields."""
    return [(name, value) for name in names for value in request.args.getlist(name)]


def sort_now(key: str) -> str | None:
    """asc or desc when the table is ordered by this column, else None."""
    if request.args.get("sort") != key:
        return None
    return "desc" if request.args.get("dir") == "desc" else "asc"


def sort_url(key: str) -> str:
    other = "desc" if sort_now(key) == "asc" else "asc"
    return url_with(sort=key, dir=other, **dict.fromkeys(PAGE_KEYS))


def install(app: Flask) -> None:
    app.jinja_env.globals.update(url_with=url_with, query_value=query_value, query_items=query_items,
                                 sort_now=sort_now, sort_url=sort_url)
