"""Hostile and ordinary bytes through the real worker process."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import structlog
from PIL import Image, PngImagePlugin

from classroom_app.errors import BadInputError, PhotoUnreadError, UnavailableError
from classroom_app.intake import decoder_client, decoder_pool, decoder_process, decoding, measures
from classroom_app.intake.decoder_client import DecoderProcess
from classroom_app.intake.decoder_pool import Intake


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
        (png_bomb(2**31 - 1, 2**31 - 1), "photo_too_large"),
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
            assert error.key in {"photo_not_image", "photo_cut_off", "photo_too_small", "photo_too_large"}  # noqa: PT017  # either may be raised, and each is right


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

    def __init__(self, kind: Callable[[], DecoderProcess] = DecoderProcess) -> None:
        self.kind = kind
        self.workers: list[DecoderProcess] = []

    def __call__(self) -> DecoderProcess:
        self.workers.append(self.kind())
        return self.workers[-1]


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


def test_a_worker_that_stands_still_holds_nobody_however_large_the_photo() -> None:
    """Its pipe is full long before the photo is sent."""
    start = Started(lambda: DecoderProcess(stall_s=0.3))
    intake = Intake(workers=1, timeout_s=0.3, start=start)
    try:
        assert intake.clean(GOOD)
        start.workers[0].process.send_signal(signal.SIGSTOP)
        start.kind = DecoderProcess
        noise = encoded(Image.frombytes("RGB", (900, 900), os.urandom(900 * 900 * 3)), "PNG")
        with structlog.testing.capture_logs() as log, contextlib.suppress(UnavailableError):
            intake.clean(noise)
        assert log[0]["cause"] == "hung"
    finally:
        intake.close()


def test_what_the_only_try_met_counts_where_there_is_no_time_for_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else a photo on which decoders hang, and that waited for one, would come again for ever."""
    start = Started()
    intake = Intake(workers=1, timeout_s=0.3, start=start)
    monkeypatch.setattr("classroom_app.intake.decoder_pool.ANSWER_WITHIN_S", 1.0)
    try:
        assert intake.clean(GOOD)
        start.workers[0].process.send_signal(signal.SIGSTOP)
        with pytest.raises(PhotoUnreadError):
            intake.clean(GOOD)
        assert len(start.workers) == 1
    finally:
        intake.close()


def test_photos_whose_workers_are_killed_are_not_refused() -> None:
    """Five good photos, and a decoder that is really killed each time: all may come again."""

    class Killed(DecoderProcess):
        def ask(self, job: decoder_process.Job, timeout_s: float) -> decoder_process.DecodeResult:
            self.process.kill()
            self.process.wait()
            return super().ask(job, timeout_s)

    counted: list[str] = []
    start = Started(Killed)
    intake = Intake(workers=1, start=start, on_failure=counted.append)
    try:
        assert intake.is_working()
        with structlog.testing.capture_logs() as log:
            for number in range(5):
                photo = encoded(Image.new("RGB", (300, 200), (40 * number, 99, 9)), "JPEG")
                with pytest.raises(UnavailableError) as error:
                    intake.clean(photo)
                assert (error.value.status, error.value.retry) == (503, True)
                # Two photos may be odd ones. With the third it is the decoders, and no photo is to blame.
                assert isinstance(error.value, PhotoUnreadError) == (number < 2)
        assert counted == ["died"] * 10
        assert [(line["event"], line["log_level"]) for line in log] == [("decoder_failed", "error")] * 10
        assert {line["exit_code"] for line in log} == {-signal.SIGKILL}
        assert not intake.is_working()
        start.kind = DecoderProcess
        assert intake.clean(GOOD)
        assert intake.is_working()
        start.kind = Killed
        start.workers[-1].process.kill()
        with pytest.raises(PhotoUnreadError):
            intake.clean(GOOD)
    finally:
        intake.close()


def test_a_worker_whose_answer_is_none_is_not_asked_again() -> None:
    """The rest of its answer would be taken for the next photo's."""

    class Babbling(DecoderProcess):
        def ask(self, job: decoder_process.Job, timeout_s: float) -> decoder_process.DecodeResult:
            super().ask(job, timeout_s)
            raise RecursionError

    start = Started(Babbling)
    intake = Intake(workers=1, start=start)
    try:
        with structlog.testing.capture_logs() as log, pytest.raises(PhotoUnreadError):
            intake.clean(GOOD)
        assert [line["cause"] for line in log] == ["garbled", "garbled"]
        assert all(worker.process.poll() is not None for worker in start.workers)
        start.kind = DecoderProcess
        assert intake.clean(GOOD)
    finally:
        intake.close()


