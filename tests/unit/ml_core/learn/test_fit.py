"""Training: good sets, bad sets, degenerate sets, cancel and determinism."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml_core.errors import InvalidInputError, WorkCancelledError
from ml_core.learn import fit
from ml_core.learn.calibration import softmax
from ml_core.learn.checkpoint import from_bytes, model_of, to_bytes
from ml_core.learn.fit import Callbacks, TrainingOutcome, TrainingPhoto, photo_rows, train
from ml_core.learn.head import Floats, Ints, class_means
from ml_core.learn.self_check import DotProducts

LENGTH = 40


def photo_set(
    per_label: int, labels: int = 3, views: int = 2, seed: int = 0, apart: float = 3.0
) -> list[TrainingPhoto]:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(labels, LENGTH)) * apart / np.sqrt(LENGTH)
    return [
        TrainingPhoto(
            label, (centres[label] + rng.normal(size=(views, LENGTH)) / np.sqrt(LENGTH)).astype(np.float16)
        )
        for label in range(labels)
        for _ in range(per_label)
    ]


def constant_set(value: float = 0.0, labels: int = 2, per_label: int = 6) -> list[TrainingPhoto]:
    return [
        TrainingPhoto(label, np.full((2, LENGTH), value, np.float16))
        for label in range(labels)
        for _ in range(per_label)
    ]


def saved(outcome: TrainingOutcome, labels: int) -> bytes:
    return to_bytes(model_of(outcome, "space.1", tuple(f"label {i}" for i in range(labels))))


def test_separable_photos_are_learned() -> None:
    outcome = train(photo_set(12), 3)
    assert np.trace(outcome.check.confusion) >= 0.9 * outcome.check.confusion.sum()
    assert outcome.check.confusion.sum() == 36
    sizes = [point.photos_per_label for point in outcome.check.curve]
    assert sizes == sorted(sizes)
    assert outcome.check.curve[-1].photos_per_label == 12


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second = (saved(train(photo_set(8), 3, seed=7), 3) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("photos", "labels", "key"),
    [
        (photo_set(3, labels=1), 1, "too_few_labels"),
        (photo_set(3, labels=2), 3, "empty_label"),
        ([], 2, "no_photos"),
        (photo_set(3), 99, "too_many_labels"),
        (constant_set(np.nan), 2, "bad_features"),
        (constant_set(np.inf), 2, "bad_features"),
        ([*photo_set(2), TrainingPhoto(0, np.zeros((1, 7), np.float16))], 3, "wrong_feature_length"),
    ],
)
def test_bad_sets_have_a_key_each(photos: list[TrainingPhoto], labels: int, key: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        train(photos, labels)
    assert caught.value.key == key


def test_too_many_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "MAX_PHOTOS_PER_TRAIN", 5)
    with pytest.raises(InvalidInputError) as caught:
        train(photo_set(2), 3)
    assert caught.value.key == "too_many_photos"


@pytest.mark.parametrize(
    "photos",
    [
        constant_set(0.0),
        constant_set(1.0),
        constant_set(60_000.0),
        [TrainingPhoto(label, np.full((3, LENGTH), label, np.float16)) for label in (0, 1) for _ in range(5)],
        photo_set(1, labels=2),
        [*photo_set(1, labels=2), *photo_set(30, labels=1)],
        [TrainingPhoto(i % 2, np.ones((1, LENGTH), np.float16), 5_000 + i, 77) for i in range(10)],
    ],
    ids=[
        "all black",
        "all equal",
        "huge",
        "one photo repeated per label",
        "one each",
        "30 to 1",
        "one burst each",
    ],
)
def test_degenerate_sets_give_finite_models(photos: list[TrainingPhoto]) -> None:
    outcome = train(photos, 2)
    model = from_bytes(saved(outcome, 2))
    rows = np.stack([photo.views[0] for photo in photos]).astype(np.float32)
    probabilities, unsure = model.guesses(rows)
    assert np.isfinite(probabilities).all()
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)
    assert unsure.shape == (len(photos),)


def test_bursts_do_not_inflate_the_self_check() -> None:
    """Random labels on bursts of equal photos: only a leak could guess them."""
    rng = np.random.default_rng(0)
    photos = []
    for burst in range(24):
        views = rng.normal(size=(1, LENGTH)).astype(np.float16)
        photos += [
            TrainingPhoto(burst % 2, views, taken_at_ms=1_000_000 + burst * 60_000 + i * 200)
            for i in range(5)
        ]
    table = train(photos, 2).check.confusion
    assert np.trace(table) < 0.8 * table.sum()


@pytest.mark.parametrize("in_one_burst", [(0, 1, 2), (0, 1)], ids=["every label", "all but one"])
def test_labels_that_are_one_burst_leave_guesses_calibrated_and_unknown_things_unsure(
    in_one_burst: tuple[int, ...],
) -> None:
    photos = [
        replace(photo, taken_at_ms=1_000_000 * (photo.label + 1) + 500 * index)
        if photo.label in in_one_burst
        else photo
        for index, photo in enumerate(photo_set(12, apart=4.0))
    ]
    outcome = train(photos, 3)
    assert outcome.check.curve == ()
    model = from_bytes(saved(outcome, 3))
    fresh = photo_rows(photo_set(36, apart=4.0)[:12])  # the same centres, the first label, other photos
    probabilities, unsure = model.guesses(fresh)
    assert (probabilities.argmax(1) == 0).mean() > 0.8
    assert 0.5 < np.median(probabilities.max(1)) < 0.999
    assert unsure.mean() < 0.3
    strange = photo_rows(photo_set(12, seed=5, apart=12.0))
    assert model.guesses(strange)[1].mean() > 0.8


def test_final_features_alone_are_chosen_when_the_others_only_disturb() -> None:
    rng = np.random.default_rng(0)
    noisy = []
    for photo in photo_set(12, apart=4.0):
        disturbing = rng.normal(size=(1, LENGTH)) * 3  # the same in every view: no view tells it is noise
        views = np.concatenate([photo.views, np.repeat(disturbing, len(photo.views), 0)], 1)
        noisy.append(TrainingPhoto(photo.label, views.astype(np.float16)))
    outcome = train(noisy, 3, final_length=LENGTH)
    assert outcome.check.choice.final_only
    assert outcome.head.weight.shape == (3, 2 * LENGTH)
    assert not outcome.head.weight[:, LENGTH:].any()


def test_shares_of_photos_that_nobody_has_seen_are_worth_what_they_say() -> None:
    """Over several classes: those that were held back tell of fits on fewer photos, which are less clear."""
    away = []
    for seed in range(8):
        outcome = train(photo_set(6, seed=seed), 3, seed)
        fresh = photo_set(40, seed=seed)[40:]  # the same centres, other photos
        labels = np.array([photo.label for photo in fresh])
        scores = outcome.head.scores(photo_rows(fresh)) * np.float32(outcome.check.temperature)
        away.append(softmax(scores).max(1).mean() - (scores.argmax(1) == labels).mean())
    assert abs(float(np.mean(away))) < 0.025


def test_many_photos_are_checked_on_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "MAX_CHECK_PHOTOS", 15)
    outcome = train(photo_set(12), 3)
    assert outcome.check.confusion.sum(1).tolist() == [5, 5, 5]
    assert outcome.photos == 36


@pytest.mark.parametrize("spoilt", [0, 1])
def test_the_reach_is_of_whole_photos_however_many_views_each_has(spoilt: int) -> None:
    photos = photo_set(8, views=3)
    photos[:spoilt] = [replace(photo, views=photo.views[:2]) for photo in photos[:spoilt]]
    labels = np.array([photo.label for photo in photos])
    _, reach, _ = fit.fit(photos, 3, fit.CHOICES[0], LENGTH)
    np.testing.assert_allclose(reach.means, class_means(photo_rows(photos), labels, 3), atol=1e-6)


def test_the_self_check_of_a_large_set_is_not_larger_than_that_of_a_middling_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a tap takes must not grow faster than the photos: the check's cost is cubic in its rows."""
    sizes = []

    class Seen(DotProducts):
        def __init__(self, rows: Floats, photo_of_row: Ints, labels: Ints, label_count: int) -> None:
            sizes.append(len(rows))
            super().__init__(rows, photo_of_row, labels, label_count)

    monkeypatch.setattr(fit, "DotProducts", Seen)
    for per_label in (50, 200, 400):
        train(photo_set(per_label, labels=3, views=6), 3)
    assert max(sizes) <= 600
    assert sizes[-1] <= 400


def test_progress_only_rises_and_cancel_stops() -> None:
    seen = []
    train(photo_set(6), 3, callbacks=Callbacks(progress=lambda stage, fraction: seen.append(fraction)))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    calls = iter([False, False, True])
    with pytest.raises(WorkCancelledError):
        train(photo_set(6), 3, callbacks=Callbacks(cancelled=lambda: next(calls)))
