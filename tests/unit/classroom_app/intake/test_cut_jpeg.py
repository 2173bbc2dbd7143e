"""A JPEG that ends too early is taken when most of it is there, and refused with a reason when it is not."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, ImageFilter

from classroom_app.errors import BadInputError
from classroom_app.intake.decoder_pool import Intake


@pytest.fixture(scope="module")
def intake() -> Iterator[Intake]:
    intake = Intake(workers=1)
    yield intake
    intake.close()


def lively(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Each part of it takes as many bytes as another."""
    noise = np.random.default_rng(5).integers(0, 255, (height, width, 3), dtype="uint8")
    return Image.fromarray(noise).filter(ImageFilter.GaussianBlur(2)).convert(mode)


def jpeg(image: Image.Image, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85, **options)
    return out.getvalue()


def difference(photo: bytes, image: Image.Image) -> float:
    with Image.open(io.BytesIO(photo)) as found:
        wanted = image.convert("RGB").crop((0, 0, image.width, found.height * image.width // found.width))
        one, other = (
            np.asarray(each.convert("RGB").resize((160, 120)), dtype=float) for each in (found, wanted)
        )
    return float(np.abs(one - other).mean())


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("size", [(64, 64), (640, 480), (3000, 2000)])
@pytest.mark.parametrize("progressive", [False, True])
def test_without_its_end_mark_all_of_it_is_taken(
    intake: Intake, mode: str, size: tuple[int, int], progressive: bool
) -> None:
    image = lively(*size, mode)
    data = jpeg(image, progressive=progressive)
    for cut in (1, 2):
        photo = intake.clean(data[:-cut])
        whole = intake.clean(data)
        assert (photo.width, photo.height) == (whole.width, whole.height)
        assert difference(photo.jpeg, image) < 8


def test_what_is_missing_is_cut_off(intake: Intake) -> None:
    image = lively(640, 480)
    data = jpeg(image)
    photo = intake.clean(data[: int(len(data) * 0.93)])
    assert photo.width == 640
    assert 420 <= photo.height <= 448
    assert difference(photo.jpeg, image) < 8


@pytest.mark.parametrize("share", [0.1, 0.4, 0.6, 0.8])
@pytest.mark.parametrize("size", [(96, 96), (640, 480), (3000, 2000)])
def test_half_a_photo_is_refused_with_a_reason(intake: Intake, share: float, size: tuple[int, int]) -> None:
    data = jpeg(lively(*size))
    head = data.index(b"\xff\xda")
    with pytest.raises(BadInputError, match="photo_cut_off"):
        intake.clean(data[: head + int((len(data) - head) * share)])


def test_a_progressive_one_needs_its_fine_parts(intake: Intake) -> None:
    """It comes coarse first: a part of it is a blurred whole."""
    image = lively(640, 480)
    data = jpeg(image, progressive=True)
    last = data.rindex(b"\xff\xda")
    taken = intake.clean(data[: last + 40])
    assert (taken.width, taken.height) == (640, 480)
    assert difference(taken.jpeg, image) < 8
    second = data.index(b"\xff\xda", data.index(b"\xff\xda") + 2)
    for end in (second - 40, second + 40, second + (len(data) - second) // 6):
        with pytest.raises(BadInputError, match="photo_cut_off"):
            intake.clean(data[:end])


def test_it_is_turned_as_a_whole_one_is(intake: Intake) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = jpeg(lively(640, 480), exif=exif.tobytes())
    assert (intake.clean(data[:-2]).width, intake.clean(data[:-2]).height) == (480, 640)
    cut = intake.clean(data[: int(len(data) * 0.93)])
    assert cut.height == 640
    assert cut.width < 460


def test_a_png_that_is_cut_off_says_so(intake: Intake) -> None:
    out = io.BytesIO()
    lively(640, 480).save(out, "PNG")
    with pytest.raises(BadInputError, match="photo_cut_off"):
        intake.clean(out.getvalue()[: len(out.getvalue()) // 2])


def test_any_cut_gives_a_photo_or_a_reason(intake: Intake) -> None:
    data = jpeg(lively(96, 64), progressive=True)
    for end in range(2, len(data), 23):
        try:
            intake.clean(data[:end])
        except BadInputError as error:
            assert error.key in {"photo_cut_off", "photo_not_image"}  # noqa: PT017  # either may come
