"""What the frames of each camera have told of its place, in memory alone: means of features, no frame."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

IDLE_S_MAX = 5 * 60.0
STREAMS_MAX = 200  # of 12 kB each


class Streams:
    """By group, version of its AI and the camera's own word. Safe from any thread. Lost with the process,
    which costs a camera ten things to look at."""

    def __init__(self, most: int = STREAMS_MAX, idle_s_max: float = IDLE_S_MAX) -> None:
        self._most = most
        self._idle_s_max = idle_s_max
        self._scenes: OrderedDict[tuple[str, ...], tuple[bytes, float]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._scenes)

    def scene(self, key: tuple[str, ...]) -> bytes:
        """Empty for a camera that is new or was away for long."""
        with self._lock:
            self._drop_idle()
            return self._scenes.get(key, (b"", 0.0))[0]

    def keep(self, key: tuple[str, ...], scene: bytes) -> None:
        with self._lock:
            self._scenes[key] = (scene, time.monotonic())
            self._scenes.move_to_end(key)
            while len(self._scenes) > self._most:
                self._scenes.popitem(last=False)

    def _drop_idle(self) -> None:
        oldest = time.monotonic() - self._idle_s_max
        while self._scenes and next(iter(self._scenes.values()))[1] < oldest:
            self._scenes.popitem(last=False)
