"""Bytes of a photo file to an upright RGB picture, at a size that memory and time allow."""

from __future__ import annotations

import functools
import io

from PIL import Image, ImageCms, ImageOps

from classroom_app.content import photo_formats
from classroom_app.intake import cut_jpeg, deep_grey

PIXELS_MAX = 50_000_000  # in memory at once
SCALED_PIXELS_MAX = 200_000_000  # of a JPEG, which is read at a smaller scale: the largest camera of a phone
PROGRESSIVE_PIXELS_MAX = 100_000_000  # of one that holds all of itself in memory while it is read


class NoPhotoError(Exception):
    """The bytes are no photo that we take; the key is that of the sentence that says why."""

    def __init__(self, error_key: str) -> None:
        super().__init__(error_key)
        self.error_key = error_key


def decode(data: bytes, side_px: int, *, any_format: bool) -> Image.Image:
    """The first picture of the file, on white where it is transparent; `side_px`: what it is needed for.

    Raises NoPhotoError, MemoryError, and whatever Pillow raises for bytes that it does not understand.
    """
    with _opened(data, side_px, any_format=any_format) as opened:
        profile = opened.info.get("icc_profile")
        image = _on_white(ImageOps.exif_transpose(_loaded(opened, data, side_px, any_format=any_format)))
    return _to_srgb(image, profile)


def _opened(data: bytes, side_px: int, *, any_format: bool) -> Image.Image:
    formats = list(photo_formats.readers(any_format=any_format))
    if any_format:
        _with_heif()
    try:
        opened = Image.open(io.BytesIO(data), formats=formats)
    except Image.DecompressionBombError as exc:
        raise NoPhotoError(error_key="photo_too_large") from exc
    pixels = opened.width * opened.height
    _scale_down(opened, side_px)
    most = PROGRESSIVE_PIXELS_MAX if opened.info.get("progressive") else SCALED_PIXELS_MAX
    if opened.width * opened.height > PIXELS_MAX or pixels > most:
        raise NoPhotoError(error_key="photo_too_large")
    return opened


@functools.cache
def _with_heif() -> None:
    """At the first file of a facilitator: a decoder starts faster without, and children send none."""
    import pi_heif
    from PIL import AvifImagePlugin

    # The picture itself alone; and threads would each take memory of the limit.
    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def _scale_down(opened: Image.Image, side_px: int) -> None:
    """JPEG alone can be decoded at a smaller scale; twice the target keeps it sharp."""
    wanted = (side_px * 2, side_px * 2)
    if opened.width * opened.height > PIXELS_MAX:
        # A panorama: its long side is what will be shrunk to the target.
        times = max(max(opened.size) // (side_px * 2), 1)
        wanted = (max(opened.width // times, 1), max(opened.height // times, 1))
    opened.draft("RGB", wanted)


def _loaded(opened: Image.Image, data: bytes, side_px: int, *, any_format: bool) -> Image.Image:
    try:
        opened.load()
    except OSError as exc:
        if "truncated" not in str(exc):
            raise
        if opened.format in {"JPEG", "MPO"}:
            part = cut_jpeg.most_of(data, lambda cut: _opened(cut, side_px, any_format=any_format))
            if part is not None:
                return part
        raise NoPhotoError(error_key="photo_cut_off") from exc
    return opened


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in deep_grey.DEEP:
        image = deep_grey.to_eight_bits(image)
    if image.mode == "LAB":
        return _lab_to_rgb(image)
    if image.mode in {"RGBA", "RGBa", "LA", "La", "PA"} or "transparency" in image.info:
        rgba = image.convert("LA" if image.mode == "La" else "RGBA").convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _lab_to_rgb(image: Image.Image) -> Image.Image:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    changed = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    if changed is None:
        raise ValueError("only in place there is nothing to give back")
    return changed


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        changed = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        return image  # a broken profile costs a shade of colour, not the photo
    return changed if changed is not None else image
