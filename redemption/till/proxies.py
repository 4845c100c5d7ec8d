"""Proxies on file (代领登记): who may fetch goods for a household that cannot come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require_seen
from pointsbank.clock import to_day
from pointsbank.crypto import seal_json
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, NotFound
from redemption.shops import shop_by_code
from redemption.till.models import Proxy
from redemption.till.queries import ProxyCard, proxies_of
from redemption.till.selling import POWER, household_of

PROXIES_MAX = 5


@dataclass(frozen=True)
class AddProxy:
    """`relation`: daughter, neighbour, … as the household says."""

    shop: str
    household: UUID
    name: str
    relation: str


def add_proxy(s: Session, cmd: AddProxy, *, by: Actor, at: datetime) -> ProxyCard:
    """Put a proxy on file; the same person again changes nothing. Raises NotAllowed, BadInput, NoSuchHousehold."""
    name, relation = cmd.name.strip(" \u3000\u00a0"), cmd.relation.strip(" \u3000\u00a0")
    for field, text in (("name", name), ("relation", relation)):
        if not 1 <= len(text) <= 30:
            raise BadInput(field, "应为 1 到 30 个字。", "1 to 30 characters.")
    with unit_of_work(s):
        shop = shop_by_code(s, by.book_id, cmd.shop)
        require_seen(by, POWER, at_place=shop.place_code, what="shop")
        household = household_of(s, shop, cmd.household)
        on_file = proxies_of(s, shop.book_id, household.id)
        if same := next((card for card in on_file if (card.name, card.relation) == (name, relation)), None):
            return same
        if len(on_file) >= PROXIES_MAX:
            raise BadInput("name", f"一户最多登记 {PROXIES_MAX} 位代领人。",
                           f"A household has at most {PROXIES_MAX} proxies.")
        proxy_id = new_id()
        sealed = seal_json(s, shop.book_id, household.id, {"name": name, "relation": relation}, "proxy")
        s.add(Proxy(book_id=shop.book_id, id=proxy_id, household_id=household.id, sealed=sealed, added_at=at,
                    added_by=by.user_id, ended_on=None))
        audit.record(s, by, "proxy.added", f"household:{household.id}", at=at)
        return ProxyCard(proxy_id, name, relation)


def end_proxy(s: Session, shop_code: str, proxy_id: UUID, *, by: Actor, at: datetime) -> None:
    """Take a proxy off the file. Raises NotAllowed, NotFound."""
    with unit_of_work(s):
        shop = shop_by_code(s, by.book_id, shop_code)
        require_seen(by, POWER, at_place=shop.place_code, what="shop")
        row = s.get(Proxy, (shop.book_id, proxy_id))
        if row is None:
            raise NotFound("proxy")
        household_of(s, shop, row.household_id)
        if row.ended_on is None:
            row.ended_on = to_day(at)
            audit.record(s, by, "proxy.ended", f"household:{row.household_id}", at=at)
