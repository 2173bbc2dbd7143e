"""One in-process server for all tests of the compute tier, on a free port; a tiny second backbone."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from types import SimpleNamespace

import grpc
import pytest
import torch

from ml_core.config import DEFAULT_BACKBONE, MAX_MESSAGE_BYTES, ServerConfig
from ml_core.contract.blobs import FolderBlobs
from ml_core.contract.rpc import ml_core_pb2_grpc
from ml_core.serve.server import create_server
from ml_core.vision.backbones import BACKBONES
from ml_core.vision.by_torch.stages import StagedBackbone
from ml_core.vision.features import Embedder

OPTIONS = [
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
]


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return Embedder(DEFAULT_BACKBONE, "cpu")


@pytest.fixture(scope="session")
def served(embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    blobs = FolderBlobs(tmp_path_factory.mktemp("blobs"))
    server, port = create_server(ServerConfig(port=0, device="cpu"), blobs, embedder)
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=OPTIONS) as channel:
        yield SimpleNamespace(
            channel=channel,
            stub=ml_core_pb2_grpc.MlCoreStub(channel),
            blobs=blobs,
            port=port,
            embedder=embedder,
        )
    server.stop(0)


@pytest.fixture
def tiny_backbone(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of one more backbone of the table, with random weights: what is said of it costs no time."""

    def build() -> StagedBackbone:
        torch.manual_seed(0)
        stages: list[torch.nn.Module] = [
            torch.nn.Sequential(torch.nn.Conv2d(a, b, 3, stride=4), torch.nn.ReLU())
            for a, b in ((3, 6), (6, 12))
        ]
        return StagedBackbone(stages, (6, 12))

    spec = dataclasses.replace(
        BACKBONES[DEFAULT_BACKBONE],
        name="tiny",
        middle_stages=1,
        native_side=64,
        input_side=64,
        build=build,
        exported=None,
    )
    monkeypatch.setitem(BACKBONES, "tiny", spec)
    return "tiny"
