"""Photos as feature views: pooled maps of every stage of one forward pass, each part normalised.

The space id names backbone and version: features of two spaces must never meet in one model.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ml_core.vision.backbones import BackboneSpec, StagedBackbone, backbone_spec
from ml_core.vision.exported_graph import ExportedGraph
from ml_core.vision.images import Pixels

FEATURE_VERSION = 4
MAX_BATCH = 12  # on a CPU larger batches are not faster, and who comes next would wait for them
MAX_BATCH_CUDA = 256

_ROWS = "rows"

FeatureRows = npt.NDArray[np.float16]
Maps = npt.NDArray[np.float32]


class Embedder:
    """One backbone on one device. On the CPU it runs as an exported graph, on CUDA by torch. Several threads
    may work with it at once."""

    def __init__(self, backbone: str, device: str = "") -> None:
        self.spec: BackboneSpec = backbone_spec(backbone)
        self.device = torch.device(device or ("cuda:0" if torch.cuda.is_available() else "cpu"))
        self._model: StagedBackbone = self.spec.build().eval().requires_grad_(False)
        self._model.to(self.device).to(memory_format=torch.channels_last)
        self._mean = torch.tensor(self.spec.mean, device=self.device).view(1, 3, 1, 1)
        self._deviation = torch.tensor(self.spec.deviation, device=self.device).view(1, 3, 1, 1)
        self.length = sum(self._model.channels[-1 - self.spec.middle_stages :])
        self.final_length = self._model.channels[-1]  # the part that comes first
        self._on_cuda = self.device.type == "cuda"
        self._bfloat16 = self._on_cuda or cpu_has_bfloat16()
        self.max_batch = MAX_BATCH_CUDA if self._on_cuda else MAX_BATCH
        self._graph = None if self._on_cuda else self._exported()

    @property
    def space(self) -> str:
        """Two servers with equal spaces make features that may be mixed."""
        return f"{self.spec.name}.{self.spec.version}.{FEATURE_VERSION}"

    @property
    def device_name(self) -> str:
        """For people."""
        return torch.cuda.get_device_name(self.device) if self._on_cuda else "CPU"

    @property
    def input_side(self) -> int:
        return self.spec.input_side

    @torch.inference_mode()
    def embed(self, views: Pixels) -> FeatureRows:
        """[n, side, side, 3] pixels -> [n, length] features."""
        batches = [
            self._embed(views[start : start + self.max_batch])
            for start in range(0, len(views), self.max_batch)
        ]
        return np.concatenate(batches) if batches else np.empty((0, self.length), np.float16)

    @torch.inference_mode()
    def maps(self, view: Pixels) -> list[Maps]:
        """The maps behind the features of one view, [height, width, channels] each, the final one first."""
        if self._graph is not None:
            names = self._map_names()
            *middle, final = (stage[0].transpose(1, 2, 0) for stage in self._graph(view[None], names))
        else:
            found = self._torch_maps(view[None])
            *middle, final = (stage[0].float().permute(1, 2, 0).cpu().numpy() for stage in found)
        return [final, *middle]

    def _embed(self, views: Pixels) -> FeatureRows:
        if self._graph is not None:
            return self._graph(views, [_ROWS])[0].astype(np.float16)
        return pooled(self._torch_maps(views)).to("cpu", torch.float16).numpy()

    def _torch_maps(self, views: Pixels) -> list[Tensor]:
        pixels = torch.from_numpy(np.ascontiguousarray(views)).to(self.device, non_blocking=True)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self._bfloat16):
            return self.maps_of(pixels)

    def maps_of(self, views: Tensor) -> list[Tensor]:
        """[n, side, side, 3] pixels on the device -> the maps that give features, by torch."""
        # A channels-last tensor from [n, h, w, c] is a plain permute: no copy of the pixels.
        pixels = (views.permute(0, 3, 1, 2).float() - self._mean) / self._deviation
        maps: list[Tensor] = self._model(pixels)
        return maps[-1 - self.spec.middle_stages :]

    def _exported(self) -> ExportedGraph:
        black = torch.zeros((1, self.input_side, self.input_side, 3), dtype=torch.uint8)
        return ExportedGraph(_Exported(self), black, [_ROWS, *self._map_names()])

    def _map_names(self) -> list[str]:
        return [f"maps{number}" for number in range(self.spec.middle_stages + 1)]


class _Exported(nn.Module):
    """Pixels -> features and the maps behind them. The embedder is not a module, so its weights become
    constants of the graph."""

    def __init__(self, embedder: Embedder) -> None:
        super().__init__()
        self._embedder = embedder

    def forward(self, views: Tensor) -> list[Tensor]:
        maps = self._embedder.maps_of(views)
        return [pooled(maps), *maps]


def pooled(maps: list[Tensor]) -> Tensor:
    """The mean of every map, the final one first; each part of length one, all the middle parts
    together as heavy as the final part."""
    *middle, final = [_unit(stage.float().mean((2, 3))) for stage in maps]
    return torch.cat(
        [part * scale for part, scale in zip([final, *middle], part_scales(len(middle) + 1), strict=True)], 1
    )


def part_scales(parts: int) -> list[float]:
    """The length of each part of the features, the final one first."""
    return [1.0, *[(parts - 1) ** -0.5] * (parts - 1)]


def _unit(part: Tensor) -> Tensor:
    # A map that is zero everywhere stays zero instead of becoming NaN.
    length: Tensor = torch.linalg.vector_norm(part, dim=1, keepdim=True)
    return part / length.clamp_min(1e-6)


def cpu_has_bfloat16() -> bool:
    """True where bfloat16 has instructions of its own; emulated it would be slower than float32."""
    check = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(check()) if check is not None else False
