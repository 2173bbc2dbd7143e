"""A child tries the camera in the lobby, alone: nothing of it leaves the iPad, and then the race begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Request,
    ViewportSize,
    WebSocket,
    expect,
)
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from classroom_app.rehearsal.answers import CreatedClass
from tests.e2e.browser import LANDSCAPE, PORTRAIT, drawn_film, ipad, press
from tests.support.class_over_http import facilitator_client, make_class, result_of
from tests.support.prepared_class import PreparedClass

pytestmark = pytest.mark.slow

SIZED_MS = 400  # the page has come to rest after its screen was turned
HEARD_MS = 3_000  # a change of the permission comes as an event
PICTURE_BYTES = 5_000  # any picture worth the name is larger
STILL_IS_EMPTY = "canvas => canvas.width === 0 && canvas.height === 0"


@pytest.fixture
def lobby(prepared_class: PreparedClass) -> Iterator[CreatedClass]:
    """A class of its own in the app that the browser tests share: the other one is somewhere in its day."""
    url = prepared_class.app.url
    made = make_class(url)
    with facilitator_client(url) as facilitator:
        result_of(facilitator.move_phase(made.id, "lobby"))
        yield made
        result_of(facilitator.delete_class(made.id))


def came_in(context: BrowserContext, prepared_class: PreparedClass, made: CreatedClass) -> Page:
    page = context.new_page()
    page.goto(f"{prepared_class.app.url}{made.groups[0].join_path}")
    press(page, "big_yes")
    page.locator(".big-message.moving").wait_for()
    return page


def place_of(part: Locator, size: ViewportSize) -> tuple[int, ...]:
    part.page.set_viewport_size(size)
    part.page.wait_for_timeout(SIZED_MS)
    box = part.bounding_box()
    assert box
    return round(box["x"]), round(box["y"]), round(box["width"]), round(box["height"])


def test_one_shot_is_taken_looked_at_and_thrown_away_and_nothing_is_sent(
    prepared_class: PreparedClass, lobby: CreatedClass, launch: Callable[..., Browser], tmp_path: Path
) -> None:
    context = ipad(launch(drawn_film(tmp_path / "apple.y4m", "apple")))
    requests: list[Request] = []
    frames: list[str | bytes] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: frames.append(frame))  # noqa: PLW0108  # playwright marks it

    context.on("page", lambda page: page.on("websocket", listen))
    page = came_in(context, prepared_class, lobby)
    context.on("request", lambda asked: requests.append(asked))  # noqa: PLW0108  # as above
    frames.clear()
    press(page, "big_camera")
    page.locator(".tryout[data-word=live]").wait_for()
    finder = page.locator(".tryout .finder")
    places = [place_of(finder, size) for size in (PORTRAIT, LANDSCAPE)]
    page.locator(".shutter").tap()
    still = page.locator(".tryout .still")
    expect(still).to_be_visible()
    assert [place_of(finder, size) for size in (PORTRAIT, LANDSCAPE)] == places, "nothing jumps"
    expect(page.locator(".back")).to_be_hidden()  # one way on, and once more
    assert still.evaluate("canvas => canvas.width") > 200
    expect(page.locator(".taken")).to_have_text("うまく とれたよ！")
    expect(page.locator(".gone")).to_contain_text("どこにも おくらない")
    page.locator(".more").tap()  # once more, as children do
    assert still.evaluate(STILL_IS_EMPTY)
    page.locator(".shutter").tap()
    expect(still).to_be_visible()
    page.locator(".done").tap()
    expect(page.locator(".big-message")).to_contain_text("オーケー")
    expect(page.locator("video")).to_have_count(0)  # the camera is off again
    assert [asked.url for asked in requests if asked.method != "GET"] == []
    assert max(len(frame) for frame in frames) < PICTURE_BYTES
    assert page.evaluate("window.classroomPhotoQueue") is None

    with facilitator_client(prepared_class.app.url) as facilitator:
        result_of(facilitator.move_phase(lobby.id, "collect"))
    page.locator(".cam[data-word=live]").wait_for()  # no question any more: the race begins at once
    context.close()


def test_a_camera_that_is_refused_is_told_with_the_way_to_allow_it(
    prepared_class: PreparedClass, lobby: CreatedClass, launch: Callable[..., Browser], tmp_path: Path
) -> None:
    context = ipad(launch(drawn_film(tmp_path / "apple.y4m", "apple")), camera=False)
    page = came_in(context, prepared_class, lobby)
    press(page, "big_camera")
    page.locator(".tryout[data-word=denied]").wait_for()
    expect(page.locator(".sentence")).to_contain_text("カメラが とまっているよ")
    expect(page.locator(".allow li")).to_have_count(3)
    expect(page.locator(".allow")).to_be_visible()
    expect(page.locator(".allow + .ask")).to_be_visible()  # whom to call, after the steps
    expect(page.locator(".card .help")).to_be_hidden()
    expect(page.locator(".shutter")).to_be_hidden()
    context.grant_permissions(["camera"])  # a grown-up was here
    with suppress(PlaywrightTimeoutError):  # the page may hear of it before the finger is there
        page.locator(".allowed").tap(timeout=HEARD_MS)
    page.locator(".tryout[data-word=live]").wait_for()
    expect(page.locator(".allow")).to_be_hidden()
    page.locator(".back").tap()
    page.locator(".big-message.moving").wait_for()
    context.close()
