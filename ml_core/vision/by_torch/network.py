"""A backbone on CUDA by torch."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

from ml_core.vision.backbones import BackboneSpec
from ml_core.vision.by_torch.crops import Cutter
from ml_core.vision.by_torch.lanes import PATIENT, PassLane, streams_of
from ml_core.vision.by_torch.stages import PixelMaps, pooled
from ml_core.vision.networks import FeatureRows, Maps
from ml_core.vision.parts import Part
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
    passes_at_once = 2  # while the card works on one, the next one is copied to it
    takes_pictures = True

    def __init__(self, spec: BackboneSpec, device: str) -> None:
        self._device = torch.device(device)
        self.device = str(self._device)
        on_cuda = self._device.type == "cuda"
        self.device_name = torch.cuda.get_device_name(self._device) if on_cuda else self.device
        self._reduced = reduced_type(self._device)
        self._module = PixelMaps(spec).to(self._device).to(memory_format=torch.channels_last)
        self.lengths = self._module.lengths
        self._cutter = Cutter(self._device, spec.input_side)
        self._streams = streams_of(self._device)
        self._own = threading.local()
        if on_cuda:  # the weights are there before a stream of another thread reads them
            torch.cuda.synchronize(self._device)

    def begin(self, parts: Sequence[Part]) -> Callable[[], FeatureRows]:
        lane = self._lane()
        with torch.inference_mode(), lane.on():
            pixels = lane.send([part.pixels for part in parts])
            views = self._views(pixels, parts)
            return lane.fetch(pooled(self._maps(views)).to(torch.float16))

    def rows(self, views: Pixels) -> FeatureRows:
        return self.begin([Part(views, len(views))])()

    def maps(self, view: Pixels) -> list[Maps]:
        lane = self._lane()
        with torch.inference_mode(), lane.on():
            (pixels,) = lane.send([view[None]])
            *middle, final = (stage[0].float().permute(1, 2, 0).cpu().numpy() for stage in self._maps(pixels))
        return [final, *middle]

    def take_threads(self, cores: int) -> None:
        """The work is the card's: the calling thread's passes get a stream that stands back there."""
        del cores
        self._own.lane = PassLane(self._streams, self._device, PATIENT)

    def memory_bytes(self) -> dict[tuple[str, str], int]:
        found = {}
        for index in range(torch.cuda.device_count()):
            free, total = torch.cuda.mem_get_info(index)
            found[(f"cuda:{index}", "allocated")] = torch.cuda.memory_allocated(index)
            found[(f"cuda:{index}", "reserved")] = torch.cuda.memory_reserved(index)
            found[(f"cuda:{index}", "free")] = free
            found[(f"cuda:{index}", "total")] = total
        return found

    def _lane(self) -> PassLane:
        if not hasattr(self._own, "lane"):
            self._own.lane = PassLane(self._streams, self._device)
        lane: PassLane = self._own.lane
        return lane

    def _views(self, pixels: Sequence[Tensor], parts: Sequence[Part]) -> Tensor:
        """Pictures are cut here; views are there already."""
        cut: list[Tensor] = list(pixels)
        whole = [index for index, part in enumerate(parts) if part.is_picture]
        if whole:
            counts = [parts[index].views for index in whole]
            found = self._cutter.cut([pixels[index] for index in whole], counts)
            for index, views in zip(whole, torch.split(found, counts), strict=True):
                cut[index] = views
        return torch.cat(cut)

    def _maps(self, pixels: Tensor) -> list[Tensor]:
        with self._precision():
            maps: list[Tensor] = self._module(pixels)
        return maps

    def _precision(self) -> AbstractContextManager[object]:
        return nullcontext() if self._reduced is None else torch.autocast(self._device.type, self._reduced)
