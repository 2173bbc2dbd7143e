"""How busy the GPUs are, asked of NVIDIA's own library, which comes with the driver: torch does not say."""

from __future__ import annotations

import ctypes
from typing import Any

LIBRARY = "libnvidia-ml.so.1"


class _Utilization(ctypes.Structure):
    _fields_ = (("gpu", ctypes.c_uint), ("memory", ctypes.c_uint))  # percent of the last second or less


def gpu_use() -> dict[str, float]:
    """From 0 to 1, by device; empty where no driver is, or where it does not say."""
    try:
        library = ctypes.CDLL(LIBRARY)
        if library.nvmlInit_v2() != 0:
            return {}
    except (OSError, AttributeError):
        return {}
    try:
        return _of_each(library)
    except AttributeError:  # a library of another time
        return {}
    finally:
        library.nvmlShutdown()


def _of_each(library: Any) -> dict[str, float]:
    count, found = ctypes.c_uint(0), {}
    if library.nvmlDeviceGetCount_v2(ctypes.byref(count)) != 0:
        return {}
    for index in range(count.value):
        device, use = ctypes.c_void_p(), _Utilization()
        if (
            library.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(device)) == 0
            and library.nvmlDeviceGetUtilizationRates(device, ctypes.byref(use)) == 0
        ):
            found[f"cuda:{index}"] = use.gpu / 100
    return found
