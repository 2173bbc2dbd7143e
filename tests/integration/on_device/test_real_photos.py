"""What guesses on the iPad beside the server, over real photos where there are some: CLASSROOM_REAL_PHOTOS
names a folder of sets, each with train/LABEL and test/LABEL. Drawn photos are clearer than real ones."""

from __future__ import annotations

import io
import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from classroom_app.ui.widgets import device
from ml_core.config import DEFAULT_BACKBONE, PREDICT_VIEWS
from ml_core.contract.backbone import exported_file
from ml_core.learn.checkpoint import Model, from_bytes, model_of, to_bytes
from ml_core.learn.fit import TrainingPhoto, train
from ml_core.learn.head import Floats
from ml_core.serve.messages import mean_row
from ml_core.vision.features import Embedder
from ml_core.vision.images import photo_views
from tests.integration.on_device.test_same_as_server import kept_raw
from tests.support.slow_tests import Figures
from tests.unit.project.test_scripts import node

VARIABLE = "CLASSROOM_REAL_PHOTOS"
FOLDER = Path(os.environ.get(VARIABLE, "nowhere"))
PHOTOS = 200
TAUGHT = 15  # of each label
SIDE, LARGER = 320, 340  # of a frame, and of what shifted frames are cut from
SPACING_MS = 60_000
NODE_LIMIT_S = 1800  # two minutes alone on the machine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no photos: {VARIABLE} names their folder"),
    pytest.mark.skipif(device.device_files() is None, reason="the runtime is missing (make test fetches it)"),
]


@dataclass(frozen=True)
class Pair:
    """A photo as the server and as the iPad says it: shares and "I don't know"; `round_top`: the label on top
    after six shifted frames, each through one view, beside the server's for the last of them."""

    shares: Floats
    unsure: bool
    device: dict[str, Any]
    round_top: tuple[int, int]


def framed(path: Path) -> Image.Image:
    """Square, as a camera's window cuts it."""
    image = Image.open(path).convert("RGB")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side)).resize((LARGER, LARGER))


def jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


def shifted(image: Image.Image) -> list[bytes]:
    return [
        jpeg(image.crop((3 * step, 2 * step, SIDE + 3 * step, SIDE + 2 * step)))
        for step in range(PREDICT_VIEWS)
    ]


def chosen(folder: Path, most: int) -> list[Path]:
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in {".jpg", ".jpeg", ".png"})
    return random.Random(folder.name).sample(found, min(most, len(found)))  # the same each time


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> list[Pair]:
    embedder = Embedder(DEFAULT_BACKBONE, "cpu")
    sets = sorted(path for path in FOLDER.iterdir() if (path / "test").is_dir())
    found: list[Pair] = []
    for number, photos in enumerate(sets):
        most = (PHOTOS - len(found)) // (len(sets) - number)
        found += compared(photos, most, embedder, tmp_path_factory.mktemp(photos.name))
    assert len(found) >= PHOTOS * 0.9, f"{FOLDER} has too few test photos"
    return found


def compared(photos: Path, most: int, embedder: Embedder, folder: Path) -> Iterator[Pair]:
    names = sorted(path.name for path in (photos / "train").iterdir())
    data = taught(photos / "train", names, embedder)
    model = from_bytes(data)
    paths = [path for name in names for path in chosen(photos / "test" / name, -(-most // len(names)))][:most]
    frames = [shifted(framed(path)) for path in paths]
    (folder / "model.safetensors").write_bytes(data)
    asked = {
        "graph": str(exported_file().path),
        "pictures": [kept_raw(folder, each[-1]) for each in frames],
        "stream": [],
        "looked_into": 0,
        "rounds": [[kept_raw(folder, one) for one in each] for each in frames],
    }
    (folder / "asked.json").write_text(json.dumps(asked))
    run = node("tests/js/guess_on_device.js", str(device.RUNTIME_FOLDER), str(folder), limit_s=NODE_LIMIT_S)
    assert run.returncode == 0, run.stderr[-3000:]
    said = json.loads(run.stdout)
    for each, alone, together in zip(frames, said["pictures"], said["rounds"], strict=True):
        yield pair_of(model, embedder, each[-1], alone["guess"], together["guess"])


def pair_of(
    model: Model, embedder: Embedder, last: bytes, alone: dict[str, Any], together: dict[str, Any]
) -> Pair:
    row = mean_row(embedder.embed(photo_views(last, PREDICT_VIEWS, embedder.input_side)))
    shares, unsure = model.guesses(row[None])
    top = int(np.argmax(shares[0]))
    return Pair(shares[0], bool(unsure[0]), alone, (int(np.argmax(together["shares"])), top))


def taught(folder: Path, names: list[str], embedder: Embedder) -> bytes:
    photos = [
        TrainingPhoto(
            label=at,
            views=embedder.embed(photo_views(jpeg(framed(path)), PREDICT_VIEWS, embedder.input_side)),
            taken_at_ms=(at * TAUGHT + number) * SPACING_MS,
            perceptual_hash=random.Random(path.name).getrandbits(63),  # any will do
        )
        for at, name in enumerate(names)
        for number, path in enumerate(chosen(folder / name, TAUGHT))
    ]
    outcome = train(
        photos, len(names), final_length=embedder.final_length, unlike_from=embedder.spec.unlike_from
    )
    return to_bytes(model_of(outcome, embedder.space, tuple(names)))


def test_through_all_views_it_says_what_the_server_says(pairs: list[Pair], figures: Figures) -> None:
    tops = np.mean([np.argmax(pair.device["shares"]) == np.argmax(pair.shares) for pair in pairs])
    away = max(float(np.abs(np.array(pair.device["shares"]) - pair.shares).max()) for pair in pairs)
    unsure = np.mean([pair.device["unsure"] == pair.unsure for pair in pairs])
    figures(f"{len(pairs)} real photos: label {tops:.1%}, shares within {away:.4f}, don't know {unsure:.1%}")
    assert tops >= 0.995
    assert away <= 0.02
    assert unsure >= 0.99


def test_a_round_of_shifted_frames_says_what_six_views_say(pairs: list[Pair], figures: Figures) -> None:
    same = np.mean([one == other for one, other in (pair.round_top for pair in pairs)])
    figures(f"{len(pairs)} rounds of shifted frames: label {same:.1%}")
    assert same >= 0.97
