"""The embedding threads: batches of many callers, live frames first, cancel, faults, limits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from ml_core.errors import BusyError, PhotoError, StoppingError, WorkCancelledError
from ml_core.serve.batching import EmbedWorker, PhotoPipeline
from ml_core.serve.metrics import EMBED_SECONDS
from ml_core.vision.features import Embedder
from ml_core.vision.images import photo_views
from ml_core.vision.networks import FeatureRows
from ml_core.vision.parts import Part
from ml_core.vision.shrink import Pixels
from tests.support.drawn_patches import photo
from tests.support.running import wait_for


class Backbone(SimpleNamespace):
    """Remembers its batches; the first one waits until the test lets it go."""

    def __init__(self, **more: Any) -> None:
        given = {
            "max_batch": 4,
            "passes_at_once": 1,
            "is_on_cpu": True,
            "input_side": 8,
            "batches": [],
            "go": threading.Event(),
            "begun": threading.Event(),
        }
        super().__init__(**given | more)

    def part_of(self, data: bytes, views: int) -> Part:
        return Part(photo_views(data, views, self.input_side), views)

    def begin(self, parts: Sequence[Part]) -> Callable[[], FeatureRows]:
        rows = self.embed(np.concatenate([part.pixels for part in parts]))
        return lambda: rows

    def embed(self, views: Pixels) -> FeatureRows:
        self.begun.set()
        assert self.go.wait(5)
        self.batches.append([int(view.flat[0]) for view in views])
        if 99 in self.batches[-1]:
            raise RuntimeError("broken")
        return views.reshape(len(views), -1)[:, :1].astype(np.float16)


def as_embedder(backbone: Backbone) -> Embedder:
    """It has all of it that the threads use."""
    return cast(Embedder, backbone)


def views(value: int, count: int = 1) -> Part:
    return Part(np.full((count, 8, 8, 3), value, np.uint8), count)


@pytest.fixture
def backbone() -> Backbone:
    return Backbone()


@pytest.fixture
def worker(backbone: Backbone) -> Iterator[EmbedWorker]:
    made = EmbedWorker(as_embedder(backbone), "new")
    made.submit(views(0))
    assert backbone.begun.wait(5)  # from here on everything waits together
    yield made
    backbone.go.set()
    made.stop()


def test_jobs_of_many_callers_share_batches_up_to_the_limit(worker: EmbedWorker, backbone: Backbone) -> None:
    futures = [worker.submit(views(number, 2)) for number in (1, 2, 3)]
    backbone.go.set()
    assert [future.result(5).tolist() for future in futures] == [[[n], [n]] for n in (1, 2, 3)]
    assert backbone.batches == [[0], [1, 1, 2, 2], [3, 3]]


class Card(Backbone):
    """Begins passes from when the test lets it, and has each one's features when the test says so."""

    def __init__(self) -> None:
        super().__init__(passes_at_once=2, is_on_cpu=False, done=threading.Semaphore(0))

    def begin(self, parts: Sequence[Part]) -> Callable[[], FeatureRows]:
        values = [int(part.pixels.flat[0]) for part in parts for _ in range(part.views)]
        assert self.go.wait(5)
        self.batches.append(values)
        if 98 in values:
            raise RuntimeError("refused")

        def features() -> FeatureRows:
            assert self.done.acquire(timeout=5)
            if 99 in values:
                raise RuntimeError("broken")
            return np.array(values, np.float16)[:, None]

        return features


@pytest.fixture
def card() -> Card:
    return Card()


@pytest.fixture
def feeder(card: Card) -> Iterator[EmbedWorker]:
    made = EmbedWorker(as_embedder(card), "new")
    yield made
    for _ in range(9):
        card.done.release()
    made.stop()


def until_begun(card: Card, passes: int) -> None:
    wait_for(lambda: len(card.batches) == passes, 5, f"{passes} passes are begun")


def test_a_card_gets_its_next_pass_while_it_works_on_one(feeder: EmbedWorker, card: Card) -> None:
    first, second, third = (feeder.submit(views(number, 4)) for number in (1, 2, 3))
    card.go.set()
    until_begun(card, 2)
    assert not first.done()
    card.done.release()
    assert first.result(5).tolist() == [[1]] * 4
    until_begun(card, 3)
    assert not second.done()
    card.done.release()
    assert second.result(5)[0] == [2]
    card.done.release()  # the last one is not held back until another one comes
    assert third.result(5)[0] == [3]


