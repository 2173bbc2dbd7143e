"""The rule of what was seen before, on drawn photos and the real features of the compute tier."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

import pytest

from classroom_app.intake.decoder_pool import Intake
from classroom_app.rehearsal.drawn_photos import TEST_GROUNDS, TRAIN_GROUNDS, draw_photo
from classroom_app.services.seen_before import KnownPicture, Pictures, same_as, same_pairs
from ml_core.config import DEFAULT_BACKBONE
from ml_core.vision.features import Embedder
from ml_core.vision.images import photo_views
from tests.support import copies

LABELS = ("apple", "pencil", "cup", "star")
EACH = 3
VIEWS = 2


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder(DEFAULT_BACKBONE)


@pytest.fixture
def look(embedder: Embedder, intake: Intake) -> Callable[[str, bytes], KnownPicture]:
    def made(name: str, photo: bytes) -> KnownPicture:
        clean = intake.clean(photo)
        rows = embedder.embed(photo_views(clean.jpeg, VIEWS, embedder.input_side))
        return KnownPicture(name, clean.perceptual_hash, embedder.space, VIEWS, rows.tobytes())

    return made


def drawn(part: str) -> dict[str, bytes]:
    grounds = TEST_GROUNDS if part == "challenge" else TRAIN_GROUNDS
    found = {}
    for label in LABELS:
        for number in range(EACH):
            out = io.BytesIO()
            chance = random.Random(f"{part}/{label}/{number}")  # repeatable drawing
            draw_photo(label, grounds, chance).save(out, "JPEG", quality=90)
            found[f"{label}{number}"] = out.getvalue()
    return found


def test_copies_are_known_again_and_photos_of_ones_own_are_not_taken_for_them(
    look: Callable[[str, bytes], KnownPicture],
) -> None:
    challenge = drawn("challenge")
    known = Pictures([look(name, photo) for name, photo in challenge.items()])
    for change in (copies.cropped, copies.compressed, copies.smaller, copies.mirrored):
        copied = Pictures([look(name, change(photo)) for name, photo in challenge.items()])
        assert same_as(copied, known) == {name: name for name in challenge}, change.__name__
    own = Pictures([look(name, photo) for name, photo in drawn("training").items()])
    assert same_as(own, known) == {}
    assert same_pairs(known) == []
