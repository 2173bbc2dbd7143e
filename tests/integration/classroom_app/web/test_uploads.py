"""Photos that come late, after a reset, a deletion or the end of a class, and too many at once."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
import uuid

import pytest
from prometheus_client import REGISTRY
from starlette.requests import Request
from starlette.responses import Response

from classroom_app.data.tables import BuriedPhoto, Photo, utcnow
from classroom_app.errors import ConflictError, UnavailableError
from classroom_app.resources import App, set_app
from classroom_app.states import DeletionScope
from classroom_app.views.classes import EventView, GroupIdentity
from classroom_app.views.console import IPadWord
from classroom_app.views.deletion import DeletionTarget
from classroom_app.web.routes.upload_turns import few_at_once
from tests.integration.classroom_app.web.test_routes import Browser
from tests.support.stand_ins import COLORS, group_cookie, jpeg, take


@pytest.fixture
def ipad(app: App, event: EventView) -> Browser:
    set_app(app)
    browser = Browser(app)
    browser.cookies.set("group", group_cookie(app, event, 0))
    return browser


def send(ipad: Browser, event: EventView, **headers: str) -> tuple[int, str, bool]:
    """Status, error and whether to try again."""
    own = {"X-Photo-Id": str(uuid.uuid4()), "X-Group-Id": event.groups[0].id}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    path = f"/photos?label={event.labels[0].id}"
    answer = ipad.post(path, content=jpeg(COLORS["apple"]), headers={**own, **named})
    return answer.status_code, answer.json().get("error", ""), answer.json().get("retry", False)


def test_a_photo_of_before_the_reset_is_refused_for_good(app: App, ipad: Browser, event: EventView) -> None:
    assert send(ipad, event, X_Group_Epoch="1")[0] == 201
    app.privacy.delete(DeletionTarget(DeletionScope.GROUP_RESET, event.id, event.groups[0].id))
    for _ in range(2):
        assert send(ipad, event, X_Group_Epoch="1") == (409, "error_group_was_reset", False)
    assert send(ipad, event, X_Group_Epoch="2")[0] == 201
    assert send(ipad, event)[0] == 201, "a client that knows of no epoch"


@pytest.mark.parametrize("scope", ["photo", "label"])
def test_a_retry_does_not_bring_a_deleted_photo_back(
    app: App, ipad: Browser, event: EventView, group: GroupIdentity, scope: str
) -> None:
    photo_id = take(app, group, event, 1)[0]
    assert send(ipad, event, X_Photo_Id=photo_id)[0] == 200
    label = event.labels[0].id
    app.privacy.delete(
        DeletionTarget(DeletionScope.PHOTO, event.id, group.id, photo_id=photo_id)
        if scope == "photo"
        else DeletionTarget(DeletionScope.LABEL, event.id, group.id, label)
    )
    assert send(ipad, event, X_Photo_Id=photo_id) == (409, "photo_was_deleted", False)
    assert app.photos.album(group).counts.get(label, 0) == 0


def test_ids_of_deleted_photos_are_forgotten_after_a_day(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    photo_id = take(app, group, event, 1)[0]
    app.photos.delete(group, photo_id)
    with app.db.write() as session:
        row = session.get(Photo, photo_id)
        assert row is not None
        row.deleted_at = utcnow() - dt.timedelta(days=1)
    app.privacy.sweep()
    with pytest.raises(ConflictError):
        app.photos.take(group, event.labels[0].id, photo_id, None, jpeg(COLORS["apple"]))
    with app.db.write() as session:
        buried = session.get(BuriedPhoto, photo_id)
        assert buried is not None
        buried.buried_at = utcnow() - dt.timedelta(hours=25)
    app.privacy.sweep()
    with app.db.read() as session:
        assert session.get(BuriedPhoto, photo_id) is None


def test_an_ipad_hears_when_its_class_is_over(app: App, ipad: Browser, event: EventView) -> None:
    app.classes.renew_group_links(event.id, event.groups[0].id)
    assert send(ipad, event)[:2] == (401, "error_not_allowed"), "the group may come back"
    app.classes.set_phase(event.id, "closed")
    assert send(ipad, event) == (401, "class_over", False)
    app.privacy.delete(DeletionTarget(DeletionScope.EVENT, event.id))
    assert send(ipad, event)[:2] == (401, "class_over")
    assert send(ipad, event, X_Group_Id="another")[:2] == (401, "error_not_allowed")
    ipad.cookies.clear()
    ipad.cookies.set("group", "made.up")
    assert send(ipad, event)[:2] == (401, "error_not_allowed")


def test_a_photo_waits_when_no_worker_can_be_had(
    app: App, ipad: Browser, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*args: object, **options: object) -> None:
        raise UnavailableError

    monkeypatch.setattr(app.intake, "clean", busy)
    assert send(ipad, event) == (503, "error_unavailable", True)


def test_uploads_take_turns_and_the_rest_is_told_to_come_again(app: App) -> None:
    set_app(app)
    inside, most, lock = 0, 0, threading.Lock()

    async def work(request: Request) -> Response:
        nonlocal inside, most
        await request.body()
        with lock:
            inside += 1
            most = max(most, inside)
        await asyncio.sleep(0.05)
        with lock:
            inside -= 1
        return Response(status_code=201)

    endpoint = few_at_once(work, at_once=2, waiting_max=3)

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"photo", "more_body": False}

    async def one() -> Response:
        scope = {"type": "http", "method": "POST", "path": "/photos", "headers": [], "query_string": b""}
        return await endpoint(Request(scope, receive))

    async def crowd() -> list[Response]:
        first = [asyncio.ensure_future(one()) for _ in range(5)]
        await asyncio.sleep(0.01)
        late = await one()
        return [*await asyncio.gather(*first), late, await one()]

    *served, late, after = asyncio.run(crowd())
    assert [answer.status_code for answer in served] == [201] * 5
    assert (late.status_code, late.headers["Retry-After"]) == (503, "2")
    assert after.status_code == 201
    assert most == 2


@pytest.mark.parametrize("timed", [True, False])
def test_the_time_that_a_slow_network_takes_is_not_ours(app: App, timed: bool) -> None:
    """Or a school's Wi-Fi would call for one more pod; what is far larger than a photo is not measured."""
    set_app(app)

    async def work(request: Request) -> Response:
        await request.body()
        return Response(status_code=201)

    slow = [(0.0, b"ph", True), (0.5, b"oto", False)]

    async def receive() -> dict[str, object]:
        wait_s, body, more = slow.pop(0)
        await asyncio.sleep(wait_s)
        return {"type": "http.request", "body": body, "more_body": more}

    def figures() -> tuple[float, float]:
        found = REGISTRY.get_sample_value("classroom_upload_seconds_sum")
        return found or 0.0, REGISTRY.get_sample_value("classroom_upload_seconds_count") or 0.0

    seconds, number = figures()
    scope = {"type": "http", "method": "POST", "path": "/photos", "headers": [], "query_string": b""}

    async def one() -> Response:
        return await few_at_once(work, 2, 3, timed=timed)(Request(scope, receive))

    asyncio.run(one())
    now_seconds, now_number = figures()
    assert now_number - number == timed
    assert now_seconds - seconds < 0.4


def test_leaving_twice_at_once_is_no_error(app: App, event: EventView) -> None:
    cookie = group_cookie(app, event, 0)
    for _ in range(2):
        app.access.leave_group(cookie)
    assert app.access.group(cookie) is None


def test_a_word_of_a_group_that_is_deleted_meanwhile_may_come_again(app: App) -> None:
    """Its row's owner went between the look at the cookie and the write."""
    with pytest.raises(UnavailableError):
        app.ipads.note(str(uuid.uuid4()), IPadWord(str(uuid.uuid4())))
