"""The screens' routes: news, steps and photos, for a facilitator and for a projector of the class alone."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from classroom_app.data.tables import RunResult
from classroom_app.resources import App, set_app
from classroom_app.states import Half
from classroom_app.views.classes import EventView, RoundClock
from tests.integration.classroom_app.web.test_routes import OWN, Browser
from tests.support.stand_ins import identity, take, train


@pytest.fixture
def shown(app: App, event: EventView) -> EventView:
    """At its reveal, all groups there, with one AI that got every final photo wrong."""
    for other in event.groups[1:]:
        app.access.confirm_group(other.id)
    group = identity(app, event, 0)
    take(app, group, event, 5)
    run_id = train(app, group)
    labels = [label.id for label in event.labels]
    with app.db.write() as session:
        result = session.get(RunResult, run_id)
        assert result is not None
        result.answers = [
            {**one, "guess": next(x for x in labels if x != one["label"])} for one in result.answers
        ]
    app.classes.set_phase(event.id, "reveal")
    return event


@pytest.fixture
def projector(app: App, event: EventView) -> Iterator[Browser]:
    set_app(app)
    browser = Browser(app)
    assert browser("GET", f"/projector/{app.access.projector_link(event.id)}").status_code == 303
    yield browser
    set_app(None)


def press(browser: Browser, event: EventView, go: str, seen: int) -> httpx.Response:
    return browser.post("/api/show/step", json={"event": event.id, "go": go, "seen": seen})


def test_a_screen_asks_for_news_and_gets_nothing_where_there_is_none(
    app: App, projector: Browser, shown: EventView
) -> None:
    def ask(mark: str = "") -> httpx.Response:
        return projector("GET", f"/api/show/now?event={shown.id}", headers={"If-None-Match": mark})

    first = ask()
    body = first.json()
    assert (body["phase"], body["step"], body["steps"], body["scene"]) == ("reveal", 0, 8, "drum")
    assert (body["left_s"], body["ends"], body["over"]) == (None, None, False)
    same = ask(first.headers["etag"])
    assert (same.status_code, same.content) == (304, b"")
    assert "no-store" in same.headers["cache-control"]
    assert press(projector, shown, "next", 0).json() == {
        "step": 1, "steps": 8, "scene": "place", "over": False,
    }  # fmt: skip
    news = ask(first.headers["etag"])
    assert (news.status_code, news.json()["step"]) == (200, 1)


def test_another_end_of_the_clock_is_told_although_the_mark_is_the_same(
    app: App, projector: Browser, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = time.time() + 300

    def clock(_event_id: str) -> RoundClock:
        return RoundClock(end - time.time(), paused=False, frozen=False)

    monkeypatch.setattr(app.contest, "clock", clock)

    def ask(ends: object, mark: str) -> httpx.Response:
        headers = {"If-None-Match": mark}
        return projector("GET", f"/api/show/now?event={event.id}&ends={ends}", headers=headers)

    first = ask("", "")
    mark, ends = first.headers["etag"], first.json()["ends"]
    assert ends == pytest.approx(end, abs=1)
    assert ask(ends, mark).status_code == 304
    for wrong in ("", "nan", "inf", "soon", ends + 60):
        answer = ask(wrong, mark)
        assert (answer.status_code, answer.headers["etag"]) == (200, mark), wrong


def test_who_saw_an_older_step_skips_none(projector: Browser, shown: EventView) -> None:
    assert [press(projector, shown, "next", 0).json()["step"] for _ in range(3)] == [1, 1, 1]
    assert press(projector, shown, "back", 1).json()["step"] == 0


def test_a_projector_leads_and_sees_its_own_class_alone(
    app: App, projector: Browser, shown: EventView
) -> None:
    other = app.classes.create("Other", 1, template="fruit")
    assert projector("GET", f"/api/show/now?event={other.id}").status_code == 401
    assert press(projector, other, "next", 0).status_code == 401
    app.access.rotate_projector(shown.id)
    assert press(projector, shown, "next", 0).status_code == 401
    assert app.show.now(shown.id).step == 0


def test_nobody_leads_without_a_cookie_or_from_another_site(
    app: App, projector: Browser, shown: EventView
) -> None:
    body = {"event": shown.id, "go": "next", "seen": 0}
    assert Browser(app)("POST", "/api/show/step", json=body, headers=OWN).status_code == 401
    assert projector("POST", "/api/show/step", json=body).status_code == 401, "a form of another site"
    group = Browser(app)
    group("GET", shown.groups[0].join_path)
    assert group("POST", "/api/show/step", json=body, headers=OWN).status_code == 401
    assert app.show.now(shown.id).step == 0


def test_a_facilitator_leads_any_class(app: App, projector: Browser, shown: EventView) -> None:
    app.logins.first_start("a-long-password")
    desk = Browser(app)
    login = {"username": "facilitator", "password": "a-long-password"}
    assert desk.post("/session/facilitator", json=login).status_code == 204
    assert press(desk, shown, "next", 0).json()["step"] == 1
    assert desk("GET", "/api/show/now?event=nowhere").status_code == 404


def test_wishes_that_nobody_knows_are_refused_and_so_are_steps_before_the_reveal(
    app: App, projector: Browser, shown: EventView
) -> None:
    assert press(projector, shown, "jump", 0).status_code == 422
    for seen in (None, "0", True):
        wrong = {"event": shown.id, "go": "next", "seen": seen}
        assert projector.post("/api/show/step", json=wrong).status_code == 422
    app.classes.set_phase(shown.id, "final")
    assert press(projector, shown, "next", 0).json()["error"] == "error_conflict"


def test_only_the_photos_that_the_show_shows_and_only_at_the_reveal(
    app: App, projector: Browser, shown: EventView
) -> None:
    def look(photo: str, browser: Browser = projector) -> httpx.Response:
        return browser("GET", f"/api/show/photos/{photo}?event={shown.id}")

    hard = app.show.story(shown.id).hardest.photos
    assert len(hard) == 3
    answer = look(hard[0].photo_id)
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == (
        "image/jpeg",
        "private, no-store",
    )
    with app.db.read() as session:
        rows = session.query(RunResult).one().answers
    practice = next(one["photo"] for one in rows if one["half"] == Half.PRACTICE)
    assert look(practice).status_code == 404
    assert look("nothing").status_code == 404
    assert look(hard[0].photo_id, Browser(app)).status_code == 401
    app.classes.set_phase(shown.id, "final")
    assert look(hard[0].photo_id).status_code == 404
