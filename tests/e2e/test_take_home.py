"""The file that a group takes home, opened from a disk without a network, in Chromium and in WebKit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from classroom_app.content import i18n
from classroom_app.ui.widgets.take_home import page_file
from classroom_app.views.classes import LabelView
from classroom_app.views.play import TakeHome
from ml_core.serve.messages import mean_row
from ml_core.vision.images import photo_views
from tests.e2e import browser
from tests.e2e.browser import WAIT_MS, drawn_film, ipad
from tests.e2e.page_checks import TARGET_PX, axe, stray_words
from tests.e2e.page_scripts import SIDEWAYS, TARGETS
from tests.e2e.webkit import WebKit
from tests.support.drawn_head import LABELS, UNKNOWN, DrawnHead, drawn, drawn_head

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not page_file.is_possible(), reason="the runtime is missing (make test fetches it)"),
    # selenium's own WebKitGTK driver uses its own deprecated argument.
    pytest.mark.filterwarnings("ignore:setting remote_server_addr:DeprecationWarning"),
]
PHOTOS = 20
NAMES = {"apple": ("🍎", "りんご"), "cup": ("☕", "コップ"), "star": ("⭐", "{星|ほし}")}
SIZES: tuple[ViewportSize, ...] = (
    {"width": 320, "height": 640},
    {"width": 375, "height": 700},
    *browser.IPADS,
)
OPENED = ".home[data-state=ready]"


@dataclass(frozen=True)
class Taken:
    """The file, and pictures with what a class's server says of each."""

    path: Path
    pictures: list[Path]
    said: list[str]

    @property
    def url(self) -> str:
        return self.path.as_uri()


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    folder, head = tmp_path_factory.mktemp("stick"), drawn_head()
    labels = tuple(LabelView(key, key, emoji, ja, key) for key, (emoji, ja) in NAMES.items())
    story = TakeHome(
        class_name="AIきょうしつ 5の2",
        day=dt.date(2026, 11, 27),
        key="fox",
        emoji="🦊",
        color="#ff8a3d",
        name_ja="きつね",
        name_en="Fox",
        labels=labels,
        version=3,
        versions=4,
        photos=30,
        correct=18,
        total=24,
        model=head.data,
    )
    page = page_file.home_page(story, "ja")
    assert page is not None
    assert len(page) <= page_file.BYTES_MAX
    (folder / page.name).write_bytes(b"".join(page))
    kinds = (*LABELS, UNKNOWN)
    pictures = []
    for number in range(PHOTOS):
        pictures.append(folder / f"{number}.jpg")
        pictures[-1].write_bytes(drawn(kinds[number % len(kinds)], number, elsewhere=True))
    return Taken(folder / page.name, pictures, [server_says(head, path.read_bytes()) for path in pictures])


def server_says(head: DrawnHead, jpeg: bytes) -> str:
    row = mean_row(head.embedder.embed(photo_views(jpeg, 6, head.embedder.input_side)))
    return LABELS[int(np.argmax(head.model.probabilities(row[None])[0]))]


@pytest.fixture(scope="module")
def chromium(launch: Callable[..., Browser], tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return launch(drawn_film(tmp_path_factory.mktemp("film") / "camera.y4m", "apple"))


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = ipad(chromium)
    context.set_offline(True)
    yield context.new_page()
    context.close()


def test_in_chromium_it_guesses_as_the_server_does(page: Page, taken: Taken) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(taken.url)
    page.locator(OPENED).wait_for(timeout=WAIT_MS)
    found = []
    for number, path in enumerate(taken.pictures, 1):
        page.locator(".pick-one").set_input_files(path)
        page.locator(f".home[data-pictures='{number}']").wait_for(timeout=WAIT_MS)
        found.append(page.locator(".home").get_attribute("data-seen"))
    assert found == taken.said
    expect(page.locator(".heat")).to_be_visible()
    assert [url for url in asked if not url.startswith("blob:")] == [taken.url], "it loads nothing"


def test_in_chromium_the_camera_guesses_too_and_the_page_is_fit_for_everybody(
    page: Page, taken: Taken
) -> None:
    page.goto(taken.url)
    page.locator(OPENED).wait_for(timeout=WAIT_MS)
    problems: list[str] = stray_words(page)
    for lang in i18n.LANGUAGES:
        for size in SIZES:
            page.set_viewport_size(size)
            at = f"{lang} {size['width']}"
            problems += [f"{at}: {line}" for line in page.evaluate(TARGETS, TARGET_PX)]
            problems += [f"{at}: sideways {line}" for line in page.evaluate(SIDEWAYS)]
        problems += [f"{lang}: {line}" for line in axe_here(page)]
        page.locator(".home-language").tap()
    assert problems == []
    page.locator(".home-camera").tap()
    page.locator(".home-player:is([data-guess=sure], [data-guess=unsure])").wait_for(timeout=WAIT_MS)
    expect(page.locator(".row")).to_have_count(len(LABELS))


def axe_here(page: Page) -> list[str]:
    """The page's own policy lets no other script in; the browser's tools may."""
    session = page.context.new_cdp_session(page)
    session.send("Page.setBypassCSP", {"enabled": True})
    return axe(page)


def test_where_the_camera_is_refused_the_page_says_why_and_takes_pictures(
    chromium: Browser, taken: Taken
) -> None:
    context = ipad(chromium, camera=False)
    page = context.new_page()
    page.goto(taken.url)
    page.locator(OPENED).wait_for(timeout=WAIT_MS)
    page.locator(".home-camera").tap()
    expect(page.locator(".card .sentence")).to_contain_text("ブラウザが カメラを かしてくれないよ")
    page.locator(".pick-one").set_input_files(taken.pictures[0])
    page.locator(f".home[data-seen={taken.said[0]}]").wait_for(timeout=WAIT_MS)
    context.close()


def test_a_file_that_is_not_whole_says_so(page: Page, taken: Taken, tmp_path: Path) -> None:
    whole, cut = taken.path.read_bytes(), tmp_path / "cut.html"
    for share in (0.05, 0.5, 0.999):
        cut.write_bytes(whole[: int(len(whole) * share)])
        page.goto(cut.as_uri())
        page.locator(".home[data-state=damaged]").wait_for(timeout=WAIT_MS)
        assert "もういちど もらってね" in page.locator(".headline").inner_text()
    cut.write_bytes(whole[: whole.index(b'id="story"')])  # before anything can run
    page.goto(cut.as_uri())
    assert "get the file once more" in page.locator(".home-static").inner_text()


def test_in_webkit_it_guesses_as_the_server_does(webkit: WebKit, taken: Taken) -> None:
    webkit.driver.get(taken.url)
    webkit.wait(OPENED)
    found = []
    for number, path in enumerate(taken.pictures, 1):
        webkit.wait(".pick-one")[0].send_keys(str(path))
        webkit.wait(f".home[data-pictures='{number}']")
        found.append(webkit.run("return document.querySelector('.home').dataset.seen"))
    assert found == taken.said
    asked = webkit.run("return performance.getEntriesByType('resource').map((one) => one.name)")
    assert [name for name in asked if not name.startswith("blob:")] == []
    webkit.tap(".home-camera")
    webkit.wait(".home-player:is([data-guess=sure], [data-guess=unsure])")
