"""`make screenshots`: a picture of every page in every state, and the README's picture made of three of them.

Knows nothing of how to get to a page.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.e2e import browser, page_views
from tests.e2e.page_views import Scene, Theatre
from tests.support.prepared_class import Stage
from tests.support.running import ROOT, Running

PHOTOS = 12  # of each label before the first training: enough for scores worth showing
PAPER, GAP_PX, PICTURE_PX = "#e9dccb", 24, 1600
SIZES: dict[str, tuple[ViewportSize, ...]] = {
    "child": (browser.PORTRAIT, browser.LANDSCAPE),
    "office": (browser.DESK,),
    "wall": (browser.WALL,),
}
COMPOSITE = ("collect-ready-ja-1080x810", "train-better-ja-1080x810", "projector-winners-ja-1920x1080")


def shoot(page: Page, scene: Scene, lang: str, folder: Path) -> None:
    for size in SIZES[scene.who]:
        if page.viewport_size != size:
            page.set_viewport_size(size)
            page.wait_for_timeout(500)
        path = folder / f"{scene.name}-{lang}-{size['width']}x{size['height']}.png"
        page.screenshot(path=path, animations="disabled")
        rest = page.evaluate(
            "(document.querySelector('[data-testid=stMain]') ?? document.documentElement).scrollHeight"
        )
        if rest > size["height"] + 8:  # the part below the fold, as a second picture
            page.mouse.move(size["width"] / 2, size["height"] / 2)
            page.evaluate("document.querySelector('[data-testid=stMain]')?.scrollTo(0, 1e6)")
            page.screenshot(path=path.with_stem(f"{path.stem}-below"), animations="disabled")
            page.evaluate("document.querySelector('[data-testid=stMain]')?.scrollTo(0, 0)")


def _without_empty_floor(image: Image.Image) -> Image.Image:
    """Three groups leave half of a projector empty; the picture need not."""
    plain = Image.new("RGB", image.size, image.getpixel((0, image.height - 1)))
    box = ImageChops.difference(image, plain).getbbox()
    return image.crop((0, 0, image.width, min(image.height, box[3] + 2 * GAP_PX))) if box else image


def compose(folder: Path, path: Path) -> None:
    """Collect and result above, the projector below."""
    collect, result, wall = (Image.open(folder / f"{name}.png").convert("RGB") for name in COMPOSITE)
    half = (PICTURE_PX - 3 * GAP_PX) // 2
    wall = _without_empty_floor(wall)
    small = [image.resize((half, half * image.height // image.width)) for image in (collect, result)]
    width = PICTURE_PX - 2 * GAP_PX
    large = wall.resize((width, width * wall.height // wall.width))
    picture = Image.new("RGB", (PICTURE_PX, small[0].height + large.height + 3 * GAP_PX), PAPER)
    for at, image in enumerate(small):
        picture.paste(image, (GAP_PX + at * (half + GAP_PX), GAP_PX))
    picture.paste(large, (GAP_PX, 2 * GAP_PX + small[0].height))
    path.parent.mkdir(exist_ok=True)
    picture.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "screenshots")
    parser.add_argument("--only", default="", help="scenes whose names contain this")
    chosen = parser.parse_args()
    chosen.to.mkdir(exist_ok=True)
    began, failed = time.monotonic(), []
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright, Running(Path(data)) as app:
        stage = Stage.build(app, PHOTOS)
        camera = browser.drawn_film(Path(data) / "camera.y4m", "apple")
        theatre = Theatre(stage, browser.launch_chromium(playwright, camera))
        try:
            for scene in page_views.ALL:
                if chosen.only not in scene.name:
                    continue
                try:
                    for lang in ("ja", "en") if scene.english else ("ja",):
                        page = theatre.open(scene, lang)
                        shoot(page, scene, lang, chosen.to)
                        theatre.leave(scene, page)
                except PlaywrightError as exc:  # the other pages are still worth a picture
                    failed.append(scene.name)
                    print(f"FAILED {scene.name}: {exc}", flush=True)
                print(f"{time.monotonic() - began:5.0f} s  {scene.name}", flush=True)
        finally:
            stage.close()
    if failed:
        sys.exit(f"No picture of: {', '.join(failed)}")
    if all((chosen.to / f"{name}.png").exists() for name in COMPOSITE):
        compose(chosen.to, ROOT / "docs" / "screens.png")


if __name__ == "__main__":
    main()
