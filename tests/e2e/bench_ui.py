"""`make bench-ui`: what ten iPads at once feel, in figures beside their targets; nothing is asserted.

Knows nothing of the pages but the names of a few elements. The browsers share the machine with the app, which
real iPads do not: the figures are worse than in a class.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from rich.console import Console
from rich.table import Table

from classroom_app.rehearsal.report import percentile
from tests.e2e import browser
from tests.e2e.stage import LABELS, Stage, drawn
from tests.running import OWN, PASSWORD, Running, wait_for

IPADS = 10
BROWSERS = 2
BURST = 10  # photos; a finger that rests on the shutter for two seconds
SHOT_EVERY_S = 0.2
REST_S = 4.0  # a child looks for the next thing
SENDERS = 3  # photos that one iPad has on their way at once
CUT_S = 30.0
PHOTO_PX = 640
PAGES = (
    ("collect", ".cam[data-word=live]"),
    ("train", ".score, .st-key-big_train"),
    ("play", ".player[data-word=live]"),
    ("results", ".story"),
)
# Hears of every photo and guess of the page: from the shot (its time is in the address) to the answer.
LISTEN = """
window.heard = { saved: [], ids: [], guesses: [] };
const fetched = window.fetch;
window.fetch = async (...request) => {
  const [address, options] = request;
  const answer = await fetched(...request);
  const url = new URL(address, location.href);
  if (url.pathname === '/photos' && answer.ok) {
    window.heard.saved.push(Date.now() - Number(url.searchParams.get('taken_at')));
    window.heard.ids.push(options.headers['X-Photo-Id']);
  }
  if (url.pathname === '/predict' && answer.ok) window.heard.guesses.push(performance.now());
  return answer;
};
"""
SWITCH = """([link, main]) => new Promise((resolve, reject) => {
  const deep = (root) => root.querySelector(main) ?? [...root.querySelectorAll('*')]
    .filter((element) => element.shadowRoot).map((element) => deep(element.shadowRoot)).find(Boolean);
  const begun = performance.now();
  document.querySelector(link).click();
  const look = () => {
    if (deep(document)?.checkVisibility()) resolve(performance.now() - begun);
    else if (performance.now() - begun > 30000) reject(new Error(`no ${main}`));
    else requestAnimationFrame(look);
  };
  look();
})"""


@dataclass
class HttpIpad:
    """An iPad without its screen: bursts like a child's, and sends as the photo queue does."""

    client: httpx.Client
    label: str
    pictures: Sequence[bytes]
    saved_ms: list[float] = field(default_factory=list)
    sent: set[str] = field(default_factory=set)
    doubtful: int = 0

    def shoot(self, stop: threading.Event) -> None:
        gate = threading.Semaphore(SENDERS)
        threads = []
        while not stop.is_set():
            for number in range(BURST):
                photo_id = str(uuid.uuid4())
                self.sent.add(photo_id)
                picture = self.pictures[number % len(self.pictures)]
                thread = threading.Thread(
                    target=self._send, args=(photo_id, picture + uuid.uuid4().bytes, time.time(), gate)
                )
                thread.start()
                threads.append(thread)
                time.sleep(SHOT_EVERY_S)
            stop.wait(REST_S)
        for thread in threads:
            thread.join()

    def _send(self, photo_id: str, picture: bytes, taken: float, gate: threading.Semaphore) -> None:
        wait_s = 0.5
        with gate:
            while True:
                try:
                    answer = self.client.post(
                        f"/photos?label={self.label}&taken_at={int(taken * 1000)}",
                        content=picture,
                        headers={"X-Photo-Id": photo_id},
                    )
                    if answer.is_success:
                        self.saved_ms.append(1000 * (time.time() - taken))
                        return
                except httpx.TransportError:
                    pass
                self.doubtful += 1
                time.sleep(wait_s)
                wait_s = min(5.0, 2 * wait_s)


