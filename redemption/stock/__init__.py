"""Stock: batches on a shop's shelf, and everything that moves them without a customer.

    stock_of(s, book_id, shop, day)["P12"].free            # not held, not expired
    receive_goods(s, ReceiveGoods(key, shop, "donation", (GoodsIn("P01", 100),), "…公司"), by=by, at=at)
    count_stock(…, second=…)  ·  found_stock(…, second=…)  ·  write_off(…, second=…)

Every movement is a ledger transaction with the SKU as its commodity; on hand is a ledger balance and nothing else.
The till takes pieces by `allocate` (first expired first out) and posts them itself, with the points.
"""

from redemption.stock.counting import Counted, CountStock, FoundStock, count_stock, found_stock
from redemption.stock.models import Batch, GoodsSource, StockLine, StockPaper
from redemption.stock.papers import PaperCard, PaperLine
from redemption.stock.queries import (
    Movements,
    batch_cards,
    counted_since,
    last_counts,
    movements,
    paper_by_id,
    papers_of,
    source_names,
)
from redemption.stock.receiving import GoodsIn, ReceiveGoods, receive_goods
from redemption.stock.shelves import (
    BatchStock,
    GoodStock,
    account_of,
    allocate,
    batches_of,
    free_elsewhere,
    near_expiry,
    stock_of,
    with_pieces,
)
from redemption.stock.writing_off import Leaving, WriteOff, write_off

__all__ = ["Batch", "BatchStock", "CountStock", "Counted", "FoundStock", "GoodStock", "GoodsIn", "GoodsSource",
           "Leaving", "Movements", "PaperCard", "PaperLine", "ReceiveGoods", "StockLine", "StockPaper", "WriteOff",
           "account_of", "allocate", "batch_cards", "batches_of", "count_stock", "counted_since", "found_stock",
           "free_elsewhere", "last_counts", "movements", "near_expiry", "paper_by_id", "papers_of", "receive_goods",
           "source_names", "stock_of", "with_pieces", "write_off"]
