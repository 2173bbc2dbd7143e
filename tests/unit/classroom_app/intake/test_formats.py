"""Any photo file that a facilitator has, through the real worker: upright, in its colours, stripped."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw, features

from classroom_app.content import photo_formats
from classroom_app.errors import BadInputError
from classroom_app.intake.decoder_pool import CleanPhoto, Intake
from tests.support.heic import heic

RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 170, 30), (30, 30, 200), (230, 230, 230)
QUARTERS = (RED, GREEN, BLUE, WHITE)  # from the left upper corner
ORIENTATION = 0x0112
UPSIDE_DOWN, A_QUARTER = 3, 6  # for EXIF


@pytest.fixture(scope="module")
def intake() -> Iterator[Intake]:
    intake = Intake(workers=1)
    yield intake
    intake.close()


def quarters(width: int = 64, height: int = 48) -> Image.Image:
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    for number, colour in enumerate(QUARTERS):
        x, y = number % 2 * width // 2, number // 2 * height // 2
        draw.rectangle((x, y, x + width // 2 - 1, y + height // 2 - 1), fill=colour)
    return image


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def corners(photo: CleanPhoto) -> tuple[tuple[int, int, int], ...]:
    """The four colours, each as the nearest of those that were drawn."""
    with Image.open(io.BytesIO(photo.jpeg)) as image:
        picture = np.asarray(image.convert("RGB"), dtype=int)
    height, width = picture.shape[:2]
    spots = [picture[y, x] for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    named = []
    for spot in spots:
        nearest = min(QUARTERS, key=lambda colour: np.abs(spot - colour).sum())
        assert np.abs(spot - nearest).max() < 40, spot
        named.append(nearest)
    return tuple(named)


def a_file_of(kind: str) -> bytes:
    return heic() if kind == "HEIF" else encoded(quarters(), kind)


@pytest.mark.parametrize("kind", photo_formats.PHOTO_FORMATS, ids=lambda kind: kind.name)
def test_each_format_of_the_table_is_taken(intake: Intake, kind: photo_formats.PhotoFormat) -> None:
    data = a_file_of(kind.reader)
    assert corners(intake.clean(data, any_format=True)) == QUARTERS
    if kind.from_browsers:
        assert corners(intake.clean(data)) == QUARTERS
    else:
        with pytest.raises(BadInputError, match="photo_not_image"):
            intake.clean(data)


@pytest.mark.parametrize("kind", ["PPM", "TGA", "ICO", "PCX", "JPEG2000", "PDF"])
def test_no_other_is(intake: Intake, kind: str) -> None:
    with pytest.raises(BadInputError, match="photo_not_image"):
        intake.clean(encoded(quarters(), kind), any_format=True)


def test_pillow_reads_avif_here() -> None:
    assert features.check("avif")


LEFT = (GREEN, WHITE, RED, BLUE)  # a quarter to the left
RIGHT = (BLUE, RED, WHITE, GREEN)
MIRRORED = (GREEN, RED, WHITE, BLUE)


@pytest.mark.parametrize(
    ("turns", "mirror", "exif", "expected"),
    [
        (0, None, None, QUARTERS), (1, None, None, LEFT), (3, None, None, RIGHT), (0, 1, None, MIRRORED),
        (3, None, A_QUARTER, RIGHT),  # as iPhones write it: both say the same
        (2, None, UPSIDE_DOWN, (WHITE, BLUE, GREEN, RED)),
        (0, None, A_QUARTER, QUARTERS),  # what the file itself says counts, as in iPhones' own viewer
    ],
)  # fmt: skip
def test_heic_is_turned_once(
    intake: Intake, turns: int, mirror: int | None, exif: int | None, expected: object
) -> None:
    written = Image.Exif()
    if exif is not None:
        written[ORIENTATION] = exif
    data = heic(quarter_turns_left=turns, mirror=mirror, exif=written.tobytes() if exif else b"")
    assert corners(intake.clean(data, any_format=True)) == expected


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_the_others_are_too(intake: Intake, kind: str) -> None:
    written = Image.Exif()
    written[ORIENTATION] = A_QUARTER
    photo = intake.clean(encoded(quarters(), kind, exif=written.tobytes()), any_format=True)
    assert corners(photo) == RIGHT
    assert (photo.width, photo.height) == (48, 64)


def test_nothing_of_heic_but_its_picture_is_kept(intake: Intake) -> None:
    written = Image.Exif()
    written[0x010F] = "SecretMaker"
    written.get_ifd(0x8825)[1] = "N"  # GPS
    data = heic(exif=written.tobytes(), thumbnails=2, profile=a_profile())
    assert b"SecretMaker" in data
    photo = intake.clean(data, any_format=True)
    assert b"Secret" not in photo.jpeg + photo.thumb
    assert corners(photo) == QUARTERS
    with Image.open(io.BytesIO(photo.jpeg)) as image:
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def a_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (heic()[:200], "photo_not_image"),
        (heic()[:-60], "photo_not_image"),
        (heic(picture=b"\0\0\0\x20" + bytes(32)), "photo_not_image"),
        (heic(says=(640, 480)), "photo_not_image"),
        (heic(says=(9000, 9000)), "photo_too_large"),
        (heic(says=(20_000, 20_000)), "photo_too_large"),
    ],
)
def test_a_heic_that_is_broken_or_huge_is_refused(intake: Intake, data: bytes, key: str) -> None:
    with pytest.raises(BadInputError, match=key):
        intake.clean(data, any_format=True)
    assert corners(intake.clean(heic(), any_format=True)) == QUARTERS


def test_broken_heic_never_gets_through_as_an_error(intake: Intake) -> None:
    good = heic(thumbnails=1, exif=Image.Exif().tobytes())
    for place in range(0, len(good), 7):
        damaged = bytearray(good)
        damaged[place] ^= 0xFF
        try:
            intake.clean(bytes(damaged), any_format=True)
        except BadInputError as error:
            assert error.key.startswith("photo_")  # noqa: PT017  # either may come


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "AVIF", "PNG", "TIFF"])
def test_of_several_pictures_the_first_is_taken(intake: Intake, kind: str) -> None:
    others = [Image.new("RGB", (64, 48), "black") for _ in range(3)]
    data = encoded(quarters(), kind, save_all=True, append_images=others, duration=100)
    assert corners(intake.clean(data, any_format=True)) == QUARTERS


def ramp(dtype: str, white: float) -> Image.Image:
    """From black at the left to white at the right."""
    return Image.fromarray((np.tile(np.linspace(0, 1, 256), (64, 1)) * white).astype(dtype))


DEEP: dict[str, Callable[[], bytes]] = {
    "PNG with 16 bits": lambda: encoded(ramp("uint16", 65535), "PNG"),
    "TIFF with 16 bits": lambda: encoded(ramp("uint16", 65535), "TIFF"),
    "TIFF with 16 bits, from a Mac": lambda: encoded(ramp(">u2", 65535), "TIFF"),
    "TIFF with 32 bits": lambda: encoded(ramp("int32", 65535), "TIFF"),
    "TIFF with 32 bits, of 8": lambda: encoded(ramp("int32", 255), "TIFF"),
    "TIFF with 32 bits, of more": lambda: encoded(ramp("int32", 3_000_000), "TIFF"),
    "TIFF with fractions to 1": lambda: encoded(ramp("float32", 1), "TIFF"),
    "TIFF with fractions to 255": lambda: encoded(ramp("float32", 255), "TIFF"),
    "TIFF with fractions to more": lambda: encoded(ramp("float32", 70_000), "TIFF"),
    "PNG of 8 bits": lambda: encoded(ramp("uint8", 255), "PNG"),
}


@pytest.mark.parametrize("name", DEEP)
def test_grey_is_grey_however_many_levels_it_has(intake: Intake, name: str) -> None:
    photo = intake.clean(DEEP[name](), any_format=True)
    with Image.open(io.BytesIO(photo.jpeg)) as image:
        row = [image.convert("L").getpixel((x, 32)) for x in range(0, 256, 32)]
    assert row == pytest.approx(list(range(0, 256, 32)), abs=6)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_fraction_that_is_no_number_does_no_harm(intake: Intake, value: float) -> None:
    odd = np.tile(np.linspace(0, 1, 256), (64, 1)).astype("float32")
    odd[3, 5] = value
    photo = intake.clean(encoded(Image.fromarray(odd), "TIFF"), any_format=True)
    assert 115 < photo.brightness < 140
    nothing = np.full((64, 64), value, dtype="float32")
    assert intake.clean(encoded(Image.fromarray(nothing), "TIFF"), any_format=True).jpeg


def test_what_is_see_through_is_white(intake: Intake) -> None:
    half = Image.new("RGBA", (64, 64), (200, 30, 30, 255))
    half.paste((0, 0, 0, 0), (0, 0, 32, 64))
    flat = half.convert("P", palette=Image.Palette.ADAPTIVE)
    sixteen = np.full((64, 64), 20_000, dtype="uint16")
    sixteen[:, :32] = 7
    files = {
        "RGBA": encoded(half, "PNG"), "LA": encoded(half.convert("LA"), "PNG"),
        "PA": encoded(half, "GIF"), "P": encoded(flat, "PNG", transparency=flat.getpixel((0, 0))),
        "WebP": encoded(half, "WEBP", lossless=True), "TIFF": encoded(half, "TIFF"),
        "AVIF": encoded(half, "AVIF", quality=100),
        "16": encoded(Image.fromarray(sixteen), "PNG", transparency=7),
    }  # fmt: skip
    for name, data in files.items():
        with Image.open(io.BytesIO(intake.clean(data, any_format=True).jpeg)) as image:
            left, right = np.asarray(image.convert("L"))[32, [10, 54]]
        assert left > 245, name
        assert right < 110, name


@pytest.mark.parametrize(
    ("mode", "kind"), [("CMYK", "JPEG"), ("CMYK", "TIFF"), ("LAB", "TIFF"), ("YCbCr", "TIFF")]
)
def test_printers_colours_are_the_same_colours(intake: Intake, mode: str, kind: str) -> None:
    if mode == "LAB":
        srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        image = ImageCms.profileToProfile(quarters(), srgb, lab, outputMode="LAB")
        assert image is not None
    else:
        image = quarters().convert(mode)
    assert corners(intake.clean(encoded(image, kind), any_format=True)) == QUARTERS


def test_a_panorama_is_taken_at_a_smaller_scale(intake: Intake) -> None:
    """63 million pixels, of which two are ever in memory."""
    photo = intake.clean(encoded(quarters(16_000, 3_940), "JPEG", quality=30))
    assert (photo.width, photo.height) == (640, 158)
    assert corners(photo) == QUARTERS


def test_what_is_too_large_for_that_is_refused(intake: Intake) -> None:
    good = encoded(quarters(640, 480), "JPEG")
    place = good.index(b"\xff\xc0") + 5  # the size it says to have
    for size in ((20_000, 12_000), (65_500, 65_500)):
        large = good[:place] + b"".join(x.to_bytes(2) for x in reversed(size)) + good[place + 4 :]
        with pytest.raises(BadInputError, match="photo_too_large"):
            intake.clean(large)
    with pytest.raises(BadInputError, match="photo_too_small"):
        intake.clean(encoded(quarters(60_000, 900), "JPEG", quality=10))
