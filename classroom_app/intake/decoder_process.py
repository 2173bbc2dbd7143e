"""The child process of the intake: decodes one photo at a time under hard limits.

It imports Pillow and numpy alone, so that it starts fast and stays small.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import resource
import sys
import warnings
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection

from PIL import Image, ImageCms, ImageFilter, ImageOps, ImageStat

from classroom_app.intake import measures

READY = b"ready"
MEMORY_BYTES = 1536 * 1024 * 1024
PIXELS_MAX = 50_000_000
SIDE_MIN_PX = 32
THUMB_PX = 240
JPEG_QUALITY = 90
FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True)
class Job:
    data: bytes
    side_px: int
    heic: bool
    measure: bool = False  # what the photo coach looks at; live frames go without
    find_face: bool = False


@dataclass(frozen=True)
class DecodeResult:
    error_key: str = ""
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


class _TooLargeError(Exception):
    pass


def serve(pipe: Connection) -> None:
    """Answer jobs until the other end closes."""
    with contextlib.suppress(ValueError, OSError):  # a stricter limit may be in force already
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    warnings.simplefilter("ignore")
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


def clean(job: Job) -> DecodeResult:
    """One photo; every failure of the decoder is an answer, never an exception."""
    try:
        image = _decode(job)
    except _TooLargeError:
        return DecodeResult(error_key="photo_too_large")
    except Exception:
        # Pillow raises OSError, ValueError, SyntaxError, EOFError, KeyError, MemoryError and more.
        return DecodeResult(error_key="photo_not_image")
    if min(image.size) < SIDE_MIN_PX:
        return DecodeResult(error_key="photo_too_small")
    image.thumbnail((job.side_px, job.side_px), Image.Resampling.LANCZOS)
    luma = image.convert("L")
    light = measures.light(luma)
    small = measures.small(luma)
    thumb = thumbnail(image)
    return DecodeResult(
        jpeg=_jpeg(image, JPEG_QUALITY),
        thumb=_jpeg(thumb, 80),
        width=image.width,
        height=image.height,
        brightness=light.mean,
        highlights=light.highlights if job.measure else 0.0,
        sharpness=_sharpness(small),
        blur=measures.blur(small) if job.measure else 0.0,
        perceptual_hash=_difference_hash(luma),
        face=measures.face(thumb) if job.find_face else 0.0,  # its net looks at fewer pixels yet
        tiny=measures.tiny(thumb) if job.measure else b"",
    )


def thumbnail(image: Image.Image) -> Image.Image:
    # A quarter of Lanczos's time, and the same to the eye: a burst waits for it.
    if max(image.size) <= THUMB_PX:
        return image
    return image.resize(_fitted(image.size), Image.Resampling.HAMMING, reducing_gap=1.0)


def _fitted(size: tuple[int, int]) -> tuple[int, int]:
    """As `Image.thumbnail` has it: the shorter side is the one whose shape is nearest."""
    long, short = max(size), min(size)
    exact = THUMB_PX * short / long
    shorter = max(min(math.floor(exact), math.ceil(exact), key=lambda side: _shape_error(side, size)), 1)
    return (THUMB_PX, shorter) if size[0] == long else (shorter, THUMB_PX)


def _shape_error(shorter: int, size: tuple[int, int]) -> float:
    width, height = size
    aspect = width / height
    if width >= height:
        return abs(aspect - THUMB_PX / shorter) if shorter else 0.0
    return abs(aspect - shorter / THUMB_PX)


def _decode(job: Job) -> Image.Image:
    formats = list(FORMATS)
    if job.heic:
        try:
            import pillow_heif  # an extra: its wheel is GPL

            pillow_heif.register_heif_opener()
            formats.append("HEIF")
        except ImportError:
            pass
    with Image.open(io.BytesIO(job.data), formats=formats) as opened:
        if opened.width * opened.height > PIXELS_MAX:
            raise _TooLargeError
        # JPEG alone can decode at a smaller scale; twice the target keeps it sharp.
        opened.draft("RGB", (job.side_px * 2, job.side_px * 2))
        profile = opened.info.get("icc_profile")
        upright = ImageOps.exif_transpose(opened)
        image = _on_white(upright)
    return _to_srgb(image, profile)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        changed = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        return image  # a broken profile costs a shade of colour, not the photo
    return changed if changed is not None else image


def _jpeg(image: Image.Image, quality: int) -> bytes:
    # A new image carries pixels alone: no EXIF, no comment, no profile.
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _sharpness(small: Image.Image) -> float:
    laplacian = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
    edges = small.filter(laplacian).crop((1, 1, small.width - 1, small.height - 1))
    return float(ImageStat.Stat(edges).var[0])


def _difference_hash(luma: Image.Image) -> int:
    small = luma.resize((9, 8), Image.Resampling.BOX).tobytes()
    value = 0
    for row in range(8):
        for column in range(8):
            left, right = small[row * 9 + column], small[row * 9 + column + 1]
            value = (value << 1) | (left > right)
    # Signed, so that it fits a 64-bit database integer.
    return value - (1 << 64) if value >= 1 << 63 else value


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
