"""Untrusted bytes in, a clean small JPEG with its measures out, or a clear error.

Every decode happens in a worker process with limits on memory and time.
"""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from classroom_app.errors import BadInputError, UnavailableError
from classroom_app.intake import decoder_process, measures

DECODE_TIMEOUT_S = 10.0
WORKER_START_TIMEOUT_S = 30.0
FRAME_PATIENCE_S = 2.0  # a live frame that waited longer is of no use to anybody
TRIES = 2
ANSWER_BYTES_MAX = 16 * 1024 * 1024
_ENVIRONMENT = {  # of the workers: no secrets in reach of a decoder
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",  # the photos share the cores already
    # glibc and Pillow would give a photo's memory back after each step, and the system clear it anew for the
    # next one: a sixth of the work on a photo.
    "MALLOC_MMAP_THRESHOLD_": str(32 * 1024 * 1024),
    "MALLOC_TRIM_THRESHOLD_": str(128 * 1024 * 1024),
    "PILLOW_BLOCKS_MAX": "8",
}


@dataclass(frozen=True)
class CleanPhoto:
    """A re-encoded photo without metadata.

    `brightness`: mean luma 0 to 255; `highlights`: what 5 % of the pixels exceed. `sharpness`: variance
    of the Laplacian at 256 px; `blur`: 0 sharp to 1. `perceptual_hash`: 64-bit difference hash as a signed
    integer. `face`: how sure a face is in it, 0 to 1. `tiny`: 12 x 12 RGB pixels.
    """

    jpeg: bytes
    thumb: bytes
    width: int
    height: int
    brightness: float
    highlights: float
    sharpness: float
    blur: float
    perceptual_hash: int
    face: float
    tiny: bytes

    def measures(self) -> dict[str, Any]:
        """What every stored photo keeps of it, by column."""
        return {
            "size_bytes": len(self.jpeg),
            "width": self.width,
            "height": self.height,
            "brightness": self.brightness,
            "sharpness": self.sharpness,
            "perceptual_hash": self.perceptual_hash,
        }


class DecoderProcess:
    """One child process; it is ended and started anew when it hangs or dies."""

    def __init__(self) -> None:
        # Not multiprocessing: its children run the parent's main module first, and under Streamlit
        # that is whatever page is being drawn.
        ours, theirs = socket.socketpair()
        with ours, theirs:  # closed here if there is no child
            self.process = subprocess.Popen(
                [sys.executable, "-m", "classroom_app.intake.decoder_process", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                cwd=Path(__file__).parents[2],
                env=_ENVIRONMENT,
            )
            self._pipe = Connection(ours.detach())
        try:
            # Once it says so, whatever goes wrong later has to do with the photo, not with its start.
            if not self._pipe.poll(WORKER_START_TIMEOUT_S):
                raise TimeoutError
            if self._pipe.recv_bytes(ANSWER_BYTES_MAX) != decoder_process.READY:
                raise OSError
        except (TimeoutError, EOFError, OSError):
            self.stop()
            raise

    def ask(self, job: decoder_process.Job, timeout_s: float) -> decoder_process.DecodeResult:
        options = {name: value for name, value in vars(job).items() if name != "data"}
        self._pipe.send_bytes(json.dumps(options).encode())
        self._pipe.send_bytes(job.data)
        if not self._pipe.poll(timeout_s):
            raise TimeoutError
        # JSON and plain bytes: what comes from a child that decodes hostile files is never unpickled.
        numbers = json.loads(self._pipe.recv_bytes(ANSWER_BYTES_MAX))
        jpeg, thumb, tiny = (self._pipe.recv_bytes(ANSWER_BYTES_MAX) for _ in range(3))
        if len(tiny) not in {0, measures.TINY_BYTES}:
            raise ValueError("a tiny picture of another size than agreed")
        return decoder_process.DecodeResult(**numbers, jpeg=jpeg, thumb=thumb, tiny=tiny)

    def stop(self) -> None:
        self._pipe.close()
        self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):  # the system ends it later
            self.process.wait(timeout=5)


