"""The drawn demo photos: repeatable, small, marked alike, and in other places for the test."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops

from classroom_app.rehearsal.drawn_photos import (
    MARK,
    SIDE_PX,
    TEST_GROUNDS,
    THINGS,
    TRAIN_GROUNDS,
    make_drawn_photos,
)
from classroom_app.rehearsal.photos import read_folder


def corner(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("L").crop((SIDE_PX - 40, SIDE_PX - 16, SIDE_PX, SIDE_PX))


def test_the_same_seed_draws_the_same_pictures(tmp_path: Path) -> None:
    for name, seed in (("one", 5), ("two", 5), ("three", 6)):
        make_drawn_photos(tmp_path / name, labels=("cup", "star"), train=3, test=2, seed=seed)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.jpg"))
    assert len(files) == 2 * (3 + 2)
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
        assert (tmp_path / "one" / file).read_bytes() != (tmp_path / "three" / file).read_bytes()


def test_every_thing_can_be_drawn_and_carries_the_same_mark(tmp_path: Path) -> None:
    make_drawn_photos(tmp_path, labels=tuple(THINGS), train=1, test=1)
    photos = sorted(tmp_path.rglob("*.jpg"))
    assert len(photos) == 2 * len(THINGS)
    first = corner(photos[0])
    for photo in photos:
        with Image.open(photo) as picture:
            assert picture.size == (SIDE_PX, SIDE_PX)
        assert photo.stat().st_size < 60_000
        assert np.asarray(corner(photo)).max() > 200, "the mark's white sheet"
        different = ImageChops.difference(first, corner(photo)).point(lambda value: 255 * (value > 60))
        assert different.getbbox() is None, f"{photo} has another mark"


def test_the_folder_fits_the_rehearsal_and_says_that_it_is_drawn(tmp_path: Path) -> None:
    make_drawn_photos(tmp_path, train=2, test=2, seed=9)
    assert read_folder(tmp_path).labels == ("apple", "cup", "pencil", "star")
    readme = (tmp_path / "README.txt").read_text(encoding="utf-8")
    assert "DRAWN" in readme
    assert MARK in readme
    assert "seed 9" in readme


def test_the_test_photos_are_in_another_room() -> None:
    assert not set(TRAIN_GROUNDS) & set(TEST_GROUNDS)


def test_what_cannot_be_drawn_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot draw elephant"):
        make_drawn_photos(tmp_path, labels=("elephant", "cup"))
