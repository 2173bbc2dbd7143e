"""Accuracy of our recipe and its peers on equal splits of a folder, with "I don't know" and seconds.

Protocol: k photos per label drawn by seed from DIR/train, all of DIR/test, as they are or as they might look
in another place.
"""

from __future__ import annotations

import importlib.util
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import typer

from ml_core.bench import baselines
from ml_core.bench.folders import check_labels, folder_images, labels_in
from ml_core.bench.halves import FeatureMaker, Photos, draw, fit_model
from ml_core.bench.moved_photos import moved
from ml_core.config import DEFAULT_VIEWS
from ml_core.errors import BackboneError
from ml_core.learn.closed_form import CLOSED_FORM, photo_rows
from ml_core.learn.head import Floats, Ints
from ml_core.vision.backbones import backbone_spec
from ml_core.vision.features import Embedder

MOVED_SIDE = 1024  # of moved photos at most: twice what the largest backbone looks at

Baseline = Callable[[Floats, Ints, Floats, int, int], Ints]
BASELINES: dict[str, Baseline] = {
    baselines.TEACHABLE_MACHINE: baselines.teachable_machine,
    baselines.LOGISTIC_REGRESSION: baselines.logistic_regression,
}


@dataclass(frozen=True)
class BackboneFigure:
    """What making the features cost: decoding, cutting and the backbone."""

    backbone: str
    device: str
    feature_length: int
    photos: int
    embed_seconds: float


@dataclass(frozen=True)
class Figure:
    """One recipe on one backbone at one k over the seeds."""

    backbone: str
    recipe: str
    k: int
    accuracy: float
    deviation: float
    seconds: float
    seconds_deviation: float


@dataclass(frozen=True)
class UnsureFigure:
    """What the rule "I don't know" does at its own threshold."""

    backbone: str
    k: int
    accuracy_of_sure: float  # of the known photos that got an answer, how many were right
    known_answered: float  # known photos that got an answer
    unknown_rejected: float  # photos of a label the model never saw that got "I don't know"


def run_bench(
    folder: Path,
    ks: Sequence[int],
    seeds: int,
    backbones: Sequence[str],
    out: Path | None,
    elsewhere: bool = False,
    cache: Path | None = None,
) -> None:
    """`elsewhere`: the test photos are moved first, the same way for every recipe and backbone. A backbone
    without weights here is named and left out; BackboneError when none is left, or one does not exist."""
    for name in backbones:
        backbone_spec(name)
    labels = labels_in(folder / "train")
    check_labels(folder / "test", labels)
    measured: list[BackboneFigure] = []
    figures: list[Figure] = []
    unsure: list[UnsureFigure] = []
    with TemporaryDirectory() as scratch:
        test = moved_copies(folder / "test", labels, Path(scratch)) if elsewhere else folder / "test"
        for embedder in _embedders(backbones):
            train_half, test_half, about = _embedded(embedder, labels, folder / "train", test, cache)
            found, doubts = _compare(embedder, train_half, test_half, labels, ks, seeds)
            measured.append(about)
            figures += found
            unsure += doubts
    if out is not None:
        report = {
            "folder": folder.name,
            "elsewhere": elsewhere,
            "views": DEFAULT_VIEWS,
            "backbones": [asdict(figure) for figure in measured],
            "figures": [asdict(figure) for figure in figures],
            "unsure": [asdict(figure) for figure in unsure],
        }
        out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _embedders(backbones: Sequence[str]) -> Iterator[Embedder]:
    """Those whose weights are here, one after the other."""
    missing: list[str] = []
    for name in backbones:
        try:
            embedder = Embedder(name)
        except BackboneError as exc:
            typer.echo(f"left out: {exc}", err=True)
            missing.append(name)
            continue
        yield embedder
    if len(missing) == len(backbones):
        raise BackboneError(f"there are no weights here for {', '.join(missing)}")


def moved_copies(folder: Path, labels: tuple[str, ...], into: Path) -> Path:
    """Every readable photo of FOLDER/<label> moved, as a PNG in INTO/<label>."""
    rng = np.random.default_rng(0)
    for label in labels:
        (into / label).mkdir()
    for index, path, image in folder_images(folder, labels, MOVED_SIDE):
        image.thumbnail((MOVED_SIDE, MOVED_SIDE))
        moved(image, rng).save(into / labels[index] / f"{path.name}.png")
    return into


def _embedded(
    embedder: Embedder, labels: tuple[str, ...], train: Path, test: Path, cache: Path | None
) -> tuple[Photos, Photos, BackboneFigure]:
    views = DEFAULT_VIEWS  # of a tested photo too: the unsure rule compares with as many
    started = time.perf_counter()
    maker = FeatureMaker(embedder, views, cache)
    train_half, test_half = (maker.half(half, labels) for half in (train, test))
    seconds = time.perf_counter() - started
    count = len(train_half.labels) + len(test_half.labels)
    about = BackboneFigure(embedder.spec.name, embedder.device_name, embedder.length, count, seconds)
    typer.echo(
        f"{about.backbone}: {count} photos x {views} views embedded in {seconds:.1f} s on {about.device}"
    )
    return train_half, test_half, about


