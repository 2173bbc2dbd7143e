"""Waiting for what was begun before, and for nothing else."""

from __future__ import annotations

import threading

from ml_core.serve.work_in_hand import WorkInHand


def test_what_began_before_is_waited_for_and_what_began_after_is_not() -> None:
    work = WorkInHand()
    waiting, left = threading.Event(), []
    with work.call():
        assert work.wait_for_earlier(0) == 1

        def wait() -> None:
            waiting.set()
            left.append(work.wait_for_earlier(30))

        thread = threading.Thread(target=wait)
        thread.start()
        waiting.wait(10)
    later = work.call()
    later.__enter__()
    thread.join(20)
    assert left == [0]
    later.__exit__(None, None, None)
    assert work.wait_for_earlier(0) == 0


def test_a_call_that_fails_is_over() -> None:
    work = WorkInHand()
    try:
        with work.call():
            raise ValueError
    except ValueError:
        pass
    assert work.wait_for_earlier(0) == 0
