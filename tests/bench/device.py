"""`make bench-device`: how fast the AI on the iPad is in Chromium and in WebKit here, nothing is asserted.

One thread of this machine's processor, beside what paints the page; an iPad's is several times as fast.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from tests.e2e import browser, webkit
from tests.support.prepared_class import BETTER, prepare_class
from tests.support.running import Running

HEAP = "performance.memory.usedJSHeapSize / 1e6"
STEPS = 6  # how often memory is read over the minutes
# WebKitGTK draws its test camera in the page's own thread, two thirds of a core at 30 frames a second; an
# iPad's camera is another process's work. This one is a picture that stands still but for a corner.
STILL_CAMERA = """
const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 960 });
const pen = canvas.getContext('2d');
pen.fillStyle = '#7a5';
pen.fillRect(0, 0, 1280, 960);
pen.fillStyle = '#c22';
pen.arc(640, 480, 260, 0, 7);
pen.fill();
let tick = 0;
setInterval(() => {
  pen.fillStyle = (tick += 1) % 2 ? '#000' : '#fff';
  pen.fillRect(0, 0, 8, 8);
}, 100);
navigator.mediaDevices.getUserMedia = async () => canvas.captureStream();
"""
# Of a Chromium in its own process: what its page and worker take, the runtime's memory included.
MEMORY = re.compile(r"^Pss:\s+(\d+) kB", re.M)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--minutes", type=float, default=5, help="of guessing, for the growth of memory")
    options = parser.parse_args()
    table = Table("", "figure")
    with (
        tempfile.TemporaryDirectory() as data,
        Running(Path(data)) as app,
        prepare_class(app, 5) as prepared,
    ):
        prepared.enter("collect")
        if wanting := webkit.missing():
            table.add_row("guesses a second in WebKit", f"not installed: {', '.join(wanting)}")
        else:
            log = Path(data) / "driver.log"
            for camera, rate in webkit_rates(
                log, prepared.join_url(BETTER), f"{app.url}/play", options.seconds
            ):
                table.add_row(f"guesses a second in WebKit, {camera}", f"{rate:.1f}")
        in_chromium(table, Path(data), prepared.join_url(BETTER), f"{app.url}/play", options)
    Console().print(table)


def webkit_rates(log: Path, join_url: str, url: str, seconds: float) -> Iterator[tuple[str, float]]:
    """With the camera that the engine draws itself, and with one that costs the page nothing."""
    with webkit.webkit_browser(log) as safari:

        def rate() -> float:
            time.sleep(3)
            before = safari.run("return window.framesAsked")
            time.sleep(seconds)
            return float(safari.run("return window.framesAsked") - before) / seconds

        safari.driver.get(join_url)
        safari.driver.get(url)
        safari.wait(".player[data-where=here]")
        safari.run(browser.COUNT_FRAMES)
        yield "its own drawn camera", rate()
        safari.run(STILL_CAMERA)
        safari.run("deep(document, '.flip')[0].click()")
        yield "a camera that costs nothing", rate()


def in_chromium(table: Table, folder: Path, join_url: str, url: str, options: argparse.Namespace) -> None:
    seconds = options.seconds
    with sync_playwright() as playwright:
        film = browser.drawn_film(folder / "camera.y4m", "apple")
        context = browser.ipad(browser.launch_chromium(playwright, film))
        context.add_init_script(browser.COUNT_FRAMES)
        context.request.get(join_url)
        page = context.new_page()
        for visit in ("first", "second"):
            began = time.monotonic()
            page.goto(url)
            page.locator(".player[data-where=here]").wait_for()
            table.add_row(f"{visit} visit, page to ready", f"{time.monotonic() - began:.1f} s")
        page.wait_for_timeout(3000)
        before, heap = asked(page), page.evaluate(HEAP)
        page.wait_for_timeout(1000 * seconds)
        table.add_row("guesses a second in Chromium", f"{(asked(page) - before) / seconds:.1f}")
        table.add_row("the page's heap before and after", f"{heap:.0f} and {page.evaluate(HEAP):.0f} MB")
        for at, mine, all_of_it in growth(page, 60 * options.minutes):
            table.add_row(
                f"after {at / 60:.1f} minutes of guessing", f"{mine:.0f} MB heap, {all_of_it:.0f} MB"
            )


def growth(page: Page, seconds: float) -> Iterator[tuple[float, float, float]]:
    """Seconds since the start, MB of the page's heap after a collection, MB of all renderers (with the
    worker's wasm memory), again and again."""
    session = page.context.new_cdp_session(page)
    began = time.monotonic()
    for _ in range(STEPS + 1):
        session.send("HeapProfiler.collectGarbage")
        yield time.monotonic() - began, page.evaluate(HEAP), sum(map(resident_mb, renderers()))
        page.wait_for_timeout(1000 * seconds / STEPS)


def renderers() -> Iterator[Path]:
    """Of the browsers that this process has started."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has just ended
            continue
        children.setdefault(parent, []).append(int(folder.name))
    waiting = [os.getpid()]
    while waiting:
        for pid in children.get(waiting.pop(), ()):
            waiting.append(pid)
            try:
                if b"--type=renderer" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    yield Path(f"/proc/{pid}")
            except OSError:
                continue


def resident_mb(process: Path) -> float:
    """Its share of what it shares counts."""
    try:
        found = MEMORY.search((process / "smaps_rollup").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1000 if found else 0.0


def asked(page: Page) -> int:
    count: int = page.evaluate("window.framesAsked")
    return count


if __name__ == "__main__":
    main()
