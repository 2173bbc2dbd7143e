"""Practice photos that children see may be sent back as training photos: that raises no score."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from classroom_app.resources import App
from tests.support import copies
from tests.support.challenge_set import put_in
from tests.support.stand_ins import COLORS, identity, jpeg, train

HALF = 8  # challenge photos of a label in each half


@pytest.mark.parametrize("change", [bytes, copies.compressed], ids=["as they are", "compressed"])
def test_practice_photos_sent_back_as_training_photos_raise_no_score(
    app: App, change: Callable[[bytes], bytes]
) -> None:
    event = app.classes.create("Copying", 1, template="fruit")
    keys = [label.key for label in event.labels]
    for place, label in enumerate(event.labels):
        photos = [copies.tinted(COLORS[label.key], 100 * (place + 1) + n) for n in range(2 * HALF)]
        files = [(f"{n}.jpg", photo) for n, photo in enumerate(photos)]
        assert put_in(app.challenge, event.id, label.id, files).added == 2 * HALF
    app.classes.set_phase(event.id, "collect")
    group = identity(app, event, 0)

    def send(label_id: str, photo: bytes) -> None:
        assert app.photos.take(group, label_id, str(uuid.uuid4()), None, photo).fresh

    def right() -> int | None:
        return app.runs.status(group, train(app, group)).practice_correct

    for place, label in enumerate(event.labels):
        for n in range(5):  # everything under the wrong label: the first AI is bad
            send(label.id, jpeg(COLORS[keys[place - 1]], n))
    before = right()
    assert before is not None
    shown = app.mistakes.list(group)
    assert len(shown) >= HALF * len(keys) - before > HALF
    for mistake in shown:
        send(mistake.label.id, change(app.challenge.picture(mistake.photo_id, "full")))
    assert right() == before
    after = app.runs.latest(group)
    assert after is not None
    assert (after.photos, after.left_out) == (5 * len(keys), len(shown))
    album = app.photos.album(group)
    assert len(album.photos) == 5 * len(keys) + len(shown)  # they stay in it ...
    assert sum(album.counts.values()) == 5 * len(keys)  # ... and do not count
