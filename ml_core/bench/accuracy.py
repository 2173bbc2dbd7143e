"""Accuracy of our recipe and its peers on equal splits of a folder, with "I don't know" and seconds.

Protocol: k photos per label drawn by seed from DIR/train, all of DIR/test, as they are or as they might look
in another place.
"""

from __future__ import annotations

import importlib.util
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import typer

from ml_core.bench import baselines
from ml_core.bench.baselines import Baseline
from ml_core.bench.drawn_places import draw_places
from ml_core.bench.folders import check_labels, folder_images, labels_in, photos_in
from ml_core.bench.halves import FeatureMaker, Photos, draw, fit_model
from ml_core.bench.looking import LookingFigure, looking_figures
from ml_core.bench.moved_photos import moved
from ml_core.bench.unknowns import UnknownFigure, calibration_error, unknown_figures
from ml_core.config import DEFAULT_VIEWS
from ml_core.errors import BackboneError
from ml_core.learn.fit import CLOSED_FORM, photo_rows
from ml_core.learn.head import Ints
from ml_core.vision.backbones import backbone_spec
from ml_core.vision.features import Embedder
from ml_core.vision.images import decode

MOVED_SIDE = 1024  # of moved photos at most: twice what the largest backbone looks at
FAR_OF_EACH = 20  # photos of a folder of other things
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
    worst: float  # of the seeds
    calibration_error: float | None  # of our percentages; the others' are not shown to anybody
    seconds: float
    seconds_deviation: float


@dataclass(frozen=True)
class Asked:
    """What a run is to measure. `elsewhere`: test and far photos are moved first, the same way for every
    recipe; `look_around`: so many unlabelled test photos are looked at first, 0: none; `far`: folders with
    photos of other things; `cache`: where features are kept between runs."""

    ks: Sequence[int]
    seeds: int
    elsewhere: bool = False
    look_around: int = 0
    far: tuple[Path, ...] = ()
    cache: Path | None = None


def run_bench(folder: Path, asked: Asked, backbones: Sequence[str], out: Path | None) -> None:
    """A backbone without weights here is named and left out; BackboneError when none is left, or one does
    not exist."""
    for name in backbones:
        backbone_spec(name)
    labels = labels_in(folder / "train")
    check_labels(folder / "test", labels)
    report = Report(folder.name, asked.elsewhere, DEFAULT_VIEWS)
    with TemporaryDirectory() as scratch:
        test, far = _tests(folder, labels, asked, Path(scratch))
        for embedder in _embedders(backbones):
            maker = FeatureMaker(embedder, DEFAULT_VIEWS, asked.cache)
            started = time.perf_counter()
            # Of a tested photo as many views too: the rule for unknown things compares with them.
            train_half, test_half = maker.half(folder / "train", labels), maker.half(test, labels)
            far_photos = maker.of_files(far)
            seconds = time.perf_counter() - started
            count = len(train_half.labels) + len(test_half.labels) + len(far_photos.labels)
            about = BackboneFigure(embedder.spec.name, embedder.device_name, embedder.length, count, seconds)
            made = f"{count} photos x {DEFAULT_VIEWS} views in {seconds:.1f} s on {about.device}"
            typer.echo(f"{about.backbone}: {made}")
            report.backbones.append(about)
            _compare(embedder, train_half, test_half, far_photos, labels, asked, report)
    if out is not None:
        out.write_text(json.dumps(asdict(report), indent=1) + "\n", encoding="utf-8")


@dataclass
class Report:
    """All figures of a run, as they are written down."""

    folder: str
    elsewhere: bool
    views: int
    backbones: list[BackboneFigure] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    unknown: list[UnknownFigure] = field(default_factory=list)
    looking: list[LookingFigure] = field(default_factory=list)


def _tests(
    folder: Path, labels: tuple[str, ...], asked: Asked, scratch: Path
) -> tuple[Path, list[tuple[int, Path]]]:
    """The test photos, and (kind, file) of far ones: those of the folders, drawn places, FOLDER/nothing."""
    places = scratch / "places"
    places.mkdir()
    by_kind = [draw_places(places)]
    for other in (*asked.far, folder / "nothing"):
        by_kind += [_some(photos_in(part)) for part in (other, *sorted(other.glob("*/"))) if part.is_dir()]
    far = [(kind, path) for kind, paths in enumerate(by_kind) for path in paths]
    if not asked.elsewhere:
        return folder / "test", far
    rng = np.random.default_rng(1)
    moved_far = []
    for number, (kind, path) in enumerate(far):
        image = decode(path.read_bytes(), MOVED_SIDE)
        moved_far.append((kind, scratch / f"{number}.png"))
        moved(image, rng).save(moved_far[-1][1])
    return moved_copies(folder / "test", labels, scratch), moved_far