class RealIpad:
    """An iPad in Chromium, with a finger."""

    def __init__(self, chromium: Browser, join_url: str) -> None:
        self.context: BrowserContext = browser.ipad(chromium, size=browser.LANDSCAPE)
        self.context.add_init_script(LISTEN)
        self.page: Page = browser.join(self.context, join_url)
        self.page.locator(".cam[data-word=live]").wait_for()
        self._touch = self.context.new_cdp_session(self.page)

    def press(self) -> None:
        box = self.page.locator(".shutter").bounding_box()
        assert box
        point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        self._touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})

    def lift(self) -> None:
        self._touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def burst(self) -> None:
        self.press()
        self.page.wait_for_timeout(1000 * BURST * SHOT_EVERY_S)
        self.lift()

    def heard(self, name: str) -> list[Any]:
        found: list[Any] = self.page.evaluate(f"window.heard.{name}")
        return found

    def wait_sent(self, seconds: float = 120) -> None:
        """Until nothing is left on this iPad."""
        limit = time.monotonic() + seconds
        while self.page.evaluate("window.classroomPhotoQueue.photos.size"):
            if time.monotonic() > limit:
                raise TimeoutError("photos are still on the iPad")
            self.page.wait_for_timeout(100)


@contextmanager
def shooting(ipads: Sequence[HttpIpad]) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=ipad.shoot, args=(stop,)) for ipad in ipads]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def large(picture: bytes) -> bytes:
    """As large as the camera page sends them."""
    out = io.BytesIO()
    Image.open(io.BytesIO(picture)).resize((PHOTO_PX, PHOTO_PX)).save(out, "JPEG", quality=85)
    return out.getvalue()


def http_ipads(stage: Stage, count: int) -> list[HttpIpad]:
    label = stage.event["labels"][0]["id"]
    pictures = [large(drawn(LABELS[0][0], "bench", number)) for number in range(BURST)]
    ipads = []
    for number in range(count):
        client = httpx.Client(base_url=stage.app.url, headers=OWN, timeout=30)
        client.get(stage.join_url(number % len(stage.groups)))
        ipads.append(HttpIpad(client, label, pictures))
    return ipads


def photos_at_server(stage: Stage) -> int:
    return sum(
        label["photos"] for group in stage.groups for label in group.get("/api/group").json()["labels"]
    )


def bytes_of_a_cold_ipad(chromium: Browser, stage: Stage, group: int) -> dict[str, int]:
    """What the camera page loads into an empty cache, by kind."""
    context = browser.ipad(chromium)
    context.request.get(stage.join_url(group))
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
    page.goto(f"{stage.app.url}/collect")
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


