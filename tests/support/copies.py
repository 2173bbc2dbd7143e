"""Copies of a photo as children make them to send a challenge photo back: not the same file any more."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from tests.support.drawn_pictures import drawn_things


def things(seed: int) -> bytes:
    """A JPEG of many things; another seed shows others."""
    return _jpeg(drawn_things(seed), 90)


def tinted(color: tuple[int, int, int], seed: int) -> bytes:
    """The same, in the light of one colour: what the stand-in for the compute tier tells apart."""
    picture = drawn_things(seed, side=320)
    return _jpeg(Image.blend(picture, Image.new("RGB", picture.size, color), 0.7), 90)


def cropped(photo: bytes) -> bytes:
    image = _opened(photo)
    return _jpeg(image.crop((2, 2, image.width - 2, image.height - 2)), 90)


def compressed(photo: bytes) -> bytes:
    return _jpeg(_opened(photo), 70)


def smaller(photo: bytes) -> bytes:
    image = _opened(photo)
    return _jpeg(image.resize((image.width // 2, image.height // 2)), 90)


def mirrored(photo: bytes) -> bytes:
    return _jpeg(ImageOps.mirror(_opened(photo)), 90)


def _opened(photo: bytes) -> Image.Image:
    return Image.open(io.BytesIO(photo)).convert("RGB")


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()
