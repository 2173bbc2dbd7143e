"""One in-process server for all tests of the compute tier, on a free loopback port."""

from types import SimpleNamespace

import grpc
import pytest

from ml_core.config import MAX_MESSAGE_BYTES, ServerConfig
from ml_core.contract.blobs import FolderBlobs
from ml_core.contract.rpc import ml_core_pb2_grpc
from ml_core.serve.server import create_server
from ml_core.vision.features import Embedder

OPTIONS = [
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
]


@pytest.fixture(scope="session")
def embedder():
    return Embedder("efficientnet_lite0", "cpu")


@pytest.fixture(scope="session")
def served(embedder, tmp_path_factory):
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