def test_a_pass_that_fails_on_a_card_takes_no_other_one_with_it(feeder: EmbedWorker, card: Card) -> None:
    broken, refused, fine = (feeder.submit(views(number, 4)) for number in (99, 98, 3))
    card.go.set()
    for _ in range(2):
        card.done.release()
    with pytest.raises(RuntimeError, match="broken"):
        broken.result(5)
    with pytest.raises(RuntimeError, match="refused"):
        refused.result(5)
    assert fine.result(5).tolist() == [[3]] * 4


def takes_nothing(worker: EmbedWorker) -> bool:
    try:
        worker.submit(views(9, 4))  # if it is taken it waits behind the others
    except StoppingError:
        return True
    return False


def test_what_a_card_has_begun_is_finished_at_a_stop(card: Card) -> None:
    feeder = EmbedWorker(as_embedder(card), "new")
    first, second, third = (feeder.submit(views(number, 4)) for number in (1, 2, 3))
    card.go.set()
    until_begun(card, 2)
    stopping = threading.Thread(target=feeder.stop)
    stopping.start()
    wait_for(lambda: takes_nothing(feeder), 5, "it is told to stop")
    for _ in range(3):
        card.done.release()
    stopping.join(5)
    assert [first.result(0)[0], second.result(0)[0]] == [[1], [2]]
    with pytest.raises(StoppingError):
        third.result(0)


def test_a_pass_is_as_large_as_the_queue(backbone: Backbone) -> None:
    """Few photos do not wait for more to come; a backlog goes in full passes."""
    backbone.max_batch = 8
    worker = EmbedWorker(as_embedder(backbone), "new")
    worker.submit(views(0))
    assert backbone.begun.wait(5)
    waiting = [worker.submit(views(number)) for number in range(1, 18)]
    backbone.go.set()
    for future in waiting:
        future.result(5)
    worker.stop()
    assert [len(batch) for batch in backbone.batches] == [1, 8, 8, 1]


@pytest.mark.parametrize(("is_on_cpu", "threads", "decoders"), [(True, 4, 2), (True, 1, 1), (False, 4, 4)])
def test_beside_a_card_all_cores_decode(is_on_cpu: bool, threads: int, decoders: int) -> None:
    at_once = threading.Barrier(decoders + 1)

    class Counted(Backbone):
        def part_of(self, data: bytes, views: int) -> Part:
            at_once.wait(5)
            return super().part_of(data, views)

    backbone = Counted(is_on_cpu=is_on_cpu)
    backbone.go.set()
    pipeline = PhotoPipeline(as_embedder(backbone), threads, 20)
    calls = ThreadPoolExecutor(1)
    done = calls.submit(pipeline.embed, [photo("disc", n) for n in range(decoders)], 1)
    at_once.wait(5)  # they are all at it, and one more thread is here
    assert len(done.result(5)) == decoders
    pipeline.stop()
    calls.shutdown()


def test_what_is_read_is_decoded_while_the_next_is_on_its_way(backbone: Backbone) -> None:
    backbone.go.set()
    pipeline = PhotoPipeline(as_embedder(backbone), threads=4, max_waiting=9)
    slow: Future[bytes | PhotoError] = Future()
    missing: Future[bytes | PhotoError] = Future()
    missing.set_result(PhotoError("photo_missing", "gone"))
    with ThreadPoolExecutor(1) as calls:
        done = calls.submit(pipeline.embed, [photo("disc", 1), slow, missing], 1)
        wait_for(lambda: backbone.batches, 5, "the first one is embedded")
        assert not done.done()
        slow.set_result(photo("disc", 2))
        first, second, third = done.result(5)
    assert isinstance(first, np.ndarray)
    assert isinstance(second, np.ndarray)
    assert isinstance(third, PhotoError)
    pipeline.stop()


