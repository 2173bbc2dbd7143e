"""Reads a folder of photos, deals them out to groups and shrinks them as an iPad would.

A label here is the name of a folder.
"""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from classroom_app.rehearsal.problems import PhotosError

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
IPAD_LONGEST_PX = 640
IPAD_QUALITY = 85
MIN_LABELS = 2
MIN_CHALLENGE_PER_LABEL = 2  # one for the practice half, one for the final half

Pool = Mapping[str, tuple[Path, ...]]


@dataclass(frozen=True)
class Folder:
    """A usable folder: photos per label to learn from, and those of the hidden challenge."""

    train: Pool
    test: Pool

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self.train)


@dataclass(frozen=True)
class Deal:
    """One hand per group (photos per label); `reused` counts photos that a group before had too."""

    hands: tuple[Pool, ...]
    reused: Mapping[str, int]


def read_folder(folder: Path, *, hold_out: int = 0, seed: int = 0) -> Folder:
    """Lists DIR/train/<label>/* and DIR/test/<label>/*, or holds test photos out of train/."""
    train = _labels_below(folder, "train")
    if hold_out:
        return _held_out(train, hold_out, seed)
    if not (folder / "test").is_dir():
        raise PhotosError(
            f"{folder} has no folder test/. The challenge photos belong in {folder / 'test'}/<label>/; "
            "or let --hold-out N take N photos per label out of train/."
        )
    test = _labels_below(folder, "test")
    if set(train) != set(test):
        only_train = ", ".join(sorted(set(train) - set(test))) or "none"
        only_test = ", ".join(sorted(set(test) - set(train))) or "none"
        raise PhotosError(
            f"The labels in {folder} differ: only in train/: {only_train}; only in test/: {only_test}."
        )
    for label, paths in test.items():
        if len(paths) < MIN_CHALLENGE_PER_LABEL:
            raise PhotosError(
                f"{folder / 'test' / label} has {len(paths)} photos; "
                f"the challenge needs {MIN_CHALLENGE_PER_LABEL} or more of each label."
            )
    return Folder(train, test)


def deal(train: Pool, *, groups: int, per_label: int, seed: int) -> Deal:
    """Gives each group its own photos; when they run out, hands them out again from the start."""
    hands: list[dict[str, tuple[Path, ...]]] = [{} for _ in range(groups)]
    reused: dict[str, int] = {}
    for label, paths in train.items():
        if len(paths) < per_label:
            raise PhotosError(
                f"The label {label} has {len(paths)} photos to learn from, but each group is to take "
                f"{per_label}. Add photos or lower --photos-per-label."
            )
        shuffled = list(paths)
        random.Random(f"{seed}/{label}").shuffle(shuffled)  # a repeatable deal, not a secret
        for number, hand in enumerate(hands):
            start = number * per_label
            hand[label] = tuple(shuffled[(start + i) % len(shuffled)] for i in range(per_label))
        again = groups * per_label - len(shuffled)
        if again > 0:
            reused[label] = again
    return Deal(tuple(hands), reused)


def shrink(path: Path) -> bytes:
    """The photo as the camera component sends it: upright, at most 640 px, JPEG, no metadata."""
    try:
        with Image.open(path) as opened:
            opened.draft("RGB", (IPAD_LONGEST_PX, IPAD_LONGEST_PX))
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except Exception as exc:  # Pillow raises nearly every kind of error on a broken file
        raise PhotosError(f"{path} cannot be read as a photo: {exc}") from exc
    upright.thumbnail((IPAD_LONGEST_PX, IPAD_LONGEST_PX))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=IPAD_QUALITY)
    return out.getvalue()


def challenge_zip(test: Pool, keys: Mapping[str, str]) -> bytes:
    """The challenge as a facilitator uploads it: a ZIP with a folder per label key."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:  # photos do not shrink further
        for label, paths in test.items():
            for number, path in enumerate(paths):
                archive.writestr(f"{keys[label]}/{number:04d}{path.suffix.lower()}", _whole(path))
    return out.getvalue()


def label_keys(labels: tuple[str, ...]) -> dict[str, str]:
    """A key of small letters, digits and underscores per folder name; never the same twice."""
    keys: dict[str, str] = {}
    for number, label in enumerate(labels, start=1):
        key = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:30] or f"label_{number}"
        keys[label] = key if key not in keys.values() else f"{key}_{number}"
    return keys


def _labels_below(folder: Path, part: str) -> dict[str, tuple[Path, ...]]:
    if not folder.is_dir():
        raise PhotosError(f"{folder} is not a folder.")
    below = folder / part
    if not below.is_dir():
        raise PhotosError(f"{folder} has no folder {part}/. Photos belong in {below}/<label>/.")
    try:
        found = _scan(below)
    except OSError as exc:
        raise PhotosError(f"{below} cannot be read: {exc}") from exc
    if len(found) < MIN_LABELS:
        raise PhotosError(
            f"{below} has photos of {len(found)} labels; a class needs {MIN_LABELS} or more "
            "(a folder per label, with JPEG, PNG or WebP photos in it)."
        )
    return found


def _scan(below: Path) -> dict[str, tuple[Path, ...]]:
    found: dict[str, tuple[Path, ...]] = {}
    for label in sorted(below.iterdir()):
        if label.is_dir() and not label.name.startswith("."):
            photos = (path for path in label.iterdir() if path.suffix.lower() in PHOTO_SUFFIXES)
            found[label.name] = tuple(sorted(path for path in photos if path.is_file()))
    return {label: paths for label, paths in found.items() if paths}


def _held_out(train: Pool, hold_out: int, seed: int) -> Folder:
    if hold_out < MIN_CHALLENGE_PER_LABEL:
        raise PhotosError(f"--hold-out must be {MIN_CHALLENGE_PER_LABEL} or more, not {hold_out}.")
    learn: dict[str, tuple[Path, ...]] = {}
    test: dict[str, tuple[Path, ...]] = {}
    for label, paths in train.items():
        if len(paths) <= hold_out:
            raise PhotosError(
                f"The label {label} has {len(paths)} photos; --hold-out {hold_out} leaves none."
            )
        shuffled = list(paths)
        random.Random(f"{seed}/hold-out/{label}").shuffle(shuffled)  # repeatable, not secret
        test[label], learn[label] = tuple(shuffled[:hold_out]), tuple(shuffled[hold_out:])
    return Folder(learn, test)


def _whole(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        with Image.open(io.BytesIO(data)) as opened:
            opened.verify()
    except Exception as exc:  # as in shrink()
        raise PhotosError(f"{path} cannot be read as a photo: {exc}") from exc
    return data
