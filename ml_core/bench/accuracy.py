"""The bench: accuracy of the recipes on equal splits of a folder, with "I don't know" and seconds.

Knows nothing of gRPC. Protocol: k photos per label drawn by seed from DIR/train, all of DIR/test, as they
are or as they might look in another place.
"""

from __future__ import annotations

import importlib.util
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import typer

from ml_core.bench import baselines
from ml_core.bench.folders import (
    check_labels,
    embed_folder,
    folder_images,
    folder_pixels,
    labels_in,
    rows_for,
)
from ml_core.bench.moved_photos import moved
from ml_core.config import DEFAULT_VIEWS
from ml_core.learn.checkpoint import Model, model_of
from ml_core.learn.closed_form import CLOSED_FORM, TrainingPhoto, photo_rows
from ml_core.learn.head import Floats, Ints
from ml_core.learn.recipes import check_recipe, train
from ml_core.vision.features import Embedder

MOVED_SIDE = 1024  # of moved photos at most: twice what the largest backbone looks at

Baseline = Callable[[Floats, Ints, Floats, int, int], Ints]
BASELINES: dict[str, Baseline] = {
    baselines.TEACHABLE_MACHINE: baselines.teachable_machine,
    baselines.LOGISTIC_REGRESSION: baselines.logistic_regression,
}


@dataclass(frozen=True)
class Photos:
    """One half of the folder: features of every photo and its label."""

    photos: list[TrainingPhoto]
    plain: Floats  # final features of the whole photo at the backbone's own size: for the other recipes
    labels: Ints


@dataclass(frozen=True)
class Figure:
    """One recipe at one k over the seeds."""

    recipe: str
    k: int
    accuracy: float
    deviation: float
    seconds: float
    seconds_deviation: float


@dataclass(frozen=True)
class UnsureFigure:
    """What the rule "I don't know" does at its own threshold."""

    k: int
    accuracy_of_sure: float  # of the known photos that got an answer, how many were right
    known_answered: float  # known photos that got an answer
    unknown_rejected: float  # photos of a label the model never saw that got "I don't know"


def run_bench(
    folder: Path,
    ks: Sequence[int],
    seeds: int,
    recipes: Sequence[str],
    out: Path | None,
    elsewhere: bool = False,
) -> None:
    """`elsewhere`: the test photos are moved first, the same way for every recipe."""
    for recipe in recipes:
        check_recipe(recipe)
    labels = labels_in(folder / "train")
    check_labels(folder / "test", labels)
    embedder = Embedder("efficientnet_lite0")
    with TemporaryDirectory() as scratch:
        test = moved_copies(folder / "test", labels, Path(scratch)) if elsewhere else folder / "test"
        figures, unsure = _compare(embedder, labels, folder / "train", test, ks, seeds, recipes)
    if out is not None:
        found = {
            "folder": folder.name,
            "elsewhere": elsewhere,
            "backbone": embedder.spec.name,
            "device": embedder.device_name,
            "views": DEFAULT_VIEWS,
            "figures": [asdict(figure) for figure in figures],
            "unsure": [asdict(figure) for figure in unsure],
        }
        out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def moved_copies(folder: Path, labels: tuple[str, ...], into: Path) -> Path:
    """Every readable photo of FOLDER/<label> moved, as a PNG in INTO/<label>."""
    rng = np.random.default_rng(0)
    for label in labels:
        (into / label).mkdir()
    for index, path, image in folder_images(folder, labels, MOVED_SIDE):
        image.thumbnail((MOVED_SIDE, MOVED_SIDE))
        moved(image, rng).save(into / labels[index] / f"{path.name}.png")
    return into


def _compare(
    embedder: Embedder,
    labels: tuple[str, ...],
    train: Path,
    test: Path,
    ks: Sequence[int],
    seeds: int,
    recipes: Sequence[str],
) -> tuple[list[Figure], list[UnsureFigure]]:
    views = DEFAULT_VIEWS  # of a tested photo too: the unsure rule compares with as many
    started = time.perf_counter()
    train_half, test_half = (_photos(embedder, half, labels, views) for half in (train, test))
    count = len(train_half.labels) + len(test_half.labels)
    typer.echo(
        f"{count} photos x {views} views embedded in {time.perf_counter() - started:.1f} s "
        f"on {embedder.device_name}"
    )
    figures: list[Figure] = []
    unsure: list[UnsureFigure] = []
    for k in ks:
        if k > (fewest := int(np.bincount(train_half.labels).min())):
            typer.echo(f"k={k:<3} a label has only {fewest} photos: all of them are used")
        splits = [_draw(train_half.labels, k, seed) for seed in range(seeds)]
        for recipe in recipes:
            figures.append(_ours(recipe, embedder, train_half, test_half, splits, labels, k))
            _print_figure(figures[-1])
        for name, baseline in _baselines().items():
            figures.append(_baseline(name, baseline, train_half, test_half, splits, k))
            _print_figure(figures[-1])
        if len(labels) > 2:
            unsure.append(_unsure(embedder, train_half, test_half, splits, labels, k))
            _print_unsure(unsure[-1])
    return figures, unsure


