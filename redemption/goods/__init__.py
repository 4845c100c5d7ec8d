"""Goods: what the shop offers, for how many points, under which codes, and for whom.

    goods_on(s, book_id, day)["P01"].price.points      # the version in force that day
    sku_of(s, book_id, "012345678905\\r")              # what a scanner sent

A price is a version with a first day; a sale keeps the price of its day. For whom a good is meant (families with
minors, one per household and three years) is an eligibility rule, published as data; a good only names its code.
Writes: `add_good`, `add_barcode`, `set_price`, `retire_good`, `bind_rule`.
"""

from redemption.goods.barcodes import clean_code, is_barcode
from redemption.goods.models import Good, GoodBarcode, GoodPrice
from redemption.goods.queries import GoodCard, PriceCard, goods_on, prices_of, siblings_of, sku_of
from redemption.goods.service import AddGood, SetPrice, add_barcode, add_good, bind_rule, retire_good, set_price

__all__ = ["AddGood", "Good", "GoodBarcode", "GoodCard", "GoodPrice", "PriceCard", "SetPrice", "add_barcode",
           "add_good", "bind_rule", "clean_code", "goods_on", "is_barcode", "prices_of", "retire_good", "set_price",
           "siblings_of", "sku_of"]
