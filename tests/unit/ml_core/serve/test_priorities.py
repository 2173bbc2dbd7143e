"""Who stands back stands behind the process's other threads, however far back the process itself stands."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ml_core.serve.priorities import BACKGROUND_STEPS, NICEST, STAND_BACK_STEPS

PROGRAM = """
import os, threading
from ml_core.serve.priorities import stand_back, work_in_background
os.nice({niceness} - os.nice(0))
seen = []
def work(prepare):
    prepare()
    seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
for prepare in (lambda: None, stand_back, work_in_background):
    thread = threading.Thread(target=work, args=(prepare,)); thread.start(); thread.join()
print(*seen)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="priorities of threads are Linux's")
@pytest.mark.parametrize("process", [1, 5, 18])
def test_live_frames_go_before_training_and_that_before_uploads(process: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(niceness=process)], capture_output=True, text=True, check=True
    )
    live, training, uploads = (int(word) for word in done.stdout.split())
    assert live == process
    assert training == min(NICEST, process + STAND_BACK_STEPS)
    assert uploads == min(NICEST, process + BACKGROUND_STEPS)
