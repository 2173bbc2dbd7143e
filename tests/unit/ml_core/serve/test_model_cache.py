"""Which models stay in memory."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ml_core.errors import ModelStateError
from ml_core.learn.checkpoint import Model
from ml_core.serve import model_cache
from ml_core.serve.model_cache import ModelCache


class _Clock:
    now = 0.0

    def monotonic(self) -> float:
        return self.now


def test_the_least_used_leave_first_and_the_idle_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = _Clock()
    monkeypatch.setattr(model_cache, "time", clock)
    cache = ModelCache(2, idle_s_max=60)
    models: dict[str, Any] = {name: object() for name in "abc"}
    for name, model in models.items():
        cache.put(name, model)
    with pytest.raises(ModelStateError):
        cache.resolve("a", b"")
    clock.now = 50
    assert cache.resolve("b", b"") is models["b"]
    clock.now = 100
    assert cache.resolve("b", b"") is models["b"]
    with pytest.raises(ModelStateError):  # "c" was not asked for since 0
        cache.resolve("c", b"")
    assert len(cache) == 1
    clock.now = 200
    cache.drop_idle()
    assert len(cache) == 0  # nobody asked any more, and the last one goes too


def test_what_was_forgotten_does_not_come_back_with_what_is_on_its_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = _Clock()
    monkeypatch.setattr(model_cache, "time", clock)
    cache = ModelCache(8)
    gone, stays = "a" * 64, "b" * 64
    cache.put(gone, cast(Model, object()))
    cache.put(stays, cast(Model, object()))
    began = cache.turn
    assert cache.forget([gone[:16]]) == 1
    assert cache.forget([gone[:16]]) == 0, "once is as good as twice"
    cache.put(gone, cast(Model, object()))  # a call that another web process sent with the bytes
    cache.put("c" * 64, cast(Model, object()), began)  # a training that began before
    assert len(cache) == 1
    assert cache.resolve(stays, b"")
    clock.now = model_cache.REFUSED_S + 1
    cache.put(gone, cast(Model, object()))  # somebody trained the very same one anew
    cache.put("c" * 64, cast(Model, object()), cache.turn)
    assert len(cache) == 3
