"""The practice photos that a group gets over the routes: small, marked, and of no use as training photos."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator

import pytest
from PIL import Image, ImageChops

from classroom_app.data.tables import ChallengePhoto
from classroom_app.resources import App, set_app
from classroom_app.views.classes import EventView
from tests.integration.classroom_app.web.test_routes import Browser
from tests.support.challenge_set import put_in
from tests.support.stand_ins import COLORS, group_cookie, identity, jpeg, train

LARGE_PX = 640
SMALL_PX = 240


@pytest.fixture
def large_event(app: App) -> EventView:
    """A class whose challenge photos are as large as a facilitator's."""
    event = app.classes.create("Large", 2, template="fruit")
    for label in event.labels:
        files = [(f"{n}.jpg", jpeg(COLORS[label.key], 2000 + n, LARGE_PX)) for n in range(4)]
        assert put_in(app.challenge, event.id, label.id, files).added == 4
    app.classes.set_phase(event.id, "collect")
    return app.classes.get(event.id)


@pytest.fixture
def ipad(app: App, large_event: EventView) -> Iterator[Browser]:
    """An iPad of a group that took the bananas for oranges, and the other way round."""
    group = identity(app, large_event, 0)
    apple, banana, orange = large_event.labels
    for label, color in ((apple, "apple"), (banana, "orange"), (orange, "banana")):
        for n in range(5):
            app.photos.take(group, label.id, str(uuid.uuid4()), None, jpeg(COLORS[color], n))
    train(app, group)
    set_app(app)
    browser = Browser(app)
    browser.cookies.set("group", group_cookie(app, large_event, 0))
    yield browser
    set_app(None)


def mistaken(app: App, event: EventView) -> str:
    return app.mistakes.list(identity(app, event, 0))[0].photo_id


def kept(app: App, photo_id: str) -> Image.Image:
    """The photo as the facilitator's is kept."""
    with app.db.read() as session:
        key = session.get_one(ChallengePhoto, photo_id).blob_key
    with app.db.read():
        return Image.open(io.BytesIO(app.files.get_photo(key))).convert("RGB")


def test_a_group_gets_a_small_picture_with_a_mark_in_its_pixels(
    app: App, ipad: Browser, large_event: EventView
) -> None:
    photo_id = mistaken(app, large_event)
    answer = ipad("GET", f"/mistakes/{photo_id}/thumb")
    assert answer.status_code == 200
    assert "no-store" in answer.headers["cache-control"]
    picture = Image.open(io.BytesIO(answer.content)).convert("RGB")
    assert max(picture.size) == SMALL_PX
    original = kept(app, photo_id)
    assert max(original.size) == LARGE_PX
    changed = ImageChops.difference(picture, original.resize(picture.size)).convert("L")
    corner = changed.crop((SMALL_PX * 3 // 4, SMALL_PX * 3 // 4, SMALL_PX, SMALL_PX))
    inside = changed.crop((SMALL_PX // 4, SMALL_PX // 4, SMALL_PX // 2, SMALL_PX // 2))
    marked = sum(corner.point(lambda value: value > 60).histogram()[1:])
    assert marked > 0.3 * corner.width * corner.height
    # What there is to see is still to be seen.
    assert sum(inside.point(lambda value: value > 60).histogram()[1:]) < 0.05 * inside.width * inside.height


@pytest.mark.parametrize("size", ["full", "original", "large", ""])
def test_no_address_gives_a_group_the_photo_itself(
    app: App, ipad: Browser, large_event: EventView, size: str
) -> None:
    photo_id = mistaken(app, large_event)
    for path in (f"/mistakes/{photo_id}/{size}", f"/photos/{photo_id}/{size}", f"/photos/{photo_id}/thumb"):
        answer = ipad("GET", path)
        assert answer.status_code in {404, 422}, path
        assert "image" not in answer.headers.get("content-type", ""), path


def test_the_map_of_where_the_ai_looked_is_made_of_the_photo_itself(
    app: App, ipad: Browser, large_event: EventView
) -> None:
    answer = ipad("GET", f"/mistakes/{mistaken(app, large_event)}/reason")
    assert answer.status_code == 200
    assert answer.json()["rows"] * answer.json()["columns"] > 0
