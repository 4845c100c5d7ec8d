"""The one who acts: plain data, so that jobs, commands and imports can act too."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from pointsbank.access.powers import ALL, POWERS, SECOND_FACTOR
from pointsbank.errors import NotAllowed, NotFound
from pointsbank.places import covers


@dataclass(frozen=True)
class Actor:
    """Who acts. `scope` keeps idempotency keys of different users, devices and sources apart."""

    user_id: UUID | None
    book_id: int
    person_id: UUID | None
    household_id: UUID | None
    place_code: str  # where the person stands: shown in the page head
    grants: frozenset[tuple[str, str]]  # (role, place code)
    scope: str
    origin: str = ""  # from where: 'Chrome · Windows 192.168.1.7', for the trail
    only: frozenset[str] | None = None  # of the roles' powers these and no others: a token's scopes

    @property
    def roles(self) -> str:
        """The roles held, for the trail: 'clerk storekeeper'."""
        return " ".join(sorted({role for role, _ in self.grants}))


def _powers(by: Actor, role: str) -> frozenset[str]:
    """What a role opens to this actor."""
    opened = ALL if role == "system" else POWERS.get(role, frozenset())
    return opened if by.only is None else opened & by.only


def powers_at(by: Actor, place_code: str) -> frozenset[str]:
    """Every power the actor has at a place."""
    found: frozenset[str] = frozenset()
    for role, at in by.grants:
        if covers(at, place_code):
            found |= _powers(by, role)
    return found


def can(by: Actor, power: str, place_code: str | None = None) -> bool:
    """Whether the actor has the power at the place; without a place: anywhere."""
    if place_code is not None:
        return power in powers_at(by, place_code)
    return any(power in _powers(by, role) for role, _ in by.grants)


def require(by: Actor, power: str, *, at_place: str | None = None) -> None:
    """Raises NotAllowed unless the actor has the power (at the place)."""
    if not can(by, power, at_place):
        raise NotAllowed(None, power=power)


def require_seen(by: Actor, power: str, *, at_place: str, what: str) -> None:
    """For one thing asked for by its id: where the actor has no such power the thing is not there.

    "Not yours" and "not there" are one answer, so that nobody learns by asking what the next village has.
    Raises NotAllowed without the power anywhere, NotFound(what) at another place.
    """
    require(by, power)
    if not can(by, power, at_place):
        raise NotFound(what)


def places_with(by: Actor, power: str) -> list[str]:
    """The places where a grant of the actor gives the power (each covers what lies below it)."""
    return sorted({at for role, at in by.grants if power in _powers(by, role)})


def needs_second_factor(by: Actor) -> bool:
    """Whether whoever holds these roles signs in with a second factor: approvers and administrators."""
    return any(role in SECOND_FACTOR for role, _ in by.grants)


def system_actor(book_id: int, name: str) -> Actor:
    """The system itself (jobs, migrations of paper books): all powers in its book, no person behind it."""
    county = str(book_id).ljust(12, "0")
    return Actor(None, book_id, None, None, county, frozenset({("system", county)}), f"system:{name}")
