"""Which models stay in memory."""

from __future__ import annotations

from typing import Any

import pytest

from ml_core.errors import ModelStateError
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
