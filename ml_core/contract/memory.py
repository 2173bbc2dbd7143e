"""Photos in the memory of a process: never written into a core dump, and given back when they are deleted."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import resource
import sys

PR_SET_DUMPABLE = 4  # prctl(2)
M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3  # mallopt(3)
ARENAS = 2
LARGE_BYTES = 4 * 1024 * 1024


def forbid_dumps() -> None:
    """No core dump of this process, and nobody of the same user reads its memory; children are asked anew."""
    with contextlib.suppress(ValueError, OSError):  # a stricter limit may be in force already
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # Where dumps go to a program (apport, systemd) the limit alone does not hold.
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def keep_little() -> None:
    """Call before threads start. Freed memory goes back sooner: by default each of many threads keeps its
    own, and what was once the size of a large array is kept for the next one."""
    with contextlib.suppress(OSError, AttributeError):  # not glibc
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_ARENA_MAX, ARENAS)
        mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)


def give_back() -> None:
    """What was freed goes back to the system, which clears it, as far as the allocator can let go of it."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # not glibc
        ctypes.CDLL(None).malloc_trim(0)
