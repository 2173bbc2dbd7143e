"""A process that a test starts in vain leaves nothing behind, however it starts others."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.processes import descendants, end
from tests.support.running import Running

# As the launcher does it: a child in a process group of its own; this one does not end when it is asked to.
LAUNCHER = """
import signal, subprocess, sys, time
child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True)"
child += "; time.sleep(600)"
started = subprocess.Popen([sys.executable, "-c", child], process_group=0, stdout=subprocess.PIPE)
started.stdout.readline()
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("started", started.pid, flush=True)
time.sleep(600)
"""


class Never(Running):
    """An app that is never ready."""

    def command(self) -> list[str]:
        return [sys.executable, "-c", LAUNCHER]

    def _is_ready(self) -> bool:
        while not (self.data / "log").read_text():  # its limit passes once it has a child
            time.sleep(0.02)
        return False


def child_of(log: Path) -> int:
    return int(log.read_text().split()[1])


def has_ended(pid: int) -> bool:
    """Within a few seconds; an ended process that nobody has asked about yet still has an entry."""
    status = Path(f"/proc/{pid}/status")
    limit = time.monotonic() + 10
    while time.monotonic() < limit:
        if not status.exists() or "State:\tZ" in status.read_text():
            return True
        time.sleep(0.05)
    return False


def test_an_app_that_is_not_ready_in_time_leaves_no_process_behind(tmp_path: Path) -> None:
    app = Never(tmp_path, start_limit_s=0)
    with pytest.raises(AssertionError, match="the app is ready"), app:
        pass
    assert app.process is not None
    assert app.process.poll() is not None
    assert has_ended(child_of(tmp_path / "log"))


def test_a_process_that_does_not_end_when_it_is_asked_is_killed_with_its_children() -> None:
    process = subprocess.Popen([sys.executable, "-c", LAUNCHER], stdout=subprocess.PIPE)
    assert process.stdout is not None
    child = int(process.stdout.readline().split()[1])
    assert descendants(process.pid) == [child]
    with process.stdout, pytest.raises(subprocess.TimeoutExpired):
        end(process, signal.SIGINT, 0.2)
    assert process.poll() == -signal.SIGKILL
    assert has_ended(child)
