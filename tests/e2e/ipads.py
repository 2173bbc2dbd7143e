"""iPads that shoot bursts: without a screen over HTTP, and in a real browser with a finger.

Knows nothing of what is measured.
"""

from __future__ import annotations

import io
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e import browser
from tests.support.prepared_class import LABELS, Stage, drawn
from tests.support.running import OWN

BURST = 10  # photos; a finger that rests on the shutter for two seconds
SHOT_EVERY_S = 0.2
REST_S = 4.0  # a child looks for the next thing
SENDERS = 3  # photos that one iPad has on their way at once
PHOTO_PX = 640
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


@dataclass
class HttpIpad:
    """An iPad without its screen: bursts like a child's, and sends as the photo queue does."""

    client: httpx.Client
    label: str
    pictures: Sequence[bytes]
    saved_ms: list[float] = field(default_factory=list)
    sent: set[str] = field(default_factory=set)

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
