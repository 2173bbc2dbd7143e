"""The models used lately, by their id, in memory alone.

The caller sends the bytes again when a model has dropped out.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

from ml_core.contract import memory
from ml_core.errors import ModelStateError
from ml_core.learn.checkpoint import Model, from_bytes, model_id

IDLE_S_MAX = 5 * 60.0  # a deleted group's model is not asked for again; to send another one anew is quick


class ModelCache:
    """Least recently used models leave first, and those nobody asked for lately. Safe from any thread."""

    def __init__(self, size: int, idle_s_max: float = IDLE_S_MAX) -> None:
        self._size = size
        self._idle_s_max = idle_s_max
        self._models: OrderedDict[str, tuple[Model, float]] = OrderedDict()  # with the time of the last use
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._models)

    def drop_idle(self) -> None:
        """Those that nobody asked for lately; somebody has to call this now and then."""
        with self._lock:
            oldest = time.monotonic() - self._idle_s_max
            idle = [name for name, (_, used) in self._models.items() if used < oldest]
            for name in idle:
                del self._models[name]
        if idle:
            memory.give_back()

    def put(self, name: str, model: Model) -> None:
        with self._lock:
            self._touch(name, model)

    def _touch(self, name: str, model: Model) -> None:
        self._models[name] = (model, time.monotonic())
        self._models.move_to_end(name)
        while len(self._models) > self._size:
            self._models.popitem(last=False)

    def resolve(self, name: str, data: bytes) -> Model:
        """The model of this id, from here or from its bytes."""
        self.drop_idle()
        with self._lock:
            if name in self._models:
                found = self._models[name][0]
                self._touch(name, found)
                return found
        if not data:
            raise ModelStateError("model_unknown", "send the model's bytes")
        if model_id(data) != name:
            raise ModelStateError("model_corrupt", "the bytes do not have this id")
        model = from_bytes(data)
        self.put(name, model)
        return model
