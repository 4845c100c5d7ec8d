"""Benchmarks: what the house does in a second, as a ratio to a named reference measured in the same run.

    make bench                                          # both databases, about a minute
    python -m tests.bench --database sqlite --seconds 1

Ours and the reference run one after the other, not interleaved: on a machine that does something else meanwhile a ratio
can be off by a factor of two or more, so take it on a quiet machine and run it twice. Nothing here is a test: no time
is ever asserted. The references:

    singles     two balance updates and an insert in one transaction, nothing checked: by pgbench (C, prepared) on
                PostgreSQL, by the bare driver on SQLite
    batches     the very rows that the ledger wrote for the same entries, with their keys, and one grouped update of the
                balances, nothing checked: by COPY on PostgreSQL, by executemany on SQLite
    import      openpyxl reading the same file in read-only mode
    approving   ledger.post() of as many entries of the same shape in one batch
    redeeming   ledger.post() of one entry of the same shape
"""
