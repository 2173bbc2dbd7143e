"""Photos in the memory of a process: never in a core dump, overwritten where they are freed, given back when
they are deleted.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import resource
import sys

PR_SET_DUMPABLE = 4  # prctl(2)
M_ARENA_MAX = -8  # mallopt(3)
M_PERTURB = -6  # the same
FREED = 0xA5  # what freed memory holds until it is used again; any byte but 0, which is "off"
ARENAS = 2
# How long a server of the compute tier keeps a model that nobody asks for, and how often it looks for such.
MODEL_IDLE_S = 5 * 60.0
MODELS_LOOKED_AT_EVERY_S = 60.0


def forbid_dumps() -> None:
    """No core dump of this process, and nobody of the same user reads its memory; children are asked anew."""
    with contextlib.suppress(ValueError, OSError):  # a stricter limit may be in force already
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # Where dumps go to a program (apport, systemd) the limit alone does not hold.
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def share_freed() -> None:
    """Threads share what they freed; by default each of many keeps its own. Call before they start."""
    with contextlib.suppress(OSError, AttributeError):  # not glibc
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)


def overwrite_freed() -> None:
    """What this process frees from now on is overwritten at once, but for its smallest pieces: mallopt(3).

    Where the allocator keeps a page for later, no photo and no features stay in it.
    """
    with contextlib.suppress(OSError, AttributeError):  # not glibc
        ctypes.CDLL(None).mallopt(M_PERTURB, FREED)


def give_back() -> None:
    """What was freed goes back to the system, which clears it, as far as the allocator can let go of it."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # not glibc
        ctypes.CDLL(None).malloc_trim(0)
