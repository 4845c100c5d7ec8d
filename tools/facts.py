"""Make docs/facts.md anew from the facts that are registered: run it after adding one.

    python tools/facts.py
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:  # the application is made for what its rooms register, no more
        os.environ.update(DATA_DIR=f"{folder}/data", KEYS_DIR=f"{folder}/keys")
        from pointsbank.eligibility.showing import as_markdown
        from wsgi import create_app

        create_app()
        (ROOT / "docs" / "facts.md").write_text(as_markdown(), "utf-8")


if __name__ == "__main__":
    main()
