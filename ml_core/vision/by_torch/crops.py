"""The views of photos cut on the device, many photos at once: a CPU's cores then do no more than decode.

The numbers are those of `vision/images.py`, which cuts them on the CPU, but for what rounding makes of one in
many thousand pixels: one step of 255.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ml_core.vision.images import VIEWS, box_of, turning_of
from ml_core.vision.shrink import weights_of

Numbers = npt.NDArray[np.float64]
SIZES_KEPT = 64  # of sides of photos and their views: a class has few


class Cutter:
    """For views of `side` pixels on one device. Several threads may cut at once."""

    def __init__(self, device: torch.device, side: int) -> None:
        self._device = device
        self._side = side
        self._weights = lru_cache(SIZES_KEPT * len(VIEWS))(self._new_weights)
        self._corners = lru_cache(len(VIEWS))(self._new_corners)

    def cut(self, pictures: Sequence[Tensor], views: Sequence[int]) -> Tensor:
        """Pictures [height, width, 3] with how many views of each -> [all views, side, side, 3], in order."""
        # Those of one size and number of views are cut together.
        alike: dict[tuple[int, ...], list[int]] = {}
        for index, (picture, count) in enumerate(zip(pictures, views, strict=True)):
            alike.setdefault((*picture.shape[:2], count), []).append(index)
        found: list[Tensor] = [torch.empty(0)] * len(pictures)
        for (_, _, count), indexes in alike.items():
            cut = self._cut_alike(torch.stack([pictures[index] for index in indexes]), count)
            for index, part in zip(indexes, cut, strict=True):
                found[index] = part
        return torch.cat(found)

    def _cut_alike(self, pictures: Tensor, views: int) -> Tensor:
        """[n, height, width, 3] -> [n, views, side, side, 3]."""
        height, width = int(pictures.shape[1]), int(pictures.shape[2])
        numbers = pictures.float()
        plain: dict[tuple[int, int, int, int, float], Tensor] = {}
        found = []
        for view in VIEWS[:views]:
            box = box_of(view, width, height)
            part = (*box, view.turned)
            if part not in plain:
                plain[part] = self._part(numbers, box, view.turned)
            found.append(plain[part].flip(2) if view.mirrored else plain[part])
        return torch.stack(found, 1)

    def _part(self, numbers: Tensor, box: tuple[int, int, int, int], turned: float) -> Tensor:
        if turned == 0:
            return self._squared(numbers, box, self._side)
        large, *_ = turning_of(turned, self._side)
        return self._turned(self._squared(numbers, box, large), turned)

    def _squared(self, numbers: Tensor, box: tuple[int, int, int, int], side: int) -> Tensor:
        """As `shrink.squared`, of many: [n, height, width, 3] -> [n, side, side, 3]."""
        left, top, right, bottom = box
        part = numbers[:, top:bottom, left:right]
        n, height, width, channels = part.shape
        low = torch.matmul(self._weights(height, side), part.reshape(n, height, width * channels))
        wide = low.view(n, side, width, channels).transpose(2, 3)
        small = torch.matmul(wide, self._weights(width, side).T).transpose(2, 3)
        return (small + 0.5).to(torch.uint8)

    def _turned(self, square: Tensor, degrees: float) -> Tensor:
        """As Pillow's affine transform between pixels: [n, large, large, 3] -> [n, side, side, 3]."""
        (top_left, top_right, low_left, low_right), across, down = self._corners(degrees)
        flat = square.flatten(1, 2).float()
        # From the left or upper one towards the other: where both are the same, that is what comes out.
        top = torch.lerp(flat[:, top_left], flat[:, top_right], across)
        low = torch.lerp(flat[:, low_left], flat[:, low_right], across)
        mixed = torch.lerp(top, low, down)
        return mixed.to(torch.uint8).view(len(square), self._side, self._side, 3)

    def _new_weights(self, old: int, new: int) -> Tensor:
        return torch.from_numpy(weights_of(old, new)).to(self._device)

    def _new_corners(self, degrees: float) -> tuple[list[Tensor], Tensor, Tensor]:
        """Of each new pixel the four old ones around its place, and how far it is across and down between
        them."""
        large, (a, b, c, d, e, f) = turning_of(degrees, self._side)
        y, x = np.mgrid[: self._side, : self._side] + 0.5
        place_x, place_y = (a * x + b * y + c).ravel() - 0.5, (d * x + e * y + f).ravel() - 0.5
        left, top = np.floor(place_x), np.floor(place_y)

        def pixel(row: Numbers, column: Numbers) -> Tensor:
            inside = np.clip(row, 0, large - 1) * large + np.clip(column, 0, large - 1)
            return torch.from_numpy(inside.astype(np.int64)).to(self._device)

        def share(part: Numbers) -> Tensor:
            return torch.from_numpy(part.astype(np.float32)[:, None]).to(self._device)

        near = [pixel(top + below, left + right) for below in (0, 1) for right in (0, 1)]
        return near, share(place_x - left), share(place_y - top)
