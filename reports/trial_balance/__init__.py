"""The trial balance of a book: every account of the ledger on one page, and the proof that it balances.

Sums by kind of account (a county has 100,000 wallets), with a drill-down to each place's accounts on screen.
The ledger cannot be out of balance; the paper shows it: per commodity, debits equal credits.
"""
