"""What the widgets' browser tests share: the server's switches, an iPad-like page, a moving drawn picture."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page

from classroom_app.content import i18n
from tests.e2e.browser import FRAME, PORTRAIT, forget, park
from tests.support.processes import kill_tree
from tests.support.running import wait_for

ROOT = Path(__file__).parents[3]
THEME = {
    "STREAMLIT_THEME_PRIMARY_COLOR": "#d9480f",
    "STREAMLIT_THEME_BACKGROUND_COLOR": "#fffaf3",
    "STREAMLIT_THEME_SECONDARY_BACKGROUND_COLOR": "#fff0de",
    "STREAMLIT_THEME_TEXT_COLOR": "#1f2430",
    "STREAMLIT_THEME_BASE_RADIUS": "20px",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "STREAMLIT_CLIENT_TOOLBAR_MODE": "minimal",
}


@dataclass(frozen=True)
class Harness:
    """The running server and its switches."""

    url: str
    control_url: str

    @classmethod
    def at(cls, port: int) -> Harness:
        """The server on this machine's port."""
        url = f"http://127.0.0.1:{port}"
        return cls(url, url)

    def set(self, **switches: object) -> None:
        """Replace all switches; `clear=True` also forgets all photos."""
        body = json.dumps(switches).encode()
        request = urllib.request.Request(f"{self.control_url}/test", data=body, method="POST")
        urllib.request.urlopen(request, timeout=5).close()

    def arrived(self) -> dict[str, Any]:
        """What the server has got: photos and attempts."""
        with urllib.request.urlopen(f"{self.control_url}/test", timeout=5) as answer:
            got: dict[str, Any] = json.load(answer)
        return got


def shown(key: str) -> str:
    """The Japanese sentence as a page's text content has it: each kanji followed by its reading."""
    return re.sub(r"<rt>|</?ruby>|</rt>", "", i18n.t_html(key, "ja"))


def until(true: Callable[[], bool], page: Page, seconds: float = 15.0) -> bool:
    """Wait until something becomes true, letting the page run meanwhile."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if true():
            return True
        page.wait_for_timeout(50)
    return true()


def rolling_ball() -> Iterator[Image.Image]:
    """What the camera sees: a ball that rolls over stripes. Frames differ, as a hand-held iPad's do."""
    for step in range(40):
        picture = Image.new("RGB", FRAME, (250, 224, 180))
        pen = ImageDraw.Draw(picture)
        for stripe in range(0, 640, 80):
            left = (stripe + step * 16) % 640
            pen.rectangle((left, 0, left + 40, 480), fill=(80, 150, 190))
        pen.ellipse((step * 12, 120, step * 12 + 220, 340), fill=(217, 72, 15))
        yield picture


def start_server(port: int, ledger: Path) -> subprocess.Popen[bytes]:
    """The harness server as its own process; it knows the photos of the ledger and writes new ones there.

    When it does not answer in time, nothing of it is left behind.
    """
    command = [sys.executable, "-m", "uvicorn", "tests.e2e.widgets.harness_asgi:app"]
    command += ["--port", str(port), "--log-level", "warning"]
    env = {**os.environ, **THEME, "PYTHONPATH": str(ROOT), "HARNESS_LEDGER": str(ledger)}
    server = subprocess.Popen(command, env=env)
    try:
        wait_for(lambda: _answers(server, port), 60, "the harness answers")
    except BaseException:
        kill_tree(server)
        raise
    return server


def _answers(server: subprocess.Popen[bytes], port: int) -> bool:
    assert server.poll() is None, "the harness has ended"
    try:
        Harness.at(port).arrived()
    except OSError:
        return False
    return True


@dataclass
class Ipad:
    """A page as an iPad shows it, with the errors its scripts made."""

    page: Page
    harness: Harness
    errors: list[str]

    def open(self, query: str) -> None:
        """Go to a widget's page and wait until Streamlit has drawn it."""
        self.page.goto(f"{self.harness.url}/?{query}")
        self.page.locator("[data-testid=stBidiComponentIsolated]").first.wait_for(state="attached")


def fresh_ipad(browser: Browser, harness: Harness, permissions: list[str]) -> Iterator[Ipad]:
    """An iPad with touch that has nothing of a test before, and a cleared server."""
    harness.set(clear=True)
    context = browser.contexts[0] if browser.contexts else _new_context(browser, harness)
    context.clear_permissions()
    context.grant_permissions(permissions)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield Ipad(page, harness, errors)
    harness.set()
    forget(context)
    context.clear_cookies()
    assert errors == []


def _new_context(browser: Browser, harness: Harness) -> BrowserContext:
    """One for all tests of a browser."""
    context = browser.new_context(viewport=PORTRAIT, has_touch=True, is_mobile=True, locale="ja-JP")
    park(context, f"{harness.control_url}/test")
    return context
