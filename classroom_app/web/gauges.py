"""What Prometheus reads at the moment it asks: what waits, who is there, which parts answer.

What waits is counted over the whole database, so every replica says the same: take the highest, not the sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from classroom_app.services.health import ReadinessProbe
from classroom_app.views.deletion import Backlog

_log = structlog.get_logger(__name__)


class AppState(Collector):
    def __init__(
        self, backlog: Callable[[], Backlog], readiness: ReadinessProbe, sessions: Callable[[], int | None]
    ) -> None:
        self._backlog = backlog
        self._readiness = readiness
        self._sessions = sessions

    def describe(self) -> Iterable[Metric]:
        return _families(None, {}, None)

    def collect(self) -> Iterable[Metric]:
        parts = self._readiness.look().parts
        backlog = None
        if parts.get("database"):  # otherwise the scrape would wait for it
            try:
                backlog = self._backlog()
            except Exception:  # the other figures are wanted all the more
                _log.exception("backlog_unknown")
        return _families(backlog, parts, self._sessions())


def _families(backlog: Backlog | None, parts: Mapping[str, bool], sessions: int | None) -> list[Metric]:
    up = GaugeMetricFamily("classroom_part_up", "1: this part answers", labels=["part"])
    for name, value in parts.items():
        up.add_metric([name], value)
    runs = GaugeMetricFamily("classroom_runs_active", "Trainings that wait or run", labels=["state"])
    photos = GaugeMetricFamily(
        "classroom_photos_waiting", "Photos whose features are not there yet", labels=["kind"]
    )
    oldest = GaugeMetricFamily("classroom_run_oldest_wait_seconds", "How long the oldest training waits")
    here = GaugeMetricFamily("classroom_streamlit_sessions", "Open pages of this process")
    if backlog is not None:
        for state, number in backlog.runs.items():
            runs.add_metric([state], number)
        for kind, number in backlog.photos.items():
            photos.add_metric([kind], number)
        oldest.add_metric([], backlog.oldest_run_s)
    if sessions is not None:
        here.add_metric([], sessions)
    return [up, runs, photos, oldest, here]
