"""The server's time of a round reaches open pages with each look, also where there is no other news."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from classroom_app.resources import App, set_app
from classroom_app.views.classes import EventView
from tests.integration.classroom_app.web.test_routes import Browser
from tests.support.contest import LedContest, LedShow, lead
from tests.support.stand_ins import group_cookie, identity, take, train


@pytest.fixture
def ipad(app: App, event: EventView) -> Iterator[Browser]:
    set_app(app)
    browser = Browser(app)
    browser.cookies.set("group", group_cookie(app, event, 0))
    yield browser
    set_app(None)


def test_a_look_without_news_brings_the_time(app: App, ipad: Browser) -> None:
    contest = LedContest(left_s=90.04)
    lead(app, contest)
    first = ipad("GET", "/api/group/now?page=train")
    assert (first.headers["x-round-left"], first.headers["x-round-paused"]) == ("90.0", "0")
    contest.left_s = 88.0
    known = {"If-None-Match": first.headers["etag"]}
    second = ipad("GET", "/api/group/now?page=train", headers=known)
    assert (second.status_code, second.headers["x-round-left"]) == (304, "88.0")
    contest.paused = True
    third = ipad("GET", "/api/group/now?page=train", headers=known)
    assert (third.status_code, third.headers["x-round-paused"]) == (200, "1")


def test_without_a_time_box_there_is_none(app: App, ipad: Browser) -> None:
    answer = ipad("GET", "/api/group/now?page=train")
    assert not [name for name in answer.headers if name.startswith("x-round")]


def test_no_route_of_a_group_tells_of_the_final_before_the_screen_does(
    app: App, ipad: Browser, event: EventView
) -> None:
    """While the show goes on, what a group is answered stays as it was before it."""
    for index in (0, 1):
        group = identity(app, event, index)
        take(app, group, event, 5, start=10 * index)
        train(app, group)
    run = app.runs.history(identity(app, event, 0))[0].id
    paths = ["/api/group", f"/runs/{run}", *(f"/api/group/now?page={page}" for page in ("results", "board"))]
    app.classes.set_phase(event.id, "reveal")
    show = LedShow()
    lead(app, show=show)
    before = {path: ipad("GET", path).text for path in paths}
    show.shown = (event.groups[2].id, event.groups[1].id)
    assert {path: ipad("GET", path).text for path in paths} == before
    assert "final" not in "".join(before.values())
    for path in ("/api/show/now", f"/api/show/now?event={event.id}", f"/api/events/{event.id}/leaderboard"):
        assert ipad("GET", path).status_code in {401, 404}, path
