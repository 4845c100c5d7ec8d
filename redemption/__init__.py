"""The love supermarket (爱心超市): goods, shelves, the till.

A household spends points, never hours. One ledger transaction takes the points from the wallet and the pieces from the
shelf, so a sale either happened or it did not, and neither wallet nor shelf can be oversold.

Rooms, low to high: `shops` (where and when, and the shop's own rules) < `goods` (what, for how many points, for whom)
< `stock` (batches, donations, counts, write-offs) < `till` (sales, returns, settlement). Beside them: `accounts`
(ledger accounts of goods), `errors` (every refusal, in both languages), `numbering` (receipt numbers), `second` (two
persons).
This floor never imports `reports`; it registers facts, narrators, menu entries and commands below itself.
"""
