"""The end of a server: health first, calls in hand finish or are handed back."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import grpc
import numpy as np
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from classroom_app.compute.client import GrpcMlClient
from classroom_app.compute.interface import Example, Features, Trained
from classroom_app.errors import UnavailableError
from ml_core.config import ServerConfig
from ml_core.contract.rpc import ml_core_pb2 as pb
from ml_core.contract.rpc import ml_core_pb2_grpc
from ml_core.learn.fit import Callbacks, TrainingOutcome, TrainingPhoto, train
from ml_core.serve import servicer
from ml_core.serve.server import RunningServer, create_server
from ml_core.vision.features import Embedder

NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class Endless:
    """Stands for the fit: it lasts until it is let go or cancelled."""

    def __init__(self) -> None:
        self.begun, self.let_go, self.stopped = threading.Event(), threading.Event(), threading.Event()

    def __call__(
        self,
        photos: Sequence[TrainingPhoto],
        count: int,
        seed: int,
        calls: Callbacks,
        final_length: int,
        unlike_from: float | None,
    ) -> TrainingOutcome:
        calls.progress("looking", 0.1)
        self.begun.set()
        while not self.let_go.wait(0.02):
            if calls.cancelled():
                self.stopped.set()
                calls.stop_if_cancelled()
        return train(photos, count, seed, calls, final_length, unlike_from)


Training = tuple[
    RunningServer, grpc.Channel, Endless, list[Trained | UnavailableError], threading.Thread
]  # a server in the middle of a training, its fit, and what the caller's thread was told


def examples(space: str, length: int, per_label: int, views: int = 2) -> Iterator[Example]:
    chance = np.random.default_rng(0)
    for n in range(2 * per_label):
        rows = chance.normal(size=(views, length)).astype("<f2") + n % 2
        yield Example(str(n), "ab"[n % 2], Features(space, views, length, rows.tobytes()), n * 60_000, n)


@pytest.fixture
def training(embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> Iterator[Training]:
    fit = Endless()
    monkeypatch.setattr(servicer, "train", fit)
    server, port = create_server(ServerConfig(port=0, device="cpu"), None, embedder)
    client = GrpcMlClient(f"127.0.0.1:{port}")
    outcome: list[Trained | UnavailableError] = []

    def call() -> None:
        found = list(examples(embedder.space, embedder.length, 6))
        try:
            outcome.append(client.train("ab", found, lambda *_: None))
        except UnavailableError as exc:
            outcome.append(exc)

    caller = threading.Thread(target=call)
    caller.start()
    assert fit.begun.wait(20)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield server, channel, fit, outcome, caller
    fit.let_go.set()
    caller.join(20)
    client.close()
    server.stop(0)


def test_health_turns_first_and_the_call_in_hand_finishes(training: Training) -> None:
    server, channel, fit, outcome, caller = training
    health: Any = health_pb2_grpc.HealthStub(channel)  # its types know no methods
    watched = health.Watch(health_pb2.HealthCheckRequest(service=""))
    assert next(watched).status == health_pb2.HealthCheckResponse.SERVING
    stopping = threading.Thread(target=server.stop, args=(30,))
    stopping.start()
    assert next(watched).status == NOT_SERVING
    assert not outcome
    watched.cancel()
    fit.let_go.set()
    caller.join(20)
    assert isinstance(outcome[0], Trained)
    assert outcome[0].model
    stopping.join(20)
    assert not stopping.is_alive()


def test_what_is_not_done_after_the_grace_is_handed_back(training: Training) -> None:
    server, _, fit, outcome, caller = training
    server.stop(0.2)
    caller.join(20)
    assert isinstance(outcome[0], UnavailableError)
    assert fit.stopped.is_set()


def test_more_calls_than_a_server_takes_are_refused_as_busy(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = Endless()
    monkeypatch.setattr(servicer, "train", fit)
    server, port = create_server(ServerConfig(port=0, device="cpu", max_concurrent_rpcs=1), None, embedder)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = ml_core_pb2_grpc.MlCoreStub(channel)

        def requests() -> Iterator[pb.TrainRequest]:
            yield pb.TrainRequest(config=pb.TrainConfig(labels=["a", "b"]))
            for item in examples(embedder.space, embedder.length, 6):
                features = pb.Features(
                    space=item.features.space,
                    views=item.features.views,
                    length=item.features.length,
                    values=item.features.values,
                )
                example = pb.Example(id=item.id, label=item.label, features=features)
                yield pb.TrainRequest(batch=pb.ExampleBatch(examples=[example]))

        call = stub.Train(requests())
        assert fit.begun.wait(20)
        with pytest.raises(grpc.RpcError) as caught:
            stub.GetInfo(pb.GetInfoRequest(), timeout=10)
        assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        fit.let_go.set()
        assert list(call)[-1].WhichOneof("event") == "result"
    server.stop(0)


@pytest.mark.parametrize(("given", "served"), [(None, True), (False, False)])
def test_reflection_is_on_unasked_on_loopback_alone(
    embedder: Embedder, given: bool | None, served: bool
) -> None:
    from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest
    from grpc_reflection.v1alpha.reflection_pb2_grpc import ServerReflectionStub

    server, port = create_server(ServerConfig(port=0, device="cpu", reflection=given), None, embedder)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        asked = iter([ServerReflectionRequest(list_services="")])
        stub: Any = ServerReflectionStub(channel)  # its types know no methods
        answers = stub.ServerReflectionInfo(asked, timeout=20)
        if served:
            [answer] = answers
            assert "ml_core.v1.MlCore" in {item.name for item in answer.list_services_response.service}
        else:
            with pytest.raises(grpc.RpcError) as caught:
                list(answers)
            assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED
    server.stop(0)
