"""Which shop a page or an API request is about: the one asked for, else the first of the actor's place."""

from __future__ import annotations

from pointsbank.access import current_actor, require, require_seen
from pointsbank.database import db
from pointsbank.places import place_by_code
from redemption.errors import NoShopHere
from redemption.shops.queries import ShopCard, shop_by_code, shops_of_place, shops_under


def shop_here(code: str | None, power: str, what: str = "shop") -> ShopCard:
    """The shop asked for, or the first of the actor's place. Raises NotAllowed, NoShopHere, NotFound.

    `what` names the thing that led to the shop: a sale of another shop is not there, as if there were no such sale.
    """
    by, s = current_actor(), db.session()
    found = ([shop_by_code(s, by.book_id, code)] if code else shops_of_place(s, by.book_id, by.place_code)
             or shops_under(s, by.book_id, [by.place_code]))
    if not found:
        require(by, power, at_place=by.place_code)
        raise NoShopHere("shop", place=place_by_code(s, by.place_code).name)
    require_seen(by, power, at_place=found[0].place_code, what=what)
    return found[0]
