"""Hostile and ordinary bytes through the real worker process."""

from __future__ import annotations

import io
import os
import signal
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from classroom_app.errors import BadInputError, UnavailableError
from classroom_app.intake import decoder_process
from classroom_app.intake.decoder_pool import DecoderProcess, Intake


@pytest.fixture(scope="module")
def intake() -> Iterator[Intake]:
    intake = Intake(workers=1)
    yield intake
    intake.close()


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png_bomb(width: int, height: int) -> bytes:
    """A few bytes that claim to be a huge picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


GOOD = encoded(Image.new("RGB", (300, 200), "green"), "JPEG")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_each_format_becomes_a_jpeg(intake: Intake, kind: str) -> None:
    photo = intake.clean(encoded(Image.new("RGB", (1000, 500), "green"), kind))
    assert (photo.width, photo.height) == (640, 320)
    with Image.open(io.BytesIO(photo.jpeg)) as image:
        assert image.format == "JPEG"
        red, green, blue = image.getpixel((5, 5))  # type: ignore[misc]  # an RGB image answers three
        assert green > 100 > max(red, blue)


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "CMYK", "1"])
def test_each_colour_mode_is_taken(intake: Intake, mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert intake.clean(encoded(Image.new(mode, (64, 64)), kind)).jpeg


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "photo_empty"),
        (b"hello", "photo_not_image"),
        (GOOD[:40], "photo_not_image"),
        (b"\xff\xd8\xff" + os.urandom(2000), "photo_not_image"),
        (encoded(Image.new("RGB", (60, 60)), "GIF"), "photo_not_image"),
        (encoded(Image.new("RGB", (60, 60)), "TIFF"), "photo_not_image"),
        (b"%PDF-1.4 " + b"0" * 500, "photo_not_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo_not_image"),
        (encoded(Image.new("RGB", (10, 300)), "PNG"), "photo_too_small"),
        (png_bomb(13_000, 13_000), "photo_too_large"),
        (png_bomb(2**31 - 1, 2**31 - 1), "photo_not_image"),
    ],
)
def test_what_is_no_photo_says_so(intake: Intake, data: bytes, key: str) -> None:
    with pytest.raises(BadInputError) as error:
        intake.clean(data)
    assert error.value.key == key
    assert intake.clean(GOOD).jpeg  # and the next photo is taken all the same


def test_broken_files_never_get_through_as_errors(intake: Intake) -> None:
    """Every cut and some flipped bytes of a good file: a photo or a friendly refusal."""
    for cut in range(0, len(GOOD), 37):
        damaged = bytearray(GOOD[: len(GOOD) - cut])
        if len(damaged) > 30:
            damaged[len(damaged) // 2] ^= 0xFF
        try:
            intake.clean(bytes(damaged))
        except BadInputError as error:
            assert error.key in {"photo_not_image", "photo_empty", "photo_too_small", "photo_too_large"}  # noqa: PT017  # either may be raised, and each is right


def test_no_metadata_survives(intake: Intake) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretMaker"
    exif.get_ifd(0x8825)[1] = "N"  # GPS
    info = PngImagePlugin.PngInfo()
    info.add_text("place", "SecretPlace")
    files = [
        encoded(Image.new("RGB", (90, 60)), "JPEG", exif=exif, comment=b"SecretComment"),
        encoded(Image.new("RGB", (90, 60)), "PNG", pnginfo=info),
    ]
    for data in files:
        assert b"Secret" in data
        photo = intake.clean(data)
        assert b"Secret" not in photo.jpeg + photo.thumb
        with Image.open(io.BytesIO(photo.jpeg)) as image:
            assert not image.getexif()
            assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_measures_tell_dark_from_bright_and_sharp_from_blurred(intake: Intake) -> None:
    dark = intake.clean(encoded(Image.new("RGB", (200, 200), (10, 10, 10)), "PNG"))
    bright = intake.clean(encoded(Image.new("RGB", (200, 200), (240, 240, 240)), "PNG"))
    assert dark.brightness < 20
    assert bright.brightness > 230
    checks = Image.new("L", (200, 200))
    checks.putdata([255 * ((x // 10 + y // 10) % 2) for y in range(200) for x in range(200)])
    sharp = intake.clean(encoded(checks, "PNG"))
    soft = intake.clean(encoded(checks.resize((20, 20)).resize((200, 200), Image.Resampling.BICUBIC), "PNG"))
    assert sharp.sharpness > 2 * soft.sharpness > dark.sharpness
    assert sharp.perceptual_hash == intake.clean(encoded(checks, "PNG")).perceptual_hash


class Started:
    """Starts real workers and remembers them."""

    def __init__(self, kind: type[DecoderProcess] = DecoderProcess) -> None:
        self.kind = kind
        self.workers: list[DecoderProcess] = []

    def __call__(self) -> DecoderProcess:
        self.workers.append(self.kind())
        return self.workers[-1]


class Dying(DecoderProcess):
    def ask(self, job: decoder_process.Job, timeout_s: float) -> decoder_process.DecodeResult:
        raise EOFError


def test_a_worker_that_hangs_is_replaced() -> None:
    """The worker is stopped in its tracks: the caller gets an answer, and the next photo a new worker."""
    start = Started()
    intake = Intake(workers=1, timeout_s=0.5, start=start)
    try:
        assert intake.clean(GOOD)
        start.workers[0].process.send_signal(signal.SIGSTOP)
        started = time.monotonic()
        assert intake.clean(GOOD), "once may be our own fault"
        assert time.monotonic() - started < 20
        assert start.workers[0].process.poll() is not None
    finally:
        intake.close()


def test_bytes_that_kill_two_workers_are_no_photo() -> None:
    start = Started(Dying)
    intake = Intake(workers=1, start=start)
    try:
        with pytest.raises(BadInputError) as error:
            intake.clean(GOOD)
        assert error.value.key == "photo_not_image"
        assert len(start.workers) == 2
        assert all(worker.process.poll() is not None for worker in start.workers)
        start.kind = DecoderProcess
        assert intake.clean(GOOD)
    finally:
        intake.close()


@pytest.mark.parametrize("command", ["/nowhere/python", "/bin/false"])
def test_a_worker_that_does_not_start_is_not_the_photos_fault(
    monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    intake = Intake(workers=1)
    try:
        with monkeypatch.context() as patched:
            patched.setattr(sys, "executable", command)
            with pytest.raises(UnavailableError):
                intake.clean(GOOD)
        assert intake.clean(GOOD)
    finally:
        intake.close()


def test_a_worker_that_cannot_be_waited_for_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    start = Started()
    intake = Intake(workers=1, start=start)
    try:
        assert intake.clean(GOOD)
        process = start.workers[0].process
        with monkeypatch.context() as patched:

            def never(timeout: float) -> int:
                raise subprocess.TimeoutExpired("worker", timeout)

            patched.setattr(process, "wait", never)
            start.workers[0].stop()
        process.wait(timeout=5)
        assert intake.clean(GOOD), "its pipe is closed, as after a death in between"
    finally:
        intake.close()


def test_a_live_frame_does_not_wait_for_uploads() -> None:
    go_on = threading.Event()

    class Slow(DecoderProcess):
        """Takes its time for what is not a frame."""

        def ask(self, job: decoder_process.Job, timeout_s: float) -> decoder_process.DecodeResult:
            assert job.side_px == 320 or go_on.wait(60)
            return super().ask(job, 60)

    start = Started(Slow)
    intake = Intake(workers=1, timeout_s=0.1, start=start)
    try:
        with ThreadPoolExecutor(1) as uploads:
            upload = uploads.submit(intake.clean, GOOD)
            while not start.workers:
                time.sleep(0.01)
            with pytest.raises(UnavailableError):
                intake.clean(GOOD)  # another upload has the only worker
            assert intake.clean(GOOD, side_px=320, urgent=True).width == 300
            go_on.set()
            assert upload.result(60).width == 300
    finally:
        intake.close()


def test_renewed_workers_have_seen_nothing_of_what_was_before() -> None:
    """An idle one ends at once, one at work after its photo, and each is replaced when it is needed."""
    at_work, go_on = threading.Event(), threading.Event()

    class Slow(DecoderProcess):
        """Takes its time for what is not a frame."""

        def ask(self, job: decoder_process.Job, timeout_s: float) -> decoder_process.DecodeResult:
            at_work.set()
            assert job.side_px == 320 or go_on.wait(60)
            return super().ask(job, timeout_s)

    start = Started(Slow)
    intake = Intake(workers=1, start=start)
    try:
        assert intake.clean(GOOD, side_px=320, urgent=True)
        with ThreadPoolExecutor(1) as uploads:
            at_work.clear()
            upload = uploads.submit(intake.clean, GOOD)
            assert at_work.wait(60)
            intake.renew()
            idle, busy = (worker.process for worker in start.workers)
            assert idle.poll() is not None
            assert busy.poll() is None
            go_on.set()
            assert upload.result(60)
        assert busy.wait(5) is not None
        assert intake.clean(GOOD)
        assert intake.clean(GOOD, side_px=320, urgent=True)
        assert len(start.workers) == 4
    finally:
        intake.close()


def test_no_memory_of_a_decoder_is_written_to_disk() -> None:
    worker = DecoderProcess()
    try:
        limits = Path(f"/proc/{worker.process.pid}/limits").read_text()
        [core] = [line for line in limits.splitlines() if line.startswith("Max core file size")]
        assert core.split()[4:6] == ["0", "0"]
    finally:
        worker.stop()


def test_the_decoder_runs_under_a_memory_limit() -> None:
    assert decoder_process.MEMORY_BYTES <= 2 * 1024**3
    assert decoder_process.PIXELS_MAX <= 50_000_000
