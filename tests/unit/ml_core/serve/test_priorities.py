"""Each thread has its own number of cores, whatever the others set before it does anything."""

from __future__ import annotations

import threading

import torch

from ml_core.serve.priorities import use_cores


def test_another_thread_does_not_change_the_number_of_cores() -> None:
    before = torch.get_num_threads()
    chosen, changed, seen = threading.Event(), threading.Event(), []

    def work() -> None:
        use_cores(2)
        chosen.set()
        assert changed.wait(5)
        torch.ones(64, 64).sum()  # its first operation
        seen.append(torch.get_num_threads())

    worker = threading.Thread(target=work)
    worker.start()
    assert chosen.wait(5)
    other = threading.Thread(target=use_cores, args=(1,))
    other.start()
    other.join()
    changed.set()
    worker.join()
    torch.set_num_threads(before)
    assert seen == [2]