def test_live_frames_do_not_wait_for_the_backlog() -> None:
    class Slow(Backbone):
        def embed(self, views: Pixels) -> FeatureRows:
            if threading.current_thread().name == "embed-live":
                return super().embed(views)
            self.begun.set()
            assert self.go_on.wait(5)
            return super().embed(views)

    backbone = Slow(go_on=threading.Event())
    backbone.go.set()
    pipeline = PhotoPipeline(as_embedder(backbone), threads=2, max_waiting=9)
    backlog = threading.Thread(target=pipeline.embed, args=([photo("disc", 1)], 1))
    backlog.start()
    assert backbone.begun.wait(5)
    assert len(pipeline.embed([photo("disc", 2)], 1, urgent=True)) == 1
    assert len(backbone.batches) == 1, "the backlog has not moved"
    backbone.go_on.set()
    backlog.join()
    assert len(backbone.batches) == 2
    pipeline.stop()


def test_calls_run_on_the_same_thread_and_hand_errors_back(worker: EmbedWorker, backbone: Backbone) -> None:
    running = worker.call(lambda owner: (id(owner), threading.current_thread().name))
    broken = worker.call(lambda owner: cast(Any, owner).nothing)
    backbone.go.set()
    assert running.result(5) == (id(backbone), "embed-new")
    with pytest.raises(AttributeError):
        broken.result(5)


def test_cancelled_jobs_are_not_computed(worker: EmbedWorker, backbone: Backbone) -> None:
    gone = worker.submit(views(1), cancelled=lambda: True)
    kept = worker.submit(views(2))
    backbone.go.set()
    kept.result(5)
    with pytest.raises(WorkCancelledError):
        gone.result(5)
    assert backbone.batches == [[0], [2]]


def test_a_fault_reaches_its_callers_and_the_thread_goes_on(worker: EmbedWorker, backbone: Backbone) -> None:
    broken = worker.submit(views(99, 4))
    fine = worker.submit(views(3))
    backbone.go.set()
    with pytest.raises(RuntimeError, match="broken"):
        broken.result(5)
    assert fine.result(5).tolist() == [[3]]


def test_stopping_fails_what_waits(worker: EmbedWorker, backbone: Backbone) -> None:
    waiting = worker.submit(views(1))
    threading.Timer(0.05, backbone.go.set).start()
    worker.stop()
    with pytest.raises(StoppingError):
        waiting.result(5)
    with pytest.raises(StoppingError):
        worker.submit(views(1))


def test_pipeline_keeps_the_order_and_the_bad_photos_apart(backbone: Backbone) -> None:
    backbone.go.set()
    pipeline = PhotoPipeline(as_embedder(backbone), threads=2, max_waiting=3)
    missing = PhotoError("photo_missing", "gone")
    for urgent in (False, True):
        good, gone, junk = pipeline.embed([photo("disc", 1), missing, b"junk"], 2, urgent=urgent)
        assert isinstance(good, np.ndarray)
        assert good.shape == (2, 1)
        assert gone is missing
        assert isinstance(junk, PhotoError)
        assert junk.key == "photo_unreadable"
    with pytest.raises(BusyError):
        pipeline.embed([b"x"] * 4, 1)
    with pytest.raises(WorkCancelledError):
        pipeline.embed([photo("disc", 1)], 1, cancelled=lambda: True)
    assert len(pipeline.embed([photo("disc", 1)] * 3, 1)) == 3  # nothing is counted as waiting any more
    pipeline.stop()


def passes() -> list[float]:
    """How many passes through the backbone the metrics have counted."""
    samples = [sample for metric in EMBED_SECONDS.collect() for sample in metric.samples]
    return [sample.value for sample in samples if sample.name.endswith("_count")]


def test_warming_up_runs_the_backbone_once_on_each_thread_and_counts_nowhere() -> None:
    class Seen(Backbone):
        def embed(self, views: Pixels) -> FeatureRows:
            self.batches.append(threading.current_thread().name)
            return np.zeros((len(views), 1), np.float16)

        def take_threads(self, cores: int) -> None:
            own.append((threading.current_thread().name, cores))

    own: list[tuple[str, int]] = []
    seen = Seen()
    pipeline = PhotoPipeline(as_embedder(seen), 3, 10)
    counted = passes()
    pipeline.warm_up()
    pipeline.stop()
    assert sorted(seen.batches) == ["embed-live", "embed-new"]
    assert own == [("embed-new", 3)]
    assert passes() == counted
