"""The models used lately, by their id.

Knows nothing of messages; the caller sends the bytes again when a model has dropped out.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from ml_core.checkpoint import Model, from_bytes, model_id
from ml_core.errors import ModelStateError


class ModelCache:
    """Least recently used models leave first. Safe from any thread."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._models: OrderedDict[str, Model] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, name: str, model: Model) -> None:
        with self._lock:
            self._models[name] = model
            self._models.move_to_end(name)
            while len(self._models) > self._size:
                self._models.popitem(last=False)

    def resolve(self, name: str, data: bytes) -> Model:
        """The model of this id, from here or from its bytes."""
        with self._lock:
            if name in self._models:
                self._models.move_to_end(name)
                return self._models[name]
        if not data:
            raise ModelStateError("model_unknown", "send the model's bytes")
        if model_id(data) != name:
            raise ModelStateError("model_corrupt", "the bytes do not have this id")
        model = from_bytes(data)
        self.put(name, model)
        return model
