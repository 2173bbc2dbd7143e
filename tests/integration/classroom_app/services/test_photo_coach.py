"""The photo coach and the face rule through the routes and the database; old tables brought up to them."""

from __future__ import annotations

import asyncio
import io
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from PIL import Image
from starlette.applications import Starlette

from classroom_app.data import migrate
from classroom_app.data.engine import make_engine
from classroom_app.data.tables import Photo
from classroom_app.errors import BadInputError, NotFoundError
from classroom_app.resources import App, set_app
from classroom_app.states import DeletionScope
from classroom_app.views.classes import EventView, GroupIdentity
from classroom_app.views.deletion import DeletionTarget
from classroom_app.web.asgi import own_routes
from tests.support.drawn_pictures import drawn_face, drawn_things
from tests.support.stand_ins import group_cookie, identity


def encoded(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


@pytest.fixture
def served(app: App) -> Iterator[Starlette]:
    set_app(app)
    yield Starlette(routes=own_routes(app.settings))
    set_app(None)


def send(
    served: Starlette, app: App, event: EventView, image: Image.Image, lang: str = "en", label: int = 0
) -> httpx.Response:
    """A photo of the first group's iPad."""
    cookies = {"group": group_cookie(app, event, 0), "lang": lang}

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(served)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://class.test", cookies=cookies
        ) as client:
            return await client.post(
                f"/photos?label={event.labels[label].id}",
                content=encoded(image),
                headers={"X-Classroom": "1", "X-Photo-Id": str(uuid.uuid4())},
            )

    return asyncio.run(ask())


def stored(app: App) -> int:
    with app.db.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Photo)) or 0


def files(app: App) -> set[Path]:
    return {path for path in (app.settings.data_dir / "blobs").rglob("*") if path.is_file()}


def test_a_good_photo_is_saved_without_a_word(app: App, event: EventView, served: Starlette) -> None:
    answer = send(served, app, event, drawn_things())
    assert answer.status_code == 201
    assert answer.json() == {"id": answer.json()["id"], "status": "saved", "coach": None, "message": None}


