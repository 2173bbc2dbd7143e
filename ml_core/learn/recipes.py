"""One interface to all recipes, and `auto`: which of them suits the device, the photos and the labels.

Knows nothing of how a recipe works.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from ml_core.errors import InvalidInputError
from ml_core.learn.closed_form import CLOSED_FORM, Callbacks, Trained, TrainingPhoto, check_photos
from ml_core.learn.closed_form import train as closed_form
from ml_core.learn.finetune import FINETUNE, MAX_TUNED_PHOTOS, finetune
from ml_core.vision.features import Embedder

AUTO = "auto"
RECIPES = (CLOSED_FORM, FINETUNE)
# With fewer the photos held back are too few to say that tuning was clearly better.
MIN_PHOTOS_PER_LABEL_TO_TUNE = 10


class Recipe(Protocol):
    """Photos in, a trained model out."""

    def __call__(
        self,
        photos: Sequence[TrainingPhoto],
        label_count: int,
        embedder: Embedder,
        seed: int,
        callbacks: Callbacks | None,
    ) -> Trained: ...


def train(
    photos: Sequence[TrainingPhoto],
    label_count: int,
    embedder: Embedder,
    recipe: str = "",
    seed: int = 0,
    callbacks: Callbacks | None = None,
) -> Trained:
    """By the recipe of this name; "" and "auto" choose one. What auto chooses is never worse than the
    closed form on the photos held back: tuning has to be clearly better there, or it is dropped."""
    check_recipe(recipe)
    check_photos(photos, label_count)
    return _recipe(recipe, photos, label_count, embedder)(photos, label_count, embedder, seed, callbacks)


def check_recipe(recipe: str) -> None:
    if recipe not in ("", AUTO, *RECIPES):
        raise InvalidInputError("unknown_recipe", f"{recipe!r}; there are: {', '.join((AUTO, *RECIPES))}")


def _recipe(name: str, photos: Sequence[TrainingPhoto], label_count: int, embedder: Embedder) -> Recipe:
    if name == FINETUNE:
        return finetune
    if name != CLOSED_FORM and may_pay(photos, label_count, embedder.device.type):
        return _guarded
    return _closed_form


def may_pay(photos: Sequence[TrainingPhoto], label_count: int, device: str) -> bool:
    """Whether tuning is worth a try: on a CPU it takes a minute for about nothing."""
    per_label = np.bincount([photo.label for photo in photos], minlength=label_count)
    return (
        device == "cuda"
        and all(photo.picture is not None for photo in photos)
        and int(per_label.min()) >= MIN_PHOTOS_PER_LABEL_TO_TUNE
        and len(photos) <= MAX_TUNED_PHOTOS
    )


def _closed_form(
    photos: Sequence[TrainingPhoto],
    label_count: int,
    embedder: Embedder,
    seed: int,
    callbacks: Callbacks | None,
) -> Trained:
    return closed_form(photos, label_count, seed, callbacks, embedder.final_length)


def _guarded(
    photos: Sequence[TrainingPhoto],
    label_count: int,
    embedder: Embedder,
    seed: int,
    callbacks: Callbacks | None,
) -> Trained:
    return finetune(photos, label_count, embedder, seed, callbacks, guarded=True)
