"""The models used lately, by their id, in memory alone.

The caller sends the bytes again when a model has dropped out.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Collection

from ml_core.contract import memory
from ml_core.errors import ModelStateError
from ml_core.learn.checkpoint import Model, from_bytes, model_id

IDLE_S_MAX = memory.MODEL_IDLE_S  # to send a model anew is quick
REFUSED_S = 60.0  # a call for a deleted model that is on its way comes in far less


class ModelCache:
    """Least recently used models leave first, and those nobody asked for lately. Safe from any thread."""

    def __init__(self, size: int, idle_s_max: float = IDLE_S_MAX) -> None:
        self._size = size
        self._idle_s_max = idle_s_max
        self._models: OrderedDict[str, tuple[Model, float]] = OrderedDict()  # with the time of the last use
        self._refused: dict[str, float] = {}  # beginnings of ids, until when
        self._forgotten = 0
        self._lock = threading.Lock()

    @property
    def turn(self) -> int:
        """To give back to `put`."""
        return self._forgotten

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

    def forget(self, names: Collection[str]) -> int:
        """Drop the models whose ids begin so; returns how many there were. What is on its way brings none
        back: no call for one of them, no training that began before and whose model has no name yet.
        """
        with self._lock:
            self._forgotten += 1
            now = time.monotonic()
            self._refused = {name: until for name, until in self._refused.items() if until > now}
            self._refused |= dict.fromkeys(names, now + REFUSED_S)
            gone = [name for name in self._models if name.startswith(tuple(names))]
            for name in gone:
                del self._models[name]
            return len(gone)

    def put(self, name: str, model: Model, turn: int | None = None) -> None:
        """With a `turn`: unless something was forgotten since."""
        with self._lock:
            if turn is None or turn == self._forgotten:
                self._touch(name, model)

    def _touch(self, name: str, model: Model) -> None:
        now = time.monotonic()
        if any(until > now and name.startswith(refused) for refused, until in self._refused.items()):
            return
        self._models[name] = (model, now)
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
