"""A head trained on drawn photos by the compute tier's own code, and the photos to try it on."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass

from classroom_app.rehearsal.drawn_photos import TEST_GROUNDS, TRAIN_GROUNDS, draw_photo
from ml_core.config import DEFAULT_BACKBONE
from ml_core.learn.checkpoint import Model, from_bytes, model_of, to_bytes
from ml_core.learn.fit import TrainingPhoto, train
from ml_core.vision.features import Embedder
from ml_core.vision.images import photo_views

LABELS = ("apple", "cup", "star")
UNKNOWN = "pencil"  # nobody teaches it
SPACING_MS = 60_000
PHOTOS = 10  # of each label
VIEWS = 6


@dataclass(frozen=True)
class DrawnHead:
    """`data`: the model's file; `photos`: what it was trained on."""

    embedder: Embedder
    data: bytes
    model: Model
    photos: list[TrainingPhoto]


def drawn(label: str, number: int, *, elsewhere: bool, side: tuple[int, int] = (320, 320)) -> bytes:
    """A JPEG; the same words draw the same picture."""
    chance = random.Random(f"device/{label}/{number}/{elsewhere}")  # repeatable drawing
    out = io.BytesIO()
    photo = draw_photo(label, TEST_GROUNDS if elsewhere else TRAIN_GROUNDS, chance)
    photo.resize(side).save(out, "JPEG", quality=85)
    return out.getvalue()


def drawn_head() -> DrawnHead:
    embedder = Embedder(DEFAULT_BACKBONE, "cpu")
    photos = [
        TrainingPhoto(
            label=at,
            views=embedder.embed(
                photo_views(drawn(name, number, elsewhere=False), VIEWS, embedder.input_side)
            ),
            taken_at_ms=(at * PHOTOS + number) * SPACING_MS,
            perceptual_hash=random.Random(f"{name}{number}").getrandbits(63),  # any will do
        )
        for at, name in enumerate(LABELS)
        for number in range(PHOTOS)
    ]
    outcome = train(
        photos, len(LABELS), final_length=embedder.final_length, unlike_from=embedder.spec.unlike_from
    )
    data = to_bytes(model_of(outcome, embedder.space, LABELS))
    return DrawnHead(embedder, data, from_bytes(data), photos)
