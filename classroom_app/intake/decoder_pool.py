"""Untrusted bytes in, a clean small JPEG with its measures out, or a clear error.

Every decode happens in a worker process with limits on memory and time. Only a worker that answered may
refuse a photo: one that dies or hangs is our fault.
"""

from __future__ import annotations

import contextlib
import hashlib
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from classroom_app.errors import BadInputError, PhotoUnreadError, UnavailableError
from classroom_app.intake import decoder_process
from classroom_app.intake.decoder_client import START_TIMEOUT_S, Decoder, DecoderProcess

DECODE_TIMEOUT_S = 10.0
ANSWER_WITHIN_S = 25.0  # with the wait for a worker and all tries: before an iPad gives the photo's post up
FRAME_PATIENCE_S = 2.0  # a live frame that waited longer is of no use to anybody
TRIES = 2
SHORTEST_TRY_S = 2.0  # a photo takes a few hundredths of a second
# What a worker saw stays in its memory until it ends. A start takes a quarter of a second, so that of live
# frames, which sees many, is not renewed more often than this.
RENEWED_AFTER, RENEWED_AFTER_S = 500, 60.0  # photos, and seconds
SUSPECT_AFTER = 3  # different photos in a row that no worker survived: then it is not the photos
HUNG, DIED, GARBLED, START = "hung", "died", "garbled", "start"
CAUSES = (HUNG, DIED, GARBLED, START, *decoder_process.Fault)

_log = structlog.get_logger(__name__)


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


@dataclass(eq=False)
class _Worker:
    decoder: Decoder
    seen: int = 0  # photos
    began: float = field(default_factory=time.monotonic)

    @property
    def has_seen_enough(self) -> bool:
        return self.seen >= RENEWED_AFTER and time.monotonic() - self.began >= RENEWED_AFTER_S


class _Lane:
    """Some workers, and the photos that came since one of them last answered."""

    def __init__(self, workers: int, patience_s: float) -> None:
        self.patience_s = patience_s
        self.unanswered: set[bytes] = set()  # digests
        self.idle: queue.Queue[_Worker | None] = queue.Queue()
        for _ in range(workers):
            self.idle.put(None)  # started at first use
        self.is_working = True


