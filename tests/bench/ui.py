"""`make bench-ui`: what ten iPads at once feel, in figures beside their targets; nothing is asserted.

Real iPads bring a processor of their own, the browsers here share the app's: the figures are worse than in a
class.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from rich.console import Console
from rich.table import Table

from classroom_app.rehearsal import RehearsalError
from classroom_app.rehearsal.report import percentile
from tests.e2e import browser
from tests.e2e.ipads import BURST, REST_S, SHOT_EVERY_S, RealIpad, http_ipads, shooting
from tests.support.class_over_http import result_of
from tests.support.prepared_class import LABELS, PreparedClass, prepare_class
from tests.support.running import PASSWORD, Running

IPADS = 10
BROWSERS = 2
CUT_S = 30.0
BROWSER_NICENESS = 10
PAGES = (
    ("collect", ".cam[data-word=live]"),
    ("train", ".score, .st-key-big_train"),
    ("play", ".player[data-word=live]"),
    ("results", ".st-key-versions"),
)
SWITCH = """([link, main]) => new Promise((resolve) => {
  const deep = (root) => root.querySelector(main) ?? [...root.querySelectorAll('*')]
    .filter((element) => element.shadowRoot).map((element) => deep(element.shadowRoot)).find(Boolean);
  const begun = performance.now();
  document.querySelector(link).click();
  const look = () => {
    if (deep(document)?.checkVisibility()) resolve(performance.now() - begun);
    else if (performance.now() - begun > 30000) resolve(30000); // counts as that
    else requestAnimationFrame(look);
  };
  look();
})"""


def photos_at_server(prepared: PreparedClass) -> int:
    return sum(sum(result_of(group.overview()).photos_by_key.values()) for group in prepared.groups)


def bytes_of_a_cold_ipad(chromium: Browser, prepared: PreparedClass, group: int) -> dict[str, int]:
    """What the camera page loads into an empty cache, by kind."""
    context = browser.ipad(chromium)
    context.request.get(prepared.join_url(group))
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    urls: dict[str, str] = {}
    sums = {"fonts": 0, "scripts and styles": 0, "photos": 0, "websocket": 0, "other": 0}

    def kind(url: str) -> str:
        path = url.partition("?")[0]
        if path.endswith((".woff2", ".woff", ".ttf")):
            return "fonts"
        if path.endswith((".js", ".css")):
            return "scripts and styles"
        return "photos" if path.endswith("/thumb") else "other"

    def add(url: str, size: int) -> None:
        sums[kind(url)] += size

    session.on("Network.responseReceived", lambda e: urls.update({e["requestId"]: e["response"]["url"]}))
    session.on(
        "Network.loadingFinished", lambda e: add(urls.get(e["requestId"], ""), int(e["encodedDataLength"]))
    )

    def frame(event: dict[str, Any]) -> None:
        data = event["response"]["payloadData"]
        size = len(data) * 3 // 4 if event["response"]["opcode"] == 2 else len(data)
        sums["websocket"] += size

    session.on("Network.webSocketFrameReceived", frame)
    page.goto(f"{prepared.app.url}/collect")
    page.locator(".cam[data-word=live]").wait_for()
    page.wait_for_timeout(2000)
    context.close()
    return sums


def page_switches(ipad: RealIpad, rounds: int) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {name: [] for name, _ in PAGES}
    for _ in range(rounds):
        for name, main in (*PAGES[1:], PAGES[0]):
            step = f".stApp a[href$='/{name}'], .stApp a[href$='{name}']"
            taken[name].append(float(ipad.page.evaluate(SWITCH, [step, main])))
            ipad.page.wait_for_timeout(700)
    return taken


def guesses_per_second(ipad: RealIpad, seconds: float = 10) -> float:
    ipad.page.evaluate(SWITCH, [".stApp a[href$='play']", PAGES[2][1]])
    ipad.page.wait_for_timeout(2000)
    before = len(ipad.heard("guesses"))
    ipad.page.wait_for_timeout(1000 * seconds)
    rate = (len(ipad.heard("guesses")) - before) / seconds
    ipad.page.evaluate(SWITCH, [".stApp a[href$='collect']", PAGES[0][1]])
    return rate


def give_way(camera: Path) -> bool:
    """The browser that looks at `camera` takes no processor from the app; false where the system can't do it.

    Linux shares the processor between sessions, of which a browser makes its own, and only within one of them
    by niceness.
    """
    done = False
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str(camera) in (process / "cmdline").read_text():
                (process / "autogroup").write_text(str(BROWSER_NICENESS))
                done = True
    return done


class Bench:
    """One run of everything, in an order that fills the class before it is looked at."""

    def __init__(self, prepared: PreparedClass, chromium: Browser, camera: Path, *, own_app: bool) -> None:
        self.prepared = prepared
        self.chromium = chromium
        self.camera = camera
        self.own_app = own_app
        self.rows: list[tuple[str, str, str]] = []

    def row(self, what: str, figure: str, target: str = "") -> None:
        load = os.getloadavg()[0]
        self.rows.append((what, f"{figure}  (load {load:.1f})", target))
        print(f"{what}: {figure}  (load {load:.1f})  {target}", flush=True)

    def run(self, only: Sequence[str]) -> None:
        self.real: list[RealIpad] = []
        # Those that need no browser come first: a browser takes more of this machine than ten iPads' photos.
        steps = [self.wire, self.cold, self.guesses, self.switch, self.load, self.cut]
        steps += [self.kill] if self.own_app else []
        for step in steps:
            if step != self.wire and not self.real:
                groups = range(BROWSERS)
                self.real = [RealIpad(self.chromium, self.prepared.join_url(group)) for group in groups]
            if only and step.__name__ not in only:
                continue
            try:
                step()
            except (PlaywrightError, TimeoutError, RehearsalError) as exc:  # the others are still wanted
                self.row(step.__name__, f"failed: {str(exc).splitlines()[0]}")

    def cold(self) -> None:
        sums = bytes_of_a_cold_ipad(self.chromium, self.prepared, 2)
        without = sum(size for kind, size in sums.items() if kind != "fonts")
        parts = ", ".join(f"{kind} {size / 1e6:.2f}" for kind, size in sums.items())
        self.row("camera page of a cold iPad, MB", f"{without / 1e6:.2f} without fonts ({parts})", "< 1.5")

    def guesses(self) -> None:
        rate = guesses_per_second(self.real[0])
        self.row("guesses a second on the play page, alone", f"{rate:.1f}", ">= 2")

    def wire(self) -> None:
        before = photos_at_server(self.prepared)
        with http_ipads(self.prepared, IPADS) as ipads, shooting(ipads):
            time.sleep(4 * (BURST * SHOT_EVERY_S + REST_S))
        times = [ms for one in ipads for ms in one.saved_ms]
        self.saved("ten iPads without a screen", times)
        self.count(before, sum(one.sent for one in ipads), "of ten iPads without a screen")

    def saved(self, who: str, times: Sequence[float]) -> None:
        figure = f"p50 {percentile(times, 50):.0f}, p95 {percentile(times, 95):.0f} of {len(times)}"
        self.row(f"shot to saved, ms, {who}", figure, "p95 < 500")

    def load(self) -> None:
        # A switch of pages is mostly the browser's own work; here it is in the way of the app's.
        if not give_way(self.camera):
            print("the browsers take their share of the processor from the app", flush=True)
        before = photos_at_server(self.prepared)
        with http_ipads(self.prepared, IPADS - BROWSERS) as ipads, shooting(ipads):
            for _ in range(4):
                for ipad in self.real:
                    ipad.press()
                self.real[0].page.wait_for_timeout(1000 * BURST * SHOT_EVERY_S)
                for ipad in self.real:
                    ipad.lift()
                self.real[0].page.wait_for_timeout(1000 * REST_S)
        for ipad in self.real:
            ipad.wait_sent()
        http = [ms for one in ipads for ms in one.saved_ms]
        shown = [ms for ipad in self.real for ms in ipad.heard("saved")]
        self.saved("eight and two in browsers, the eight", http)
        self.saved("eight and two in browsers, the two", shown)
        ids = len({photo for ipad in self.real for photo in ipad.heard("ids")})
        self.count(before, sum(one.sent for one in ipads) + ids, "in the load")

    def switch(self) -> None:
        with http_ipads(self.prepared, IPADS - 1) as ipads, shooting(ipads):
            switches = page_switches(self.real[0], 5)
        every = [ms for times in switches.values() for ms in times]
        each = ", ".join(f"{name} {percentile(times, 50):.0f}" for name, times in switches.items())
        figure = f"p50 {percentile(every, 50):.0f}, p95 {percentile(every, 95):.0f} (medians: {each})"
        self.row("page switch while nine more shoot, ms", figure, "p95 < 1000")
        switches = page_switches(self.real[0], 4)
        every = [ms for times in switches.values() for ms in times]
        self.row("page switch alone, ms", f"p50 {percentile(every, 50):.0f}, p95 {percentile(every, 95):.0f}")

    def cut(self) -> None:
        before = photos_at_server(self.prepared)
        ipad = self.real[0]
        known = len(set(ipad.heard("ids")))
        ipad.press()
        ipad.page.wait_for_timeout(700)
        ipad.context.set_offline(True)
        ipad.page.wait_for_timeout(1300)
        ipad.lift()
        ipad.page.wait_for_timeout(1000 * CUT_S)
        ipad.context.set_offline(False)
        ipad.wait_sent()
        self.count(before, len(set(ipad.heard("ids"))) - known, f"with the network cut for {CUT_S:.0f} s")

    def kill(self) -> None:
        before = photos_at_server(self.prepared)
        known = len({photo for ipad in self.real for photo in ipad.heard("ids")})
        with http_ipads(self.prepared, IPADS - BROWSERS) as ipads, shooting(ipads):
            for ipad in self.real:
                ipad.press()
            self.real[0].page.wait_for_timeout(900)
            os.kill(self.prepared.app.child("web"), signal.SIGKILL)
            began = time.monotonic()
            self.real[0].page.wait_for_timeout(1100)
            for ipad in self.real:
                ipad.lift()
        for ipad in self.real:
            ipad.wait_sent()
        away = time.monotonic() - began
        ids = len({photo for ipad in self.real for photo in ipad.heard("ids")}) - known
        self.row("all photos saved after the web process was killed, s", f"{away:.1f}")
        self.count(before, sum(one.sent for one in ipads) + ids, "with the web process killed in a burst")

    def count(self, before: int, sent: int, when: str) -> None:
        kept = photos_at_server(self.prepared) - before
        lost, doubled = max(0, sent - kept), max(0, kept - sent)
        self.row(f"photos {when}", f"{sent} sent, {lost} lost, {doubled} doubled", "0, 0")

    def table(self) -> Table:
        table = Table(
            title=f"{IPADS} iPads and the app on {os.cpu_count()} cores, {BROWSERS} iPads in browsers"
        )
        for heading in ("What", "Measured", "Target"):
            table.add_column(heading, overflow="fold")
        for row in self.rows:
            table.add_row(*row)
        return table


@dataclass
class Elsewhere(Running):
    """An app that runs already; its processes are left alone."""

    address: str = ""

    @property
    def url(self) -> str:
        return self.address


def measure(app: Running, password: str, folder: Path, only: Sequence[str], *, own_app: bool) -> None:
    with prepare_class(app, photos=5, password=password, delete=not own_app) as prepared:
        prepared.enter("collect")
        camera = browser.drawn_film(folder / "camera.y4m", LABELS[0].key)
        with sync_playwright() as playwright:
            chromium = browser.launch_chromium(playwright, camera)
            bench = Bench(prepared, chromium, camera, own_app=own_app)
            try:
                bench.run(only)
            finally:
                Console(width=120).print(bench.table())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="", help="an app that runs already; empty: one of its own")
    parser.add_argument("--password", default=PASSWORD, help="of its facilitator")
    parser.add_argument(
        "--only", nargs="*", default=[], help="wire cold guesses switch load cut kill; default: all"
    )
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        if chosen.url:
            app: Running = Elsewhere(Path(data), address=chosen.url.rstrip("/"))
            measure(app, chosen.password, Path(data), chosen.only, own_app=False)
            return
        # What the server bears: iPads that guess by themselves would ask it nothing.
        with Running(Path(data), env={"CLASSROOM_LIVE_GUESSES": "server"}) as app:
            measure(app, PASSWORD, Path(data), chosen.only, own_app=True)


if __name__ == "__main__":
    main()
