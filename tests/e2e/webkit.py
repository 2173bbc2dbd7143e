"""The real WebKit, the engine of Safari, for tests and the bench: Debian's WebKitGTK on a screen in memory.

It has no touch: it clicks. Knows nothing of the app.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.support.processes import end

MINI_BROWSER = Path("/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser")
DRIVER = Path("/usr/bin/WebKitWebDriver")
XVFB = Path("/usr/bin/Xvfb")
WAIT_S = 60.0
DEEP = """
const deep = (root, css) => {
  const found = [...root.querySelectorAll(css)];
  for (const element of root.querySelectorAll('*')) {
    if (element.shadowRoot) found.push(...deep(element.shadowRoot, css));
  }
  return found;
};
"""


def missing() -> list[str]:
    """What it needs and this machine has not."""
    programs = [path.name for path in (MINI_BROWSER, DRIVER, XVFB) if not path.exists()]
    return [*programs, *(["selenium"] if find_spec("selenium") is None else [])]


@contextmanager
def webkit_browser(log: Path) -> Iterator[WebKit]:
    """`log` is the file for what its driver says. Needs the package selenium."""
    with _screen() as display:
        started = WebKit(display, log)
        try:
            yield started
        finally:
            started.driver.quit()


@contextmanager
def _screen() -> Iterator[str]:
    """Its name; it is in memory alone."""
    reading, writing = os.pipe()
    command = [str(XVFB), "-displayfd", str(writing), "-screen", "0", "1400x1100x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    try:
        assert number, "the screen has ended"
        yield f":{number}"
    finally:
        end(server, signal.SIGTERM, 10)


class WebKit:
    """The browser, with what the tests do in it."""

    def __init__(self, display: str, log: Path) -> None:
        from selenium import webdriver
        from selenium.webdriver.webkitgtk.options import Options
        from selenium.webdriver.webkitgtk.service import Service

        options = Options()
        options.binary_location = str(MINI_BROWSER)
        options.add_argument("--automation")
        options.add_argument("--enable-mock-capture-devices=true")
        env = {**os.environ, "DISPLAY": display, "LANG": "C.UTF-8"}
        service = Service(str(DRIVER), log_output=str(log), env=env)
        self.driver = webdriver.WebKitGTK(options=options, service=service)
        self.driver.set_window_size(1080, 1000)

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(DEEP + script, *arguments)

    def all(self, css: str) -> list[Any]:
        found: list[Any] = self.run("return deep(document, arguments[0])", css)
        return found

    def wait(self, css: str, least: int = 1, seconds: float = WAIT_S) -> list[Any]:
        """The elements of the page and of its shadow roots, once there are so many."""
        limit = time.monotonic() + seconds
        while len(found := self.all(css)) < least:
            assert time.monotonic() < limit, f"{len(found)} of {least} x {css}: {self.text()[:500]}"
            time.sleep(0.1)
        return found

    def tap(self, css: str, at: int = 0) -> None:
        """As a finger would; a rerun may put a new element in its place in between."""
        from selenium.common.exceptions import StaleElementReferenceException, WebDriverException

        limit = time.monotonic() + WAIT_S
        while True:
            try:
                self.wait(css, at + 1)[at].click()
            except (StaleElementReferenceException, WebDriverException):
                assert time.monotonic() < limit, f"cannot tap {css}"
                time.sleep(0.2)
            else:
                return

    def text(self) -> str:
        text: str = self.run("return document.body.innerText")
        return text

    def until(self, true: Callable[[], bool], what: str) -> None:
        limit = time.monotonic() + WAIT_S
        while not true():
            assert time.monotonic() < limit, f"{what}: {self.text()[:500]}"
            time.sleep(0.1)
