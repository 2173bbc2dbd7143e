"""The interface's dataclasses <-> messages of the contract, cut into what one call may carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from classroom_app.compute.interface import Embedded, Example, Features, PhotoSource, Prediction, Trained
from classroom_app.views.training import CurvePoint
from ml_core.contract.rpc import ml_core_pb2 as pb

BATCH_BYTES = 4 * 1024 * 1024  # of features in one message
BATCH_PHOTOS = 64  # of one Predict


_Message = TypeVar("_Message", pb.Example, pb.FeaturedPhoto)


def photo_message(photo: PhotoSource) -> pb.Photo:
    return pb.Photo(id=photo.id, uri=photo.uri) if photo.uri else pb.Photo(id=photo.id, image=photo.image)


def features_message(item: Features) -> pb.Features:
    return pb.Features(space=item.space, views=item.views, length=item.length, values=item.values)


def featured_photos(photos: Sequence[tuple[str, Features]]) -> list[pb.FeaturedPhoto]:
    return [pb.FeaturedPhoto(id=name, features=features_message(item)) for name, item in photos]


def embedded(photo: pb.EmbeddedPhoto) -> Embedded:
    if photo.error_key:
        return Embedded(photo.id, None, photo.error_key)
    item = photo.features
    return Embedded(photo.id, Features(item.space, item.views, item.length, item.values), "")


def batches(messages: Iterable[_Message]) -> Iterator[list[_Message]]:
    batch: list[_Message] = []
    size = 0
    for message in messages:
        batch.append(message)
        size += len(message.features.values)
        if size >= BATCH_BYTES or len(batch) == BATCH_PHOTOS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def train_requests(labels: Sequence[str], examples: Sequence[Example]) -> Iterator[pb.TrainRequest]:
    yield pb.TrainRequest(config=pb.TrainConfig(labels=labels))
    messages = (
        pb.Example(
            id=item.id,
            label=item.label,
            features=features_message(item.features),
            taken_at_ms=item.taken_at_ms,
            perceptual_hash=item.perceptual_hash % (1 << 64),
        )
        for item in examples
    )
    for batch in batches(messages):
        yield pb.TrainRequest(batch=pb.ExampleBatch(examples=batch))


def trained(result: pb.TrainResult, curve: list[CurvePoint]) -> Trained:
    return Trained(
        model=result.model,
        model_id=result.model_id,
        recipe=result.recipe,
        curve=tuple(curve),
        fit_seconds=result.fit_seconds,
    )


def prediction(item: pb.Prediction) -> Prediction:
    scores = tuple((score.label, score.probability) for score in item.scores)
    return Prediction(item.id, scores, item.unsure, item.error_key)
