"""The bytes of trained models, the last used ones at hand."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection

from classroom_app.data.files import Files
from classroom_app.errors import NotFoundError, StaleEpochError

MODELS_KEPT = 64


class ModelStore:
    """Safe to share between threads."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._models: OrderedDict[str, bytes] = OrderedDict()  # by file key, the last used at the end
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes:
        """Raises StaleEpochError when the model was deleted, UnavailableError to try again."""
        with self._lock:
            if key in self._models:
                self._models.move_to_end(key)
                return self._models[key]
        try:
            data = self._files.get(key)
        except NotFoundError as exc:
            raise StaleEpochError from exc
        with self._lock:
            self._models[key] = data
            while len(self._models) > MODELS_KEPT:
                self._models.popitem(last=False)
        return data

    def cached(self, prefix: str) -> int:
        """How many models whose key starts with `prefix` are at hand."""
        with self._lock:
            return sum(key.startswith(prefix) for key in self._models)

    def forget(self, prefix: str) -> None:
        """Drop them from memory; the files are the caller's."""
        with self._lock:
            for key in [key for key in self._models if key.startswith(prefix)]:
                del self._models[key]

    def cached_keys(self, keys: Collection[str]) -> int:
        """How many of these are at hand."""
        with self._lock:
            return sum(key in self._models for key in keys)

    def forget_keys(self, keys: Collection[str]) -> None:
        """Drop these from memory; the files are the caller's."""
        with self._lock:
            for key in keys:
                self._models.pop(key, None)

    def keep_only(self, known: Collection[str]) -> None:
        """Drop the models that no row knows: another web process may have deleted their groups."""
        with self._lock:
            for key in [key for key in self._models if key not in known]:
                del self._models[key]
