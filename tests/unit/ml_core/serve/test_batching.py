"""The embedding threads: batches of many callers, live frames first, cancel, faults, limits."""

import threading
from types import SimpleNamespace

import numpy as np
import pytest

from ml_core.errors import BusyError, PhotoError, StoppingError, WorkCancelledError
from ml_core.serve.batching import EmbedWorker, PhotoPipeline
from ml_core.serve.metrics import EMBED_SECONDS
from tests.support.drawn_patches import photo


class Backbone(SimpleNamespace):
    """Remembers its batches; the first one waits until the test lets it go."""

    def __init__(self, **more):
        super().__init__(
            max_batch=4, input_side=8, batches=[], go=threading.Event(), begun=threading.Event(), **more
        )

    def embed(self, views):
        self.begun.set()
        assert self.go.wait(5)
        self.batches.append([int(view.flat[0]) for view in views])
        if 99 in self.batches[-1]:
            raise RuntimeError("broken")
        return views.reshape(len(views), -1)[:, :1].astype(np.float16)


def views(value, count=1):
    return np.full((count, 8, 8, 3), value, np.uint8)


@pytest.fixture
def backbone():
    return Backbone()


@pytest.fixture
def worker(backbone):
    made = EmbedWorker(backbone, 1, "new")
    made.submit(views(0))
    assert backbone.begun.wait(5)  # from here on everything waits together
    yield made
    backbone.go.set()
    made.stop()


def test_jobs_of_many_callers_share_batches_up_to_the_limit(worker, backbone):
    futures = [worker.submit(views(number, 2)) for number in (1, 2, 3)]
    backbone.go.set()
    assert [future.result(5).tolist() for future in futures] == [[[n], [n]] for n in (1, 2, 3)]
    assert backbone.batches == [[0], [1, 1, 2, 2], [3, 3]]


def test_live_frames_do_not_wait_for_the_backlog():
    class Slow(Backbone):
        def embed(self, views):
            if threading.current_thread().name == "embed-live":
                return super().embed(views)
            self.begun.set()
            assert self.go_on.wait(5)
            return super().embed(views)

    backbone = Slow(go_on=threading.Event())
    backbone.go.set()
    pipeline = PhotoPipeline(backbone, threads=2, max_waiting=9)
    backlog = threading.Thread(target=pipeline.embed, args=([photo("disc", 1)], 1))
    backlog.start()
    assert backbone.begun.wait(5)
    assert len(pipeline.embed([photo("disc", 2)], 1, urgent=True)) == 1
    assert len(backbone.batches) == 1, "the backlog has not moved"
    backbone.go_on.set()
    backlog.join()
    assert len(backbone.batches) == 2
    pipeline.stop()


def test_calls_run_on_the_same_thread_and_hand_errors_back(worker, backbone):
    running = worker.call(lambda owner: (owner is backbone, threading.current_thread().name))
    broken = worker.call(lambda owner: owner.nothing)
    backbone.go.set()
    assert running.result(5) == (True, "embed-new")
    with pytest.raises(AttributeError):
        broken.result(5)


def test_cancelled_jobs_are_not_computed(worker, backbone):
    gone = worker.submit(views(1), cancelled=lambda: True)
    kept = worker.submit(views(2))
    backbone.go.set()
    kept.result(5)
    with pytest.raises(WorkCancelledError):
        gone.result(5)
    assert backbone.batches == [[0], [2]]


def test_a_fault_reaches_its_callers_and_the_thread_goes_on(worker, backbone):
    broken = worker.submit(views(99, 4))
    fine = worker.submit(views(3))
    backbone.go.set()
    with pytest.raises(RuntimeError, match="broken"):
        broken.result(5)
    assert fine.result(5).tolist() == [[3]]


def test_stopping_fails_what_waits(worker, backbone):
    waiting = worker.submit(views(1))
    threading.Timer(0.05, backbone.go.set).start()
    worker.stop()
    with pytest.raises(StoppingError):
        waiting.result(5)
    with pytest.raises(StoppingError):
        worker.submit(views(1))


def test_pipeline_keeps_the_order_and_the_bad_photos_apart(backbone):
    backbone.go.set()
    pipeline = PhotoPipeline(backbone, threads=2, max_waiting=3)
    missing = PhotoError("photo_missing", "gone")
    for urgent in (False, True):
        found = pipeline.embed([photo("disc", 1), missing, b"junk"], 2, urgent=urgent)
        assert found[0].shape == (2, 1)
        assert found[1] is missing
        assert found[2].key == "photo_unreadable"
    with pytest.raises(BusyError):
        pipeline.embed([b"x"] * 4, 1)
    with pytest.raises(WorkCancelledError):
        pipeline.embed([photo("disc", 1)], 1, cancelled=lambda: True)
    assert len(pipeline.embed([photo("disc", 1)] * 3, 1)) == 3  # nothing is counted as waiting any more
    pipeline.stop()


def test_warming_up_runs_the_backbone_once_on_each_thread_and_counts_nowhere():
    class Seen(Backbone):
        def embed(self, views):
            self.batches.append(threading.current_thread().name)
            return np.zeros((len(views), 1), np.float16)

    seen = Seen()
    pipeline = PhotoPipeline(seen, 1, 10)
    counted = EMBED_SECONDS.collect()[0].samples
    pipeline.warm_up()
    pipeline.stop()
    assert sorted(seen.batches) == ["embed-live", "embed-new"]
    assert [s.value for s in EMBED_SECONDS.collect()[0].samples if s.name.endswith("_count")] == [
        s.value for s in counted if s.name.endswith("_count")
    ]
