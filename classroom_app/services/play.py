"""Live guesses of a group's newest model. Frames are looked at and forgotten.

Knows nothing of the camera; it never writes.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass

from classroom_app.compute.client import MlClient, Prediction
from classroom_app.data import repository
from classroom_app.data.engine import Database
from classroom_app.errors import BadInputError, ConflictError
from classroom_app.intake.decoder_pool import Intake
from classroom_app.services.access import GroupIdentity
from classroom_app.services.classes import LabelView, label_view
from classroom_app.services.training.steps import load_model
from ml_core.contract.blobs import BlobStore

FRAME_SIDE_PX = 320
MODELS_KEPT = 64


@dataclass(frozen=True)
class Guess:
    version: int
    unsure: bool
    scores: tuple[tuple[LabelView, float], ...]  # highest first


@dataclass(frozen=True)
class Explanation:
    """`heat`: one byte a cell, [rows, columns] row by row; 255 where the most spoke for the guess."""

    guess: Guess
    rows: int
    columns: int
    heat: bytes


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


class PlayService:
    def __init__(self, db: Database, blobs: BlobStore, intake: Intake, ml: MlClient) -> None:
        self._db = db
        self._blobs = blobs
        self._intake = intake
        self._ml = ml
        self._models: OrderedDict[str, bytes] = OrderedDict()  # by blob key
        self._lock = threading.Lock()

    def guess(self, group: GroupIdentity, frame: bytes) -> Guess:
        """Raises ConflictError `no_model` before the first run, BadInputError for what is no photo."""
        version = self._newest(group)
        clean = self._intake.clean(frame, side_px=FRAME_SIDE_PX, urgent=True)
        prediction = self._ml.predict_frame(
            version.model_id, lambda: self._model(version.model_key), clean.jpeg
        )
        if prediction.error_key:
            raise BadInputError("photo_not_image")
        return version.guess(prediction)

    def explain(self, group: GroupIdentity, frame: bytes) -> Explanation:
        """Where the AI looked in one frozen frame. Raises as `guess` does."""
        version = self._newest(group)
        clean = self._intake.clean(frame, side_px=FRAME_SIDE_PX, urgent=True)
        found = self._ml.explain(
            version.model_id, lambda: self._model(version.model_key), clean.jpeg, candidates=()
        )
        if found.prediction.error_key:
            raise BadInputError("photo_not_image")
        return Explanation(version.guess(found.prediction), found.rows, found.columns, found.heat)

    def _newest(self, group: GroupIdentity) -> _Version:
        with self._db.read() as session:
            run = repository.latest_run(session, group.id, "done")
            if run is None or run.result is None:
                raise ConflictError("no_model")
            labels = {row.id: label_view(row) for row in repository.event(session, group.event_id).labels}
            return _Version(run.version, run.result.model_id, run.result.model_key, labels)

    def _model(self, key: str) -> bytes:
        with self._lock:
            if key in self._models:
                self._models.move_to_end(key)
                return self._models[key]
        data = load_model(self._blobs, key)
        with self._lock:
            self._models[key] = data
            while len(self._models) > MODELS_KEPT:
                self._models.popitem(last=False)
        return data

    def forget(self, prefix: str) -> int:
        """Drop cached models under a blob prefix; returns how many there were."""
        with self._lock:
            keys = [key for key in self._models if key.startswith(prefix)]
            for key in keys:
                del self._models[key]
            return len(keys)

    def keep_only(self, known: Collection[str]) -> None:
        """Drop the models that no row knows: another web process may have deleted their groups."""
        with self._lock:
            for key in [key for key in self._models if key not in known]:
                del self._models[key]

    def cached(self, prefix: str) -> int:
        with self._lock:
            return sum(key.startswith(prefix) for key in self._models)
