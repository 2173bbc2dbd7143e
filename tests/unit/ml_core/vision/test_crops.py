"""Views that are cut on the device are those that the CPU cuts, and so are their features."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from ml_core.config import DEFAULT_BACKBONE, DEFAULT_VIEWS, MAX_VIEWS
from ml_core.errors import InvalidInputError
from ml_core.vision import networks
from ml_core.vision.backbones import backbone_spec
from ml_core.vision.by_torch import network
from ml_core.vision.by_torch.crops import Cutter
from ml_core.vision.by_torch.network import TorchNetwork
from ml_core.vision.features import Embedder
from ml_core.vision.images import PICTURE_PIXELS_MAX, VIEWS, cut_views, photo_part, photo_views
from ml_core.vision.parts import Part
from ml_core.vision.shrink import Pixels
from tests.support.drawn_patches import photo

SIDE = 256
DEVICE = "cuda:0" if networks.has_cuda() else "cpu"  # the same on both


def picture(width: int, height: int, seed: int = 0) -> Pixels:
    """Coarse and fine: every pixel of a wrong place, weight or channel is seen."""
    chance = np.random.default_rng(seed)
    coarse = Image.fromarray(chance.integers(0, 256, (5, 7, 3), np.uint8)).resize((width, height))
    noise = chance.integers(-20, 21, (height, width, 3))
    made: Pixels = np.clip(np.asarray(coarse, np.int64) + noise, 0, 255).astype(np.uint8)
    return made


SIZES = [(640, 480), (480, 640), (256, 256), (1023, 767), (70, 200), (3, 900), (1, 1)]


@pytest.mark.parametrize("size", SIZES)
def test_every_view_is_the_cpus_but_for_rounding(size: tuple[int, int]) -> None:
    whole = picture(*size)
    expected = cut_views(Image.fromarray(whole), MAX_VIEWS, SIDE)
    cutter = Cutter(torch.device(DEVICE), SIDE)
    found = cutter.cut([torch.from_numpy(whole).to(DEVICE)], [MAX_VIEWS]).cpu().numpy()
    away = np.abs(found.astype(np.int16) - expected)
    assert found.shape == expected.shape
    assert away.max() <= 1
    assert (away > 0).mean() < 0.0005


def test_pictures_of_many_sizes_come_back_in_their_order() -> None:
    wholes = [picture(60, 40, 1), picture(40, 60, 2), picture(60, 40, 3), picture(60, 40, 4)]
    counts = [2, 3, 1, 2]
    cutter = Cutter(torch.device(DEVICE), 32)
    found = cutter.cut([torch.from_numpy(one).to(DEVICE) for one in wholes], counts).cpu().numpy()
    expected = np.concatenate(
        [cut_views(Image.fromarray(one), n, 32) for one, n in zip(wholes, counts, strict=True)]
    )
    assert np.abs(found.astype(np.int16) - expected).max() <= 1


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> TorchNetwork:
    """In 32 bits, so that only what is asked about differs."""
    monkeypatch.setattr(network, "reduced_type", lambda _device: None)
    return TorchNetwork(backbone_spec(DEFAULT_BACKBONE), DEVICE)


def test_features_are_those_of_the_cpu(exact: TorchNetwork) -> None:
    """The graph that a CPU runs, on views that a CPU cut, beside torch on whole pictures."""
    cpu = Embedder(DEFAULT_BACKBONE, "cpu")
    photos = [photo("disc", 1), photo("box", 2), photo("stripes", 3)]
    expected = np.concatenate([cpu.embed(photo_views(data, DEFAULT_VIEWS, SIDE)) for data in photos])
    parts = [photo_part(data, DEFAULT_VIEWS, SIDE) for data in photos]
    found = exact.begin(parts)().astype(np.float32)
    away = np.linalg.norm(found - expected, axis=1) / np.linalg.norm(expected.astype(np.float32), axis=1)
    assert away.max() < 0.01  # weights of 16 bits in the graph move them by half of that


def test_views_and_pictures_share_a_pass(exact: TorchNetwork) -> None:
    data = photo("disc", 1)
    views = Part(photo_views(data, 2, SIDE), 2)
    whole = photo_part(data, 3, SIDE)
    found = exact.begin([views, whole, views])().astype(np.float32)
    assert len(found) == 7
    np.testing.assert_allclose(found[:2], found[5:], atol=1e-3)
    np.testing.assert_allclose(found[:2], found[2:4], atol=5e-3)


def test_a_picture_that_would_fill_the_card_is_cut_before() -> None:
    """A very long one: forty of them at once would not fit."""
    long = Image.new("RGB", (40_000, 600), "red")
    file = io.BytesIO()
    long.save(file, "JPEG")
    part = photo_part(file.getvalue(), DEFAULT_VIEWS, SIDE)
    assert (part.is_picture, part.pixels.shape) == (False, (DEFAULT_VIEWS, SIDE, SIDE, 3))
    photo_of_an_ipad = Image.new("RGB", (4_032, 3_024), "red")
    file = io.BytesIO()
    photo_of_an_ipad.save(file, "JPEG")
    part = photo_part(file.getvalue(), DEFAULT_VIEWS, SIDE)
    assert part.is_picture
    assert part.pixels.size <= 3 * PICTURE_PIXELS_MAX


@pytest.mark.parametrize("views", [0, len(VIEWS) + 1])
def test_a_number_of_views_that_there_is_not_is_refused(views: int) -> None:
    with pytest.raises(InvalidInputError):
        photo_part(photo("disc", 1), views, SIDE)


def test_an_embedder_on_a_card_only_decodes_before_the_pass(
    exact: TorchNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    cpu = Embedder(DEFAULT_BACKBONE, "cpu")
    monkeypatch.setattr("ml_core.vision.features.open_network", lambda *_args: exact)
    card = Embedder(DEFAULT_BACKBONE, DEVICE)
    part = card.part_of(photo("disc", 1), DEFAULT_VIEWS)
    assert (part.is_picture, part.views, card.is_on_cpu) == (True, DEFAULT_VIEWS, False)
    assert card.photos_at_once(DEFAULT_VIEWS) >= 2 * card.max_batch // DEFAULT_VIEWS
    assert not cpu.part_of(photo("disc", 1), DEFAULT_VIEWS).is_picture
    assert cpu.photos_at_once(DEFAULT_VIEWS) == 8
