"""`python -m tests.bench`: see the package's first lines."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from pointsbank import crypto
from tests import databases
from tests.bench import books, village


def main() -> int:
    parser = argparse.ArgumentParser(description="Ratios against references measured in the same run.")
    parser.add_argument("--database", choices=databases.KINDS, action="append", help="default: both")
    parser.add_argument("--seconds", type=int, default=2, help="for each thing that is repeated (default 2)")
    parser.add_argument("--rows", type=int, default=5000, help="rows of the import, 5000 at most (default 5000)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pointsbank-bench-") as folder:
        crypto.use_keys(crypto.load_keys(Path(folder) / "keys"))
        print(f"{'':11} {'':34} {'ours':>12} {'ratio':>8} {'reference':>12}")
        try:
            for kind in options.database or databases.KINDS:
                books.bench(kind, options.seconds, Path(folder) / kind / "books")
                village.bench(kind, options.seconds, Path(folder) / kind / "village", options.rows)
        finally:
            databases.drop_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