def _some(paths: list[Path]) -> list[Path]:
    """Evenly many of each kind."""
    chosen = np.unique(np.linspace(0, len(paths) - 1, min(len(paths), FAR_OF_EACH)).astype(np.int64))
    return [paths[index] for index in chosen]


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


def _compare(
    embedder: Embedder,
    train_half: Photos,
    test_half: Photos,
    far: Photos,
    labels: tuple[str, ...],
    asked: Asked,
    report: Report,
) -> None:
    for k in asked.ks:
        if k > (fewest := int(np.bincount(train_half.labels).min())):
            typer.echo(f"k={k:<3} a label has only {fewest} photos: all of them are used")
        splits = [draw(train_half.labels, k, seed) for seed in range(asked.seeds)]
        figures = [_ours(embedder, train_half, test_half, splits, labels, k)]
        for name, baseline in _baselines().items():
            figures.append(_baseline(embedder, name, baseline, train_half, test_half, splits, k))
        for figure in figures:
            _print_figure(figure)
        report.figures += figures
        if len(labels) > 2:
            unknown = unknown_figures(embedder, train_half, test_half, far, k, asked.seeds)
            for one in unknown:
                _print_unknown(one)
            report.unknown += unknown
        if asked.look_around:
            looking = looking_figures(
                embedder, train_half, test_half, labels, k, splits, asked.look_around, _baselines()
            )
            for look in looking:
                _print_looking(look)
            report.looking += looking


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
    shares, seconds, errors = [], [], []
    for seed, chosen in enumerate(splits):
        started = time.perf_counter()
        model = fit_model(embedder, train_half, chosen, labels, seed)
        seconds.append(time.perf_counter() - started)
        probabilities = model.probabilities(photo_rows(test_half.photos))
        shares.append(float((probabilities.argmax(1) == test_half.labels).mean()))
        errors.append(calibration_error(probabilities, test_half.labels))
    return _figure(embedder, CLOSED_FORM, k, shares, seconds, float(np.mean(errors)))


def _figure(
    embedder: Embedder,
    recipe: str,
    k: int,
    shares: list[float],
    seconds: list[float],
    error: float | None = None,
) -> Figure:
    return Figure(
        embedder.spec.name,
        recipe,
        k,
        float(np.mean(shares)),
        float(np.std(shares)),
        float(np.min(shares)),
        error,
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
        guesses = fit(rows[chosen], train_half.labels[chosen], tests, count, seed).argmax(1)
        seconds.append(time.perf_counter() - started)
        shares.append(float((guesses == test_half.labels).mean()))
    return _figure(embedder, name, k, shares, seconds)


def _print_figure(figure: Figure) -> None:
    error = "" if figure.calibration_error is None else f"  calibration error {figure.calibration_error:.3f}"
    typer.echo(
        f"{figure.backbone} k={figure.k:<3} {figure.recipe:<20} accuracy {figure.accuracy:.3f} "
        f"(sd {figure.deviation:.3f}, worst {figure.worst:.3f}){error}  "
        f"{figure.seconds:.3f} s (sd {figure.seconds_deviation:.3f})"
    )


def _print_unknown(figure: UnknownFigure) -> None:
    known, right, near = figure.known_answered, figure.right_among_answered, figure.near_rejected
    typer.echo(
        f"{figure.backbone} k={figure.k:<3} {figure.rule}, {figure.seen}: answers {known:.3f} of known, "
        f"{right:.3f} of them right; rejects {figure.far_rejected:.3f} of far and {near:.3f} of near; areas "
        f"{figure.far_area:.3f}, {figure.near_area:.3f}"
    )


def _print_looking(figure: LookingFigure) -> None:
    typer.echo(
        f"{figure.backbone} k={figure.k:<3} {figure.recipe}, {figure.photos}, {figure.way}: "
        f"{figure.plain:.3f}, after looking around {figure.looked_around:.3f} (changed {figure.changed:.2f})"
    )
