"""The embedding threads: batches of many callers, live frames first, cancel, faults, limits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from ml_core.errors import BusyError, PhotoError, StoppingError, WorkCancelledError
from ml_core.serve.batching import EmbedWorker, PhotoPipeline
from ml_core.serve.metrics import EMBED_SECONDS
from ml_core.vision.features import Embedder
from ml_core.vision.networks import FeatureRows
from ml_core.vision.shrink import Pixels
from tests.support.drawn_patches import photo


class Backbone(SimpleNamespace):
    """Remembers its batches; the first one waits until the test lets it go."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            max_batch=4, input_side=8, batches=[], go=threading.Event(), begun=threading.Event(), **more
        )

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


def views(value: int, count: int = 1) -> Pixels:
    return np.full((count, 8, 8, 3), value, np.uint8)


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
