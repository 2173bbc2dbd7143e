"""Threads that stand back: the camera's live frames go before training, and training before uploads."""

from __future__ import annotations

import os
import threading

import torch

STAND_BACK_NICENESS = 5
# For new photos: a child waits for them at the train button alone, and on one machine they would take the
# cores from what a child waits for now.
BACKGROUND_NICENESS = 15


def stand_back(niceness: int = STAND_BACK_NICENESS) -> None:
    """Lower the calling thread's priority, and that of the threads that it will start.

    Linux counts it per thread; elsewhere nothing happens.
    """
    if hasattr(os, "setpriority") and os.uname().sysname == "Linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)


def work_in_background() -> None:
    stand_back(BACKGROUND_NICENESS)


def work_in_background_on_one_core() -> None:
    """As above, and torch's operations stay in the calling thread."""
    work_in_background()
    use_cores(1)


def use_cores(number: int) -> None:
    """On how many cores torch's operations in the calling thread run."""
    # At the first look, torch gives a thread the number that any thread has set last: after it, ours stays.
    torch.get_num_threads()
    torch.set_num_threads(number)
