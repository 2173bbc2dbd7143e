"""Train and test on FOLDER/<label>/*.jpg without a server: for people at a command line."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import structlog
import typer
from PIL import Image

from ml_core.errors import InvalidInputError, PhotoError
from ml_core.learn.calibration import confusion
from ml_core.learn.checkpoint import model_of, save_folder, to_bytes
from ml_core.learn.fit import TrainingPhoto, photo_rows, train
from ml_core.learn.head import Ints
from ml_core.vision.features import Embedder
from ml_core.vision.images import DECODE_SIDE_FACTOR, cut_views, decode
from ml_core.vision.shrink import Pixels

log = structlog.get_logger()
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


def labels_in(folder: Path) -> tuple[str, ...]:
    """The names of its folders, two at least, each with a photo; InvalidInputError says what is missing."""
    if not folder.is_dir():
        raise InvalidInputError("folder_missing", f"there is no folder {folder}")
    labels = tuple(sorted(path.name for path in folder.iterdir() if path.is_dir()))
    if len(labels) < 2:
        raise InvalidInputError("too_few_labels", f"{folder} needs a folder for each of two labels at least")
    check_labels(folder, labels)
    return labels


def check_labels(folder: Path, labels: tuple[str, ...]) -> None:
    """InvalidInputError where a label has no photo here."""
    for label in labels:
        if not (folder / label).is_dir() or not photos_in(folder / label):
            raise InvalidInputError("empty_label", f"{folder / label} holds no photo ({', '.join(SUFFIXES)})")


def photos_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)


def embed_folder(
    embedder: Embedder, folder: Path, labels: tuple[str, ...], views: int
) -> list[TrainingPhoto]:
    """Every readable photo of the folder; the label is its index."""
    return [
        TrainingPhoto(label, embedder.embed(pixels))
        for label, _path, pixels in folder_pixels(folder, labels, views, embedder.input_side)
    ]


def folder_pixels(
    folder: Path, labels: tuple[str, ...], views: int, side: int
) -> Iterator[tuple[int, Path, Pixels]]:
    """(label, file, pixels of the views) of every readable photo."""
    for index, path, image in folder_images(folder, labels, side * DECODE_SIDE_FACTOR):
        yield index, path, cut_views(image, views, side)


def folder_images(
    folder: Path, labels: tuple[str, ...], side: int
) -> Iterator[tuple[int, Path, Image.Image]]:
    """(label, file, upright image); unreadable photos are named in the log and left out."""
    for index, label in enumerate(labels):
        for path in photos_in(folder / label):
            try:
                image = decode(path.read_bytes(), side)
            except PhotoError as exc:
                log.warning("photo left out", path=str(path), why=str(exc))
                continue
            yield index, path, image


def train_folder(
    folder: Path, test: Path | None, out: Path | None, views: int, seed: int, backbone: str
) -> None:
    """Fit on one folder, say what the self-check and the test say, save the model in `out`."""
    labels = labels_in(folder)
    if test is not None:
        check_labels(test, labels)
    embedder = Embedder(backbone)
    started = time.perf_counter()
    photos = embed_folder(embedder, folder, labels, views)
    embedded = time.perf_counter()
    outcome = train(
        photos, len(labels), seed, final_length=embedder.final_length, unlike_from=embedder.spec.unlike_from
    )
    typer.echo(
        f"{backbone}: {len(photos)} photos of {len(labels)} labels, "
        f"features {embedded - started:.1f} s, "
        f"training {time.perf_counter() - embedded:.2f} s (the fit {outcome.fit_seconds:.3f} s)"
    )
    _print_table("self-check on photos held back", labels, outcome.check.confusion)
    model = model_of(outcome, embedder.space, labels)
    if out is not None:
        save_folder(out, to_bytes(model))
    if test is not None:
        tests = embed_folder(embedder, test, labels, views)
        true = np.array([photo.label for photo in tests], np.int64)
        guesses = model.probabilities(photo_rows(tests)).argmax(1)
        _print_table("test", labels, confusion(true, guesses, len(labels)))


def _print_table(title: str, labels: tuple[str, ...], table: Ints) -> None:
    total, correct = int(table.sum()), int(np.trace(table))
    share = f" = {correct / total:.3f}" if total else ""
    typer.echo(f"{title}: {correct} of {total} right{share}")
    width = max(map(len, labels))
    for label, row in zip(labels, table, strict=True):
        typer.echo(f"  {label:>{width}} " + " ".join(f"{int(count):>4}" for count in row))
