"""Threads that stand back: the camera's live frames go before training, and training before uploads."""

from __future__ import annotations

import os
import sys
import threading

# Steps of niceness after the live frames. A training gets a third of what they get where both want a core.
STAND_BACK_STEPS = 5
# For new photos: a child waits for them at the train button alone, and on one machine they would take the
# cores from what a child waits for now. No further back: other programs of the machine would starve them.
BACKGROUND_STEPS = 10
NICEST = 19


def stand_back(steps: int = STAND_BACK_STEPS) -> None:
    """Lower the calling thread's priority below the process's, and that of the threads that it will start.

    Linux counts it per thread; elsewhere nothing happens.
    """
    if sys.platform == "linux":
        # The whole process may stand back already, as on one machine with the web tier.
        niceness = min(NICEST, os.getpriority(os.PRIO_PROCESS, os.getpid()) + steps)
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)


def work_in_background() -> None:
    stand_back(BACKGROUND_STEPS)
