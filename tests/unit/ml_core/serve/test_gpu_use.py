"""How busy a GPU is, by a stand-in for NVIDIA's library; the real one is there where a driver is."""

from __future__ import annotations

import ctypes
from typing import Any

import pytest

from ml_core.serve import gpu_use
from ml_core.serve.metrics import ServerState

NO_DATA = 999


def behind(reference: Any, kind: Any) -> Any:
    """What a pointer that a library of C is given points to."""
    return ctypes.cast(reference, ctypes.POINTER(kind)).contents


class Library:
    """Two GPUs, of which the second does not say how busy it is."""

    def __init__(self, *, starts: bool = True) -> None:
        self.starts = starts
        self.ended = 0

    def nvmlInit_v2(self) -> int:
        return 0 if self.starts else NO_DATA

    def nvmlShutdown(self) -> int:
        self.ended += 1
        return 0

    def nvmlDeviceGetCount_v2(self, count: Any) -> int:
        behind(count, ctypes.c_uint).value = 2
        return 0

    def nvmlDeviceGetHandleByIndex_v2(self, index: int, handle: Any) -> int:
        behind(handle, ctypes.c_void_p).value = index + 1
        return 0

    def nvmlDeviceGetUtilizationRates(self, handle: Any, use: Any) -> int:
        if handle.value != 1:
            return NO_DATA
        percent = behind(use, ctypes.c_uint * 2)  # of the GPU, of its memory
        percent[0], percent[1] = 43, 12
        return 0


def test_gpus_that_say_how_busy_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: library)
    assert gpu_use.gpu_use() == {"cuda:0": 0.43}
    assert library.ended == 1


def test_no_driver_and_one_that_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu_use, "LIBRARY", "libno-such-thing.so.1")
    assert gpu_use.gpu_use() == {}
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: Library(starts=False))
    assert gpu_use.gpu_use() == {}


def test_it_is_told_beside_the_memory() -> None:
    memory = {("cuda:0", "total"): 24, ("cuda:0", "free"): 20}
    state = ServerState(lambda: 0, lambda: 0, lambda: memory, lambda: {"cuda:0": 0.43})
    told = {family.name: [sample.value for sample in family.samples] for family in state.collect()}
    assert told["ml_core_gpu_busy_ratio"] == [0.43]
    assert told["ml_core_gpu_memory_bytes"] == [24, 20]
