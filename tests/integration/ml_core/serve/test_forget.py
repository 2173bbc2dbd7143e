"""A deletion reaches every server: over real channels, through the client of the web tier."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import grpc
import numpy as np
import pytest

from classroom_app.compute import each_server
from classroom_app.compute.client import GrpcMlClient
from classroom_app.compute.each_server import TierForgot, forget_on_each
from classroom_app.compute.interface import Example, Features
from classroom_app.network import free_port
from ml_core.config import ServerConfig
from ml_core.contract.rpc import ml_core_pb2 as pb
from ml_core.contract.rpc.ml_core_pb2_grpc import MlCoreStub
from ml_core.serve import servicer
from ml_core.serve.batching import Photo
from ml_core.serve.reads import PhotoReads
from ml_core.serve.server import create_server
from ml_core.vision.features import Embedder
from tests.support.drawn_patches import SHAPES, photo


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their backbones stand back, and this machine may have much else to do."""
    monkeypatch.setattr(each_server, "FORGET_S", 60.0)


@dataclass
class Pair:
    """Two servers, and a client that takes turns between them."""

    ports: tuple[int, int]
    client: GrpcMlClient

    def knows(self, model_id: str) -> list[bool]:
        """Does each have the model at hand?"""
        return [self._knows(port, model_id) for port in self.ports]

    @staticmethod
    def _knows(port: int, model_id: str) -> bool:
        request = pb.PredictRequest(model=pb.ModelRef(id=model_id))
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            answer = MlCoreStub(channel).Predict.future(request, timeout=20)
            return "model_unknown" not in (answer.details() or "")


@pytest.fixture(scope="module")
def pair(embedder: Embedder) -> Iterator[Pair]:
    made = [create_server(ServerConfig(port=0, device="cpu"), embedder=embedder) for _ in range(2)]
    first, second = (port for _, port in made)
    client = GrpcMlClient(f"127.0.0.1:{first},127.0.0.1:{second}")
    yield Pair((first, second), client)
    client.close()
    for server, _ in made:
        server.stop(0)


def model_everywhere(pair: Pair, seed: int) -> str:
    """A model that both servers have at hand; its id."""
    noise = np.random.default_rng(seed)
    with grpc.insecure_channel(f"127.0.0.1:{pair.ports[0]}") as channel:
        info = MlCoreStub(channel).GetInfo(pb.GetInfoRequest(), timeout=20)
    length = info.feature_length
    features = [
        Features(info.space, 1, length, noise.normal(size=length).astype(np.float16).tobytes())
        for _ in range(8)
    ]
    examples = [
        Example(str(n), SHAPES[n % 2], item, taken_at_ms=n * 10_000, perceptual_hash=n)
        for n, item in enumerate(features)
    ]
    trained = pair.client.train(SHAPES[:2], examples, lambda _stage, _fraction: None)
    for port in pair.ports:
        request = pb.PredictRequest(model=pb.ModelRef(id=trained.model_id, model=trained.model))
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            MlCoreStub(channel).Predict(request, timeout=20)
    assert pair.knows(trained.model_id) == [True, True]
    return trained.model_id


def test_every_server_forgets_the_model_and_no_other(pair: Pair) -> None:
    gone, stays = model_everywhere(pair, 1), model_everywhere(pair, 2)
    assert pair.client.forget([gone[:16]]) == TierForgot(models=2)
    assert pair.knows(gone) == [False, False]
    assert pair.knows(stays) == [True, True]
    assert pair.client.forget([gone[:16]]) == TierForgot(), "safe to repeat"


def test_a_server_that_cannot_be_asked_is_counted(pair: Pair) -> None:
    gone = model_everywhere(pair, 3)
    targets = ",".join(f"127.0.0.1:{port}" for port in (*pair.ports, free_port()))
    client = GrpcMlClient(targets)
    try:
        assert client.forget([gone[:16]]) == TierForgot(models=2, not_done=1)
    finally:
        client.close()


def test_a_name_without_an_address_is_counted(pair: Pair) -> None:
    targets = f"127.0.0.1:{pair.ports[0]},nowhere.invalid:50051"
    assert forget_on_each(targets, None, []) == TierForgot(not_done=1)


def test_what_a_server_has_in_hand_is_waited_for(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """A photo that is embedded when the deletion comes; one that does not end is said."""
    began, may_end = threading.Event(), threading.Event()
    real = PhotoReads.begin

    def slow(self: PhotoReads, photos: Iterable[pb.Photo]) -> list[Photo]:
        began.set()
        may_end.wait(30)
        return real(self, photos)

    monkeypatch.setattr(PhotoReads, "begin", slow)
    monkeypatch.setattr(servicer, "FORGET_WAIT_S", 0.2)
    with grpc.insecure_channel(f"127.0.0.1:{pair.ports[0]}") as channel:
        request = pb.EmbedRequest(photos=[pb.Photo(id="a", image=photo("disc", 1))])
        call = MlCoreStub(channel).Embed.future(request, timeout=40)
        assert began.wait(20)
        assert pair.client.forget([]) == TierForgot(not_done=1)
        monkeypatch.setattr(servicer, "FORGET_WAIT_S", 20)
        threading.Timer(0.2, may_end.set).start()
        assert pair.client.forget([]) == TierForgot()
        assert call.result().photos


def test_a_name_that_could_be_of_any_model_is_refused(pair: Pair) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{pair.ports[0]}") as channel, pytest.raises(grpc.RpcError) as told:
        MlCoreStub(channel).Forget(pb.ForgetRequest(models=["a"]), timeout=20)
    assert isinstance(told.value, grpc.Call)
    assert told.value.code() == grpc.StatusCode.INVALID_ARGUMENT
