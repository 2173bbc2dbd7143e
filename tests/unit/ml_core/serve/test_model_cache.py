"""Which models stay in memory."""

from __future__ import annotations

from types import SimpleNamespace

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
    models = {name: SimpleNamespace(nbytes=1) for name in "abc"}
    for name, model in models.items():
        cache.put(name, model)  # type: ignore[arg-type]  # a stand-in of the same size
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


def test_large_models_leave_room_for_each_other() -> None:
    cache = ModelCache(9, bytes_max=100)
    for name, size in (("a", 60), ("b", 30), ("c", 60)):
        cache.put(name, SimpleNamespace(nbytes=size))  # type: ignore[arg-type]  # a stand-in of the same size
    with pytest.raises(ModelStateError):
        cache.resolve("a", b"")
    assert cache.resolve("b", b"").nbytes == 30
    cache.put("d", SimpleNamespace(nbytes=999))  # type: ignore[arg-type]  # a stand-in of the same size
    assert cache.resolve("d", b"").nbytes == 999
