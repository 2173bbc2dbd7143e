"""The command that a release is checked with, against servers that really answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent import futures

import grpc
import pytest
from typer.testing import CliRunner

from classroom_app.__main__ import cli
from classroom_app.network import free_port
from classroom_app.settings import get_settings
from ml_core.contract.rpc import ml_core_pb2 as pb
from ml_core.contract.rpc.ml_core_pb2_grpc import MlCoreServicer, add_MlCoreServicer_to_server
from ml_core.contract.version import VERSION

Ask = Callable[..., tuple[int, str]]


class Server(MlCoreServicer):
    def __init__(self, version: str, space: str) -> None:
        self.info = pb.GetInfoResponse(version=version, space=space, device="cpu")

    def GetInfo(self, request: pb.GetInfoRequest, context: grpc.ServicerContext) -> pb.GetInfoResponse:
        return self.info

    Embed = Train = Predict = Explain = Forget = None  # type: ignore[assignment]  # nobody calls them


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """Run the command against servers of these (version, space)."""
    started: list[grpc.Server] = []

    def run(*answers: tuple[str, str], servers: int = 0) -> tuple[int, str]:
        ports = []
        for version, space in answers:
            server = grpc.server(futures.ThreadPoolExecutor(1))
            add_MlCoreServicer_to_server(Server(version, space), server)
            ports.append(server.add_insecure_port("127.0.0.1:0"))
            server.start()
            started.append(server)
        targets = ",".join(f"127.0.0.1:{port}" for port in ports) or f"127.0.0.1:{free_port()}"
        monkeypatch.setenv("CLASSROOM_ML_TARGETS", targets)
        monkeypatch.setattr("classroom_app.compute.each_server.ANSWER_S", 0.5)
        get_settings.cache_clear()
        found = CliRunner().invoke(cli, ["tiers", "--servers", str(servers)])
        return found.exit_code, found.output

    yield run
    for server in started:
        server.stop(None)
    get_settings.cache_clear()


def test_servers_of_one_release_are_well(ask: Ask) -> None:
    status, said = ask((VERSION, "lite0/1"), (VERSION, "lite0/1"), servers=2)
    assert status == 0, said
    assert said.count("lite0/1") == 2


@pytest.mark.parametrize(
    ("answers", "servers", "told"),
    [
        (((VERSION, "a"), ("0.0.1", "a")), 2, "is release 0.0.1"),
        (((VERSION, "a"), (VERSION, "b")), 2, "features of several spaces: a, b"),
        (((VERSION, "a"),), 2, "1 servers, 2 were expected"),
        ((), 0, "does not answer"),
    ],
)
def test_a_half_rolled_out_release_is_told(
    ask: Ask, answers: tuple[tuple[str, str], ...], servers: int, told: str
) -> None:
    status, said = ask(*answers, servers=servers)
    assert status == 1
    assert told in said
