"""How far the ZIPs that were sent here are read, and what became of the last ones: for whoever lost the
answer.

In the memory of this process: another one knows nothing of them. Knows nothing of what is in a ZIP.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from classroom_app.errors import ClassroomError
from classroom_app.views.photos import ChallengeUpload, ZipUpload

KEPT = 8  # of those that came to an end
KEPT_S = 600.0  # a browser asks every second or two, and longest after a gap of its network


class ZipUploads:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], ZipUpload | ClassroomError] = {}
        self._ended: dict[tuple[str, str], float] = {}  # when; the oldest first

    def reading(self, event_id: str, upload_id: str, done: int, total: int) -> None:
        """So many of its files are done."""
        self._keep(event_id, upload_id, ZipUpload(done, total))

    def read(self, event_id: str, upload_id: str, report: ChallengeUpload) -> None:
        self._keep(event_id, upload_id, ZipUpload(report=report))

    def failed(self, event_id: str, upload_id: str, error: ClassroomError) -> None:
        if not error.retry:  # what may be sent again is as if it had never come
            self._keep(event_id, upload_id, error)

    def leave(self, event_id: str, upload_id: str) -> None:
        """Nobody reads it any more, however that ended."""
        with self._lock:
            if (event_id, upload_id) not in self._ended:
                self._known.pop((event_id, upload_id), None)

    def sweep(self) -> None:
        """Forgets what is old; to be called now and then, for reports have names of files."""
        with self._lock:
            self._forget()

    def look(self, event_id: str, upload_id: str) -> ZipUpload | None:
        """How far it is; None: not all of it came here. Raises what ended it."""
        with self._lock:
            self._forget()
            found = self._known.get((event_id, upload_id))
        if isinstance(found, ClassroomError):
            raise type(found)(found.key, **found.params)
        return found

    def _keep(self, event_id: str, upload_id: str, found: ZipUpload | ClassroomError) -> None:
        if not upload_id:
            return  # nobody will ask
        with self._lock:
            name = (event_id, upload_id)
            self._known[name] = found
            self._ended.pop(name, None)  # it may come again, and is the newest then
            if isinstance(found, ClassroomError) or found.report is not None:
                self._ended[name] = self._clock()
            self._forget()

    def _forget(self) -> None:
        """What is old, and the oldest of too many."""
        for name, at in list(self._ended.items()):
            if len(self._ended) > KEPT or at < self._clock() - KEPT_S:
                del self._ended[name]
                self._known.pop(name, None)
