"""The embedder's thread stands back while photos come in, but not for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from classroom_app.data.tables import Photo
from classroom_app.services import embedding
from classroom_app.services.embedding import UploadBurst, embedder
from classroom_app.services.worker import Worker
from tests.support.running import wait_for


class Service:
    """Counts the batches; there is always one more photo."""

    def __init__(self) -> None:
        self.batches = 0

    def free_leases(self, executor_id: str) -> None:
        assert executor_id == "here"

    def embed_some(self, table: type) -> int:
        self.batches += table is Photo
        time.sleep(0.005)
        return 1


@pytest.fixture
def start() -> Iterator[Callable[[UploadBurst | None], Service]]:
    started: list[Worker] = []

    def make(burst: UploadBurst | None) -> Service:
        service = Service()
        started.append(embedder(service, threading.Event(), "here", burst))  # type: ignore[arg-type]  # it stands in for the service
        started[-1].start()
        return service

    yield make
    for worker in started:
        worker.stop()


def test_it_works_again_when_the_burst_is_over(
    start: Callable[[UploadBurst | None], Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "STAND_BACK_S", 60.0)
    burst = UploadBurst()
    assert not burst.is_on()
    burst.photo_came()
    service = start(burst)
    while burst.is_on():
        during = service.batches
    assert during == 0
    wait_for(lambda: service.batches, 5, "the burst is over")


def test_photos_without_a_pause_do_not_keep_it_from_working(
    start: Callable[[UploadBurst | None], Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "BURST_S", 60.0)
    monkeypatch.setattr(embedding, "STAND_BACK_S", 0.2)
    monkeypatch.setattr(embedding, "THEN_WORK_S", 0.2)
    burst = UploadBurst()
    burst.photo_came()
    service = start(burst)
    first = wait_for(lambda: service.batches, 5, "it has stood back for long enough")
    wait_for(lambda: service.batches > first + 100, 20, "and does so again and again")
    assert burst.is_on()


def test_a_compute_tier_elsewhere_takes_nothing_from_the_photos(
    start: Callable[[UploadBurst | None], Service],
) -> None:
    service = start(None)
    wait_for(lambda: service.batches > 10, 5, "nothing holds it")
