"""A run's score in the contest: what its model says of the challenge photos, and how many are right."""

from __future__ import annotations

from collections.abc import Sequence

from classroom_app.compute.interface import Features, MlClient, Prediction
from classroom_app.data.tables import ChallengePhoto, Photo, RunResult
from classroom_app.errors import MlRefusedError
from classroom_app.services.model_store import ModelStore
from classroom_app.services.training.records import ChallengeAnswer, FittedModel
from classroom_app.states import Half


def answers(
    ml: MlClient,
    models: ModelStore,
    trained: FittedModel | RunResult,
    photos: Sequence[ChallengePhoto],
    around: Sequence[ChallengePhoto] = (),
) -> list[ChallengeAnswer]:
    """One answer a photo, on its ready features. `around`: photos that the model looks around on first, never
    in the contest itself. Raises UnavailableError, MlRefusedError."""
    if not photos:
        return []
    featured = [(photo.id, features_of(photo)) for photo in photos]
    predictions = ml.predict_features(
        trained.model_id,
        lambda: models.get(trained.model_key),
        featured,
        [(photo.id, features_of(photo)) for photo in around],
    )
    by_id = {prediction.id: prediction for prediction in predictions}
    return [_answer(photo, by_id[photo.id]) for photo in photos]


def right(given: Sequence[ChallengeAnswer], half: Half) -> int:
    """How many of a half were guessed right; "I don't know" does not change what was guessed."""
    return sum(answer.guess == answer.label for answer in given if answer.half == half)


def asked(given: Sequence[ChallengeAnswer], half: Half) -> int:
    return sum(answer.half == half for answer in given)


def features_of(photo: Photo | ChallengePhoto) -> Features:
    """The stored features as the compute tier takes them; two bytes a number."""
    values = photo.features or b""
    length = len(values) // 2 // max(1, photo.feature_views)
    return Features(photo.feature_space or "", photo.feature_views, length, values)


def _answer(photo: ChallengePhoto, prediction: Prediction) -> ChallengeAnswer:
    if not prediction.scores:
        raise MlRefusedError(reason=prediction.error_key)
    guess, p = prediction.scores[0]
    return ChallengeAnswer(photo.id, photo.half, photo.label_id, guess, round(p, 4), prediction.unsure)
