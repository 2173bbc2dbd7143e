"""Bytes of one photo -> the views that are embedded, cut from one decode.

Every fault of a file is a PhotoError.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from ml_core.config import MAX_PHOTO_BYTES, MAX_PHOTO_PIXELS, MAX_VIEWS
from ml_core.contract.whole_graph import VIEWS as PREDICTED
from ml_core.errors import BusyError, InvalidInputError, PhotoError
from ml_core.vision.parts import Part
from ml_core.vision.shrink import Floats, Pixels, squared

FORMATS = ("JPEG", "PNG", "WEBP")
_NO_MEMORY = re.compile("out of memory|Memory allocation error")  # in Pillow's words, of another kind
# The smallest crop takes half of each side, so twice the input size loses nothing.
DECODE_SIDE_FACTOR = 2
# Of a whole picture in a card's memory, where each takes sixteen bytes a pixel and many are there at once. An
# ordinary one has 1.4 million at most when it is decoded; a very long one may have fifty.
PICTURE_PIXELS_MAX = 2_000_000


@dataclass(frozen=True)
class View:
    """A part of the photo in fractions of its sides, squeezed to a square, perhaps mirrored. A turned one
    loses its corners: it is what of the turned square fills an upright square."""

    left: float
    top: float
    width: float
    height: float
    mirrored: bool
    turned: float = 0.0  # degrees


def _crops(count: int, seed: int) -> list[View]:
    """Crop boxes as a random-resized crop draws them, but the same ones for every photo: equal
    photos must get equal features, and a view's index must mean the same everywhere."""
    rng = np.random.default_rng(seed)
    found: list[View] = []
    while len(found) < count:
        area, ratio = rng.uniform(0.25, 0.9), float(np.exp(rng.uniform(np.log(3 / 4), np.log(4 / 3))))
        width, height = float(np.sqrt(area * ratio)), float(np.sqrt(area / ratio))
        if width > 1 or height > 1:
            continue
        left, top = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
        found.append(View(left, top, width, height, mirrored=len(found) % 2 == 1))
    return found


# What helps where children hold things at another distance or angle than in training: most of the
# photo, and a turn. Small parts in their place cost accuracy, there and in the same place.
VIEWS: tuple[View, ...] = (
    *(View(*view) for view in PREDICTED),
    View(0, 0, 1, 1, mirrored=False, turned=-12),
    *_crops(MAX_VIEWS - 7, seed=1),
)


def decode(data: bytes, side: int) -> Image.Image:
    """An upright RGB image whose short side is at least `side` where the photo has that many pixels."""
    if len(data) > MAX_PHOTO_BYTES:
        raise PhotoError("photo_unreadable", "too many bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own pixel limit is stricter than Pillow's warning
            return _decode(data, side)
    except PhotoError:
        raise
    except MemoryError as exc:  # the machine's fault: the photo may come again
        raise BusyError("no memory to decode a photo") from exc
    except Exception as exc:  # Pillow raises a dozen kinds on hostile bytes, some not documented
        if _NO_MEMORY.match(str(exc)):  # so do some of its readers
            raise BusyError("no memory to decode a photo") from exc
        raise PhotoError("photo_unreadable", f"{type(exc).__name__}: {exc}") from exc


def _decode(data: bytes, side: int) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > MAX_PHOTO_PIXELS:
            raise PhotoError("photo_unreadable", "too many pixels")
        # JPEG decodes at 1/2, 1/4 or 1/8 for a fraction of the time; others ignore this.
        image.draft("RGB", (side, side))
        upright = ImageOps.exif_transpose(image)
        if upright.mode != "RGB":
            upright = _on_white(upright)
        upright.load()
        # Of the others too no more pixels than are needed: they become numbers of four bytes each.
        factor = max(1, min(upright.size) // side)
        return upright.reduce(factor) if factor > 1 else upright


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        drawn = image.convert("RGBA")
        paper = Image.new("RGBA", drawn.size, "white")
        return Image.alpha_composite(paper, drawn).convert("RGB")
    return image.convert("RGB")


def check_views(views: int) -> None:
    """Raises InvalidInputError `too_many_views`, for none at all too."""
    if not 1 <= views <= MAX_VIEWS:
        raise InvalidInputError("too_many_views", f"1 to {MAX_VIEWS} views, not {views}")


def cut_views(image: Image.Image, views: int, side: int) -> Pixels:
    """[views, side, side, 3]; the whole photo comes first."""
    check_views(views)
    lines = np.asarray(image, np.float32).reshape(image.height, -1)
    cut = np.empty((views, side, side, 3), np.uint8)
    plain: dict[tuple[int, int, int, int, float], Pixels] = {}
    for index, view in enumerate(VIEWS[:views]):
        part = *box_of(view, image.width, image.height), view.turned
        if part not in plain:
            plain[part] = _cut(lines, part[:4], view.turned, side)
        cut[index] = plain[part][:, ::-1] if view.mirrored else plain[part]
    return cut


def _cut(lines: Floats, box: tuple[int, int, int, int], turned: float, side: int) -> Pixels:
    if turned == 0:
        return squared(lines, box, side)
    large, turning = turning_of(turned, side)
    image = Image.fromarray(squared(lines, box, large))
    return np.asarray(
        image.transform((side, side), Image.Transform.AFFINE, turning, Image.Resampling.BILINEAR)
    )


def turning_of(degrees: float, side: int) -> tuple[int, tuple[float, float, float, float, float, float]]:
    """The side of the square that is turned, and where each new pixel's place in it is: `a x + b y + c` and
    `d x + e y + f`."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    # Large enough for an upright square of `side` in the turned one, and for the pixels beside its corners.
    large = math.ceil(side * (cos + abs(sin))) + 2
    shift_x, shift_y = (large - side * (cos - sin)) / 2, (large - side * (cos + sin)) / 2
    return large, (cos, -sin, shift_x, sin, cos, shift_y)


def box_of(view: View, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom in whole pixels, never empty."""
    left, top = int(view.left * width), int(view.top * height)
    right = max(left + 1, round((view.left + view.width) * width))
    bottom = max(top + 1, round((view.top + view.height) * height))
    return left, top, right, bottom


def photo_views(data: bytes, views: int, side: int) -> Pixels:
    """Decode once, cut every view from that."""
    return cut_views(decode(data, side * DECODE_SIDE_FACTOR), views, side)


def photo_part(data: bytes, views: int, side: int) -> Part:
    """The decoded photo, for whoever cuts its views elsewhere; its views where it is too large for that."""
    check_views(views)
    image = decode(data, side * DECODE_SIDE_FACTOR)
    if image.width * image.height > PICTURE_PIXELS_MAX:
        return Part(cut_views(image, views, side), views)
    return Part(np.asarray(image), views)
