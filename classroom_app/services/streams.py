"""What the frames of each camera have told of its place, in memory alone: means of features and the features
of the last frame, no picture.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass

# The sweep comes every two minutes: five minutes after its last frame nothing of a camera is left.
IDLE_S_MAX = 3 * 60.0
STREAMS_MAX = 200  # of 12 kB each


@dataclass(frozen=True)
class StreamKey:
    """The parts of a stream: one camera, by the page's own word, of one version of a group's AI."""

    group_id: str
    epoch: int
    model_id: str
    camera: str


class Streams:
    """Safe from any thread. Lost with the process, which costs a camera ten things to look at."""

    def __init__(self, most: int = STREAMS_MAX, idle_s_max: float = IDLE_S_MAX) -> None:
        self._most = most
        self._idle_s_max = idle_s_max
        self._scenes: OrderedDict[StreamKey, tuple[bytes, float]] = OrderedDict()  # the last seen at the end
        self._forgotten = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        with self._lock:
            return len(self._scenes)

    def scene(self, key: StreamKey) -> tuple[bytes, int]:
        """Empty for a camera that is new or was away for long; and the turn to give back to `keep`."""
        with self._lock:
            self._drop_idle()
            return self._scenes.get(key, (b"", 0.0))[0], self._forgotten

    def keep(self, key: StreamKey, scene: bytes, turn: int) -> None:
        """Unless something was forgotten since `turn`: a frame that was on its way brings nothing back."""
        with self._lock:
            if turn != self._forgotten:
                return
            self._scenes[key] = (scene, time.monotonic())
            self._scenes.move_to_end(key)
            while len(self._scenes) > self._most:
                self._scenes.popitem(last=False)

    def drop(self, key: StreamKey) -> None:
        """The camera begins anew."""
        with self._lock:
            self._scenes.pop(key, None)

    def forget(self, group_id: str) -> None:
        """All cameras of the group."""
        with self._lock:
            self._forgotten += 1
            for key in [key for key in self._scenes if key.group_id == group_id]:
                del self._scenes[key]

    def keep_only(self, epochs: Collection[tuple[str, int]]) -> None:
        """Drop all but those of these groups at these epochs: another web process may have reset or deleted
        the others.
        """
        with self._lock:
            for key in [key for key in self._scenes if (key.group_id, key.epoch) not in epochs]:
                self._forgotten += 1
                del self._scenes[key]

    def sweep(self) -> None:
        """Drop what no frame has come for: after the last child nobody else does."""
        with self._lock:
            self._drop_idle()

    def _drop_idle(self) -> None:
        oldest = time.monotonic() - self._idle_s_max
        while self._scenes and next(iter(self._scenes.values()))[1] < oldest:
            self._scenes.popitem(last=False)
