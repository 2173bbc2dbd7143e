"""Which servers the compute tier has, and what they work with: asked for in the background.

A server that is away takes seconds to say so, and nobody's page waits for that.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import structlog

from classroom_app.views.jobs import ServerNow

ASKED_EVERY_S = 20.0
ASKED_AWAY_S = 5.0  # after the end of a look that found nobody: children are told what they wait for

_log = structlog.get_logger(__name__)


class TierService:
    def __init__(self, ask: Callable[[], Sequence[ServerNow]]) -> None:
        self._ask = ask
        self._found: tuple[ServerNow, ...] | None = None
        self._asked_at = -ASKED_EVERY_S
        self._asking: threading.Thread | None = None
        self._lock = threading.Lock()

    def servers(self) -> tuple[ServerNow, ...] | None:
        """As they were when they were asked last, some seconds ago; None before the first answer."""
        with self._lock:
            busy = self._asking is not None and self._asking.is_alive()
            every_s = ASKED_AWAY_S if self._away() else ASKED_EVERY_S
            if not busy and time.monotonic() - self._asked_at >= every_s:
                self._asked_at = time.monotonic()
                self._asking = threading.Thread(target=self._look, name="tier-look", daemon=True)
                self._asking.start()
            return self._found

    def away(self) -> bool:
        """Does no server answer, as far as is known?"""
        self.servers()
        return self._away()

    def _away(self) -> bool:
        return self._found is not None and not any(server.device for server in self._found)

    def _look(self) -> None:
        try:
            self._found = tuple(self._ask())
        except Exception:  # whatever it is, the console says that nobody answers
            _log.exception("tier_look_failed")
            self._found = ()
