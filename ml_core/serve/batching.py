"""The two threads that work with the backbone: photos of many callers are merged into batches.

Live frames have a thread of their own and go before the backlog of new photos, so that a class uploading
hundreds of photos does not freeze another group's camera.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from ml_core.errors import BusyError, PhotoError, StoppingError, WorkCancelledError
from ml_core.serve.metrics import EMBED_BATCH_PHOTOS, EMBED_SECONDS, EMBEDDED_PHOTOS
from ml_core.serve.priorities import work_in_background
from ml_core.vision.features import Embedder
from ml_core.vision.images import photo_views
from ml_core.vision.networks import FeatureRows
from ml_core.vision.shrink import Pixels

_Result = TypeVar("_Result")


@dataclass
class _Job:
    views: Pixels
    cancelled: Callable[[], bool]
    future: Future[FeatureRows] = field(default_factory=Future)


class EmbedWorker:
    """`submit` from any thread; features come back in the future."""

    def __init__(self, embedder: Embedder, name: str, prepare: Callable[[], None] = lambda: None) -> None:
        """`prepare` is called first on the new thread; `name` says in the metrics what is embedded."""
        self._embedder = embedder
        self._name = name
        self._prepare = prepare
        self._waiting: deque[_Job] = deque()
        self._calls: deque[Callable[[], None]] = deque()
        self._wake = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"embed-{name}", daemon=True)
        self._thread.start()

    def submit(self, views: Pixels, cancelled: Callable[[], bool] = lambda: False) -> Future[FeatureRows]:
        """One photo's views."""
        job = _Job(views, cancelled)
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
        """Finish the batch in hand, fail what waits."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._thread.join()
        for job in self._waiting:
            job.future.set_exception(StoppingError())
        self._waiting.clear()

    def _run(self) -> None:
        self._prepare()
        while True:
            with self._wake:
                while not (self._calls or self._waiting or self._stopping):
                    self._wake.wait()
                if self._stopping and not self._calls:
                    return
                call = self._calls.popleft() if self._calls else None
                batch = [] if call else self._next_batch()
            if call:
                call()
            elif batch:
                self._embed(batch)

    def _next_batch(self) -> list[_Job]:
        """As much as one pass takes."""
        batch: list[_Job] = []
        rows = 0
        while self._waiting and (not batch or rows + len(self._waiting[0].views) <= self._embedder.max_batch):
            job = self._waiting.popleft()
            if job.cancelled():
                job.future.set_exception(WorkCancelledError())
                continue
            batch.append(job)
            rows += len(job.views)
        return batch

    def _embed(self, batch: list[_Job]) -> None:
        try:
            with EMBED_SECONDS.time():
                rows = self._embedder.embed(np.concatenate([job.views for job in batch]))
        except Exception as exc:  # whatever it is, the callers must not wait for ever
            for job in batch:
                job.future.set_exception(exc)
            return
        EMBED_BATCH_PHOTOS.observe(len(batch))
        EMBEDDED_PHOTOS.labels(self._name).inc(len(batch))
        start = 0
        for job in batch:
            job.future.set_result(rows[start : start + len(job.views)])
            start += len(job.views)


class PhotoPipeline:
    """Bytes in, features out: decoding in a small pool runs beside the backbone's threads."""

    def __init__(self, embedder: Embedder, threads: int, max_waiting: int) -> None:
        self._side = embedder.input_side
        self._threads = threads
        self._live = EmbedWorker(embedder, "live")
        self._new = EmbedWorker(embedder, "new", work_in_background)
        self._decoders = ThreadPoolExecutor(
            max(1, threads // 2), thread_name_prefix="decode", initializer=work_in_background
        )
        self._max_waiting = max_waiting
        self._waiting = 0
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        return self._waiting

    def embed(
        self,
        photos: list[bytes | PhotoError],
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
                started = [self._start(photo, views, cancelled, urgent) for photo in photos]
            else:
                decoding = [self._decoders.submit(self._start, p, views, cancelled, urgent) for p in photos]
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
            pixels = photo_views(photo, views, self._side)
        except PhotoError as error:
            return error
        return (self._live if urgent else self._new).submit(pixels, cancelled)

    def warm_up(self) -> None:
        """The first pass on each thread takes several times as long; it counts in no metric. That for new
        photos gets threads of its own, which stand back as it does."""
        black = np.zeros((1, self._side, self._side, 3), np.uint8)
        own = self._new.call(lambda embedder: embedder.take_threads(self._threads))
        passes = [worker.call(lambda embedder: embedder.embed(black)) for worker in (self._live, self._new)]
        own.result()
        for started in passes:
            started.result()

    def overwrite(self) -> None:
        """The backbone's own memory keeps the last batch until the next one: a black one takes its place."""

        def work(embedder: Embedder) -> None:
            embedder.embed(np.zeros((embedder.max_batch, self._side, self._side, 3), np.uint8))

        for started in [worker.call(work) for worker in (self._live, self._new)]:
            started.result()

    def call(self, work: Callable[[Embedder], _Result]) -> _Result:
        """Run `work` on the thread of the live frames, before those that wait, and wait for it."""
        return self._live.call(work).result()

    def stop(self) -> None:
        self._decoders.shutdown(cancel_futures=True)
        self._new.stop()
        self._live.stop()
