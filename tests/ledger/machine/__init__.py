"""A plain model of one book beside the real one: random deeds, and after each of them every row against every law.

`rows`   the book as its rows say it, read past the ledger's own queries
`laws`   what must hold of any rows, and of rows that came after others
`model`  what was asked and answered so far, and wallets as lots that are walked anew
`deeds`  how a deed is done and judged; the rest are the deeds: `postings`, `reservations`, `upkeep`
"""
