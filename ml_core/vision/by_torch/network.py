"""A backbone on CUDA by torch."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ml_core.vision.backbones import BackboneSpec
from ml_core.vision.by_torch.stages import PixelMaps, pooled
from ml_core.vision.networks import FeatureRows, Maps
from ml_core.vision.shrink import Pixels

MAX_BATCH = 256


class TorchNetwork:
    """Its answers are those of the exported graph, but for what bfloat16 rounds."""

    max_batch = MAX_BATCH

    def __init__(self, spec: BackboneSpec, device: str) -> None:
        self._device = torch.device(device)
        self.device = str(self._device)
        on_cuda = self._device.type == "cuda"
        self.device_name = torch.cuda.get_device_name(self._device) if on_cuda else self.device
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
        with torch.autocast(self._device.type, torch.bfloat16):
            maps: list[Tensor] = self._module(pixels)
        return maps
