"""Untrusted bytes in, a clean small JPEG with its measures out, or a clear error.

Every decode happens in a worker process with limits on memory and time.
Knows nothing of groups, labels or where photos are kept.
"""

from __future__ import annotations

import contextlib
import multiprocessing as mp
import queue
from dataclasses import dataclass
from multiprocessing.connection import Connection

from classroom_app import intake_worker
from classroom_app.errors import BadInputError, UnavailableError

DECODE_TIMEOUT_S = 10.0
WORKER_START_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class CleanPhoto:
    """A re-encoded photo without metadata.

    `brightness`: mean luma 0 to 255. `sharpness`: variance of the Laplacian at 256 px.
    `perceptual_hash`: 64-bit difference hash as a signed integer.
    """

    jpeg: bytes
    thumb: bytes
    width: int
    height: int
    brightness: float
    sharpness: float
    perceptual_hash: int


class _Worker:
    """One child process; it is ended and started anew when it hangs or dies."""

    def __init__(self) -> None:
        # "spawn": the web process has threads, and a fork would copy their locks.
        context = mp.get_context("spawn")
        self._pipe, child_end = context.Pipe()
        self._process = context.Process(
            target=intake_worker.serve, args=(child_end,), daemon=True, name="intake"
        )
        self._process.start()
        child_end.close()

    def ask(self, job: intake_worker.Job, timeout_s: float) -> intake_worker.Answer:
        pipe: Connection = self._pipe
        pipe.send(job)
        if not pipe.poll(timeout_s):
            raise TimeoutError
        answer: intake_worker.Answer = pipe.recv()
        return answer

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._pipe.close()
        self._process.kill()
        self._process.join(timeout=5)


class Intake:
    """A few workers shared by all requests; `close()` ends them."""

    def __init__(self, workers: int = 2, timeout_s: float = DECODE_TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._idle: queue.Queue[_Worker | None] = queue.Queue()
        for _ in range(workers):
            self._idle.put(None)  # started at first use

    def clean(self, data: bytes, *, side_px: int = 640, heic: bool = False) -> CleanPhoto:
        """Decode, turn upright, shrink to `side_px`, strip and re-encode.

        Raises BadInputError (`photo_empty`, `photo_not_image`, `photo_too_large`, `photo_too_small`)
        or UnavailableError when no worker is free.
        """
        if not data:
            raise BadInputError("photo_empty")
        answer = self._ask(intake_worker.Job(data=data, side_px=side_px, heic=heic))
        if answer.error_key:
            raise BadInputError(answer.error_key)
        return CleanPhoto(
            jpeg=answer.jpeg,
            thumb=answer.thumb,
            width=answer.width,
            height=answer.height,
            brightness=answer.brightness,
            sharpness=answer.sharpness,
            perceptual_hash=answer.perceptual_hash,
        )

    def _ask(self, job: intake_worker.Job) -> intake_worker.Answer:
        try:
            worker = self._idle.get(timeout=self._timeout_s * 2)
        except queue.Empty as exc:
            raise UnavailableError from exc
        try:
            fresh = worker is None
            if worker is None:
                worker = _Worker()
            return worker.ask(job, self._timeout_s + (WORKER_START_TIMEOUT_S if fresh else 0))
        except (TimeoutError, EOFError, OSError) as exc:
            # It hung or died on these bytes: they are no photo for us, and the next one gets a new worker.
            if worker is not None:
                worker.stop()
                worker = None
            raise BadInputError("photo_not_image") from exc
        finally:
            self._idle.put(worker)

    def close(self) -> None:
        while True:
            try:
                worker = self._idle.get_nowait()
            except queue.Empty:
                return
            if worker is not None:
                worker.stop()
