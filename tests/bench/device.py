"""`make bench-device`: how fast the AI on the iPad is in a browser here, nothing is asserted.

One thread of this machine's processor: an iPad's is several times as fast.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from tests.e2e import browser
from tests.e2e.test_on_device import LISTEN
from tests.support.prepared_class import BETTER, prepare_class
from tests.support.running import Running

HEAP = "performance.memory.usedJSHeapSize / 1e6"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    seconds = parser.parse_args().seconds
    table = Table("", "figure")
    with (
        tempfile.TemporaryDirectory() as data,
        sync_playwright() as playwright,
        Running(Path(data)) as app,
        prepare_class(app, 5) as prepared,
    ):
        prepared.enter("collect")
        film = browser.drawn_film(Path(data) / "camera.y4m", "apple")
        context = browser.ipad(browser.launch_chromium(playwright, film))
        context.add_init_script(LISTEN)
        context.request.get(prepared.join_url(BETTER))
        page = context.new_page()
        for visit in ("first", "second"):
            began = time.monotonic()
            page.goto(f"{app.url}/play")
            page.locator(".player[data-where=here]").wait_for()
            table.add_row(f"{visit} visit, page to ready", f"{time.monotonic() - began:.1f} s")
        page.wait_for_timeout(3000)
        before, heap = asked(page), page.evaluate(HEAP)
        page.wait_for_timeout(1000 * seconds)
        table.add_row("guesses a second", f"{(asked(page) - before) / seconds:.1f}")
        table.add_row("the page's heap before and after", f"{heap:.0f} and {page.evaluate(HEAP):.0f} MB")
    Console().print(table)


def asked(page: Page) -> int:
    count: int = page.evaluate("window.framesAsked")
    return count


if __name__ == "__main__":
    main()
