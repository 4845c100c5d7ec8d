"""Shops: where a place redeems, when it is open, and the shop's own rules as versioned data.

    answer = is_open(s, shop, at)         # answer.is_open, answer.sentence("zh")
    rules = policy_on(s, book_id, shop.code, day)

Limits that depend on the good or the household (one per three years, families with minors) are not here: they are
eligibility rules of the good. Writes: `add_shop`, `set_policy`, `set_shop_day`.
"""

from redemption.shops.models import Shop, ShopDay, ShopPolicy
from redemption.shops.opening import OpenAnswer, opening_at
from redemption.shops.policy import Policy, read_policy
from redemption.shops.queries import ShopCard, is_open, policy_on, shop_by_code, shops_of_place, shops_under
from redemption.shops.service import AddShop, SetPolicy, SetShopDay, add_shop, set_policy, set_shop_day

__all__ = ["AddShop", "OpenAnswer", "Policy", "SetPolicy", "SetShopDay", "Shop", "ShopCard", "ShopDay", "ShopPolicy",
           "add_shop", "is_open", "opening_at", "policy_on", "read_policy", "set_policy", "set_shop_day",
           "shop_by_code", "shops_of_place", "shops_under"]
