"""The child process of the intake: decodes one photo at a time under hard limits.

It imports Pillow and numpy alone, so that it starts fast and stays small.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import resource
import sys
import traceback
import warnings
from dataclasses import asdict, dataclass
from enum import StrEnum
from multiprocessing.connection import Connection
from pathlib import Path

from PIL import Image

from classroom_app.intake import clean_jpeg, cut_jpeg, decoding, deep_grey, measures
from classroom_app.intake.decoding import NoPhotoError
from ml_core.contract import memory

READY = b"ready"
MEMORY_BYTES = 1536 * 1024 * 1024
# A photo of fewer pixels needs at most half of the memory, whatever its format: where that is not to be
# had, it is not the photo's fault.
HUGE_PIXELS = 24_000_000
SIDE_MIN_PX = 32
LONG_TO_SHORT_MAX = 64  # shrunk, a longer strip has too few pixels across to measure or see anything
# By which a decoder proves itself; a JPEG as large as what iPads send: a limit of memory has to let that
# through.
_OWN_PHOTOS = {"JPEG": (1280, 960), "PNG": (64, 64), "WEBP": (64, 64)}
_NO_MEMORY = re.compile("out of memory|Memory allocation error")
_OUR_OWN = {module.__file__ for module in (decoding, cut_jpeg, deep_grey)} | {__file__}


@dataclass(frozen=True)
class Job:
    data: bytes
    side_px: int
    any_format: bool = False  # every one that is taken, not only what browsers send
    measure: bool = False  # what the photo coach looks at; live frames go without
    find_face: bool = False


class Fault(StrEnum):
    """Of the decoder's own: it says nothing about the photo."""

    BUG = "bug"
    MEMORY = "memory"


@dataclass(frozen=True)
class DecodeResult:
    """A photo, or `error_key`: why the bytes are none that we take; or `fault`: we failed, at `where`."""

    error_key: str = ""
    fault: str = ""
    where: str = ""
    jpeg: bytes = b""
    thumb: bytes = b""
    width: int = 0
    height: int = 0
    brightness: float = 0.0
    highlights: float = 0.0
    sharpness: float = 0.0
    blur: float = 0.0
    perceptual_hash: int = 0
    face: float = 0.0
    tiny: bytes = b""


def serve(pipe: Connection) -> None:
    """Answer jobs until the other end closes."""
    memory.forbid_dumps()
    with contextlib.suppress(ValueError, OSError):  # a stricter limit may be in force already
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = decoding.SCALED_PIXELS_MAX // 2  # Pillow refuses what has twice as many
    unfit = check_itself()
    if unfit:
        pipe.send_bytes(unfit.encode())
        return
    pipe.send_bytes(READY)
    while True:
        try:
            options = json.loads(pipe.recv_bytes())
            job = Job(data=pipe.recv_bytes(), **options)
        except (EOFError, OSError):
            return
        answer = asdict(clean(job))
        pictures = (answer.pop("jpeg"), answer.pop("thumb"), answer.pop("tiny"))
        pipe.send_bytes(json.dumps(answer).encode())
        for picture in pictures:
            pipe.send_bytes(picture)


def check_itself() -> str:
    """What is wrong with this decoder, or nothing: a broken one would call every photo none."""
    try:
        for kind, size in _OWN_PHOTOS.items():
            out = io.BytesIO()
            Image.linear_gradient("L").convert("RGB").resize(size).save(out, kind)
            answer = clean(Job(out.getvalue(), side_px=640, measure=True, find_face=True))
            if answer.error_key or answer.fault:
                return f"{kind}: {answer.error_key}{answer.fault} {answer.where}".strip()
    except Exception as exc:
        return where(exc)
    return ""


def clean(job: Job) -> DecodeResult:
    """One photo; whatever fails is an answer, never an exception.

    What Pillow says of the bytes is the photo's fault. What arises in our own code is ours, and so is a
    lack of memory unless the photo is huge.
    """
    try:
        return _clean(job)
    except NoPhotoError as exc:
        return DecodeResult(error_key=exc.error_key)
    except MemoryError as exc:
        if _pixels(job) > HUGE_PIXELS:
            return DecodeResult(error_key="photo_too_large")
        return DecodeResult(fault=Fault.MEMORY, where=where(exc))
    except Exception as exc:
        return DecodeResult(fault=Fault.BUG, where=where(exc))


def where(exc: BaseException) -> str:
    """Kind and place of an error for the log. Not its words: they may quote what is in the photo."""
    frames = [*traceback.walk_tb(exc.__traceback__)]
    if not frames:
        return type(exc).__name__
    frame, line = frames[-1]
    return f"{type(exc).__name__} {Path(frame.f_code.co_filename).name}:{line} {frame.f_code.co_name}"


def _clean(job: Job) -> DecodeResult:
    image = decoded(job)
    if min(image.size) < SIDE_MIN_PX or max(image.size) > LONG_TO_SHORT_MAX * min(image.size):
        raise NoPhotoError(error_key="photo_too_small")
    image.thumbnail((job.side_px, job.side_px), Image.Resampling.LANCZOS)
    luma = image.convert("L")
    light = measures.light(luma)
    small = measures.small(luma)
    thumb = clean_jpeg.thumbnail(image)
    return DecodeResult(
        jpeg=clean_jpeg.encoded(image, clean_jpeg.QUALITY),
        thumb=clean_jpeg.encoded(thumb, clean_jpeg.THUMB_QUALITY),
        width=image.width,
        height=image.height,
        brightness=light.mean,
        highlights=light.highlights if job.measure else 0.0,
        sharpness=measures.sharpness(small),
        blur=measures.blur(small) if job.measure else 0.0,
        perceptual_hash=measures.difference_hash(luma),
        face=measures.face(thumb) if job.find_face else 0.0,  # its net looks at fewer pixels yet
        tiny=measures.tiny(thumb) if job.measure else b"",
    )


def decoded(job: Job) -> Image.Image:
    """Raises NoPhotoError for what Pillow does not take, and lets through what is our own fault."""
    try:
        return decoding.decode(job.data, job.side_px, any_format=job.any_format)
    except (NoPhotoError, MemoryError, ImportError):
        raise
    except Exception as exc:
        # Pillow raises OSError, ValueError, SyntaxError, EOFError, KeyError and more on what is broken.
        if _NO_MEMORY.match(str(exc)):  # so do its reader of lines and that of HEIC
            raise MemoryError from exc
        *_, (frame, _) = traceback.walk_tb(exc.__traceback__)
        if frame.f_code.co_filename in _OUR_OWN:
            raise
        raise NoPhotoError(error_key="photo_not_image") from exc


def _pixels(job: Job) -> int:
    """As the file itself says; 0 where it does not."""
    try:
        with Image.open(io.BytesIO(job.data)) as opened:
            return opened.width * opened.height
    except Exception:  # as in `decoded`; then its size is no reason for anything
        return 0


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