class Decoder(Protocol):
    """What the pool needs of a worker."""

    def ask(self, job: decoder_process.Job, timeout_s: float) -> decoder_process.DecodeResult: ...

    def stop(self) -> None: ...


class Intake:
    """A few workers shared by all requests, and one more for live frames; `close()` ends them."""

    def __init__(
        self,
        workers: int = 2,
        timeout_s: float = DECODE_TIMEOUT_S,
        start: Callable[[], Decoder] = DecoderProcess,
    ) -> None:
        self._timeout_s = timeout_s
        self._start = start
        self._generation = 0  # of the workers; `renew` begins another
        self._idle: queue.Queue[Decoder | None] = queue.Queue()
        for _ in range(workers):
            self._idle.put(None)  # started at first use
        self._idle_for_frames: queue.Queue[Decoder | None] = queue.Queue()
        self._idle_for_frames.put(None)

    def clean(
        self,
        data: bytes,
        *,
        side_px: int = 640,
        heic: bool = False,
        measure: bool = False,
        find_face: bool = False,
        urgent: bool = False,
    ) -> CleanPhoto:
        """Decode, turn upright, shrink to `side_px`, strip and re-encode.

        `measure` adds what the photo coach looks at, `find_face` the search for a face.
        `urgent` is for live frames: they have a worker of their own, so that no upload is before them.

        Raises BadInputError (`photo_empty`, `photo_not_image`, `photo_too_large`, `photo_too_small`)
        or UnavailableError when no worker is free or can be started.
        """
        if not data:
            raise BadInputError("photo_empty")
        answer = self._ask(decoder_process.Job(data, side_px, heic, measure, find_face), urgent)
        if answer.error_key:
            raise BadInputError(answer.error_key)
        return CleanPhoto(
            jpeg=answer.jpeg,
            thumb=answer.thumb,
            width=answer.width,
            height=answer.height,
            brightness=answer.brightness,
            highlights=answer.highlights,
            sharpness=answer.sharpness,
            blur=answer.blur,
            perceptual_hash=answer.perceptual_hash,
            face=answer.face,
            tiny=answer.tiny,
        )

    def _ask(self, job: decoder_process.Job, urgent: bool) -> decoder_process.DecodeResult:
        idle = self._idle_for_frames if urgent else self._idle
        try:
            worker = idle.get(timeout=FRAME_PATIENCE_S if urgent else self._timeout_s * 2)
        except queue.Empty as exc:
            raise UnavailableError from exc
        generation = self._generation
        try:
            for _ in range(TRIES):
                if worker is None:
                    worker = self._started()
                try:
                    return worker.ask(job, self._timeout_s)
                except (TimeoutError, EOFError, OSError, ValueError, TypeError):
                    # It hung or died. Once may be our own fault (a busy machine, no memory left), so a new
                    # worker gets a try before a child's photo is thrown away.
                    dead, worker = worker, None
                    dead.stop()
            raise BadInputError("photo_not_image")
        finally:
            self._put_back(worker, generation, idle)

    def _started(self) -> Decoder:
        try:
            return self._start()
        except (TimeoutError, EOFError, OSError) as exc:
            raise UnavailableError from exc  # the photo is not to blame: it may come again

    def renew(self) -> None:
        """End the workers, whose memory holds what they saw: idle ones now, the others after their photo."""
        self._generation += 1
        for idle in (self._idle, self._idle_for_frames):
            for _ in range(idle.qsize()):
                with contextlib.suppress(queue.Empty):
                    self._put_back(idle.get_nowait(), -1, idle)

    def _put_back(self, worker: Decoder | None, taken_in: int, idle: queue.Queue[Decoder | None]) -> None:
        if worker is not None and taken_in != self._generation:
            worker.stop()
            worker = None
        idle.put(worker)

    def close(self) -> None:
        for idle in (self._idle, self._idle_for_frames):
            while True:
                try:
                    worker = idle.get_nowait()
                except queue.Empty:
                    break
                if worker is not None:
                    worker.stop()
