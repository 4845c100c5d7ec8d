"""The till: selling, taking back, settling.

    receipt = redeem(s, Redeem(key, shop, household.id, (Item("P01", 2),)), by=clerk, at=now)
    receipt.before, receipt.points, receipt.after, receipt.short        # what the slip shows
    take_back(s, ReturnSale(key, receipt.id), by=clerk, at=now)         # everything back, once
    judge_basket(s, shop, household, items, day)                        # the same judgement, without selling

What it never does: hold a balance or a stock figure of its own (both are the ledger's), spend hours, sell below a
floor, or judge before the wallet and the shelf are locked.
"""

from redemption.till.bought import lunar_month, register_redemption_facts
from redemption.till.judging import Item, Judgement, LineVerdict, gather, judge, judge_basket, month_left
from redemption.till.models import Proxy, Sale, SaleBatch, SaleLine, SaleReturn, SaleReturnLine
from redemption.till.proxies import AddProxy, add_proxy, end_proxy
from redemption.till.queries import (
    ProxyCard,
    proxies_of,
    returns_of_day,
    sale_by_id,
    sale_by_number,
    sales_of_day,
    sales_of_household,
)
from redemption.till.returning import ReturnItem, ReturnSale, take_back
from redemption.till.selling import Redeem, find_customer, household_of, redeem
from redemption.till.settlement import Settlement, month_of, settle
from redemption.till.slips import Receipt, ReceiptLine, ReturnReceipt

__all__ = ["AddProxy", "Item", "Judgement", "LineVerdict", "Proxy", "ProxyCard", "Receipt", "ReceiptLine", "Redeem",
           "ReturnItem", "ReturnReceipt", "ReturnSale", "Sale", "SaleBatch", "SaleLine", "SaleReturn",
           "SaleReturnLine", "Settlement", "add_proxy", "end_proxy", "find_customer", "gather", "household_of",
           "judge", "judge_basket", "lunar_month", "month_left", "month_of", "proxies_of", "redeem",
           "register_redemption_facts", "returns_of_day", "sale_by_id", "sale_by_number", "sales_of_day",
           "sales_of_household", "settle", "take_back"]
