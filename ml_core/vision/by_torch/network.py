"""A backbone on CUDA by torch."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch
from torch import Tensor

from ml_core.vision.backbones import BackboneSpec
from ml_core.vision.by_torch.stages import PixelMaps, pooled
from ml_core.vision.networks import FeatureRows, Maps
from ml_core.vision.shrink import Pixels

MAX_BATCH = 256
# Compute capability from which a card, and cuDNN on it, has convolutions in bfloat16 (an L4 has 8.9). On
# older ones (a T4 has 7.5) torch refuses them or emulates them, more slowly than the 32 bits that are used
# there.
BFLOAT16_FROM = (8, 0)


def reduced_type(device: torch.device) -> torch.dtype | None:
    """The type of 16 bits that this device calculates in; None: it has none that is faster and safe."""
    if device.type != "cuda":
        return torch.bfloat16
    return torch.bfloat16 if torch.cuda.get_device_capability(device) >= BFLOAT16_FROM else None


class TorchNetwork:
    """Its answers are those of the exported graph, but for what bfloat16 rounds."""

    max_batch = MAX_BATCH

    def __init__(self, spec: BackboneSpec, device: str) -> None:
        self._device = torch.device(device)
        self.device = str(self._device)
        on_cuda = self._device.type == "cuda"
        self.device_name = torch.cuda.get_device_name(self._device) if on_cuda else self.device
        self._reduced = reduced_type(self._device)
        self._module = PixelMaps(spec).to(self._device).to(memory_format=torch.channels_last)
        self.lengths = self._module.lengths

    def rows(self, views: Pixels) -> FeatureRows:
        with torch.inference_mode():
            return pooled(self._maps(views)).to("cpu", torch.float16).numpy()

    def maps(self, view: Pixels) -> list[Maps]:
        with torch.inference_mode():
            *middle, final = (
                stage[0].float().permute(1, 2, 0).cpu().numpy() for stage in self._maps(view[None])
            )
        return [final, *middle]

    def take_threads(self, cores: int) -> None:
        """The work is the GPU's."""

    def memory_bytes(self) -> dict[tuple[str, str], int]:
        found = {}
        for index in range(torch.cuda.device_count()):
            free, total = torch.cuda.mem_get_info(index)
            found[(f"cuda:{index}", "allocated")] = torch.cuda.memory_allocated(index)
            found[(f"cuda:{index}", "reserved")] = torch.cuda.memory_reserved(index)
            found[(f"cuda:{index}", "free")] = free
            found[(f"cuda:{index}", "total")] = total
        return found

    def _maps(self, views: Pixels) -> list[Tensor]:
        pixels = torch.from_numpy(np.ascontiguousarray(views)).to(self._device, non_blocking=True)
        with self._precision():
            maps: list[Tensor] = self._module(pixels)
        return maps

    def _precision(self) -> AbstractContextManager[object]:
        return nullcontext() if self._reduced is None else torch.autocast(self._device.type, self._reduced)