class Bench:
    """One run of everything, in an order that fills the class before it is looked at."""

    def __init__(self, stage: Stage, chromium: Browser, *, own_app: bool) -> None:
        self.stage = stage
        self.chromium = chromium
        self.own_app = own_app
        self.rows: list[tuple[str, str, str]] = []

    def row(self, what: str, figure: str, target: str = "") -> None:
        load = os.getloadavg()[0]
        self.rows.append((what, f"{figure}  (load {load:.1f})", target))
        print(f"{what}: {figure}  (load {load:.1f})  {target}", flush=True)

    def run(self) -> None:
        cold = bytes_of_a_cold_ipad(self.chromium, self.stage, 2)
        without = sum(size for kind, size in cold.items() if kind != "fonts")
        parts = ", ".join(f"{kind} {size / 1e6:.2f}" for kind, size in cold.items())
        self.row("camera page of a cold iPad, MB", f"{without / 1e6:.2f} without fonts ({parts})", "< 1.5")
        self.real = [RealIpad(self.chromium, self.stage.join_url(group)) for group in range(BROWSERS)]
        self.row(
            "guesses a second on the play page, alone", f"{guesses_per_second(self.real[0]):.1f}", ">= 2"
        )
        self.load()
        self.cut()
        if self.own_app:
            self.kill()

    def load(self) -> None:
        before = photos_at_server(self.stage)
        ipads = http_ipads(self.stage, IPADS - BROWSERS)
        with shooting(ipads):
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
        for name, times in (("HTTP", http), ("in the browsers", shown)):
            figure = f"p50 {percentile(times, 50):.0f}, p95 {percentile(times, 95):.0f} of {len(times)}"
            self.row(f"shot to saved, ms, {name}", figure, "p95 < 500")
        ids = len({photo for ipad in self.real for photo in ipad.heard("ids")})
        self.count(before, sum(len(one.sent) for one in ipads) + ids, "in the load")
        ipads = http_ipads(self.stage, IPADS - 1)
        with shooting(ipads):
            switches = page_switches(self.real[0], 5)
        every = [ms for times in switches.values() for ms in times]
        each = ", ".join(f"{name} {percentile(times, 50):.0f}" for name, times in switches.items())
        figure = f"p50 {percentile(every, 50):.0f}, p95 {percentile(every, 95):.0f} (medians: {each})"
        self.row("page switch in that load, ms", figure, "p95 < 1000")
        switches = page_switches(self.real[0], 4)
        every = [ms for times in switches.values() for ms in times]
        self.row("page switch alone, ms", f"p50 {percentile(every, 50):.0f}, p95 {percentile(every, 95):.0f}")

    def cut(self) -> None:
        before = photos_at_server(self.stage)
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
        before = photos_at_server(self.stage)
        ipads = http_ipads(self.stage, IPADS - BROWSERS)
        known = len({photo for ipad in self.real for photo in ipad.heard("ids")})
        with shooting(ipads):
            for ipad in self.real:
                ipad.press()
            self.real[0].page.wait_for_timeout(900)
            os.kill(self.stage.app.child("web"), signal.SIGKILL)
            began = time.monotonic()
            self.real[0].page.wait_for_timeout(1100)
            for ipad in self.real:
                ipad.lift()
        for ipad in self.real:
            ipad.wait_sent()
        away = time.monotonic() - began
        ids = len({photo for ipad in self.real for photo in ipad.heard("ids")}) - known
        self.row("all photos saved after the web process was killed, s", f"{away:.1f}")
        self.count(
            before, sum(len(one.sent) for one in ipads) + ids, "with the web process killed in a burst"
        )

    def count(self, before: int, sent: int, when: str) -> None:
        kept = wait_for(lambda: photos_at_server(self.stage) + 1, 30, "the photos are counted") - 1 - before
        lost, doubled = max(0, sent - kept), max(0, kept - sent)
        self.row(f"photos {when}", f"{sent} sent, {lost} lost, {doubled} doubled", "0, 0")

    def table(self) -> Table:
        table = Table(title=f"{IPADS} iPads on {os.cpu_count()} cores shared with {BROWSERS} browsers")
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


def measure(app: Running, password: str, folder: Path, *, own_app: bool) -> None:
    stage = Stage.build(app, photos=5, password=password)
    stage.enter("collect")
    camera = browser.drawn_film(folder / "camera.mjpeg", LABELS[0][0])
    with sync_playwright() as playwright:
        bench = Bench(stage, browser.launch_chromium(playwright, camera), own_app=own_app)
        try:
            bench.run()
        finally:
            Console(width=120).print(bench.table())
            stage.close(delete=not own_app)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="", help="an app that runs already; empty: one of its own")
    parser.add_argument("--password", default=PASSWORD, help="of its facilitator")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        if chosen.url:
            app: Running = Elsewhere(Path(data), address=chosen.url.rstrip("/"))
            measure(app, chosen.password, Path(data), own_app=False)
            return
        app = Running(Path(data))
        app.start()
        try:
            measure(app, PASSWORD, Path(data), own_app=True)
        finally:
            app.stop()


if __name__ == "__main__":
    main()
