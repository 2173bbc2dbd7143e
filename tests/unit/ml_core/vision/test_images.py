"""Hostile and odd bytes, and the views cut from good ones."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from ml_core.errors import BusyError, InvalidInputError, PhotoError
from ml_core.vision import images
from ml_core.vision.images import VIEWS, cut_views, decode, photo_views
from tests.support.drawn_patches import drawing, encoded, photo

JPEG = photo("disc", 1)


def huge_png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 13_000, 13_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a photo",
        JPEG[:200],
        JPEG[: len(JPEG) // 2],
        huge_png(),
        encoded(drawing("disc", 1), "GIF"),
        encoded(drawing("disc", 1), "BMP"),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
    ids=["empty", "text", "header only", "half", "pixel bomb", "gif", "bmp", "svg"],
)
def test_unusable_bytes_are_a_photo_error(data: bytes) -> None:
    with pytest.raises(PhotoError) as caught:
        photo_views(data, 1, 64)
    assert caught.value.key == "photo_unreadable"


def test_damaged_bytes_never_raise_anything_else() -> None:
    rng = np.random.default_rng(0)
    for kind in ("JPEG", "PNG", "WEBP"):
        good = bytearray(encoded(drawing("box", 2), kind))
        for _ in range(60):
            bad = bytearray(good)
            for position in rng.integers(0, len(bad), 12):
                bad[position] = rng.integers(0, 256)
            with contextlib.suppress(PhotoError):
                assert photo_views(bytes(bad), 1, 32).shape == (1, 32, 32, 3)


@pytest.mark.parametrize(
    "error",
    [MemoryError(), OSError("out of memory when reading image file"), OSError("Memory allocation error")],
)
def test_no_memory_is_not_the_photos_fault(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(Image, "open", fail)
    with pytest.raises(BusyError):
        decode(b"x", 100)


def test_too_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_PHOTO_BYTES", 10)
    with pytest.raises(PhotoError):
        photo_views(JPEG, 1, 32)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    image = drawing("box", 3).convert(mode)
    assert photo_views(encoded(image, "PNG"), 2, 32).shape == (2, 32, 32, 3)


def test_transparent_is_white() -> None:
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    assert photo_views(encoded(clear, "PNG"), 1, 16).min() == 255


def test_exif_orientation_is_applied() -> None:
    image = Image.new("RGB", (80, 40))
    exif = Image.Exif()
    exif[274] = 6
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=exif)
    upright = decode(buffer.getvalue(), 32)
    assert upright.height > upright.width


@pytest.mark.parametrize("size", [(1, 1), (2, 900), (900, 2)])
def test_tiny_and_narrow_photos_have_all_views(size: tuple[int, int]) -> None:
    assert photo_views(encoded(Image.new("RGB", size, "red"), "PNG"), len(VIEWS), 32).min(3).shape == (
        14,
        32,
        32,
    )


def test_large_jpegs_are_decoded_small() -> None:
    large = Image.new("RGB", (2400, 1600), "red")
    assert max(decode(encoded(large), 200).size) <= 600


def test_views_start_with_the_whole_photo_and_are_a_prefix_of_more() -> None:
    image = drawing("stripes", 4)
    all_views = cut_views(image, len(VIEWS), 48)
    assert np.array_equal(cut_views(image, 3, 48), all_views[:3])
    assert np.array_equal(all_views[1], all_views[0][:, ::-1])
    assert len({view.tobytes() for view in all_views}) == len(VIEWS)


@pytest.mark.parametrize("side", [47, 224, 256, 384])
@pytest.mark.parametrize("size", [(640, 480), (3000, 2), (1, 1)], ids=str)
def test_no_view_has_empty_corners(size: tuple[int, int], side: int) -> None:
    assert cut_views(Image.new("RGB", size, "white"), len(VIEWS), side).min() == 255


@pytest.mark.parametrize("views", [0, len(VIEWS) + 1])
def test_view_count_is_checked(views: int) -> None:
    with pytest.raises(InvalidInputError):
        cut_views(drawing("disc", 1), views, 32)
