"""The exported backbone's file: hash, name and space agree, and it does what torch does."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ml_core.config import DEFAULT_BACKBONE
from ml_core.contract import backbone
from ml_core.contract.backbone import BackboneFileError, exported_file, file_name
from ml_core.errors import BackboneError
from ml_core.learn.checkpoint import model_of
from ml_core.learn.fit import TrainingPhoto, photo_rows, train
from ml_core.vision.backbones import BACKBONES, backbone_spec, space_of
from ml_core.vision.by_torch.export import exported_graph, halved
from ml_core.vision.by_torch.stages import PixelMaps, pooled
from ml_core.vision.exported_graph import ExportedGraph
from ml_core.vision.features import Embedder
from ml_core.vision.images import photo_views
from ml_core.vision.networks import FeatureRows
from ml_core.vision.shrink import Floats, Pixels
from tests.support.drawn_patches import SHAPES, photo

SPEC = backbone_spec(DEFAULT_BACKBONE)
# How far a row of features may lie off, as a part of its length: about 0.005 on drawn and on real photos. In
# bfloat16, as GPUs run it, the same network lies 0.06 off.
WEIGHTS_OF_16_BITS = 0.01


def off(ours: FeatureRows, theirs: FeatureRows) -> Floats:
    """The length of each row's difference, as a part of the row's."""
    exact = theirs.astype(np.float32)
    away = np.linalg.norm(ours.astype(np.float32) - exact, axis=1) / np.linalg.norm(exact, axis=1)
    return np.asarray(away, np.float32)


def test_hash_name_and_space_agree() -> None:
    about = exported_file()
    assert hashlib.sha256(about.path.read_bytes()).hexdigest() == about.sha256
    assert about.file == file_name(DEFAULT_BACKBONE, about.sha256)
    assert about.space == space_of(SPEC) == Embedder(DEFAULT_BACKBONE, "cpu").space
    assert [path.name for path in backbone.FOLDER.glob("*.onnx")] == [about.file]


def test_its_licence_lies_beside_it() -> None:
    text = (backbone.FOLDER / "LICENSE").read_text()
    assert SPEC.licence == "Apache-2.0"
    assert "Apache License" in text
    assert "Version 2.0" in text
    assert "ml_core/contract/backbone/" in (backbone.FOLDER.parents[2] / "NOTICE").read_text()


@pytest.fixture(scope="module")
def views() -> list[Pixels]:
    return [photo_views(photo(kind, seed), 6, SPEC.input_side) for seed in range(4) for kind in SHAPES]


def test_a_class_gets_the_answers_that_torch_would_give(views: list[Pixels]) -> None:
    """Features, and guesses and doubts of a model that was fitted on either's."""
    graph = Embedder(DEFAULT_BACKBONE, "cpu")
    module = PixelMaps(SPEC)
    with torch.inference_mode():
        expected = [pooled(module(torch.from_numpy(part))).to(torch.float16).numpy() for part in views]
    found = [graph.embed(part) for part in views]
    for ours, theirs in zip(found, expected, strict=True):
        assert off(ours, theirs).max() < WEIGHTS_OF_16_BITS
    answers = []
    for features in (found, expected):
        photos = [TrainingPhoto(index % len(SHAPES), rows) for index, rows in enumerate(features)]
        learnt = model_of(train(photos[: 3 * len(SHAPES)], len(SHAPES)), "x", tuple(SHAPES))
        answers.append(learnt.guesses(photo_rows(photos)))
    np.testing.assert_allclose(answers[0][0], answers[1][0], atol=0.01)
    assert np.array_equal(answers[0][0].argmax(1), answers[1][0].argmax(1))
    assert np.array_equal(answers[0][1], answers[1][1])


def test_made_anew_it_is_the_same(views: list[Pixels]) -> None:
    """Byte for byte on one machine; on another processor the last digit of a weight may differ."""
    whole = [exported_graph(SPEC, space_of(SPEC)) for _ in range(2)]
    assert whole[0] == whole[1]
    made = halved(whole[0])
    assert made == halved(whole[1])
    assert len(made) == exported_file().path.stat().st_size
    kept = ExportedGraph(exported_file().read(), 1, space_of(SPEC)).rows(views[0])
    assert off(ExportedGraph(made, 1, space_of(SPEC)).rows(views[0]), kept).max() < 1e-3
    with torch.inference_mode():
        expected = pooled(PixelMaps(SPEC)(torch.from_numpy(views[0]))).to(torch.float16).numpy()
    # But for the halving there is no difference at all.
    assert off(ExportedGraph(whole[0], 1, space_of(SPEC)).rows(views[0]), expected).max() < 1e-3


def _swapped(folder: Path, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The default backbone's file holds these bytes."""
    monkeypatch.setattr(backbone, "FOLDER", folder)
    (folder / exported_file().file).write_bytes(data)


@pytest.mark.parametrize("change", ["truncated", "exchanged", "empty", "one bit"])
def test_a_file_that_is_not_the_one_is_refused_at_start(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = exported_file().path.read_bytes()
    changed = {
        "truncated": data[: len(data) // 2],
        "exchanged": b"another",
        "empty": b"",
        "one bit": data[:-1] + bytes([data[-1] ^ 1]),
    }
    _swapped(tmp_path, changed[change], monkeypatch)
    with pytest.raises(BackboneError, match=re.escape(exported_file().file) + ".*hash"):
        Embedder(DEFAULT_BACKBONE, "cpu")


def test_a_missing_file_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backbone, "FOLDER", tmp_path)
    with pytest.raises(BackboneError, match="cannot be read"):
        Embedder(DEFAULT_BACKBONE, "cpu")


def test_the_file_of_another_release_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BACKBONES, "next", replace(SPEC, name="next"))
    with pytest.raises(BackboneError, match="next"):
        Embedder("next", "cpu")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"file": "x"}'])
def test_a_damaged_description_is_a_clear_error(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backbone, "ABOUT", tmp_path / "exported.json")
    (tmp_path / "exported.json").write_text(text)
    with pytest.raises(BackboneFileError, match=r"exported\.json"):
        exported_file()
