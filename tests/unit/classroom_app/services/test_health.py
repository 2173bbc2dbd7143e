"""ReadinessProbe: which parts count, how long a look takes, and that nobody can use it as load."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from classroom_app.services import health as module
from classroom_app.services.health import ReadinessProbe
from tests.support.running import wait_for


def yes() -> bool:
    return True


def no() -> bool:
    return False


def broken() -> bool:
    raise OSError("the disk is on fire")


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_LIMIT_S", 0.2)
    monkeypatch.setattr(module, "REPORTED_LIMIT_S", 0.1)


@pytest.mark.parametrize("question", [no, broken])
def test_a_needed_part_decides_and_a_reported_one_is_only_said(question: Callable[[], bool]) -> None:
    report = ReadinessProbe({"database": yes, "blobs": question}, {"ml_core": yes}).look()
    assert (dict(report.parts), report.ready) == ({"database": True, "blobs": False, "ml_core": True}, False)
    report = ReadinessProbe({"database": yes}, {"ml_core": question}).look()
    assert (dict(report.parts), report.ready) == ({"database": True, "ml_core": False}, True)


@pytest.mark.parametrize("needed", [True, False])
def test_a_part_that_hangs_is_away_and_is_not_asked_again_meanwhile(
    needed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT_S", 0.0)
    asked, go_on = [], threading.Event()

    def hangs() -> bool:
        asked.append(1)
        return go_on.wait(20)

    parts = {"slow": hangs}
    readiness = ReadinessProbe({"database": yes, **(parts if needed else {})}, {} if needed else parts)
    for _ in range(3):
        report = readiness.look()
        assert (report.parts["slow"], report.ready) == (False, not needed)
    assert len(asked) == 1
    go_on.set()
    wait_for(lambda: readiness.look().parts["slow"] and len(asked) > 1, 20, "asked anew once it has answered")


def test_many_probes_are_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_S", 60.0)
    asked: list[int] = []

    def answers() -> bool:
        asked.append(1)
        return True

    readiness = ReadinessProbe({"database": answers}, {})
    assert readiness.recent() is None
    with ThreadPoolExecutor(16) as pool:
        assert all(report.ready for report in pool.map(lambda _: readiness.look(), range(200)))
    assert len(asked) == 1
    assert readiness.recent() == readiness.look()


def test_while_stopping_nothing_is_ready() -> None:
    readiness = ReadinessProbe({"database": yes}, {"ml_core": yes})
    assert readiness.look().ready
    readiness.stop()
    assert readiness.recent() is None
    assert (dict(readiness.look().parts), readiness.look().ready) == (
        {"database": False, "ml_core": False},
        False,
    )


def test_a_dear_part_is_asked_seldom_while_it_answers_and_at_once_when_it_did_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A look into the bucket is paid: once a second from every pod was 86,400 a day."""
    monkeypatch.setattr(module, "KEPT_S", 0.0)
    asked: list[str] = []
    answers = {"blobs": True, "database": True}

    def question(part: str) -> Callable[[], bool]:
        def ask() -> bool:
            asked.append(part)
            return answers[part]

        return ask

    probe = ReadinessProbe({part: question(part) for part in answers}, {}, kept_s={"blobs": 3600.0})
    for _ in range(5):
        assert probe.look().ready
    assert (asked.count("blobs"), asked.count("database")) == (1, 5)
    probe = ReadinessProbe({part: question(part) for part in answers}, {}, kept_s={"blobs": 0.0})
    answers["blobs"] = False
    for _ in range(3):
        assert not probe.look().ready
    assert asked.count("blobs") == 4
