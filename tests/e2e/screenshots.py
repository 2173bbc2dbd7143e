"""`make screenshots`: every page in every state, and the README's picture made of three of them."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from classroom_app.network import free_port
from tests.e2e import browser, page_views
from tests.e2e.page_views import PageView, PageVisitor
from tests.e2e.widgets.support import Harness, start_server
from tests.support.prepared_class import prepare_class
from tests.support.processes import end
from tests.support.root import ROOT
from tests.support.running import Running

STYLE_GUIDE_PX = 9600  # Streamlit scrolls inside: a window as high as the page shows all of it
PHOTOS = 12  # of each label before the first training: enough for scores worth showing
PAPER, GAP_PX, PICTURE_PX = "#e9dccb", 24, 1600
SIZES: dict[str, tuple[ViewportSize, ...]] = {
    "child": (browser.PORTRAIT, browser.LANDSCAPE),
    "facilitator": (browser.DESK,),
    "projector": (browser.PROJECTOR, browser.SMALL_PROJECTOR),
}
COMPOSITE = ("collect-ready-ja-1080x810", "train-better-ja-1080x810", "projector-podium-ja-1920x1080")


def shoot(page: Page, view: PageView, lang: str, folder: Path) -> None:
    for size in SIZES[view.who]:
        if page.viewport_size != size:
            page.set_viewport_size(size)
            page.wait_for_timeout(500)
        path = folder / f"{view.name}-{lang}-{size['width']}x{size['height']}.png"
        page.screenshot(path=path, animations="disabled")
        rest = page.evaluate(
            "(document.querySelector('[data-testid=stMain]') ?? document.documentElement).scrollHeight"
        )
        if rest > size["height"] + 8:  # the part below the fold, as a second picture
            page.mouse.move(size["width"] / 2, size["height"] / 2)
            page.evaluate("document.querySelector('[data-testid=stMain]')?.scrollTo(0, 1e6)")
            page.screenshot(path=path.with_stem(f"{path.stem}-below"), animations="disabled")
            page.evaluate("document.querySelector('[data-testid=stMain]')?.scrollTo(0, 0)")


def _without_empty_bottom(image: Image.Image) -> Image.Image:
    """Three groups leave half of a projector empty; the picture need not."""
    plain = Image.new("RGB", image.size, image.getpixel((0, image.height - 1)))
    box = ImageChops.difference(image, plain).getbbox()
    return image.crop((0, 0, image.width, min(image.height, box[3] + 2 * GAP_PX))) if box else image


def compose(folder: Path, path: Path) -> None:
    """Collect and result above, the projector below."""
    collect, result, projector = (Image.open(folder / f"{name}.png").convert("RGB") for name in COMPOSITE)
    half = (PICTURE_PX - 3 * GAP_PX) // 2
    projector = _without_empty_bottom(projector)
    small = [image.resize((half, half * image.height // image.width)) for image in (collect, result)]
    width = PICTURE_PX - 2 * GAP_PX
    large = projector.resize((width, width * projector.height // projector.width))
    picture = Image.new("RGB", (PICTURE_PX, small[0].height + large.height + 3 * GAP_PX), PAPER)
    for at, image in enumerate(small):
        picture.paste(image, (GAP_PX + at * (half + GAP_PX), GAP_PX))
    picture.paste(large, (GAP_PX, 2 * GAP_PX + small[0].height))
    path.parent.mkdir(exist_ok=True)
    picture.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def style_guide(browser_: Browser, folder: Path, data: Path) -> None:
    """Every token and part, from a server of its own: the app does not serve it."""
    port = free_port()
    server = start_server(port, data / "ledger")
    try:
        Harness.at(port).set(seed=12)
        page = browser.ipad(browser_).new_page()
        page.goto(f"http://127.0.0.1:{port}/?w=styleguide&wide")
        page.locator(".staff-table").wait_for()
        browser.settle(page)
        for size in (browser.PORTRAIT, browser.LANDSCAPE):
            page.set_viewport_size({"width": size["width"], "height": STYLE_GUIDE_PX})
            page.wait_for_timeout(700)
            page.screenshot(path=folder / f"styleguide-ja-{size['width']}.png", animations="disabled")
    finally:
        end(server, signal.SIGTERM, 10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "screenshots")
    parser.add_argument("--only", default="", help="pages whose names contain this, or one of these: a,b")
    chosen = parser.parse_args()
    chosen.to.mkdir(exist_ok=True)
    began, failed = time.monotonic(), []
    with (
        tempfile.TemporaryDirectory() as data,
        sync_playwright() as playwright,
        Running(Path(data)) as app,
        prepare_class(app, PHOTOS) as prepared,
    ):
        camera = browser.drawn_film(Path(data) / "camera.y4m", "apple")
        chromium = browser.launch_chromium(playwright, camera)
        if any(name in "styleguide" for name in chosen.only.split(",")):
            style_guide(chromium, chosen.to, Path(data))
        visitor = PageVisitor(prepared, chromium)
        for view in page_views.ALL:
            if not any(name in view.name for name in chosen.only.split(",")):
                continue
            try:
                for lang in ("ja", "en") if view.english else ("ja",):
                    page = visitor.open(view, lang)
                    shoot(page, view, lang, chosen.to)
                    visitor.leave(view, page)
            except PlaywrightError as exc:  # the other pages are still worth a picture
                failed.append(view.name)
                print(f"FAILED {view.name}: {exc}", flush=True)
            print(f"{time.monotonic() - began:5.0f} s  {view.name}", flush=True)
    if failed:
        sys.exit(f"No picture of: {', '.join(failed)}")
    if all((chosen.to / f"{name}.png").exists() for name in COMPOSITE):
        compose(chosen.to, ROOT / "docs" / "screens.png")


if __name__ == "__main__":
    main()
