"""What runs a backbone: one shape, an exported graph on the CPU and torch on CUDA behind it."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ml_core.contract.backbone import BackboneFileError
from ml_core.errors import BackboneError
from ml_core.vision.backbones import BackboneSpec
from ml_core.vision.exported_graph import ExportedGraph
from ml_core.vision.parts import Part
from ml_core.vision.shrink import Pixels

FeatureRows = npt.NDArray[np.float16]
Maps = npt.NDArray[np.float32]

CPU = "cpu"


class Network(Protocol):
    """A backbone on one device. Several threads may work with it at once."""

    device: str  # cpu, cuda:0
    device_name: str  # for people
    lengths: tuple[int, ...]  # of the features' parts, the final one first
    max_batch: int  # views of one pass: more are not faster, and who comes next would wait for them
    passes_at_once: int  # of one thread: so many are begun before the first one's features are asked for
    takes_pictures: bool  # it cuts views itself

    def begin(self, parts: Sequence[Part]) -> Callable[[], FeatureRows]:
        """Start a pass of no more than `max_batch` views; what comes back waits for its features."""

    def rows(self, views: Pixels) -> FeatureRows:
        """[n, side, side, 3] pixels, no more than `max_batch` -> [n, length] features."""

    def maps(self, view: Pixels) -> list[Maps]:
        """[side, side, 3] -> the maps behind the features, [height, width, channels], the final one first."""

    def take_threads(self, cores: int) -> None:
        """From now on the calling thread's passes run on threads of their own, as many and as patient as it
        is: new photos must not take the live frames' cores."""

    def memory_bytes(self) -> dict[tuple[str, str], int]:
        """Of GPUs, by device and kind; none for the CPU, whose memory the system tells."""


def open_network(spec: BackboneSpec, device: str, cores: int, feature_space: str) -> Network:
    """On the device of this name; where it is empty, on CUDA where that is possible. Raises BackboneError."""
    if device == CPU or not (device or (has_cuda() and has_torch())):
        return ExportedGraph(_graph_file(spec, feature_space), cores, feature_space)
    _need_torch(spec.name, f"on {device or 'CUDA'} ")
    from ml_core.vision.by_torch.network import TorchNetwork

    return TorchNetwork(spec, device or "cuda:0")


def _graph_file(spec: BackboneSpec, feature_space: str) -> bytes:
    if spec.exported is not None:
        try:
            return spec.exported().read()
        except BackboneFileError as exc:
            raise BackboneError(str(exc)) from exc
    _need_torch(spec.name)
    from ml_core.vision.by_torch.export import exported_graph

    return exported_graph(spec, feature_space)


def _need_torch(backbone: str, where: str = "") -> None:
    if not has_torch():
        raise BackboneError(
            f"{backbone} {where}needs PyTorch, which is not installed: `make run GPU=1`, or the packages of "
            "requirements/ml-gpu.txt"
        )


def has_torch() -> bool:
    """Without importing it, which takes seconds."""
    return find_spec("torch") is not None


def has_cuda() -> bool:
    """Does the driver of NVIDIA name a GPU that this process may use?"""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
        count = ctypes.c_int(0)
        answered = driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0
    except (OSError, AttributeError):  # no driver
        return False
    return answered and count.value > 0