def test_a_dark_photo_is_saved_with_advice_in_the_ipads_language(
    app: App, event: EventView, served: Starlette
) -> None:
    night = drawn_things().point(lambda value: value // 6)
    answer = send(served, app, event, night)
    assert (answer.status_code, answer.json()["coach"]) == (201, "dark")
    assert "brighter" in answer.json()["message"]
    assert "<ruby>明<rt>あか</rt></ruby>" in send(served, app, event, night, lang="ja").json()["message"]


def test_the_third_of_a_kind_and_a_label_left_behind(app: App, event: EventView, served: Starlette) -> None:
    told = [send(served, app, event, drawn_things()).json()["coach"] for _ in range(3)]
    assert told == [None, None, "same"]
    for seed in range(1, 13):
        last = send(served, app, event, drawn_things(seed)).json()
    assert last["coach"] == "few"
    assert event.labels[1].emoji in last["message"]
    assert event.labels[1].name_en in last["message"]


def test_a_face_is_told_of_by_default_and_let_pass_where_the_class_says_so(
    app: App, event: EventView, served: Starlette
) -> None:
    assert event.faces == "warn"
    answer = send(served, app, event, drawn_face())
    assert (answer.status_code, answer.json()["coach"]) == (201, "face")
    app.classes.set_faces(event.id, "allow")
    answer = send(served, app, event, drawn_face((40, 160, 90)))
    assert (answer.status_code, answer.json()["coach"]) == (201, None)
    assert stored(app) == 2


def test_a_blocked_face_leaves_nothing_behind(app: App, event: EventView, served: Starlette) -> None:
    app.classes.set_faces(event.id, "block")
    before = files(app)
    answer = send(served, app, event, drawn_face())
    assert (answer.status_code, answer.json()["error"], answer.json()["retry"]) == (
        422,
        "photo_has_face",
        False,
    )
    assert "face" in answer.json()["message"]
    assert stored(app) == 0
    assert files(app) == before
    assert send(served, app, event, drawn_things()).status_code == 201


def test_a_group_with_a_child_who_must_not_be_in_pictures_keeps_no_face_and_the_others_go_on(
    app: App, event: EventView, served: Starlette
) -> None:
    app.classes.set_group_faces(event.id, event.groups[0].id, "block")
    assert [identity(app, event, index).faces for index in (0, 1)] == ["block", "warn"]
    assert [group.faces for group in app.classes.get(event.id).groups[:2]] == ["block", None]
    answer = send(served, app, event, drawn_face())
    assert (answer.status_code, answer.json()["error"], stored(app)) == (422, "photo_has_face", 0)
    app.classes.set_group_faces(event.id, event.groups[0].id, None)
    assert send(served, app, event, drawn_face((40, 160, 90))).status_code == 201


def test_a_rule_that_is_set_while_a_photo_is_read_holds_for_it(
    app: App, event: EventView, served: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = app.intake.clean

    def meanwhile(*given: Any, **options: Any) -> Any:
        app.classes.set_group_faces(event.id, event.groups[0].id, "block")
        return real(*given, **options)

    monkeypatch.setattr(app.intake, "clean", meanwhile)
    before = files(app)
    answer = send(served, app, event, drawn_face())
    assert (answer.status_code, answer.json()["error"], stored(app)) == (422, "photo_has_face", 0)
    assert files(app) == before


def test_a_groups_rule_is_never_looser_than_the_classs_and_outlives_a_reset(
    app: App, event: EventView
) -> None:
    first = event.groups[0].id
    app.classes.set_faces(event.id, "block")
    app.classes.set_group_faces(event.id, first, "allow")
    assert identity(app, event, 0).faces == "block"
    app.classes.set_faces(event.id, "allow")
    app.classes.set_group_faces(event.id, first, "block")
    app.privacy.delete(DeletionTarget(DeletionScope.GROUP_RESET, event.id, first))
    assert identity(app, event, 0).faces == "block"


def test_a_groups_rule_is_set_in_its_own_class_alone(app: App, event: EventView) -> None:
    other = app.classes.create("Other", 1, template="fruit")
    with pytest.raises(NotFoundError):
        app.classes.set_group_faces(other.id, event.groups[0].id, "block")
    with pytest.raises(BadInputError):
        app.classes.set_group_faces(event.id, event.groups[0].id, "sometimes")
    assert app.classes.get(event.id).groups[0].faces is None


def test_the_rule_for_faces_is_set_at_creation_and_checked(app: App, group: GroupIdentity) -> None:
    assert group.faces == "warn"
    event = app.classes.create("Careful", 1, template="fruit", faces="block")
    assert app.classes.get(event.id).faces == "block"
    assert identity(app, event, 0).faces == "block"
    with pytest.raises(BadInputError):
        app.classes.create("Odd", 1, template="fruit", faces="sometimes")
    with pytest.raises(BadInputError):
        app.classes.set_faces(event.id, "")


def test_a_class_made_over_http_may_bring_its_rule(app: App, served: Starlette) -> None:
    app.logins.first_start("a-long-password")
    cookie = app.logins.facilitator_cookie("facilitator")

    async def make(faces: str) -> httpx.Response:
        transport = httpx.ASGITransport(served)
        body = {"name": "Made", "groups": 1, "template": "fruit", "faces": faces}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://class.test", cookies={"facilitator": cookie}
        ) as client:
            return await client.post("/api/events", json=body, headers={"X-Classroom": "1"})

    answer = asyncio.run(make("block"))
    assert app.classes.get(answer.json()["id"]).faces == "block"
    assert asyncio.run(make("sometimes")).status_code == 422


def test_a_class_made_before_there_was_a_rule_gets_the_usual_one(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'old.sqlite'}")
    migrate.upgrade(engine, "0001")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO events VALUES ('e', 'Old', 'collect', 1, '2026-11-01 10:00:00')"
        )
    migrate.upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT name, faces FROM events")).all() == [("Old", "warn")]
    engine.dispose()
