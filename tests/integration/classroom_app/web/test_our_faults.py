"""What is our own fault is logged and said so; nobody is told that theirs it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest
import structlog
from anyio import CapacityLimiter
from starlette.requests import Request
from structlog.typing import EventDict

from classroom_app.compute.interface import Explained, FrameSeen, Prediction
from classroom_app.errors import ClassroomError, ConflictError, MlRefusedError
from classroom_app.resources import App, set_app
from classroom_app.views.classes import EventView, GroupIdentity
from classroom_app.web.routes import common
from classroom_app.web.routes.access import ROUTES
from classroom_app.web.routes.upload_turns import UploadInTurn
from tests.integration.classroom_app.web.test_routes import Browser
from tests.support.stand_ins import COLORS, StandInMl, group_cookie, jpeg, take, train

UNREAD = Prediction("frame", (), unsure=False, error_key="photo_unreadable")


@pytest.fixture
def ipad(app: App, event: EventView, group: GroupIdentity) -> Iterator[Browser]:
    take(app, group, event, 5)
    train(app, group)
    set_app(app)
    browser = Browser(app)
    browser.cookies.set("group", group_cookie(app, event, 0))
    yield browser
    set_app(None)


def refused(*_args: object, **_options: object) -> Prediction:
    raise MlRefusedError(reason="wrong_space")


@pytest.mark.parametrize("path", ["/predict", "/explain"])
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (refused, "wrong_space"),
        (lambda *_args, **_options: UNREAD, "photo_unreadable"),
    ],
)
def test_a_compute_tier_that_refuses_our_own_picture_blames_no_child(
    ipad: Browser,
    ml: StandInMl,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    answer: Callable[..., Prediction],
    reason: str,
) -> None:
    def explained(*args: object, **options: object) -> Explained:
        return Explained(answer(*args, **options), "", 0, 0, b"", ())

    def seen(*args: object, **options: object) -> FrameSeen:
        return FrameSeen(answer(*args, **options))

    monkeypatch.setattr(ml, "predict_frame", seen)
    monkeypatch.setattr(ml, "explain", explained)
    with structlog.testing.capture_logs() as log:
        said = ipad.post(path, content=jpeg(COLORS["apple"], 1))
    assert (said.status_code, said.json()["error"]) == (500, "error_internal")
    [line] = [line for line in log if line["event"] == "route_failed"]
    assert (line["log_level"], line["detail"]) == ("error", {"reason": reason})


def lines_of(error: ClassroomError, app: App) -> list[EventDict]:
    set_app(app)
    request = Request({"type": "http", "headers": [], "method": "GET"})
    with structlog.testing.capture_logs() as log:
        assert b'"message"' in common.error_response(request, error).body
    set_app(None)
    return log


def test_a_sentence_that_is_missing_or_lacks_a_word_is_logged(app: App) -> None:
    for error in (ConflictError("no_such_sentence"), ConflictError("photos_full")):
        [line] = lines_of(error, app)
        assert (line["event"], line["key"], line["log_level"]) == ("sentence_missing", error.key, "error")
    assert lines_of(ConflictError("photos_full", number=3), app) == []


def test_json_that_nests_too_deep_is_a_bad_request(app: App) -> None:
    set_app(app)
    browser = Browser(app)
    posts = [
        route.path
        for route in ROUTES
        if route.path.startswith("/session/") and route.methods == {"POST"} and "leave" not in route.path
    ]
    assert len(posts) == 3
    for path in posts:
        for deep in (b"[" * 60_000, b'{"a":' * 10_000):
            with structlog.testing.capture_logs() as log:
                answer = browser.post(path, content=deep)
            assert (answer.status_code, answer.json()["error"]) == (422, "error_bad_input")
            assert "route_failed" not in {line["event"] for line in log}
    set_app(None)


def test_a_turn_that_is_given_back_twice_is_no_secret() -> None:
    async def twice() -> None:
        turns = CapacityLimiter(1)

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b"x", "more_body": False}

        upload = UploadInTurn(Request({"type": "http", "headers": []}, receive), turns)
        upload.leave()  # refused before its turn came
        assert await upload.body() == b"x"
        assert turns.borrowed_tokens == 1
        upload.leave()
        upload.leave()
        assert turns.borrowed_tokens == 0
        other = UploadInTurn(Request({"type": "http", "headers": []}, receive), turns)
        assert await other.body() == b"x"
        turns.release_on_behalf_of(other)  # by somebody whose turn it is not
        with pytest.raises(RuntimeError):
            other.leave()

    asyncio.run(twice())


def test_a_file_that_a_row_names_and_nobody_has_is_logged(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    photo_id = take(app, group, event, 1)[0]
    app.files.delete_prefix(f"events/{event.id}/groups/")
    with structlog.testing.capture_logs() as log, pytest.raises(ClassroomError):
        app.photos.picture(photo_id, "full", group=group)
    assert [line["event"] for line in log] == ["file_missing"]
