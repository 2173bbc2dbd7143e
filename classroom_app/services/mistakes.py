"""The practice photos that a group's newest model got wrong, with where it looked and what it recalled.

The final half is never reached from here. What children see of a photo is small and marked: a full one could
be sent back as a training photo, and the board would be won by copying.
"""

from __future__ import annotations

from classroom_app.compute.interface import MlClient
from classroom_app.data.engine import Database, Session
from classroom_app.data.files import Files
from classroom_app.data.repository import classes, photos, runs
from classroom_app.data.tables import ChallengePhoto, Run
from classroom_app.errors import ConflictError, NotFoundError
from classroom_app.intake.marking import small_and_marked
from classroom_app.services.classes import label_view
from classroom_app.services.contest_score import features_of
from classroom_app.services.model_store import ModelStore
from classroom_app.services.training.records import ChallengeAnswer, answers_from_json
from classroom_app.states import Half, RunState
from classroom_app.views.classes import GroupIdentity, LabelView
from classroom_app.views.training import Mistake, MistakeReason

CANDIDATES_MAX = 100  # photos of the guessed label in which the most similar one is looked for


class MistakeService:
    def __init__(self, db: Database, files: Files, models: ModelStore, ml: MlClient) -> None:
        self._db = db
        self._files = files
        self._models = models
        self._ml = ml

    def list(self, group: GroupIdentity) -> tuple[Mistake, ...]:
        """Most sure of itself first. Raises ConflictError `practice_hidden` where the class hides them."""
        with self._db.read() as session:
            run = self._newest(session, group)
            if run is None or run.result is None:
                return ()
            labels = {row.id: label_view(row) for row in classes.event(session, group.event_id).labels}
            answers = answers_from_json(run.result.answers)
        wrong = [answer for answer in answers if _is_mistake(answer, labels)]
        wrong.sort(key=lambda answer: -answer.p)
        return tuple(
            Mistake(answer.photo, labels[answer.label], labels[answer.guess], answer.p) for answer in wrong
        )

    def picture(self, group: GroupIdentity, photo_id: str) -> bytes:
        """One of the mistakes as a small JPEG with a mark; nobody in a group gets the photo itself."""
        return small_and_marked(self._read(self._key(group, photo_id), "thumb"))

    def reason(self, group: GroupIdentity, photo_id: str) -> MistakeReason:
        """Where the model looked, and the photos of the guessed label that are most like this one."""
        key = self._key(group, photo_id)
        guess = next(item.guess.id for item in self.list(group) if item.photo_id == photo_id)
        with self._db.read() as session:
            run = self._newest(session, group)
            if run is None or run.result is None:
                raise NotFoundError
            model_id, model_key = run.result.model_id, run.result.model_key
            rows = photos.for_training(session, group.id, run.requested_at)
            alike = [(row.id, features_of(row)) for row in rows if row.label_id == guess][-CANDIDATES_MAX:]
        found = self._ml.explain(
            model_id,
            lambda: self._models.get(model_key),
            self._read(key, "full"),
            candidates=alike,
            label=guess,  # as the page shows it
        )
        return MistakeReason(found.rows, found.columns, found.heat, found.nearest)

    @staticmethod
    def _newest(session: Session, group: GroupIdentity) -> Run | None:
        if not classes.event(session, group.event_id).show_practice:
            raise ConflictError("practice_hidden")
        return runs.latest(session, group.id, RunState.DONE)

    def _key(self, group: GroupIdentity, photo_id: str) -> str:
        """Only what the newest model got wrong is shown, and only of the practice half."""
        if photo_id not in {item.photo_id for item in self.list(group)}:
            raise NotFoundError("error_photo_not_found")
        with self._db.read() as session:
            row = session.get(ChallengePhoto, photo_id)
            if row is None or row.event_id != group.event_id or row.half != Half.PRACTICE:
                raise NotFoundError("error_photo_not_found")
            return row.blob_key

    def _read(self, key: str, size: str) -> bytes:
        try:
            return self._files.get_photo(key, size)
        except NotFoundError as exc:
            raise NotFoundError("error_photo_not_found") from exc


def _is_mistake(answer: ChallengeAnswer, labels: dict[str, LabelView]) -> bool:
    known = answer.label in labels and answer.guess in labels
    return known and answer.half == Half.PRACTICE and answer.guess != answer.label
