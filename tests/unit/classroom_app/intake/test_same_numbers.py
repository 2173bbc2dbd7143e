"""What was made faster still gives the numbers of its plain definition."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageStat

from classroom_app.intake import clean_jpeg, decoder_process, measures
from classroom_app.intake.clean_jpeg import QUALITY, THUMB_PX


def pictures() -> Iterator[Image.Image]:
    chance = np.random.default_rng(0)
    for size in ((640, 480), (333, 640), (640, 640), (640, 97)):
        rough = Image.fromarray(chance.integers(0, 255, (size[1] // 8, size[0] // 8, 3), np.uint8))
        for softness in (0, 3):
            yield rough.resize(size).filter(ImageFilter.GaussianBlur(softness))


@pytest.mark.parametrize("picture", list(pictures()), ids=lambda one: f"{one.width}x{one.height}")
def test_brightness_and_highlights_are_of_all_pixels(picture: Image.Image) -> None:
    luma = picture.convert("L")
    light = measures.light(luma)
    assert light.mean == pytest.approx(ImageStat.Stat(luma).mean[0])
    pixels = np.sort(np.asarray(luma).ravel())
    assert light.highlights == pixels[int(np.ceil(0.95 * pixels.size)) - 1]


@pytest.mark.parametrize("picture", list(pictures()), ids=lambda one: f"{one.width}x{one.height}")
def test_blur_is_what_a_moving_mean_leaves_of_the_steps(picture: Image.Image) -> None:
    small = measures.small(picture.convert("L"))

    def kept(pixels: np.ndarray) -> float:
        mean = np.stack([np.convolve(row, np.full(9, 1 / 9), "valid") for row in pixels])
        steps = np.abs(np.diff(pixels[:, 4:-4], axis=1))
        return float(1 - np.maximum(steps - np.abs(np.diff(mean, axis=1)), 0).sum() / steps.sum())

    pixels = np.asarray(small, np.float64)
    if min(pixels.shape) > 18:
        assert measures.blur(small) == pytest.approx(max(kept(pixels), kept(pixels.T)), abs=1e-5)


def test_a_thumbnail_has_the_size_that_pillow_gives_it() -> None:
    chance = random.Random(0)  # sizes, no secret
    for _ in range(500):
        size = chance.randint(32, 640), chance.randint(32, 640)
        expected = Image.new("1", size)
        expected.thumbnail((THUMB_PX, THUMB_PX), Image.Resampling.NEAREST)
        assert clean_jpeg.thumbnail(Image.new("RGB", size)).size == expected.size, size


def test_a_stored_jpeg_carries_pixels_alone() -> None:
    picture = next(pictures())
    told = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "where it was taken"
    picture.save(told, "JPEG", exif=exif, comment=b"a comment", quality=95)
    answer = decoder_process.clean(decoder_process.Job(told.getvalue(), 640))
    assert not answer.error_key
    stored = Image.open(io.BytesIO(answer.jpeg))
    assert not stored.getexif()
    assert {"exif", "comment", "icc_profile"}.isdisjoint(stored.info)
    plain = io.BytesIO()
    Image.open(io.BytesIO(told.getvalue())).convert("RGB").save(plain, "JPEG", quality=QUALITY, comment=b"")
    assert np.array_equal(np.asarray(stored), np.asarray(Image.open(plain)))
