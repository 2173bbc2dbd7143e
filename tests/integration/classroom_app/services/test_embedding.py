"""Who makes the features of a photo, how long it is that one's alone, and which photos a run waits for."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence

import pytest

from classroom_app.compute.interface import Embedded, PhotoSource
from classroom_app.data.files import Files
from classroom_app.data.repository import embedding as rows
from classroom_app.data.repository.photo_filter import PhotoFilter
from classroom_app.data.tables import Photo, utcnow
from classroom_app.errors import UnavailableError
from classroom_app.resources import App, make_blobs
from classroom_app.services import embedding
from classroom_app.services.embedding import EmbeddingService
from classroom_app.services.training import steps
from classroom_app.views.classes import EventView, GroupIdentity
from tests.support.running import wait_for
from tests.support.stand_ins import StandInMl, take


def held_by_another_process(app: App, which: PhotoFilter) -> int:
    with app.db.write() as session:
        return len(rows.lease(session, Photo, 1000, utcnow() + dt.timedelta(hours=1), which))


def test_a_run_waits_for_no_photo_that_was_taken_after_its_tap(
    app: App, event: EventView, group: GroupIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A group that goes on taking photos would wait for ever."""
    monkeypatch.setattr(steps, "EMBED_WAIT_S", 0.2)
    before = take(app, group, event, 5)
    run_id = app.runs.request(group)
    after = take(app, group, event, 4, start=50)
    assert held_by_another_process(app, PhotoFilter(photo_ids=tuple(after))) == len(after)
    app.training.start(run_id)
    app.training.prepare(run_id)
    assert sum(app.training.fit(run_id).photos.values()) == len(before)


def test_a_run_waits_for_every_photo_that_was_there_at_its_tap(
    app: App, event: EventView, group: GroupIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "EMBED_WAIT_S", 0.2)
    before = take(app, group, event, 5)
    assert held_by_another_process(app, PhotoFilter(photo_ids=(before[0],))) == 1
    run_id = app.runs.request(group)
    app.training.start(run_id)
    with pytest.raises(UnavailableError):
        app.training.prepare(run_id)


class SlowMl(StandInMl):
    """Busy until it is told to answer."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.answer = threading.Event()

    def embed(self, photos: Sequence[PhotoSource]) -> list[Embedded]:
        self.asked.set()
        assert self.answer.wait(60)
        return super().embed(photos)


def lease_end(app: App, photo_id: str) -> dt.datetime | None:
    with app.db.read() as session:
        return session.get_one(Photo, photo_id).embed_lease_until


def test_a_batch_that_takes_longer_than_its_lease_is_embedded_once(
    app: App, event: EventView, group: GroupIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under load a batch takes a minute; embedding it elsewhere meanwhile would feed the load."""
    ml = SlowMl()
    service = EmbeddingService(
        app.db, Files(make_blobs(app.settings)), ml, features_came=app.likeness.features_came
    )
    monkeypatch.setattr(embedding, "LEASE", dt.timedelta(seconds=5))
    monkeypatch.setattr(embedding, "LEASE_RENEWED_EVERY_S", 0.05)
    (first, *_) = take(app, group, event, 1)
    busy = threading.Thread(target=service.embed_some, args=(Photo,))
    busy.start()
    try:
        assert ml.asked.wait(30)
        began = lease_end(app, first)
        assert began is not None
        # Longer than the lease that it began with, on whatever clock: the end moves on.
        wait_for(lambda: (lease_end(app, first) or began) > began + dt.timedelta(seconds=5), 60, "renewed")
        assert service.embed_some(Photo) == 0
    finally:
        ml.answer.set()
        busy.join(30)
    assert sorted(ml.embedded) == sorted(set(ml.embedded))
    assert first in ml.embedded
    assert lease_end(app, first) is None
    assert "embed-leases" not in {thread.name for thread in threading.enumerate()}
