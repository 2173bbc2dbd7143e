"""The bench's moved copies: upright, none lost but the unreadable, none too large to be read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from ml_core.bench.accuracy import MOVED_SIDE, moved_copies
from ml_core.vision.images import decode
from tests.support.drawn_patches import drawing, encoded, photo


def test_every_readable_photo_is_moved_and_stands_upright(tmp_path: Path) -> None:
    folder, into = tmp_path / "test", tmp_path / "moved"
    (folder / "disc").mkdir(parents=True)
    into.mkdir()
    image = drawing("disc", 1).resize((80, 40))
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    image.save(folder / "disc" / "a.jpg", exif=exif)
    image.save(folder / "disc" / "a.png")
    (folder / "disc" / "broken.jpg").write_bytes(photo("disc", 1)[:100])
    noise = np.random.default_rng(0).integers(0, 256, (3000, 4000, 3), np.uint8)
    (folder / "disc" / "large.png").write_bytes(encoded(Image.fromarray(noise), "WEBP"))
    moved_copies(folder, ("disc",), into)
    found = {path.name: decode(path.read_bytes(), MOVED_SIDE) for path in (into / "disc").iterdir()}
    assert {name: part.size for name, part in found.items()} == {
        "a.jpg.png": (40, 80),
        "a.png.png": (80, 40),
        "large.png.png": (MOVED_SIDE, MOVED_SIDE * 3 // 4),
    }
    assert (np.asarray(found["a.png.png"]) != np.asarray(image)).any()
