"""Live guesses of a group's newest model, or of one that it was lent. No picture is kept; it never writes.

`lent`, of every call: the model that the group may try in the swap round, which is then another group's; all
raise ConflictError `swap_over` where there is none.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

from classroom_app.compute.interface import FrameSeen, MlClient, Prediction
from classroom_app.data.engine import Database
from classroom_app.data.repository import classes, runs
from classroom_app.errors import ConflictError, MlRefusedError, NotFoundError
from classroom_app.intake.decoder_pool import Intake
from classroom_app.services.classes import label_view
from classroom_app.services.model_store import ModelStore
from classroom_app.services.streams import StreamKey, Streams
from classroom_app.services.swap import lent_run
from classroom_app.states import RunState
from classroom_app.views.classes import GroupIdentity, LabelView
from classroom_app.views.play import Explanation, Guess

FRAME_SIDE_PX = 320


@dataclass(frozen=True)
class _Version:
    """A group's newest model and the labels it speaks of."""

    version: int
    model_id: str
    model_key: str
    labels: dict[str, LabelView]

    def guess(self, prediction: Prediction) -> Guess:
        known = ((self.labels.get(label), p) for label, p in prediction.scores)
        return Guess(self.version, prediction.unsure, tuple((row, p) for row, p in known if row is not None))


@dataclass(frozen=True)
class PlayModel:
    """A group's newest model, for an iPad that guesses by itself: its file is named by its hash (SHA-256)."""

    version: int
    model_id: str
    labels: tuple[LabelView, ...]


class PlayService:
    def __init__(
        self, db: Database, models: ModelStore, intake: Intake, ml: MlClient, streams: Streams
    ) -> None:
        self._db = db
        self._models = models
        self._intake = intake
        self._ml = ml
        self._streams = streams

    def guess(
        self,
        group: GroupIdentity,
        frame: bytes,
        camera: str = "",
        *,
        look_around: bool = True,
        lent: bool = False,
    ) -> Guess:
        """With `camera`, a page's own word for its stream, the frame is the next one of that camera: another
        place is then told from another thing. `look_around`: the AI may find its feet in another place; False
        undoes it. Raises ConflictError `no_model` before the first run, and what the intake says."""
        version = self._version(group, lent=lent)
        clean = self._intake.clean(frame, side_px=FRAME_SIDE_PX, urgent=True)
        ask = functools.partial(self._look, version, clean.jpeg, look_around)
        if not camera:
            return _told(version, ask(None))
        key = StreamKey(group.id, group.epoch, version.model_id, camera)
        scene, turn = self._streams.scene(key)
        try:
            seen = ask(scene)
        except MlRefusedError:  # of another release of the compute tier, say: it cannot be read
            if not scene:
                raise
            self._streams.drop(key)
            seen = ask(b"")
        guess = _told(version, seen)
        if seen.scene:
            self._streams.keep(key, seen.scene, turn)
        return guess

    def model(self, group: GroupIdentity, *, lent: bool = False) -> PlayModel:
        """Raises ConflictError `no_model` before the first run."""
        version = self._version(group, lent=lent)
        return PlayModel(version.version, version.model_id, tuple(version.labels.values()))

    def model_file(self, group: GroupIdentity, model_id: str, *, lent: bool = False) -> bytes:
        """The bytes of that one model. Raises as `model` does; NotFoundError for any other."""
        version = self._version(group, lent=lent)
        if version.model_id != model_id:
            raise NotFoundError
        return self._models.get(version.model_key)

    def _look(self, version: _Version, jpeg: bytes, look_around: bool, scene: bytes | None) -> FrameSeen:
        model = functools.partial(self._models.get, version.model_key)
        return self._ml.predict_frame(version.model_id, model, jpeg, scene, look_around)

    def explain(
        self, group: GroupIdentity, frame: bytes, label_id: str = "", *, lent: bool = False
    ) -> Explanation:
        """Where the AI saw a label in one frozen frame: the one that the page shows, which after looking
        around may be another than the frame alone says; empty, what it says. Raises as `guess` does, and
        NotFoundError for a label that is not of the class or that the AI was not taught.
        """
        version = self._version(group, lent=lent)
        if label_id and label_id not in version.labels:
            raise NotFoundError("error_label_not_found")
        clean = self._intake.clean(frame, side_px=FRAME_SIDE_PX, urgent=True)
        model = functools.partial(self._models.get, version.model_key)
        try:
            found = self._ml.explain(version.model_id, model, clean.jpeg, candidates=(), label=label_id)
        except MlRefusedError as exc:
            if exc.params.get("reason") == "unknown_label":  # a page may show what an older version knew
                raise NotFoundError("error_label_not_found") from exc
            raise
        return Explanation(version.guess(_looked_at(found.prediction)), found.rows, found.columns, found.heat)

    def _version(self, group: GroupIdentity, *, lent: bool) -> _Version:
        with self._db.read() as session:
            event = classes.event(session, group.event_id)
            run = (
                lent_run(session, event, group.id) if lent else runs.latest(session, group.id, RunState.DONE)
            )
            if run is None or run.result is None:
                raise ConflictError("no_model")
            labels = {row.id: label_view(row) for row in event.labels}
            return _Version(run.version, run.result.model_id, run.result.model_key, labels)


def _told(version: _Version, seen: FrameSeen) -> Guess:
    guess = version.guess(_looked_at(seen.prediction))
    return replace(guess, variety=seen.variety, looked_around=seen.looked_around)


def _looked_at(prediction: Prediction) -> Prediction:
    if prediction.error_key:  # of a JPEG that the intake has just made
        raise MlRefusedError(reason=prediction.error_key)
    return prediction
