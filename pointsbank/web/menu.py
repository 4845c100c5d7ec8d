"""The menu: rooms register their entries, a person sees those their powers open.

    register_menu("till.sell", lazy_gettext("收银台"), "till.home", "basket", order=20)

Called from each room's register(app). An entry is known by its endpoint, so registering twice changes nothing; an
entry whose endpoint the running app does not have is passed over (tests build apps of a few rooms).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import current_app, request, url_for


@dataclass(frozen=True)
class MenuEntry:
    """`power` None: for everybody who is signed in; several: for whoever has one of them."""

    power: str | tuple[str, ...] | None
    label: Any  # a lazy string: put into words in the language of the request
    endpoint: str
    icon: str
    order: int


class MenuItem(NamedTuple):
    label: str
    url: str
    icon: str
    current: bool


_entries: dict[str, MenuEntry] = {}


def register_menu(power: str | tuple[str, ...] | None, label: Any, endpoint: str, icon: str, order: int = 50) -> None:
    """Offer a page in the menu. Phones show the first three and 更多 when there are more than four."""
    _entries[endpoint] = MenuEntry(power, label, endpoint, icon, order)


def menu_for(may: Callable[[str], bool]) -> list[MenuItem]:
    """The entries a person sees, in order, the page they are on marked."""
    seen = [entry for entry in sorted(_entries.values(), key=lambda e: (e.order, e.endpoint))
            if entry.endpoint in current_app.view_functions and _open_to(entry.power, may)]
    here = _current(seen)
    return [MenuItem(str(entry.label), url_for(entry.endpoint), entry.icon, entry.endpoint == here)
            for entry in seen]


def _open_to(power: str | tuple[str, ...] | None, may: Callable[[str], bool]) -> bool:
    return power is None or any(may(one) for one in ((power,) if isinstance(power, str) else power))


def _current(entries: list[MenuEntry]) -> str | None:
    """The entry of this page: its own endpoint, else the first of the same room."""
    endpoint = request.endpoint or ""
    names = [entry.endpoint for entry in entries]
    if endpoint in names:
        return endpoint
    room = endpoint.rpartition(".")[0]
    return next((name for name in names if room and name.rpartition(".")[0] == room), None)
