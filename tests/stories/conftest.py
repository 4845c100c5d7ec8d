"""A real server and a real Chromium for the stories. Pictures go to test-results/ (and to docs/ when asked)."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import select

import ledger
from pointsbank.access.web import COOKIE
from pointsbank.audit.verifying import verify as verify_trail
from pointsbank.database import db
from pointsbank.places.models import Book
from pointsbank.server import make_server
from pointsbank.settings import Settings
from tests.factor import fresh_code
from tests.stories.browser import FLAGS, find_browser

SERVED: dict[str, Flask] = {}  # address -> the application behind it
ROOT = Path(__file__).parent.parent.parent
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 720}
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><dir>/usr/share/fonts</dir><cachedir>{cache}</cachedir>
<match target="pattern"><edit name="family" mode="append" binding="same"><string>Points Bank Sans SC</string></edit>
</match></fontconfig>"""


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium with the project's own font, so that pictures look alike on a machine without Chinese fonts."""
    folder = tmp_path_factory.mktemp("fontconfig")
    config = folder / "fonts.conf"
    config.write_text(FONTS.format(fonts=ROOT / "reports" / "fonts", cache=folder / "cache"))
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS,
                                              env={**os.environ, "FONTCONFIG_FILE": str(config)})
        yield launched
        launched.close()


def serve_in_thread(app: Flask, settings: Settings) -> tuple[str, Callable[[], None]]:
    """Start the project's own server on a free port; (address, stop)."""
    server = make_server(app, settings)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.bind_addr[1]}"
    SERVED[url] = app

    def stop() -> None:
        server.stop()
        thread.join(timeout=20)
        SERVED.pop(url, None)

    return url, stop


@pytest.fixture
def address(app: Flask, settings: Settings) -> Iterator[str]:
    """The running application's address, on a fresh database. When the story is over no law may be broken."""
    url, stop = serve_in_thread(app, settings)
    yield url
    stop()
    assert broken_laws() == []


def broken_laws() -> list[str]:
    """`ledger check`, and the trail held against its log, of every book there is."""
    with db.engine.connect() as connection:
        return [str(one) for book_id in connection.scalars(select(Book.book_id))
                for one in (*ledger.check(connection, book_id), *verify_trail(connection, book_id, None).faults)]


@pytest.fixture
def new_page(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """new_page(size) opens a page of its own session, as on another device."""
    contexts: list[BrowserContext] = []

    def make(size: dict[str, int] = DESKTOP) -> Page:
        context = browser.new_context(viewport=size, base_url=address, locale="zh-CN",  # type: ignore[arg-type]
                                      timezone_id="Asia/Shanghai")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    yield make
    for context in contexts:
        context.close()


def sign_in(page: Page, login: str, password: str, kind: str = "staff") -> None:
    """Through the sign-in page, as people do."""
    page.goto(f"/login?kind={kind}")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(password)
    page.locator("main button").first.click()
    page.wait_for_url(lambda url: "/login" not in url)
    if urlsplit(page.url).path == "/second":
        show_second_factor(page)


def show_second_factor(page: Page) -> None:
    """As the owner of the phone does, who reads the code there."""
    token = next(str(one.get("value")) for one in page.context.cookies() if one.get("name") == COOKIE)
    with SERVED["{0.scheme}://{0.netloc}".format(urlsplit(page.url))].app_context():
        code, _ = fresh_code(db.session(), token)
    page.locator("input[name=code]").fill(code)
    page.locator("main form button").first.click()
    page.wait_for_url(lambda url: "/second" not in url)


def picture(page: Page, name: str) -> Path:
    """Take a picture of the whole page and hold that nothing overflows its width."""
    folder = Path(os.environ.get("PICTURES", ROOT / "test-results"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{name}: {wide} px too wide"
    return path
