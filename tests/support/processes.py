"""Ends processes that tests started, with all that these started in their turn."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from pathlib import Path


def descendants(pid: int) -> list[int]:
    """The children of a process, their children, and so on."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # the thread or the process has ended
            for child in map(int, task.read_text().split()):
                found += [child, *descendants(child)]
    return found


def end(process: subprocess.Popen[bytes], ask: signal.Signals, patience_s: float) -> int:
    """Ask it to end; past `patience_s` it is killed with its descendants, and TimeoutExpired is raised."""
    process.send_signal(ask)
    try:
        return process.wait(patience_s)
    except subprocess.TimeoutExpired:
        kill_tree(process)
        raise


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """End a process and its descendants at once."""
    if process.poll() is not None:
        return
    family = descendants(process.pid)  # before it dies: orphans have no parent to be found by
    process.kill()
    process.wait()
    for pid in family:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
