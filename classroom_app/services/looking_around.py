"""What the AIs that counted would have had right of the final half, had they looked around first.

A lesson for the show about places and data, and no more: ranks, medals and papers know nothing of it. The
photos that are looked at are of the practice half, without their labels. It is found out once a final, in the
background, as twenty groups take seconds that no show should wait for; the figures lie in the final's rows,
so that every process tells the same show.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from classroom_app.compute.interface import MlClient
from classroom_app.data.engine import Database
from classroom_app.data.repository import challenge, embedding, finals
from classroom_app.data.repository.photo_filter import PhotoFilter
from classroom_app.data.tables import ChallengePhoto, RunResult
from classroom_app.errors import ClassroomError
from classroom_app.services import contest_score
from classroom_app.services.model_store import ModelStore
from classroom_app.services.turn import each_due
from classroom_app.states import Half

PHOTOS_LOOKED_AT: Final = 12
_SEED: Final = 0  # of the draw: the same photos for every group, and whenever it is asked
LEASE: Final = "looking_around"
TURN = dt.timedelta(minutes=10)  # for one class; a process that is done gives it back, one that died does not

_log = structlog.get_logger(__name__)


class LookingAroundService:
    def __init__(self, db: Database, models: ModelStore, ml: MlClient, over: Callable[[str], bool]) -> None:
        """`over`: is the show of a class at its end?"""
        self._db = db
        self._models = models
        self._ml = ml
        self._over = over

    def renew(self) -> None:
        """For each class whose results are coming out; a step of a background thread.

        Raises UnavailableError while the compute tier is away.
        """
        each_due(self._db, LEASE, TURN, finals.not_looked, self._find_out)

    def _find_out(self, due: tuple[str, str]) -> None:
        final_id, event_id = due
        found: dict[str, int] = {}
        # A show that is over does not get another scene: its groups were told so.
        if not self._over(event_id):
            with self._db.read() as session:
                if embedding.any_pending(session, ChallengePhoto, PhotoFilter(event_id=event_id)):
                    return  # their features are on their way
                halves = finals.halves(session, final_id)
                by_id = {row.id: row for row in challenge.photos(session, event_id, with_features=True)}
                counted = finals.counted_results(session, final_id)
            asked = [by_id[photo_id] for photo_id in halves[Half.FINAL] if photo_id in by_id]
            around = looked_at([by_id[photo_id] for photo_id in halves[Half.PRACTICE] if photo_id in by_id])
            if around:
                for result, total in counted:
                    if total == len(asked):  # of other photos it would be no figure beside the score
                        found |= self._right(result, asked, around)
        if found and self._over(event_id):
            found = {}  # meanwhile
        with self._db.write() as session:
            finals.looked(session, final_id, found)

    def _right(
        self, result: RunResult, asked: Sequence[ChallengePhoto], around: Sequence[ChallengePhoto]
    ) -> dict[str, int]:
        """By the run's id; nothing where its model is gone, is of other features or fails: the others go on.

        Raises UnavailableError.
        """
        try:
            given = contest_score.answers(self._ml, self._models, result, asked, around)
        except ClassroomError as exc:
            if exc.retry:
                raise
            _log.info("looking_around_left_out", run_id=result.run_id, reason=exc.key)
            return {}
        return {result.run_id: sum(answer.guess == answer.label for answer in given)}


def looked_at(practice: Sequence[ChallengePhoto]) -> list[ChallengePhoto]:
    """A dozen by chance, whatever they show."""
    photos = sorted(practice, key=lambda photo: photo.id)
    chance = random.Random(_SEED)  # noqa: S311 - no secret
    return chance.sample(photos, min(PHOTOS_LOOKED_AT, len(photos)))
