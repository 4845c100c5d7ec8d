"""Make docs/facts.md anew from the facts that are registered: run it after adding one.

    python tools/facts.py
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def main() -> None:
    import pointsbank.ratings  # noqa: F401  its facts
    from pointsbank.eligibility.showing import as_markdown
    from redemption.till.bought import register_redemption_facts

    register_redemption_facts()
    (ROOT / "docs" / "facts.md").write_text(as_markdown(), "utf-8")


if __name__ == "__main__":
    main()
