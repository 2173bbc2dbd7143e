"""What one photo brings to a pass through the backbone."""

from __future__ import annotations

from dataclasses import dataclass

from ml_core.vision.shrink import Pixels


@dataclass(frozen=True)
class Part:
    """Its views [views, side, side, 3], or all of it [height, width, 3], to be cut on the device."""

    pixels: Pixels
    views: int

    @property
    def is_picture(self) -> bool:
        return self.pixels.ndim == 3
