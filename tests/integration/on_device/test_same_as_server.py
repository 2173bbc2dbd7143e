"""What guesses on the iPad says the same as the compute tier: its scripts under node, the same pictures."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from classroom_app.ui.widgets import device
from ml_core.config import PREDICT_VIEWS
from ml_core.contract.backbone import exported_file
from ml_core.learn import explain, scene
from ml_core.learn.checkpoint import Model
from ml_core.learn.fit import TrainingPhoto
from ml_core.learn.head import Floats
from ml_core.serve.messages import mean_row
from ml_core.vision.features import Embedder
from ml_core.vision.images import photo_views
from tests.support.drawn_head import LABELS, UNKNOWN, drawn, drawn_head
from tests.unit.project.test_scripts import node

TRIED = 6  # of each label, and as many of things that nobody taught
LOOKED_INTO = 6  # pictures whose views and maps are compared
ROUNDS = 2  # of frames, of each label
NODE_LIMIT_S = 400  # 15 s alone on the machine
STREAM = 40  # frames
LOOKS_FROM, LOOKS_TO = 5, 32
MOVED = 4.0  # photo variances: another place


@dataclass(frozen=True)
class Compared:
    model: Model
    embedder: Embedder
    jpegs: list[bytes]
    stream: list[Floats]  # rows, as of frames in another place
    pictures_said: list[dict[str, Any]]  # by the device
    rounds: list[list[bytes]]  # frames of one thing in a moving hand
    rounds_said: list[dict[str, Any]]
    stream_said: list[dict[str, Any]]


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    if device.device_files() is None:
        pytest.fail("what runs on the iPads is not installed: make test fetches it")
    head = drawn_head()
    embedder, data, model, photos = head.embedder, head.data, head.model, head.photos
    jpegs = [
        drawn(name, number, elsewhere=True, side=(320, 240) if number % 4 == 3 else (320, 320))
        for number in range(TRIED)
        for name in (*LABELS, UNKNOWN)
    ]
    stream = frames_elsewhere(model, photos)
    folder = tmp_path_factory.mktemp("on_device")
    (folder / "model.safetensors").write_bytes(data)
    pictures = [kept_raw(folder, jpeg) for jpeg in jpegs]
    rounds = [held(name, number) for number in range(ROUNDS) for name in LABELS]
    frames = [{"row": row.tolist(), "look": looks(number)} for number, row in enumerate(stream)]
    asked = {
        "graph": str(exported_file().path),
        "pictures": pictures,
        "stream": frames,
        "looked_into": LOOKED_INTO,
    }
    asked["rounds"] = [[kept_raw(folder, jpeg) for jpeg in frames] for frames in rounds]
    (folder / "asked.json").write_text(json.dumps(asked))
    run = node("tests/js/guess_on_device.js", str(device.RUNTIME_FOLDER), str(folder), limit_s=NODE_LIMIT_S)
    assert run.returncode == 0, run.stderr[-3000:]
    said = json.loads(run.stdout)
    return Compared(model, embedder, jpegs, stream, said["pictures"], rounds, said["rounds"], said["stream"])


def kept_raw(folder: Path, jpeg: bytes) -> dict[str, object]:
    """A picture as a canvas gives it."""
    image = Image.open(io.BytesIO(jpeg)).convert("RGBA")
    name = f"{hashlib.sha256(jpeg).hexdigest()}.rgba"
    (folder / name).write_bytes(image.tobytes())
    return {"file": name, "width": image.width, "height": image.height}


def held(label: str, number: int) -> list[bytes]:
    """Six frames of a thing: a hand does not keep still."""
    whole = Image.open(io.BytesIO(drawn(label, 100 + number, elsewhere=False, side=(340, 340))))
    frames = []
    for step in range(PREDICT_VIEWS):
        out = io.BytesIO()
        whole.crop((3 * step, 2 * step, 320 + 3 * step, 320 + 2 * step)).save(out, "JPEG", quality=85)
        frames.append(out.getvalue())
    return frames


def frames_elsewhere(model: Model, photos: list[TrainingPhoto]) -> list[Floats]:
    """Rows of one thing after another, all moved by what tells no labels apart."""
    assert model.spread is not None
    move = scene.outside(model, np.random.default_rng(3).normal(size=model.length).astype(np.float32))
    move *= np.sqrt(MOVED * model.spread.photo_variance) / np.linalg.norm(move)
    return [mean_row(photos[number * 7 % len(photos)].views) + move for number in range(STREAM)]


def looks(number: int) -> bool:
    return LOOKS_FROM <= number < LOOKS_TO


def seen_rows(compared: Compared) -> list[Floats]:
    side = compared.embedder.input_side
    return [
        mean_row(compared.embedder.embed(photo_views(jpeg, PREDICT_VIEWS, side))) for jpeg in compared.jpegs
    ]


def test_the_views_are_cut_as_the_server_cuts_them(compared: Compared) -> None:
    side = compared.embedder.input_side
    for jpeg, answer in zip(compared.jpegs[:LOOKED_INTO], compared.pictures_said, strict=False):
        for ours, theirs in zip(photo_views(jpeg, PREDICT_VIEWS, side), answer["views"], strict=True):
            cut = np.frombuffer(base64.b64decode(theirs), np.uint8).reshape(side, side, 3)
            away = np.abs(cut.astype(int) - ours)
            assert away.max() <= 1, "rounding alone may differ"
            assert (away > 0).mean() < 0.01


def test_a_photo_is_guessed_as_the_server_guesses_it(compared: Compared) -> None:
    seen_unsure = set()
    for row, answer in zip(seen_rows(compared), compared.pictures_said, strict=True):
        shares, unsure = compared.model.guesses(row[None])
        alone = answer["guess"]
        assert int(np.argmax(alone["shares"])) == int(shares[0].argmax())
        assert np.abs(np.array(alone["shares"]) - shares[0]).max() <= 0.02
        assert alone["unsure"] == bool(unsure[0])
        seen_unsure.add(bool(unsure[0]))
    assert seen_unsure == {True, False}, "the photos try both sides of the rule"


def test_a_stream_is_judged_as_the_server_judges_it(compared: Compared) -> None:
    """While the AI may not look around, while it does, and once that is undone."""
    before, around = None, []
    for number, (row, said) in enumerate(zip(compared.stream, compared.stream_said, strict=True)):
        judged = scene.judged(compared.model, row, before, look_around=looks(number))
        before = judged.scene
        assert np.abs(np.array(said["shares"]) - judged.probabilities).max() <= 0.001, number
        assert said["unsure"] == judged.unsure, number
        assert said["around"] == judged.looked_around, number
        assert said["variety"] == pytest.approx(judged.variety, abs=0.001), number
        around.append(judged.looked_around)
    assert not around[0]
    assert around[LOOKS_TO - 1], "the AI has looked around on the way"
    assert not around[-1]


def test_a_round_of_frames_says_what_one_frame_seen_in_six_ways_says(compared: Compared) -> None:
    side, same, fulls = compared.embedder.input_side, 0, []
    for frames, said in zip(compared.rounds, compared.rounds_said, strict=True):
        row = mean_row(compared.embedder.embed(photo_views(frames[-1], PREDICT_VIEWS, side)))
        same += int(np.argmax(said["guess"]["shares"])) == int(
            compared.model.head.scores(row[None])[0].argmax()
        )
        fulls.append(said["fulls"])
    assert same >= 0.97 * len(fulls)
    # Another thing starts anew; the moving hand does not.
    assert fulls == [[False] * (PREDICT_VIEWS - 1) + [True]] * len(fulls)


def test_the_map_of_a_label_is_the_servers(compared: Compared) -> None:
    side = compared.embedder.input_side
    for jpeg, answer in zip(compared.jpegs[:LOOKED_INTO], compared.pictures_said, strict=False):
        maps = compared.embedder.maps(photo_views(jpeg, 1, side)[0])
        heat = explain.as_bytes(explain.label_map(maps, compared.model.head, 0))
        told = answer["map"]
        cells = np.frombuffer(base64.b64decode(told["heat"]), np.uint8)
        assert (told["rows"], told["columns"]) == heat.shape
        assert np.abs(cells.reshape(heat.shape).astype(int) - heat).max() <= 3
