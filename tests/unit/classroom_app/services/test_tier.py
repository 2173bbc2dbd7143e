"""The look at the servers of the compute tier: nobody waits for it, and it is not taken too often."""

from __future__ import annotations

import threading

import pytest

from classroom_app.services import tier
from classroom_app.services.tier import TierService
from classroom_app.views.jobs import ServerNow
from tests.support.running import wait_for

GPU = ServerNow("10.0.0.2:50051", "NVIDIA L4")


def test_a_server_that_hangs_keeps_nobody_waiting_and_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tier, "ASKED_EVERY_S", 0.0)
    answer, asked = threading.Event(), []

    def ask() -> list[ServerNow]:
        asked.append(1)
        assert answer.wait(30)
        return [GPU]

    service = TierService(ask)
    assert [service.servers() for _ in range(5)] == [None] * 5
    assert len(asked) == 1
    answer.set()
    wait_for(lambda: service.servers() == (GPU,))


def test_an_answer_is_kept_for_a_while() -> None:
    asked = []

    def ask() -> list[ServerNow]:
        asked.append(1)
        return [GPU]

    service = TierService(ask)
    wait_for(lambda: service.servers() == (GPU,))
    for _ in range(5):
        service.servers()
    assert len(asked) == 1


def test_what_goes_wrong_is_nobody_who_answers() -> None:
    def ask() -> list[ServerNow]:
        raise RuntimeError("no such name")

    service = TierService(ask)
    wait_for(lambda: service.servers() == ())


def test_away_is_a_tier_of_which_nobody_answers_and_it_is_asked_again_soon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tier, "ASKED_AWAY_S", 0.0)
    found = [ServerNow("10.0.0.2:50051", "")]
    service = TierService(lambda: list(found))
    wait_for(service.away)
    found.append(GPU)
    wait_for(lambda: not service.away())


def test_a_tier_that_answers_is_not_away() -> None:
    service = TierService(lambda: [GPU])
    wait_for(lambda: service.servers() == (GPU,))
    assert not service.away()
