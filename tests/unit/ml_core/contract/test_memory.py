"""What keeps photos in memory from being written down."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from ml_core.contract import memory

ROOT = Path(__file__).parents[4]


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_a_process_that_forbids_dumps_leaves_none() -> None:
    code = (
        "import ctypes, resource; from ml_core.contract import memory\n"
        "memory.forbid_dumps(); memory.give_back(); PR_GET_DUMPABLE = 3\n"
        "dumpable = ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE), dumpable)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "(0, 0) 0"


MANY_THREADS = """
import ctypes, sys, threading
from ml_core.contract import memory
if sys.argv[1] == "shared":
    memory.share_freed()
together = threading.Barrier(12)
def work():
    kept = [bytearray(50_000) for _ in range(20)]
    together.wait()
threads = [threading.Thread(target=work) for _ in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
ctypes.CDLL(None).malloc_stats()
"""


def arenas(how: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", MANY_THREADS, how], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stderr.count("Arena ")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc's allocator")
def test_many_threads_share_what_they_freed() -> None:
    assert arenas("shared") <= memory.ARENAS < arenas("each its own")


FREED = """
import ctypes, sys
from ml_core.contract import memory
if sys.argv[1] == "overwritten":
    memory.overwrite_freed()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
photo, size = b"photo of a child" * 200, 3200
place, above = libc.malloc(size), libc.malloc(size)  # the one above keeps the page
ctypes.memmove(place, photo, size)
libc.free(place)
print(ctypes.string_at(place, size).count(b"photo of a child"))
"""


def pieces_left(how: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", FREED, how], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc's allocator")
def test_what_is_freed_is_overwritten_at_once() -> None:
    assert pieces_left("overwritten") == 0 < pieces_left("left as it is")
