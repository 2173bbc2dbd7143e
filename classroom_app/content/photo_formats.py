"""The kinds of photo files that are taken: one table for the decoder, for choosing files, and for words.

An iPad's browser opens what it can itself and sends a JPEG; a facilitator's files come as they are.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PhotoFormat:
    """`name`: as people call it; `reader`: as the decoder does; `endings`: of files, without a dot.
    `from_browsers`: photos of children may come as this.
    """

    name: str
    reader: str
    endings: tuple[str, ...]
    from_browsers: bool = False


PHOTO_FORMATS = (
    PhotoFormat("JPEG", "JPEG", ("jpg", "jpeg", "jpe", "jfif"), from_browsers=True),
    PhotoFormat("PNG", "PNG", ("png",), from_browsers=True),
    PhotoFormat("WebP", "WEBP", ("webp",), from_browsers=True),
    PhotoFormat("HEIC", "HEIF", ("heic", "heif", "hif")),
    PhotoFormat("AVIF", "AVIF", ("avif",)),
    PhotoFormat("GIF", "GIF", ("gif",)),
    PhotoFormat("BMP", "BMP", ("bmp",)),
    PhotoFormat("TIFF", "TIFF", ("tif", "tiff")),
)
FILE_MEGABYTES_MAX = 40  # of one photo file
FILE_BYTES_MAX = FILE_MEGABYTES_MAX * 1024 * 1024
NAMES = tuple(each.name for each in PHOTO_FORMATS)
ENDINGS = tuple(ending for each in PHOTO_FORMATS for ending in each.endings)


def readers(*, any_format: bool) -> tuple[str, ...]:
    """Of every format, or of what browsers send alone."""
    return tuple(each.reader for each in PHOTO_FORMATS if any_format or each.from_browsers)