def _compare(
    embedder: Embedder,
    train_half: Photos,
    test_half: Photos,
    labels: tuple[str, ...],
    ks: Sequence[int],
    seeds: int,
) -> tuple[list[Figure], list[UnsureFigure]]:
    figures: list[Figure] = []
    unsure: list[UnsureFigure] = []
    for k in ks:
        if k > (fewest := int(np.bincount(train_half.labels).min())):
            typer.echo(f"k={k:<3} a label has only {fewest} photos: all of them are used")
        splits = [draw(train_half.labels, k, seed) for seed in range(seeds)]
        figures.append(_ours(embedder, train_half, test_half, splits, labels, k))
        _print_figure(figures[-1])
        for name, baseline in _baselines().items():
            figures.append(_baseline(embedder, name, baseline, train_half, test_half, splits, k))
            _print_figure(figures[-1])
        if len(labels) > 2:
            unsure.append(_unsure(embedder, train_half, test_half, splits, labels, k))
            _print_unsure(unsure[-1])
    return figures, unsure


def _baselines() -> dict[str, Baseline]:
    """Those that can run here: their packages are those of development, and torch of GPUs."""
    found = {}
    for name, fit in BASELINES.items():
        package = baselines.PACKAGES[name]
        if importlib.util.find_spec(package) is None:
            typer.echo(f"without {package}, so without {name}")
        else:
            found[name] = fit
    return found


def _ours(
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
        model = fit_model(embedder, train_half, chosen, labels, seed)
        seconds.append(time.perf_counter() - started)
        guesses = model.probabilities(photo_rows(test_half.photos)).argmax(1)
        shares.append(float((guesses == test_half.labels).mean()))
    return _figure(embedder, CLOSED_FORM, k, shares, seconds)


def _figure(embedder: Embedder, recipe: str, k: int, shares: list[float], seconds: list[float]) -> Figure:
    return Figure(
        embedder.spec.name,
        recipe,
        k,
        float(np.mean(shares)),
        float(np.std(shares)),
        float(np.mean(seconds)),
        float(np.std(seconds)),
    )


def _baseline(
    embedder: Embedder,
    name: str,
    fit: Baseline,
    train_half: Photos,
    test_half: Photos,
    splits: list[Ints],
    k: int,
) -> Figure:
    rows, tests = train_half.plain, test_half.plain
    count = int(train_half.labels.max()) + 1
    shares, seconds = [], []
    for seed, chosen in enumerate(splits):
        started = time.perf_counter()
        guesses = fit(rows[chosen], train_half.labels[chosen], tests, count, seed)
        seconds.append(time.perf_counter() - started)
        shares.append(float((guesses == test_half.labels).mean()))
    return _figure(embedder, name, k, shares, seconds)


def _unsure(
    embedder: Embedder,
    train_half: Photos,
    test_half: Photos,
    splits: list[Ints],
    labels: tuple[str, ...],
    k: int,
) -> UnsureFigure:
    """Each label in turn is left out of training: its test photos are then of none of the labels."""
    tests = photo_rows(test_half.photos)
    right = answered = known = rejected = unknown = 0
    for left_out in range(len(labels)):
        chosen = splits[left_out % len(splits)]
        chosen = chosen[train_half.labels[chosen] != left_out]
        rest = tuple(label for index, label in enumerate(labels) if index != left_out)
        probabilities, doubted = fit_model(embedder, train_half, chosen, rest).guesses(tests)
        sure = ~doubted
        guesses = probabilities.argmax(1)
        guesses += guesses >= left_out
        is_known = test_half.labels != left_out
        known += int(is_known.sum())
        answered += int((sure & is_known).sum())
        right += int((sure & is_known & (guesses == test_half.labels)).sum())
        unknown += int((~is_known).sum())
        rejected += int((~sure & ~is_known).sum())
    return UnsureFigure(embedder.spec.name, k, right / max(answered, 1), answered / known, rejected / unknown)


def _print_figure(figure: Figure) -> None:
    typer.echo(
        f"{figure.backbone} k={figure.k:<3} {figure.recipe:<20} accuracy {figure.accuracy:.3f} "
        f"(sd {figure.deviation:.3f})  {figure.seconds:.3f} s (sd {figure.seconds_deviation:.3f})"
    )


def _print_unsure(figure: UnsureFigure) -> None:
    typer.echo(
        f"{figure.backbone} k={figure.k:<3} I don't know: {figure.accuracy_of_sure:.3f} of its answers "
        f"right, answers {figure.known_answered:.3f} of known "
        f"and rejects {figure.unknown_rejected:.3f} of unknown photos"
    )
