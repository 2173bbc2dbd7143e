"""Messages of the contract <-> arrays and dataclasses, with every check on what a caller sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ml_core import config
from ml_core.contract.rpc import ml_core_pb2 as pb
from ml_core.errors import InvalidInputError, PhotoError
from ml_core.learn import scene
from ml_core.learn.checkpoint import Model
from ml_core.learn.fit import LearningCurvePoint, SelfCheck, TrainingPhoto, check_photos
from ml_core.learn.head import Floats
from ml_core.vision.networks import FeatureRows

_STAGES = {"looking": pb.STAGE_LOOKING, "fitting": pb.STAGE_FITTING, "checking": pb.STAGE_CHECKING}


def check_count(count: int, most: int) -> None:
    """Raises InvalidInputError `too_many_photos`."""
    if count > most:
        raise InvalidInputError("too_many_photos", f"at most {most}")


def views_of(features: pb.Features, space: str, length: int) -> FeatureRows:
    """The rows of one photo, or why they cannot be used."""
    if features.space != space:
        raise InvalidInputError("wrong_space", f"features of {features.space!r}, needed are {space!r}")
    right_size = len(features.values) == 2 * features.views * features.length
    if features.length != length or not right_size or not 1 <= features.views <= config.MAX_VIEWS:
        sent = f"{features.views} x {features.length} in {len(features.values)} bytes"
        raise InvalidInputError("wrong_feature_length", f"{sent}, the length needed is {length}")
    rows = np.frombuffer(features.values, "<f2").reshape(features.views, length)
    if not np.isfinite(rows).all():
        raise InvalidInputError("bad_features", "features that are not finite numbers")
    return rows


def model_views(features: pb.Features, model: Model) -> FeatureRows:
    """The rows of one photo for this model."""
    return views_of(features, model.meta.space, model.length)


def features_message(rows: FeatureRows, space: str) -> pb.Features:
    """`rows`: [views, length] of one photo."""
    values = rows.astype("<f2", copy=False).tobytes()
    return pb.Features(space=space, views=rows.shape[0], length=rows.shape[1], values=values)


def training_set(
    requests: Iterable[pb.TrainRequest], space: str, length: int
) -> tuple[pb.TrainConfig, list[TrainingPhoto]]:
    """The config and the photos, read from the stream."""
    spec: pb.TrainConfig | None = None
    numbers: dict[str, int] = {}
    photos: list[TrainingPhoto] = []
    for request in requests:
        if request.WhichOneof("part") == "config":
            if spec is not None:
                raise InvalidInputError("config_repeated", "one config, first")
            spec = request.config
            numbers = {label: index for index, label in enumerate(spec.labels)}
            continue
        if spec is None:
            raise InvalidInputError("config_missing", "the config comes first")
        # Refused while they arrive: ten thousand photos never fill the memory first.
        check_count(len(photos) + len(request.batch.examples), config.MAX_PHOTOS_PER_TRAIN)
        photos += [_training_photo(example, numbers, space, length) for example in request.batch.examples]
    if spec is None:
        raise InvalidInputError("config_missing", "the config comes first")
    if len(numbers) < len(spec.labels):
        raise InvalidInputError("repeated_label", "two labels have the same name")
    check_photos(photos, len(spec.labels))
    return spec, photos


def _training_photo(example: pb.Example, numbers: dict[str, int], space: str, length: int) -> TrainingPhoto:
    if example.label not in numbers:
        raise InvalidInputError("unknown_label", f"{example.label!r} is not in the config")
    views = views_of(example.features, space, length)
    return TrainingPhoto(numbers[example.label], views, example.taken_at_ms, example.perceptual_hash)


def progress_event(stage: str, fraction: float) -> pb.TrainEvent:
    return pb.TrainEvent(progress=pb.Progress(stage=_STAGES[stage], fraction=fraction))


def curve_event(point: LearningCurvePoint) -> pb.TrainEvent:
    message = pb.CurvePoint(photos_per_label=point.photos_per_label, correct=point.correct, total=point.total)
    return pb.TrainEvent(curve_point=message)


def confusion_rows(check: SelfCheck, labels: Sequence[str]) -> list[pb.ConfusionRow]:
    return [
        pb.ConfusionRow(label=label, counts=[int(count) for count in counts])
        for label, counts in zip(labels, check.confusion, strict=True)
    ]


def prediction(photo_id: str, model: Model, views: FeatureRows | PhotoError) -> pb.Prediction:
    """What the model says of one photo, through the mean of its views."""
    if isinstance(views, PhotoError):
        return pb.Prediction(id=photo_id, error_key=views.key)
    probabilities, unsure = model.guesses(mean_row(views)[None])
    return _answer(photo_id, model, probabilities[0], bool(unsure[0]))


def stream_response(
    model: Model, stream: pb.Stream, frames: Sequence[tuple[str, FeatureRows | PhotoError]]
) -> pb.PredictResponse:
    """What the model says of frames of one camera, each with what the ones before say of the place."""
    seen = scene.from_bytes(stream.scene) if stream.scene else None
    answer = pb.PredictResponse(stream=pb.StreamState(scene=stream.scene))
    for photo_id, views in frames:
        if isinstance(views, PhotoError):
            answer.predictions.append(pb.Prediction(id=photo_id, error_key=views.key))
            continue
        found = scene.judged(model, mean_row(views), seen, stream.look_around)
        seen = found.scene
        answer.predictions.append(_answer(photo_id, model, found.probabilities, found.unsure))
        answer.stream.variety, answer.stream.looked_around = found.variety, found.looked_around
    if seen is not None:
        answer.stream.scene = scene.to_bytes(seen)
    return answer


def looked_response(
    model: Model, first: Sequence[FeatureRows], photos: Sequence[tuple[str, FeatureRows | PhotoError]]
) -> pb.PredictResponse:
    """What the model says of photos, each by itself, once it has looked around on the first ones."""
    place = scene.after_looking(model, np.stack([mean_row(views) for views in first]))
    answer = pb.PredictResponse(looked_around=True)
    for photo_id, views in photos:
        if place is None or isinstance(views, PhotoError):
            answer.predictions.append(prediction(photo_id, model, views))
            continue
        shares, unsure = scene.guesses_in(model, mean_row(views)[None], place)
        answer.predictions.append(_answer(photo_id, model, shares[0], bool(unsure[0])))
    return answer


def _answer(photo_id: str, model: Model, shares: Floats, unsure: bool) -> pb.Prediction:
    order = np.argsort(-shares, kind="stable")
    scores = [pb.Score(label=model.meta.labels[i], probability=float(shares[i])) for i in order]
    return pb.Prediction(id=photo_id, scores=scores, unsure=unsure)


def mean_row(views: FeatureRows) -> Floats:
    """[views, length] -> [length]."""
    return np.asarray(views.astype(np.float32).mean(0), np.float32)
