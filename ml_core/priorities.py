"""Threads that stand back: the camera's live frames go before training and uploads.

Knows nothing of what the threads do.
"""

from __future__ import annotations

import os
import threading

import torch

STAND_BACK_NICENESS = 5


def stand_back() -> None:
    """Lower the calling thread's priority. Linux counts it per thread; elsewhere nothing happens."""
    if hasattr(os, "setpriority") and os.uname().sysname == "Linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), STAND_BACK_NICENESS)


def stand_back_on_one_core() -> None:
    """As above, and torch's operations stay in the calling thread (the number is one per thread)."""
    stand_back()
    torch.set_num_threads(1)
