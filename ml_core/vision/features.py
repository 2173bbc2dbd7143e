"""Photos as feature views: pooled maps of every stage of one forward pass, each part normalised.

The space id names backbone and version: features of two spaces must never meet in one model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ml_core.config import usable_cores
from ml_core.vision.backbones import BackboneSpec, backbone_spec, space_of
from ml_core.vision.images import photo_part, photo_views
from ml_core.vision.networks import FeatureRows, Maps, open_network
from ml_core.vision.parts import Part
from ml_core.vision.shrink import Pixels

CPU_PHOTOS_AT_ONCE = 8  # more would wait here without need, and who comes next behind them
# Passes' worth of photos that a card is fed with: those it works on, those on their way, and those that are
# read and decoded meanwhile.
PASSES_WAITING = 6


class Embedder:
    """One backbone on one device. Several threads may work with it at once."""

    def __init__(self, backbone: str, device: str = "", cores: int = 0) -> None:
        """`device`: cpu, cuda:0; empty: chosen here. `cores`: 0: all. Raises BackboneError."""
        self.spec: BackboneSpec = backbone_spec(backbone)
        self._network = open_network(self.spec, device, cores or usable_cores(), self.space)
        self.device = self._network.device
        self.device_name = self._network.device_name
        self.max_batch = self._network.max_batch
        self.passes_at_once = self._network.passes_at_once
        self.length = sum(self._network.lengths)
        self.final_length = self._network.lengths[0]  # the part that comes first

    @property
    def space(self) -> str:
        """Two servers with equal spaces make features that may be mixed."""
        return space_of(self.spec)

    @property
    def input_side(self) -> int:
        return self.spec.input_side

    @property
    def is_on_cpu(self) -> bool:
        """Else the processor's cores are free for decoding."""
        return not self._network.takes_pictures

    def photos_at_once(self, views: int) -> int:
        """So many photos, of so many views each, keep it busy."""
        return CPU_PHOTOS_AT_ONCE if self.is_on_cpu else PASSES_WAITING * self.max_batch // views

    def part_of(self, photo: bytes, views: int) -> Part:
        """What `begin` takes of one photo. Raises PhotoError, or InvalidInputError for too many views."""
        if self.is_on_cpu:
            return Part(photo_views(photo, views, self.input_side), views)
        return photo_part(photo, views, self.input_side)

    def begin(self, parts: Sequence[Part]) -> Callable[[], FeatureRows]:
        """Start a pass of at most `max_batch` views; what comes back waits for all of their features."""
        return self._network.begin(parts)

    def embed(self, views: Pixels) -> FeatureRows:
        """[n, side, side, 3] pixels -> [n, length] features."""
        batches = [
            self._network.rows(views[start : start + self.max_batch])
            for start in range(0, len(views), self.max_batch)
        ]
        return np.concatenate(batches) if batches else np.empty((0, self.length), np.float16)

    def maps(self, view: Pixels) -> list[Maps]:
        """The maps behind the features of one view, [height, width, channels] each, the final one first."""
        return self._network.maps(view)

    def take_threads(self, cores: int) -> None:
        """The calling thread's passes run on `cores` threads of their own, which are as patient as it is."""
        self._network.take_threads(cores)

    def memory_bytes(self) -> dict[tuple[str, str], int]:
        """Of GPUs, by device and kind."""
        return self._network.memory_bytes()
