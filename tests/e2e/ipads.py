"""iPads that shoot bursts: without a screen over HTTP, and in a real browser with a finger."""

from __future__ import annotations

import asyncio
import io
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from classroom_app.rehearsal.client import GroupClient
from classroom_app.rehearsal.patient_http import Patience
from tests.e2e import browser
from tests.support.class_over_http import begin, group_client, result_of
from tests.support.prepared_class import LABELS, PreparedClass, drawn

BURST = 10  # photos; a finger that rests on the shutter for two seconds
SHOT_EVERY_S = 0.2
REST_S = 4.0  # a child looks for the next thing
PATIENCE = Patience(tries=100, first_wait_s=0.5, longest_wait_s=5.0, timeout_s=30.0)  # the photo queue's
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

    client: GroupClient
    label_id: str
    pictures: Sequence[bytes]
    saved_ms: list[float] = field(default_factory=list)
    sent: int = 0

    async def shoot(self, stop: asyncio.Event) -> None:
        """Until it is told to stop; then what is on its way still arrives."""
        gate = asyncio.Semaphore(SENDERS)
        sending = []
        while not stop.is_set():
            for number in range(BURST):
                self.sent += 1
                # Never twice the same photo: its last bytes are its own.
                picture = self.pictures[number % len(self.pictures)] + uuid.uuid4().bytes
                sending.append(asyncio.create_task(self._send(picture, time.time(), gate)))
                await asyncio.sleep(SHOT_EVERY_S)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), REST_S)
        await asyncio.gather(*sending)

    async def _send(self, picture: bytes, taken: float, gate: asyncio.Semaphore) -> None:
        async with gate:
            await self.client.send_photo(self.label_id, picture, taken_at_ms=int(taken * 1000))
        self.saved_ms.append(1000 * (time.time() - taken))


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
    """All of them, while the block runs."""
    stop = asyncio.Event()

    async def shoot() -> None:
        await asyncio.gather(*(ipad.shoot(stop) for ipad in ipads))

    async def end() -> None:
        stop.set()

    shot = begin(shoot())
    try:
        yield
    finally:
        result_of(end())
        shot.result()


def large(picture: bytes) -> bytes:
    """As large as the camera page sends them."""
    out = io.BytesIO()
    Image.open(io.BytesIO(picture)).resize((PHOTO_PX, PHOTO_PX)).save(out, "JPEG", quality=85)
    return out.getvalue()


@contextmanager
def http_ipads(prepared: PreparedClass, count: int) -> Iterator[list[HttpIpad]]:
    """So many, shared out among the groups."""
    label = LABELS[0].key
    pictures = [large(drawn(label, "bench", number)) for number in range(BURST)]
    with ExitStack() as opened:
        clients = [
            opened.enter_context(group_client(prepared.app.url, group.join_path, patience=PATIENCE))
            for group, _ in zip(cycle(prepared.made.groups), range(count), strict=False)
        ]
        yield [HttpIpad(client, prepared.made.label_ids[label], pictures) for client in clients]
