"""`python -m tests.bench`: see the package's first lines."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from pointsbank import crypto
from tests import databases
from tests.bench import county, keeping, peers, posting, village
from tests.bench.measuring import FULL, QUICK, TINY, Table

PARTS = {"posting": posting.bench, "keeping": keeping.bench, "peers": peers.bench, "village": village.bench,
         "county": county.bench}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests.bench", description="Ratios against references of the same run.")
    parser.add_argument("--quick", action="store_true", help="small books, about three minutes")
    parser.add_argument("--database", choices=databases.KINDS, action="append", help="default: both")
    parser.add_argument("--only", choices=PARTS, action="append", help="default: all parts")
    parser.add_argument("--tiny", action="store_true", help=argparse.SUPPRESS)  # shows that the program runs
    options = parser.parse_args(arguments)
    table = Table(TINY if options.tiny else QUICK if options.quick else FULL)
    with tempfile.TemporaryDirectory(prefix="pointsbank-bench-") as folder:
        crypto.use_keys(crypto.load_keys(Path(folder) / "keys"))
        print(f"{'database':<10} {'what':<52} {'ratio':>8} {'target':>8}     {'ours':>13}  against")
        try:
            for kind in options.database or databases.KINDS:
                for part in options.only or PARTS:
                    PARTS[part](table, kind, Path(folder))
        finally:
            databases.drop_all()
    missed = [line for line in table.lines if line.reached is False]
    print(f"{len([line for line in table.lines if line.reached])} targets reached, {len(missed)} missed; "
          f"figures of every round: {table.save()}")
    return 0


if __name__ == "__main__":
    databases.as_users_run_it()
    sys.exit(main())