@pytest.mark.parametrize("size", [(32, 9000), (9000, 32), (40, 2700)])
def test_a_long_thin_picture_gets_an_ordinary_answer(size: tuple[int, int]) -> None:
    start = Started()
    intake = Intake(workers=1, start=start)
    try:
        with pytest.raises(BadInputError) as error:
            intake.clean(encoded(Image.new("RGB", size), "PNG"), measure=True, find_face=True)
        assert error.value.key == "photo_too_small"
        assert len(start.workers) == 1, "no worker died of it"
    finally:
        intake.close()


@pytest.mark.parametrize("side_px", [640, 320])
def test_the_longest_strip_that_is_taken_can_be_measured(intake: Intake, side_px: int) -> None:
    for size in ((64 * 32, 32), (32, 64 * 32), (6400, 100)):
        strip = encoded(Image.new("RGB", size, "white"), "PNG")
        assert intake.clean(strip, side_px=side_px, measure=True, find_face=True).sharpness == 0


def test_whatever_fails_in_our_own_code_is_an_answer_that_names_the_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = decoder_process.Job(GOOD, side_px=640)
    for error in (ZeroDivisionError, RecursionError, KeyError, StopIteration):

        def fail(_small: object, error: type[Exception] = error) -> float:
            raise error("Anna's photo")

        monkeypatch.setattr(measures, "sharpness", fail)
        answer = decoder_process.clean(job)
        assert (answer.error_key, answer.fault) == ("", "bug")
        assert answer.where.startswith(f"{error.__name__} test_intake.py:")
        assert "Anna" not in answer.where


def test_our_own_mistake_while_decoding_is_not_the_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same exception is the photo's fault when it comes out of Pillow."""

    def ours(_data: bytes, _side_px: int, *, any_format: bool) -> Image.Image:
        raise ValueError

    ours.__code__ = ours.__code__.replace(co_filename=decoding.__file__)
    monkeypatch.setattr(decoding, "decode", ours)
    answer = decoder_process.clean(decoder_process.Job(GOOD, side_px=640))
    assert (answer.error_key, answer.fault) == ("", "bug")


@pytest.mark.parametrize("error", [MemoryError(), OSError("out of memory when reading image file")])
def test_no_memory_is_the_photos_fault_only_when_it_is_huge(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_args: object, **_options: object) -> Image.Image:
        raise error

    monkeypatch.setattr(decoding, "decode", fail)
    small = decoder_process.clean(decoder_process.Job(GOOD, side_px=640))
    assert (small.error_key, small.fault) == ("", "memory")
    huge = decoder_process.clean(decoder_process.Job(png_bomb(6000, 6000), side_px=640))
    assert (huge.error_key, huge.fault) == ("photo_too_large", "")


def test_a_fault_of_our_own_is_tried_again_and_then_the_photo_may_come_again() -> None:
    class Faulty(DecoderProcess):
        def ask(self, job: decoder_process.Job, timeout_s: float) -> decoder_process.DecodeResult:
            return decoder_process.DecodeResult(fault="bug", where="KeyError measures.py:9 blur")

    counted: list[str] = []
    start = Started(Faulty)
    intake = Intake(workers=1, start=start, on_failure=counted.append)
    try:
        with structlog.testing.capture_logs() as log, pytest.raises(PhotoUnreadError):
            intake.clean(GOOD)
        assert counted == ["bug", "bug"]
        assert {line["where"] for line in log} == {"KeyError measures.py:9 blur"}
        assert len(start.workers) == 2
    finally:
        intake.close()


def test_a_decoder_that_cannot_decode_refuses_no_photo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken Pillow in the real process: it would call every photo none."""
    (tmp_path / "sitecustomize.py").write_text(
        "from PIL import Image, JpegImagePlugin\ndef broken(fp, filename):\n    raise OSError\n"
        "Image.register_open(JpegImagePlugin.JpegImageFile.format, broken)\n"
    )
    intake = Intake(workers=1)
    try:
        with monkeypatch.context() as patched:
            patched.setitem(decoder_client.ENVIRONMENT, "PYTHONPATH", str(tmp_path))
            with structlog.testing.capture_logs() as log, pytest.raises(UnavailableError) as error:
                intake.clean(GOOD)
        assert not isinstance(error.value, PhotoUnreadError)
        assert (log[0]["cause"], log[0]["where"]) == ("start", "UnfitError JPEG: photo_not_image")
        assert not intake.is_working()
        assert intake.clean(GOOD)
        assert intake.is_working()
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


def test_a_worker_ends_after_so_many_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoder_pool, "RENEWED_AFTER", 2)
    monkeypatch.setattr(decoder_pool, "RENEWED_AFTER_S", 0.0)
    start = Started(DecoderProcess)
    intake = Intake(workers=1, start=start)
    try:
        for _ in range(3):
            assert intake.clean(GOOD)
        first, second = (worker.process for worker in start.workers)
        assert first.poll() is not None
        assert second.poll() is None
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
    assert decoding.PIXELS_MAX <= 50_000_000
