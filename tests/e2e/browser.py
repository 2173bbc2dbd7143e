"""Browsers as iPads, desks and projectors: flags, sizes, cameras that look at drawn things, taps."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, ViewportSize

from classroom_app.rehearsal.drawn_photos import TRAIN_GROUNDS, draw_photo

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--process-per-site",  # what one page has compiled the next one need not
    "--host-resolver-rules=MAP classroom.test 127.0.0.1",  # this machine by a name, as others see it
)
WAIT_MS = 60_000  # a busy machine of two cores also runs the AI
SHOWN_WAIT_MS = 2000
SHOWN_CHARACTERS = 2000
LAUNCHED: list[Browser] = []
FRAME = (640, 480)
FRAMES_A_SECOND = 10

# A page whose clock goes slower: a busy machine must not pass for an iPad or a Wi-Fi that is too slow.
UNHURRIED = """
const clockOfPage = performance.now.bind(performance);
performance.now = () => clockOfPage() / 8;
"""

# Every frame that the page gives to its worker counts; those given before this ran do not.
COUNT_FRAMES = """
window.framesAsked = 0;
const postMessage = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (message, ...more) {
  if (message?.kind === 'frame') window.framesAsked += 1;
  return postMessage.call(this, message, ...more);
};
"""

# `fonts.ready` alone is true before the first text asks for a font. Streamlit's theme has both weights.
FONTS_LOADED = """
Promise.all([500, 800].map((weight) => document.fonts.load(`${weight} 1em "M PLUS Rounded 1c"`)))
  .then(() => document.fonts.ready).then(() => true)
"""

PORTRAIT: ViewportSize = {"width": 810, "height": 1080}
LANDSCAPE: ViewportSize = {"width": 1080, "height": 810}
AIR: ViewportSize = {"width": 1180, "height": 820}
PRO: ViewportSize = {"width": 1366, "height": 1024}
DESK: ViewportSize = {"width": 1280, "height": 800}
PROJECTOR: ViewportSize = {"width": 1920, "height": 1080}
SMALL_PROJECTOR: ViewportSize = {"width": 1280, "height": 720}
IPADS = (PORTRAIT, LANDSCAPE, AIR, PRO)


def film(path: Path, pictures: Iterable[Image.Image]) -> Path:
    """A camera that sees these pictures in turn, for ever: raw frames (Y4M), since the browser need not
    decode them, and no more a second than anybody looks at. A real iPad spends its own processor on that.
    """
    width, height = FRAME
    with path.open("wb") as frames:
        frames.write(f"YUV4MPEG2 W{width} H{height} F{FRAMES_A_SECOND}:1 Ip A1:1 C420jpeg\n".encode())
        for picture in pictures:
            luma, *colours = picture.convert("RGB").resize(FRAME).convert("YCbCr").split()
            planes = [luma, *(colour.resize((width // 2, height // 2)) for colour in colours)]
            frames.write(b"FRAME\n" + b"".join(plane.tobytes() for plane in planes))
    return path


def drawn_film(path: Path, label: str, things: int = 3, frames_each: int = 8) -> Path:
    """A hand that moves before a drawn thing, and then before the next one: no two frames are the same."""
    pictures = []
    for number in range(things):
        chance = random.Random(f"film/{label}/{number}")  # repeatable drawing
        photo = draw_photo(label, TRAIN_GROUNDS, chance)
        width, height = photo.size
        for step in range(frames_each):
            left, top = 4 * step, 2 * step
            pictures.append(photo.crop((left, top, width - 32 + left, height - 32 + top)))
    return film(path, pictures)


def launch_chromium(playwright: Playwright, camera: Path | None = None, *, cameras: int = 1) -> Browser:
    """Its cameras see the film, or else a test picture of Chromium's own."""
    devices = f"device-count={cameras},fps={FRAMES_A_SECOND}"
    flags = [*FLAGS, f"--use-fake-device-for-media-stream={devices}"]
    flags += [f"--use-file-for-fake-video-capture={camera}"] if camera else []
    browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=flags)
    LAUNCHED.append(browser)
    return browser


def what_pages_show() -> str:
    """The address and the words of every open page, and where its camera stands: for a test that failed."""
    shown = []
    connected = filter(Browser.is_connected, LAUNCHED)
    for page in [page for browser in connected for context in browser.contexts for page in context.pages]:
        try:
            words = page.locator("body").inner_text(timeout=SHOWN_WAIT_MS).split("\n")
            cameras = page.locator("[data-word]").evaluate_all("all => all.map(one => one.dataset.word)")
        except Error as error:
            shown.append(f"{page.url}: {error.message}")
        else:
            lines = [page.url, *(f"camera: {word}" for word in cameras), *filter(str.strip, words)]
            shown.append("\n  ".join(lines)[:SHOWN_CHARACTERS])
    return "\n".join(shown)


def ipad(
    browser: Browser, *, size: ViewportSize = PORTRAIT, lang: str = "ja", camera: bool = True
) -> BrowserContext:
    """A fresh iPad with touch; without `camera` somebody has refused it."""
    context = browser.new_context(
        viewport=size,
        has_touch=True,
        is_mobile=True,
        locale={"ja": "ja-JP", "en": "en-GB"}[lang],
        timezone_id="Asia/Tokyo",
        permissions=["camera"] if camera else [],
    )
    context.set_default_timeout(WAIT_MS)
    return context


def screen(browser: Browser, size: ViewportSize, lang: str = "ja") -> BrowserContext:
    """A computer with a mouse: a facilitator's desk or the projector."""
    locale = {"ja": "ja-JP", "en": "en-GB"}[lang]
    context = browser.new_context(viewport=size, locale=locale, timezone_id="Asia/Tokyo")
    context.set_default_timeout(WAIT_MS)
    return context


def park(context: BrowserContext, url: str) -> None:
    """Opens a page of the app that stays: so Chromium keeps the process in which Streamlit's scripts are
    compiled. To compile them anew takes a third of the processor time of a short test.
    """
    context.new_page().goto(url)


def forget(context: BrowserContext) -> None:
    """Closes all pages but the parked one; what they kept is gone, but for cookies."""
    parked, *others = context.pages
    addresses = [urlsplit(page.url) for page in others if page.url.startswith("http")]
    origins = {f"{address.scheme}://{address.netloc}" for address in addresses}
    for page in others:
        page.close()
    context.set_offline(False)
    storage = context.new_cdp_session(parked)
    for origin in origins:
        what = "indexeddb,local_storage,cache_storage,service_workers"
        storage.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": what})
    storage.detach()


def join(context: BrowserContext, address: str) -> Page:
    """The QR code's address, then one tap."""
    page = context.new_page()
    page.goto(address)
    press(page, "big_yes")
    page.wait_for_url("**/collect*")
    return page


def press(page: Page, key: str) -> None:
    """The one big button of a page."""
    page.locator(f".st-key-{key} button").tap()


def settle(page: Page) -> None:
    """Until Streamlit has drawn the page, the fonts are there and nothing is on its way to be shown."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    # The script of a kind of element comes with the first one of it; until then a skeleton has its place.
    page.wait_for_function(
        "!document.querySelector('[data-testid^=stSkeleton], [data-testid=stAppSkeleton]')"
    )
    page.evaluate(FONTS_LOADED)
