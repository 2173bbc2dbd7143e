"""What one iPad of a group does reaches the others, and pages on which nothing changes stay as they are."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, WebSocket, expect

from tests.e2e.browser import WAIT_MS, ipad, join
from tests.support.class_over_http import facilitator_client, group_client, make_class, result_of
from tests.support.running import Running
from tests.support.stand_ins import COLORS, jpeg

pytestmark = pytest.mark.slow

LOOKS = 2  # questions of an open page for news


def test_an_open_page_follows_its_group_and_rests_otherwise(
    running: Running, launch: Callable[..., Browser]
) -> None:
    made = make_class(running.url)
    context = ipad(launch())
    page = join(context, f"{running.url}{made.groups[0].join_path}")
    counted = page.locator(".tile .count")
    expect(counted.first).to_have_text("0 / 5", timeout=WAIT_MS)
    sent: list[object] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: sent.append(frame))  # noqa: PLW0108  # playwright marks it

    page.on("websocket", listen)
    page.reload()
    expect(counted.first).to_have_text("0 / 5", timeout=WAIT_MS)
    page.wait_for_load_state("networkidle")
    sent.clear()
    for _ in range(LOOKS):
        with page.expect_response(lambda answer: "/api/group/now" in answer.url, timeout=WAIT_MS) as answer:
            pass
        assert answer.value.status == 304
    assert sent == []  # the page was not run

    with group_client(running.url, made.groups[0].join_path) as other:
        result_of(other.send_photo(made.label_ids["apple"], jpeg(COLORS["apple"])))
        expect(counted.first).to_have_text("1 / 5", timeout=WAIT_MS)
    with facilitator_client(running.url) as facilitator:
        result_of(facilitator.move_phase(made.id, "final"))
    expect(counted).to_have_count(0, timeout=WAIT_MS)