class Intake:
    """A few workers shared by all requests, and one more for live frames; `close()` ends them.

    `on_failure` is told the cause, one of CAUSES, whenever a worker fails.
    """

    def __init__(
        self,
        workers: int = 2,
        timeout_s: float = DECODE_TIMEOUT_S,
        start: Callable[[], Decoder] = DecoderProcess,
        on_failure: Callable[[str], None] = lambda _cause: None,
    ) -> None:
        self._timeout_s = timeout_s
        self._start = start
        self._on_failure = on_failure
        self._generation = 0  # of the workers; `renew` begins another
        self._renewing = threading.Lock()
        self._photos = _Lane(workers, timeout_s)
        self._frames = _Lane(1, FRAME_PATIENCE_S)

    def clean(
        self,
        data: bytes,
        *,
        side_px: int = 640,
        any_format: bool = False,
        measure: bool = False,
        find_face: bool = False,
        urgent: bool = False,
    ) -> CleanPhoto:
        """Decode, turn upright, shrink to `side_px`, strip and re-encode.

        `any_format` takes every kind of file in `photo_formats`, not only what browsers send.
        `measure` adds what the photo coach looks at, `find_face` the search for a face.
        `urgent` is for live frames: they have a worker of their own, so that no upload is before them.

        Raises BadInputError (`photo_empty`, `photo_not_image`, `photo_cut_off`, `photo_too_large`,
        `photo_too_small`) when a worker said so, PhotoUnreadError when every worker that was tried failed on
        this photo, UnavailableError when none is free or can be started, or none gets through with any photo.
        """
        if not data:
            raise BadInputError("photo_empty")
        lane = self._frames if urgent else self._photos
        answer = self._ask(decoder_process.Job(data, side_px, any_format, measure, find_face), lane)
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

    def is_working(self) -> bool:
        """False from a photo that no worker answered, or a worker that did not start, to the next answer."""
        return self._photos.is_working and self._frames.is_working

    def _ask(self, job: decoder_process.Job, lane: _Lane) -> decoder_process.DecodeResult:
        limit = time.monotonic() + ANSWER_WITHIN_S
        # Looked at before a worker is taken: one of before a renewal never passes for new.
        generation = self._generation
        try:
            worker = lane.idle.get(timeout=lane.patience_s)
        except queue.Empty as exc:
            raise UnavailableError from exc
        # Only a worker that gave a whole answer goes back: of any other the next photo might get this one's
        # rest.
        whole: _Worker | None = None
        try:
            for number in range(1, TRIES + 1):
                if number > 1 and limit - time.monotonic() < START_TIMEOUT_S + SHORTEST_TRY_S:
                    break  # no time for another worker; what the first one met counts
                worker = worker or _Worker(self._started(lane))
                patience_s = min(self._timeout_s, max(SHORTEST_TRY_S, limit - time.monotonic()))
                worker.seen += 1
                answer = self._try(worker.decoder, job, number, patience_s)
                if answer is not None:
                    whole = worker
                    lane.is_working = True
                    lane.unanswered.clear()
                    return answer
                worker = None
            lane.is_working = False
            raise self._unread(job, lane)
        finally:
            self._put_back(whole, generation, lane)

    def _try(
        self, worker: Decoder, job: decoder_process.Job, number: int, patience_s: float
    ) -> decoder_process.DecodeResult | None:
        """The answer; without one the worker has been ended, and the log says why."""
        started = time.monotonic()
        try:
            answer = worker.ask(job, patience_s)
        except Exception as exc:  # whatever it is, this worker is of no use any more
            cause, place = _cause(exc), type(exc).__name__
        else:
            if not answer.fault:
                return answer
            cause, place = answer.fault, answer.where
        exit_code = worker.exit_code() if cause == DIED else None
        worker.stop()
        self._on_failure(cause)
        _log.error(
            "decoder_failed",
            cause=cause,
            where=place,
            exit_code=exit_code,
            attempt=number,
            seconds=round(time.monotonic() - started, 3),
            photo_bytes=len(job.data),
        )
        return None

    @staticmethod
    def _unread(job: decoder_process.Job, lane: _Lane) -> UnavailableError:
        """Is it this photo? Its last worker had just read another one, or it would not have been ready. But
        when several photos in a row come to this end, it is us all the same.
        """
        lane.unanswered.add(hashlib.sha256(job.data).digest())
        return PhotoUnreadError() if len(lane.unanswered) < SUSPECT_AFTER else UnavailableError()

    def _started(self, lane: _Lane) -> Decoder:
        try:
            return self._start()
        except Exception as exc:
            # No process, no memory, no Pillow: the photo is not to blame and may come again.
            lane.is_working = False
            self._on_failure(START)
            _log.error("decoder_failed", cause=START, where=f"{type(exc).__name__} {exc}")  # says all
            raise UnavailableError from exc

    def renew(self) -> None:
        """End the workers, whose memory holds what they saw: idle ones now, the others after their photo."""
        with self._renewing:
            self._generation += 1
            for lane in (self._photos, self._frames):
                for _ in range(lane.idle.qsize()):
                    with contextlib.suppress(queue.Empty):
                        worker = lane.idle.get_nowait()
                        if worker is not None:
                            worker.decoder.stop()
                        lane.idle.put(None)

    def _put_back(self, worker: _Worker | None, generation: int, lane: _Lane) -> None:
        with self._renewing:
            if worker and (generation != self._generation or worker.has_seen_enough):
                worker.decoder.stop()
                worker = None
            lane.idle.put(worker)

    def close(self) -> None:
        for lane in (self._photos, self._frames):
            while True:
                try:
                    worker = lane.idle.get_nowait()
                except queue.Empty:
                    break
                if worker is not None:
                    worker.decoder.stop()


def _cause(exc: Exception) -> str:
    if isinstance(exc, TimeoutError | BlockingIOError):
        return HUNG
    return DIED if isinstance(exc, EOFError | OSError) else GARBLED
