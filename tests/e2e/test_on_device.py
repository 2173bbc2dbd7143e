"""The AI on the iPad, in Chromium: it plays without the server, and gives way to it where it cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from classroom_app.ui.widgets import device
from tests.e2e.browser import COUNT_FRAMES, UNHURRIED, WAIT_MS, drawn_film, ipad, what_pages_show
from tests.support.prepared_class import BETTER, PreparedClass, drawn
from tests.support.slow_tests import Figures

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(device.device_files() is None, reason="the runtime is missing (make test fetches it)"),
]

CAMERA_TRIES, CAMERA_WAIT_MS = 3, 30_000


@pytest.fixture(scope="module")
def chromium(launch: Callable[..., Browser], tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return launch(drawn_film(tmp_path_factory.mktemp("film") / "camera.y4m", "apple"))


class Player:
    """A group's play page, and what went to the server from it."""

    def __init__(self, chromium: Browser, prepared: PreparedClass, figures: Figures) -> None:
        prepared.enter("collect")
        self.figures = figures
        self.asked: list[str] = []
        self.context: BrowserContext = ipad(chromium)
        self.context.add_init_script(COUNT_FRAMES)
        self.context.add_init_script(UNHURRIED)
        self.context.request.get(prepared.join_url(BETTER))
        self.page: Page = self.context.new_page()
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.url = f"{prepared.app.url}/play"

    def open(self) -> Page:
        """With its camera on. Where it does not come, as Chromium's now and then on a busy machine, the page
        is loaded once more, as a child would do it, and the figures say what was seen instead."""
        live = self.page.locator(".player[data-word=live]")
        for number in range(1, CAMERA_TRIES):
            self.page.goto(self.url)
            with suppress(PlaywrightTimeoutError):
                live.wait_for(timeout=CAMERA_WAIT_MS)
                return self.page
            self.figures(f"no camera at try {number}: {' '.join(what_pages_show().split())}")
        self.page.goto(self.url)
        live.wait_for()
        return self.page

    def sent(self, path: str) -> int:
        return sum(url.split("?")[0].endswith(path) for url in self.asked)

    def where(self, word: str) -> None:
        self.page.locator(f".player[data-where={word}]").wait_for(timeout=WAIT_MS)

    def guesses(self) -> None:
        self.page.locator(".player[data-guess=sure], .player[data-guess=unsure]").wait_for(timeout=WAIT_MS)


@pytest.fixture
def player(chromium: Browser, prepared_class: PreparedClass, figures: Figures) -> Iterator[Player]:
    made = Player(chromium, prepared_class, figures)
    yield made
    made.context.close()


def test_it_plays_without_the_server(player: Player, figures: Figures) -> None:
    page = player.open()
    player.where("here")
    player.guesses()
    expect(page.locator(".stays")).to_be_visible()
    expect(page.locator(".row.best")).to_have_count(1)
    assert page.locator(".moving-in").is_hidden()
    before = page.evaluate("window.framesAsked")
    page.wait_for_timeout(5000)
    figures(f"on the device: {(page.evaluate('window.framesAsked') - before) / 5:.1f} guesses a second")
    # Without the network too, and a picture that stands still with its map.
    page.context.set_offline(True)
    page.locator(".freeze").tap()
    expect(page.locator(".heat")).to_be_visible()
    page.locator(".freeze").tap()
    player.guesses()
    expect(page.locator(".offline")).to_be_hidden()
    assert player.sent("/predict") == player.sent("/explain") == 0


def test_a_picture_of_the_library_is_guessed_and_not_sent(player: Player, tmp_path: Path) -> None:
    page = player.open()
    player.where("here")
    player.guesses()
    (tmp_path / "cup.jpg").write_bytes(drawn("cup", "library", 1))
    page.locator(".pick-library").set_input_files(tmp_path / "cup.jpg")
    expect(page.locator(".still")).to_be_visible()
    expect(page.locator(".heat")).to_be_visible()
    player.guesses()
    page.locator(".freeze").tap()
    expect(page.locator(".still")).to_be_hidden()
    assert player.sent("/predict") == player.sent("/explain") == 0


def test_a_second_tab_plays_too(player: Player) -> None:
    player.open()
    player.where("here")
    second = player.context.new_page()
    second.goto(player.url)
    second.locator(".player[data-where=here]").wait_for(timeout=WAIT_MS)
    second.locator(".player[data-guess=sure], .player[data-guess=unsure]").wait_for(timeout=WAIT_MS)
    second.close()
    player.guesses()
    player.where("here")


def test_it_guesses_as_the_server_does(player: Player, prepared_class: PreparedClass) -> None:
    """The same things before the camera: the label on top is the same in both ways."""
    page = player.open()
    player.where("here")
    player.guesses()
    page.wait_for_timeout(1500)
    here = page.locator(".row.best .name").inner_text()
    page.route("**/on-device/**", lambda route: route.abort())
    player.open()
    player.where("away")
    player.guesses()
    page.wait_for_timeout(1500)
    assert page.locator(".row.best .name").inner_text() == here
    assert player.sent("/predict") > 0
    assert page.locator(".stays").is_hidden()


@pytest.mark.parametrize("name", ["worker.js", device.WASM])
def test_where_a_file_does_not_come_the_server_guesses(player: Player, name: str) -> None:
    player.page.route(f"**/on-device/*/{name}", lambda route: route.fulfill(status=404, body=""))
    player.open()
    player.where("away")
    player.guesses()
    assert player.sent("/predict") > 0


def test_an_exchanged_network_is_never_run(player: Player) -> None:
    def exchange(route: Route) -> None:
        route.fulfill(status=200, body=b"a log-in page of the Wi-Fi", content_type="text/html")

    player.page.route("**/on-device/graphs/*", exchange)
    page = player.open()
    player.where("away")
    assert page.locator(".player").get_attribute("data-where-reason") == "damaged"
    player.guesses()


def test_a_reset_takes_the_ai_from_the_ipad(player: Player) -> None:
    """Within ten seconds, where the page cannot run again as well: its websocket is gone."""
    page = player.open()
    player.where("here")
    page.route(
        "**/api/group/now*",
        lambda route: route.fulfill(
            status=200,
            headers={"X-Classroom": "1", "Content-Type": "application/json"},
            body='{"mark": "other", "phase": "collect", "epoch": 99}',
        ),
    )
    expect(page.locator(".player[data-where=here]")).to_have_count(0, timeout=10_000)