def _baselines() -> dict[str, Baseline]:
    """Those that can run here: scikit-learn is a development package only."""
    if importlib.util.find_spec("sklearn") is not None:
        return BASELINES
    typer.echo("without scikit-learn, so without its LogisticRegression")
    return {name: fit for name, fit in BASELINES.items() if name != baselines.LOGISTIC_REGRESSION}


def _photos(embedder: Embedder, folder: Path, labels: tuple[str, ...], views: int) -> Photos:
    found = embed_folder(embedder, folder, labels, views)
    plain = folder_pixels(folder, labels, 1, embedder.spec.native_side)
    return Photos(
        found,
        np.stack([embedder.maps(pixels[0])[0].mean((0, 1)) for *_, pixels in plain]),
        np.array([photo.label for photo in found], np.int64),
    )


def _draw(labels: Ints, k: int, seed: int) -> Ints:
    rng = np.random.default_rng(seed)
    return np.concatenate(
        [rng.permutation(np.flatnonzero(labels == label))[:k] for label in np.unique(labels)]
    )


def _fit(
    recipe: str, embedder: Embedder, half: Photos, chosen: Ints, labels: tuple[str, ...], seed: int = 0
) -> Model:
    numbers = np.unique(half.labels[chosen], return_inverse=True)[1]
    examples = [replace(half.photos[i], label=int(n)) for n, i in zip(numbers, chosen, strict=True)]
    trained = train(examples, len(labels), embedder, recipe, seed)
    return model_of(trained, embedder.space, labels)


def _ours(
    recipe: str,
    embedder: Embedder,
    train_half: Photos,
    test_half: Photos,
    splits: list[Ints],
    labels: tuple[str, ...],
    k: int,
) -> Figure:
    shares, seconds = [], []
    for seed, chosen in enumerate(splits):
        started = time.perf_counter()
        model = _fit(recipe, embedder, train_half, chosen, labels, seed)
        seconds.append(time.perf_counter() - started)
        guesses = model.probabilities(rows_for(model, test_half.photos, embedder)).argmax(1)
        shares.append(float((guesses == test_half.labels).mean()))
    return _figure(recipe, k, shares, seconds)


def _figure(recipe: str, k: int, shares: list[float], seconds: list[float]) -> Figure:
    return Figure(
        recipe,
        k,
        float(np.mean(shares)),
        float(np.std(shares)),
        float(np.mean(seconds)),
        float(np.std(seconds)),
    )


def _baseline(
    name: str, fit: Baseline, train_half: Photos, test_half: Photos, splits: list[Ints], k: int
) -> Figure:
    rows, tests = train_half.plain, test_half.plain
    count = int(train_half.labels.max()) + 1
    shares, seconds = [], []
    for seed, chosen in enumerate(splits):
        started = time.perf_counter()
        guesses = fit(rows[chosen], train_half.labels[chosen], tests, count, seed)
        seconds.append(time.perf_counter() - started)
        shares.append(float((guesses == test_half.labels).mean()))
    return _figure(name, k, shares, seconds)


def _unsure(
    embedder: Embedder,
    train_half: Photos,
    test_half: Photos,
    splits: list[Ints],
    labels: tuple[str, ...],
    k: int,
) -> UnsureFigure:
    """Each label in turn is left out of training: its test photos are then of none of the labels. By
    the closed form, which is what a class gets."""
    tests = photo_rows(test_half.photos)
    right = answered = known = rejected = unknown = 0
    for left_out in range(len(labels)):
        chosen = splits[left_out % len(splits)]
        chosen = chosen[train_half.labels[chosen] != left_out]
        rest = tuple(label for index, label in enumerate(labels) if index != left_out)
        model = _fit(CLOSED_FORM, embedder, train_half, chosen, rest)
        probabilities = model.probabilities(tests)
        sure = ~model.unsure(tests)
        guesses = probabilities.argmax(1)
        guesses += guesses >= left_out
        is_known = test_half.labels != left_out
        known += int(is_known.sum())
        answered += int((sure & is_known).sum())
        right += int((sure & is_known & (guesses == test_half.labels)).sum())
        unknown += int((~is_known).sum())
        rejected += int((~sure & ~is_known).sum())
    return UnsureFigure(k, right / max(answered, 1), answered / known, rejected / unknown)


def _print_figure(figure: Figure) -> None:
    typer.echo(
        f"k={figure.k:<3} {figure.recipe:<20} accuracy {figure.accuracy:.3f} "
        f"(sd {figure.deviation:.3f})  {figure.seconds:.3f} s (sd {figure.seconds_deviation:.3f})"
    )


def _print_unsure(figure: UnsureFigure) -> None:
    typer.echo(
        f"k={figure.k:<3} I don't know: {figure.accuracy_of_sure:.3f} of its answers right, answers "
        f"{figure.known_answered:.3f} of known and rejects {figure.unknown_rejected:.3f} of unknown photos"
    )
