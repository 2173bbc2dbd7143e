"""Photos that no decoder gets through with: they wait, and then are set aside. The processes are real."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY
from sqlalchemy import func, select

from classroom_app.compute.interface import MlClient
from classroom_app.data.tables import UnreadPhoto
from classroom_app.errors import PhotoUnreadError
from classroom_app.intake import decoder_process
from classroom_app.intake.decoder_client import DecoderProcess
from classroom_app.intake.decoder_pool import Intake
from classroom_app.resources import App, build, set_app
from classroom_app.settings import Settings
from classroom_app.states import DeletionScope
from classroom_app.views.classes import EventView
from classroom_app.views.deletion import DeletionTarget
from tests.conftest import PASSWORD_ROUNDS
from tests.integration.classroom_app.web.test_routes import Browser
from tests.support.challenge_set import put_in
from tests.support.stand_ins import COLORS, StandInMl, group_cookie, identity, jpeg, train

POISON = jpeg(COLORS["apple"], 666)
Posts = Callable[..., tuple[int, str, bool]]


class Frail(DecoderProcess):
    """Is killed by one photo, and by every photo once `all_die`."""

    all_die = False

    def ask(self, job: decoder_process.Job, timeout_s: float) -> decoder_process.DecodeResult:
        if self.all_die or job.data == POISON:
            self.process.kill()
            self.process.wait()
        return super().ask(job, timeout_s)


@pytest.fixture
def make_app(settings: Settings) -> Iterator[Callable[[MlClient], App]]:
    """Its apps decode by processes that can be killed."""
    intake = Intake(workers=1, start=Frail)
    yield lambda ml: build(settings, ml=ml, intake=intake, password_rounds=PASSWORD_ROUNDS)
    intake.close()


@pytest.fixture(autouse=True)
def app_of_routes(app: App) -> Iterator[None]:
    set_app(app)
    yield
    set_app(None)


@pytest.fixture
def post(app: App, event: EventView) -> Posts:
    ipad = Browser(app)
    ipad.cookies.set("group", group_cookie(app, event, 0))

    def send(photo_id: str, data: bytes = POISON) -> tuple[int, str, bool]:
        headers = {"X-Photo-Id": photo_id}
        answer = ipad.post(f"/photos?label={event.labels[0].id}", content=data, headers=headers)
        return answer.status_code, answer.json().get("error", ""), answer.json().get("retry", False)

    return send


def rows(app: App) -> int:
    with app.db.read() as session:
        return session.scalar(select(func.count()).select_from(UnreadPhoto)) or 0


def value(name: str) -> float:
    return REGISTRY.get_sample_value(name) or 0.0


def test_a_photo_that_kills_every_decoder_ends_and_is_told_so(
    app: App, event: EventView, post: Posts
) -> None:
    before, photo_id = value("classroom_photos_set_aside_total"), str(uuid.uuid4())
    assert post(photo_id) == (503, "photo_unread", True)
    assert post(str(uuid.uuid4()), jpeg(COLORS["apple"], 1))[0] == 201, "the others go on"
    assert post(photo_id) == (503, "photo_unread", True)
    assert app.classes.monitor(event.id)[0].set_aside == 0
    with structlog.testing.capture_logs() as log:
        assert post(photo_id) == (422, "photo_set_aside", False)
    of_it = [line["event"] for line in log if line["event"] in {"decoder_failed", "photo_set_aside"}]
    assert of_it == ["decoder_failed", "decoder_failed", "photo_set_aside"]
    with structlog.testing.capture_logs() as log:
        assert post(photo_id) == (422, "photo_set_aside", False)
    assert "decoder_failed" not in {line["event"] for line in log}, "nobody looks at it again"
    assert value("classroom_photos_set_aside_total") == before + 1
    assert [line.set_aside for line in app.classes.monitor(event.id)] == [1, 0, 0]
    assert len(app.photos.of_group(event.id, event.groups[0].id)) == 1
    assert not any(photo_id in key for key in app.files.keys("events/"))


def test_a_photo_whose_other_post_got_through_is_not_counted(
    app: App, event: EventView, post: Posts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The iPad gave the first post up while it hung, and sent the photo again."""
    photo_id = str(uuid.uuid4())
    clean = app.intake.clean

    def hangs(*args: Any, **options: Any) -> Any:
        monkeypatch.setattr(app.intake, "clean", clean)
        assert post(photo_id, jpeg(COLORS["apple"], 1))[0] == 201
        raise PhotoUnreadError

    monkeypatch.setattr(app.intake, "clean", hangs)
    assert post(photo_id)[0] == 503
    assert rows(app) == 0


