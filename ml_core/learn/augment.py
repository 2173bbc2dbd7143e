"""Random crops of a whole batch at once, on the device where the pixels lie.

Knows nothing of files, labels or backbones.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

AREA_MIN = 0.25  # of the photo, as the fixed views have it
ASPECT_MAX = 4 / 3
LIGHT_CHANGE_MAX = 0.25  # of brightness and of contrast: lamps and windows differ between rooms


def random_crops(images: Tensor, side: int, generator: torch.Generator) -> Tensor:
    """[n, 3, height, width] bytes -> [n, 3, side, side] of 0 to 255: another part of each photo, half
    of them mirrored, in another light."""
    drawn = torch.rand((6, len(images)), generator=generator, device=images.device)
    area = AREA_MIN + (1 - AREA_MIN) * drawn[0]
    aspect = torch.exp((2 * drawn[1] - 1) * math.log(ASPECT_MAX))
    width, height = (area * aspect).sqrt().clamp(max=1), (area / aspect).sqrt().clamp(max=1)
    boxes = torch.zeros((len(images), 2, 3), device=images.device)
    boxes[:, 0, 0] = width * torch.where(drawn[2] < 0.5, -1.0, 1.0)
    boxes[:, 1, 1] = height
    boxes[:, 0, 2] = (1 - width) * (2 * drawn[3] - 1)
    boxes[:, 1, 2] = (1 - height) * (2 * drawn[4] - 1)
    grid = affine_grid(boxes, [len(images), 3, side, side], align_corners=False)
    crops = grid_sample(images.float(), grid, padding_mode="border", align_corners=False)
    light = 1 + LIGHT_CHANGE_MAX * (
        2 * torch.rand((2, len(images), 1, 1, 1), generator=generator, device=images.device) - 1
    )
    middle = crops.mean((1, 2, 3), keepdim=True)
    return ((crops - middle) * light[0] + middle * light[1]).clamp(0, 255)
