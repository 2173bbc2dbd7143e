"""A picture that can be looked at and is of no use as a photo: small, and with a mark in its pixels."""

from __future__ import annotations

import functools
import io

from PIL import Image, ImageDraw

SIDE_MAX_PX = 240
JPEG_QUALITY = 80
COLOR = (191, 63, 12)  # that of the pages' own buttons
WHITE = (255, 255, 255)
FRAME_SHARE = 1 / 60  # of the shorter side
CORNER_SHARE = 0.3
DRAWN_LARGER = 4  # and shrunk: smooth edges


def small_and_marked(jpeg: bytes) -> bytes:
    """A JPEG of at most SIDE_MAX_PX, framed, with our sign in its lower right corner.

    For JPEGs of our own store alone: what others send goes through the decoder's process.
    """
    with Image.open(io.BytesIO(jpeg)) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((SIDE_MAX_PX, SIDE_MAX_PX), Image.Resampling.LANCZOS)
    shorter = min(picture.size)
    frame = max(1, round(shorter * FRAME_SHARE))
    ImageDraw.Draw(picture).rectangle(
        (0, 0, picture.width - 1, picture.height - 1), outline=COLOR, width=frame
    )
    corner = _corner(max(8, round(shorter * CORNER_SHARE)))
    picture.paste(corner, (picture.width - corner.width, picture.height - corner.height), corner)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


@functools.lru_cache(maxsize=64)
def _corner(side: int) -> Image.Image:
    """A ribbon across the corner with a camera on it, the sign of these pages."""
    large = side * DRAWN_LARGER
    image = Image.new("RGBA", (large, large))
    pen = ImageDraw.Draw(image)
    pen.polygon([(large, 0), (large, large), (0, large)], fill=COLOR)
    pen.line([(0, large), (large, 0)], fill=WHITE, width=max(1, large // 16))

    def box(left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        return large * left, large * top, large * right, large * bottom

    pen.rounded_rectangle(box(0.52, 0.62, 0.92, 0.9), radius=large * 0.05, fill=WHITE)
    pen.rectangle(box(0.66, 0.56, 0.78, 0.66), fill=WHITE)
    pen.ellipse(box(0.63, 0.67, 0.81, 0.85), fill=COLOR)
    return image.resize((side, side), Image.Resampling.LANCZOS)
