"""What waits for the compute tier, counted over all classes."""

from __future__ import annotations

from classroom_app.data.engine import Database
from classroom_app.data.repository import embedding, runs
from classroom_app.data.tables import ChallengePhoto, Photo, utcnow
from classroom_app.states import ACTIVE_STATES
from classroom_app.views.deletion import Backlog


class BacklogService:
    def __init__(self, db: Database) -> None:
        self._db = db

    def count(self) -> Backlog:
        with self._db.read() as session:
            oldest = runs.oldest_queued(session)
            return Backlog(
                runs=dict.fromkeys(ACTIVE_STATES, 0) | runs.active_counts(session),
                oldest_run_s=max(0.0, (utcnow() - oldest).total_seconds()) if oldest else 0.0,
                photos={
                    "class": embedding.count_pending(session, Photo),
                    "challenge": embedding.count_pending(session, ChallengePhoto),
                },
            )
