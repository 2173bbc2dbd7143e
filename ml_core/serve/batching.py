"""The two threads that work with the backbone: photos of many callers are merged into batches.

Live frames have a thread of their own and go before the backlog of new photos, so that a class uploading
hundreds of photos does not freeze another group's camera.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from ml_core.config import DEFAULT_VIEWS
from ml_core.errors import BusyError, PhotoError, StoppingError, WorkCancelledError
from ml_core.serve.metrics import EMBED_BATCH_PHOTOS, EMBED_SECONDS, EMBEDDED_PHOTOS
from ml_core.serve.priorities import work_in_background
from ml_core.vision.features import Embedder
from ml_core.vision.networks import FeatureRows
from ml_core.vision.parts import Part

_Result = TypeVar("_Result")
# A photo's bytes, what will be them, or why there are none.
Photo = bytes | PhotoError | Future[bytes | PhotoError]


@dataclass
class _Job:
    part: Part
    cancelled: Callable[[], bool]
    future: Future[FeatureRows] = field(default_factory=Future)


@dataclass
class _Pass:
    """One that the device has begun."""

    jobs: list[_Job]
    features: Callable[[], FeatureRows]
    began: float


class EmbedWorker:
    """`submit` from any thread; features come back in the future."""

    def __init__(self, embedder: Embedder, name: str, prepare: Callable[[], None] = lambda: None) -> None:
        """`prepare` is called first on the new thread; `name` says in the metrics what is embedded."""
        self._embedder = embedder
        self._name = name
        self._prepare = prepare
        self.has_seen_photos = False  # since somebody last set it back
        self._waiting: deque[_Job] = deque()
        self._calls: deque[Callable[[], None]] = deque()
        self._wake = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"embed-{name}", daemon=True)
        self._thread.start()

    def submit(self, part: Part, cancelled: Callable[[], bool] = lambda: False) -> Future[FeatureRows]:
        """One photo's features, as soon as it is its turn."""
        job = _Job(part, cancelled)
        with self._wake:
            if self._stopping:
                raise StoppingError()
            self._waiting.append(job)
            self._wake.notify()
        return job.future

    def call(self, work: Callable[[Embedder], _Result]) -> Future[_Result]:
        """Anything else that needs the backbone, on its thread, before all that waits."""
        future: Future[_Result] = Future()

        def run() -> None:
            try:
                future.set_result(work(self._embedder))
            except Exception as exc:  # as below: the caller must not wait for ever
                future.set_exception(exc)

        with self._wake:
            if self._stopping:
                raise StoppingError()
            self._calls.append(run)
            self._wake.notify()
        return future

    def stop(self) -> None:
        """Finish what was begun, fail what waits."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._thread.join()
        for job in self._waiting:
            job.future.set_exception(StoppingError())
        self._waiting.clear()

    def _run(self) -> None:
        self._prepare()
        begun: deque[_Pass] = deque()
        while True:
            with self._wake:
                while not (self._calls or self._waiting or self._stopping or begun):
                    self._wake.wait()
                if self._stopping and not self._calls:
                    break
                call = self._calls.popleft() if self._calls else None
                batch = [] if call else self._next_batch()
            if call:
                call()
            elif batch:
                self._begin(batch, begun)
            if len(begun) >= self._embedder.passes_at_once or (begun and not batch):
                self._finish(begun.popleft())
        for left in begun:
            self._finish(left)

    def _next_batch(self) -> list[_Job]:
        """As much as one pass takes of what waits: few photos when few come, and a full pass of a backlog."""
        batch: list[_Job] = []
        rows = 0
        while self._waiting and (not batch or rows + self._waiting[0].part.views <= self._embedder.max_batch):
            job = self._waiting.popleft()
            if job.cancelled():
                job.future.set_exception(WorkCancelledError())
                continue
            batch.append(job)
            rows += job.part.views
        return batch

    def _begin(self, batch: list[_Job], begun: deque[_Pass]) -> None:
        self.has_seen_photos = True
        began = time.perf_counter()
        try:
            features = self._embedder.begin([job.part for job in batch])
        except Exception as exc:  # whatever it is, the callers must not wait for ever
            _fail(batch, exc)
        else:
            begun.append(_Pass(batch, features, began))

    def _finish(self, one: _Pass) -> None:
        try:
            rows = one.features()
        except Exception as exc:  # as above; a card says only now what went wrong
            _fail(one.jobs, exc)
            return
        EMBED_SECONDS.observe(time.perf_counter() - one.began)
        EMBED_BATCH_PHOTOS.observe(len(one.jobs))
        EMBEDDED_PHOTOS.labels(self._name).inc(len(one.jobs))
        start = 0
        for job in one.jobs:
            job.future.set_result(rows[start : start + job.part.views])
            start += job.part.views


def _fail(jobs: list[_Job], exc: Exception) -> None:
    for job in jobs:
        job.future.set_exception(exc)


class PhotoPipeline:
    """Bytes in, features out: decoding in a small pool runs beside the backbone's threads."""

    def __init__(self, embedder: Embedder, threads: int, max_waiting: int) -> None:
        self._embedder = embedder
        self._side = embedder.input_side
        self._threads = threads
        self._live = EmbedWorker(embedder, "live")
        self._new = EmbedWorker(embedder, "new", work_in_background)
        # On the CPU the backbone wants the cores too; beside a card they do nothing else.
        self._decoders = ThreadPoolExecutor(
            max(1, threads // 2 if embedder.is_on_cpu else threads),
            thread_name_prefix="decode",
            initializer=work_in_background,
        )
        self._max_waiting = max_waiting
        self._waiting = 0
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        return self._waiting

    def embed(
        self,
        photos: Sequence[Photo],
        views: int,
        cancelled: Callable[[], bool] = lambda: False,
        urgent: bool = False,
    ) -> list[FeatureRows | PhotoError]:
        """Features per photo, or why there are none. BusyError when too many photos wait already."""
        with self._lock:
            if self._waiting + len(photos) > self._max_waiting:
                raise BusyError(f"{self._waiting} photos are waiting")
            self._waiting += len(photos)
        try:
            if urgent:  # decoded right here: a live frame does not queue behind uploads
                started = [self._start(_bytes_of(photo), views, cancelled, urgent) for photo in photos]
            else:  # those that are read already are decoded while the next ones are still on their way
                decoding = [
                    self._decoders.submit(self._start, _bytes_of(photo), views, cancelled, urgent)
                    for photo in photos
                ]
                started = [future.result() for future in decoding]
            return [part if isinstance(part, PhotoError) else part.result() for part in started]
        finally:
            with self._lock:
                self._waiting -= len(photos)

    def _start(
        self, photo: bytes | PhotoError, views: int, cancelled: Callable[[], bool], urgent: bool
    ) -> Future[FeatureRows] | PhotoError:
        if isinstance(photo, PhotoError):
            return photo
        if cancelled():
            raise WorkCancelledError
        try:
            part = self._embedder.part_of(photo, views)
        except PhotoError as error:
            return error
        return (self._live if urgent else self._new).submit(part, cancelled)

    def warm_up(self) -> None:
        """The first pass on each thread takes several times as long; it counts in no metric. That for new
        photos gets threads of its own, which stand back as it does."""
        black = np.zeros((1, self._side, self._side, 3), np.uint8)
        own = self._new.call(lambda embedder: embedder.take_threads(self._threads))

        def both_ways(embedder: Embedder) -> None:
            embedder.embed(black)
            if not embedder.is_on_cpu:  # it cuts views too
                embedder.begin([Part(np.zeros((480, 640, 3), np.uint8), DEFAULT_VIEWS)])()

        passes = [worker.call(both_ways) for worker in (self._live, self._new)]
        own.result()
        for started in passes:
            started.result()

    def overwrite(self) -> None:
        """The backbone's own memory keeps the last batch until the next one: a black one takes its place."""

        def work(embedder: Embedder) -> None:
            embedder.embed(np.zeros((embedder.max_batch, side, side, 3), np.uint8))

        side = self._embedder.input_side

        seen = [worker for worker in (self._live, self._new) if worker.has_seen_photos]
        for worker in seen:
            worker.has_seen_photos = False
        for started in [worker.call(work) for worker in seen]:
            started.result()

    def call(self, work: Callable[[Embedder], _Result]) -> _Result:
        """Run `work` on the thread of the live frames, before those that wait, and wait for it."""
        return self._live.call(work).result()

    def stop(self) -> None:
        self._decoders.shutdown(cancel_futures=True)
        self._new.stop()
        self._live.stop()


def _bytes_of(photo: Photo) -> bytes | PhotoError:
    return photo.result() if isinstance(photo, Future) else photo
