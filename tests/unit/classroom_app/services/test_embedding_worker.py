"""The embedder's thread stands back while photos come in, but not for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from classroom_app.compute.interface import EmbedSizes
from classroom_app.data.tables import Photo
from classroom_app.services import embedding
from classroom_app.services.embedding import IDLE_WAIT_MAX_S, IDLE_WAIT_S, EmbedRounds, UploadBurst, embedder
from classroom_app.services.worker import Worker
from tests.support.running import wait_for


class Service:
    """Counts the batches; there is always one more photo."""

    def __init__(self) -> None:
        self.batches = 0

    def sizes(self) -> EmbedSizes:
        return EmbedSizes(per_call=8, at_once=8)

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


class Many:
    """So many photos wait; each call takes a batch, and `together` of them must be under way at once."""

    def __init__(self, photos: int, sizes: EmbedSizes, together: int) -> None:
        self.left = photos
        self.batches: list[int] = []
        self._sizes = sizes
        self._lock = threading.Lock()
        self._together = threading.Barrier(together)

    def sizes(self) -> EmbedSizes:
        return self._sizes

    def free_leases(self, executor_id: str) -> None:
        assert executor_id == "here"

    def embed_some(self, table: type) -> int:
        if table is not Photo:
            return 0
        with self._lock:
            taken = min(self.left, self._sizes.batch)
            self.left -= taken
            first = not self.batches
            if taken:
                self.batches.append(taken)
        if taken and not first:
            self._together.wait(10)
        return taken


def embed_all(service: Many) -> None:
    worker = embedder(service, threading.Event(), "here")  # type: ignore[arg-type]  # as above
    worker.start()
    try:
        wait_for(lambda: service.left == 0, 20, "all are embedded")
    finally:
        worker.stop()


def test_a_backlog_goes_to_a_card_in_several_large_calls_at_once() -> None:
    service = Many(64 + 4 * 64, EmbedSizes(per_call=64, at_once=256), together=4)
    embed_all(service)
    assert service.batches == [64] * 5


def test_a_cpu_gets_one_small_call_after_the_other() -> None:
    service = Many(40, EmbedSizes(per_call=64, at_once=8), together=1)
    embed_all(service)
    assert service.batches == [8] * 5


def test_few_photos_start_no_second_call() -> None:
    service = Many(63, EmbedSizes(per_call=64, at_once=256), together=4)
    embed_all(service)
    assert service.batches == [63]


@pytest.mark.parametrize(
    ("per_call", "at_once", "batch", "calls"), [(64, 8, 8, 1), (64, 256, 64, 4), (16, 8, 8, 1), (8, 8, 8, 1)]
)
def test_what_is_sent_is_what_the_server_takes(per_call: int, at_once: int, batch: int, calls: int) -> None:
    sizes = EmbedSizes(per_call, at_once)
    assert (sizes.batch, sizes.calls) == (batch, calls)


def test_it_looks_less_often_while_there_is_nothing_and_soon_again_after_a_photo() -> None:
    service = Many(0, EmbedSizes(per_call=64, at_once=8), together=1)
    rounds = EmbedRounds(service, "here", None, threading.Event())  # type: ignore[arg-type]  # as above
    pauses = []
    for _ in range(20):
        rounds.embed_waiting()
        pauses.append(rounds.pause_s())
    assert pauses == sorted(pauses)
    assert (pauses[0] < 10, pauses[-1]) == (True, IDLE_WAIT_MAX_S)
    service.left = 3
    rounds.embed_waiting()
    assert rounds.pause_s() == IDLE_WAIT_S