def test_posts_are_counted_over_all_web_processes(
    app: App, post: Posts, settings: Settings, make_app: Callable[[MlClient], App], ml: StandInMl
) -> None:
    photo_id = str(uuid.uuid4())
    assert post(photo_id)[0] == 503
    other = build(settings, ml=ml, intake=Intake(workers=1, start=Frail), password_rounds=PASSWORD_ROUNDS)
    set_app(other)
    try:
        assert post(photo_id)[0] == 503
        set_app(app)
        assert post(photo_id) == (422, "photo_set_aside", False)
    finally:
        other.intake.close()
        other.db.close()


def test_a_photo_that_gets_through_at_last_is_an_ordinary_one(
    app: App, post: Posts, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo_id, good = str(uuid.uuid4()), jpeg(COLORS["apple"], 2)
    monkeypatch.setattr(Frail, "all_die", True)
    assert [post(photo_id, good)[0] for _ in range(2)] == [503, 503]
    assert rows(app) == 1
    monkeypatch.setattr(Frail, "all_die", False)
    assert post(photo_id, good)[0] == 201
    assert rows(app) == 0


def test_when_every_photo_fails_none_is_set_aside(
    app: App, post: Posts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Frail, "all_die", True)
    photos = {str(uuid.uuid4()): jpeg(COLORS["apple"], 10 + number) for number in range(4)}
    answers = [post(photo_id, data) for _ in range(4) for photo_id, data in photos.items()]
    assert {status for status, _, _ in answers} == {503}
    assert not app.intake.is_working()
    monkeypatch.setattr(Frail, "all_die", False)
    assert [post(photo_id, data)[0] for photo_id, data in photos.items()] == [201] * 4


@pytest.mark.parametrize("scope", ["group_reset", "group", "label", "event"])
def test_what_was_set_aside_goes_with_the_rest_and_is_counted_nowhere(
    app: App, event: EventView, post: Posts, scope: str
) -> None:
    photo_id = str(uuid.uuid4())
    for _ in range(3):
        post(photo_id)
    assert rows(app) == 1
    group_id = None if scope == "event" else event.groups[0].id
    label_id = event.labels[0].id if scope == "label" else None
    receipt = app.privacy.delete(DeletionTarget(DeletionScope(scope), event.id, group_id, label_id=label_id))
    assert receipt.clean
    assert receipt.deleted["photos"] == 0
    assert rows(app) == 0


def test_a_live_frame_that_kills_its_decoder_may_come_again(app: App, event: EventView, post: Posts) -> None:
    for label in event.labels:
        for number in range(5):
            photo = jpeg(COLORS[label.key], number)
            ipad = Browser(app)
            ipad.cookies.set("group", group_cookie(app, event, 0))
            ipad.post(f"/photos?label={label.id}", content=photo, headers={"X-Photo-Id": str(uuid.uuid4())})
    train(app, identity(app, event, 0))
    ipad = Browser(app)
    ipad.cookies.set("group", group_cookie(app, event, 0))
    for _ in range(4):
        answer = ipad.post("/predict", content=POISON)
        assert (answer.status_code, answer.json()["error"]) == (503, "photo_unread")
    assert ipad.post("/predict", content=jpeg(COLORS["apple"], 3)).status_code == 200
    assert rows(app) == 0


def test_a_challenge_file_that_kills_its_decoder_does_not_stop_the_others(app: App, event: EventView) -> None:
    files = [("a.jpg", jpeg(COLORS["apple"], 71)), ("b.jpg", POISON), ("c.jpg", jpeg(COLORS["apple"], 72))]
    upload = put_in(app.challenge, event.id, event.labels[0].id, files)
    assert upload.added == 2
    assert {key: item.names for key, item in upload.rejected.items()} == {"photo_unread": ["b.jpg"]}
