"""The backbone on a real card: the same features, two streams at once, a server that runs on it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import grpc
import numpy as np
import pytest

from ml_core.config import DEFAULT_BACKBONE, DEFAULT_VIEWS, ServerConfig
from ml_core.contract.rpc import ml_core_pb2 as pb
from ml_core.contract.rpc import ml_core_pb2_grpc
from ml_core.serve.server import create_server
from ml_core.vision.features import Embedder
from ml_core.vision.images import photo_views
from ml_core.vision.networks import FeatureRows, has_cuda
from tests.support.drawn_patches import SHAPES, photo

pytestmark = pytest.mark.skipif(not has_cuda(), reason="there is no GPU here")
# The decision for bfloat16 is that its features count as of one space with those of 32 bits
# (docs/architecture.md, "The backbone is a file").
BFLOAT16_AWAY = 0.12


@pytest.fixture(scope="module")
def card() -> Embedder:
    return Embedder(DEFAULT_BACKBONE, "cuda:0")


@pytest.fixture(scope="module")
def cpu() -> Embedder:
    return Embedder(DEFAULT_BACKBONE, "cpu")


def away(found: FeatureRows, expected: FeatureRows) -> float:
    one, other = found.astype(np.float32), expected.astype(np.float32)
    return float((np.linalg.norm(one - other, axis=1) / np.linalg.norm(other, axis=1)).max())


def test_the_cards_features_are_the_cpus_but_for_bfloat16(card: Embedder, cpu: Embedder) -> None:
    photos = [photo(shape, seed) for shape in SHAPES for seed in range(4)]
    parts = [card.part_of(data, DEFAULT_VIEWS) for data in photos]
    expected = np.concatenate(
        [cpu.embed(photo_views(data, DEFAULT_VIEWS, cpu.input_side)) for data in photos]
    )
    assert away(card.begin(parts)(), expected) < BFLOAT16_AWAY


def test_both_streams_at_once_give_what_each_gives_alone(card: Embedder) -> None:
    """A buffer used anew too early, or a stream that does not wait, gives another photo's features."""
    photos = [card.part_of(photo("disc", seed), DEFAULT_VIEWS) for seed in range(24)]
    frames = [card.part_of(photo("box", seed), DEFAULT_VIEWS) for seed in range(24)]
    alone = [[card.begin([part])() for part in parts] for parts in (photos, frames)]
    found: list[list[FeatureRows]] = [[], []]

    def new_photos() -> None:
        card.take_threads(1)
        for start in range(0, len(photos), 4):
            waiting = [card.begin(photos[n : n + 2]) for n in (start, start + 2)]
            for features in waiting:
                found[0].extend(np.split(features(), 2))

    beside = threading.Thread(target=new_photos)
    beside.start()
    found[1] = [card.begin([part])() for part in frames]
    beside.join()
    for ours, expected in zip(found, alone, strict=True):
        assert max(away(one, other) for one, other in zip(ours, expected, strict=True)) < 0.02


@pytest.fixture(scope="module")
def stub(card: Embedder) -> Iterator[ml_core_pb2_grpc.MlCoreStub]:
    server, port = create_server(ServerConfig(port=0, device="cuda:0"), None, card)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield ml_core_pb2_grpc.MlCoreStub(channel)
    server.stop(0)


def test_a_server_on_the_card_embeds_explains_and_tells_its_memory(
    stub: ml_core_pb2_grpc.MlCoreStub, card: Embedder
) -> None:
    info = stub.GetInfo(pb.GetInfoRequest())
    assert (info.device, info.photos_at_once > 64) == ("cuda:0", True)
    sent = [pb.Photo(id=str(n), image=photo("disc", n)) for n in range(64)]
    parts = stub.Embed(pb.EmbedRequest(photos=sent)).photos
    assert [part.id for part in parts] == [photo.id for photo in sent]
    assert not any(part.error_key for part in parts)
    assert card.maps(photo_views(photo("disc", 1), 1, card.input_side)[0])[0].ndim == 3
    assert card.memory_bytes()["cuda:0", "allocated"] > 0
