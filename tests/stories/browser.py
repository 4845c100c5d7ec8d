"""Find a real Chromium: BROWSER, the system's, or playwright's own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--font-render-hinting=none"]


def find_browser() -> str | None:
    """The path of a browser that can be driven, or None."""
    asked = os.environ.get("BROWSER")
    if asked and Path(asked).exists():
        return asked
    for name in NAMES:
        if found := shutil.which(name):
            return found
    try:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            path = playwright.chromium.executable_path
            return path if Path(path).exists() else None
    except Exception:  # no playwright, or it has no browser of its own: either way there is none
        return None
