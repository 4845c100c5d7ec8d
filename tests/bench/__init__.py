"""Benchmarks: what the house does, as ratios to named references measured in the same run, round by round.

    make bench                      # everything, large: about 25 minutes, and some gigabytes of disk
    make bench ARGS=--quick         # the same rows, small: about three minutes
    python -m tests.bench --database sqlite --only posting

A table is printed, and every round's figures are kept in `bench-results/`. `docs/performance.md` says what each row
measures and how to read it. Nothing here is a test: no time is ever asserted, only that the program runs.
"""
