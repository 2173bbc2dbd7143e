"""The channel to the compute tier over real sockets: balance, names, certificates, health, moves."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from classroom_app.compute import channel
from classroom_app.compute.channel import ServerAddress, TargetError, Tls, check_targets, parse_targets
from classroom_app.compute.client import PHOTOS_AT_ONCE, GrpcMlClient
from classroom_app.compute.interface import EmbedSizes, Features, PhotoSource
from classroom_app.errors import MlRefusedError, UnavailableError
from classroom_app.onsite.tier_certificates import make_certificates
from ml_core.contract.rpc import ml_core_pb2 as pb
from ml_core.contract.rpc import ml_core_pb2_grpc
from ml_core.serve import server as ml_server
from tests.support.running import wait_for

NAME = "ml.classroom.internal"


class Counted(ml_core_pb2_grpc.MlCoreServicer):
    """Answers GetInfo and counts; the first `refusals` calls are refused with `code`."""

    def __init__(self) -> None:
        self.calls = 0
        self.refusals = 0
        self.code = grpc.StatusCode.UNAVAILABLE
        self.embeds: list[int] = []  # photos of each call
        self.size_max = 16
        self.at_once = 0  # a server of the release before does not say

    def GetInfo(self, request: pb.GetInfoRequest, context: grpc.ServicerContext) -> pb.GetInfoResponse:
        self.calls += 1
        if self.refusals:
            self.refusals -= 1
            context.abort(self.code, "refused")
        return pb.GetInfoResponse(space="s", max_photos_per_embed=self.size_max, photos_at_once=self.at_once)

    def Embed(self, request: pb.EmbedRequest, context: grpc.ServicerContext) -> pb.EmbedResponse:
        if len(request.photos) > self.size_max:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "too many")
        self.embeds.append(len(request.photos))
        return pb.EmbedResponse(photos=[pb.EmbeddedPhoto(id=photo.id) for photo in request.photos])

    def Predict(self, request: pb.PredictRequest, context: grpc.ServicerContext) -> pb.PredictResponse:
        """As the release before: of looking around it knows nothing."""
        return pb.PredictResponse(predictions=[pb.Prediction(id=item.id) for item in request.featured])


class Served:
    """One small server on a port of its own."""

    def __init__(self, certs: Path | None) -> None:
        self.servicer = Counted()  # type: ignore[abstract]  # the other calls answer that they are not there
        self.server = grpc.server(futures.ThreadPoolExecutor(4), options=(("grpc.so_reuseport", 0),))
        ml_core_pb2_grpc.add_MlCoreServicer_to_server(self.servicer, self.server)
        self.health = health.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self.health, self.server)
        self.health.set("ml_core.v1.MlCore", health_pb2.HealthCheckResponse.SERVING)
        if certs is None:
            self.port = self.server.add_insecure_port("127.0.0.1:0")
        else:
            pair = ((certs / "server.key").read_bytes(), (certs / "server.pem").read_bytes())
            credentials = grpc.ssl_server_credentials([pair], (certs / "ca.pem").read_bytes(), True)
            self.port = self.server.add_secure_port("127.0.0.1:0", credentials)
        self.server.start()


@pytest.fixture
def certs(tmp_path: Path) -> Path:
    make_certificates(tmp_path, [NAME], days=1, ca_days=2)
    return tmp_path


@pytest.fixture
def serve(certs: Path) -> Iterator[Callable[..., Served]]:
    started: list[Served] = []

    def start(encrypted: bool = True) -> Served:
        started.append(Served(certs if encrypted else None))
        return started[-1]

    yield start
    for one in started:
        one.server.stop(None).wait()


def tls(certs: Path, name: str = NAME, pair: str = "client") -> Tls:
    return Tls(certs / "ca.pem", certs / f"{pair}.pem", certs / f"{pair}.key", name)


def until_both_answer(client: GrpcMlClient, *servers: Served) -> None:
    def asked() -> bool:
        client.space()
        return all(one.servicer.calls for one in servers)

    wait_for(asked, 10, "every server was asked")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "dns:///localhost"])
def test_ports_of_one_host_are_balanced_over_mutual_tls(
    serve: Callable[..., Served], certs: Path, host: str
) -> None:
    """As the eight processes of a machine with eight GPUs, by its address or by its name."""
    both = serve(), serve()
    client = GrpcMlClient(", ".join(f"{host}:{one.port}" for one in both), tls(certs))
    until_both_answer(client, *both)
    client.close()


@pytest.mark.parametrize("changed", [{"name": "other.internal"}, {"pair": "server"}])
def test_a_server_of_another_name_and_a_caller_with_a_servers_certificate_are_refused(
    serve: Callable[..., Served], certs: Path, changed: dict[str, str]
) -> None:
    one, two = serve(), serve()
    client = GrpcMlClient(f"127.0.0.1:{one.port},127.0.0.1:{two.port}", tls(certs, **changed))
    assert not client.is_ready()
    assert one.servicer.calls + two.servicer.calls == 0
    client.close()


def test_who_says_that_it_is_going_gets_no_more_calls(serve: Callable[..., Served], certs: Path) -> None:
    going, staying = serve(), serve()
    client = GrpcMlClient(f"127.0.0.1:{going.port},127.0.0.1:{staying.port}", tls(certs))
    until_both_answer(client, going, staying)
    going.health.enter_graceful_shutdown()

    def moved() -> bool:
        before = going.servicer.calls
        for _ in range(6):
            client.space()
        return going.servicer.calls == before

    wait_for(moved, 10, "all calls go to the other server")
    client.close()


def test_unavailable_is_asked_again_elsewhere_and_busy_is_not(
    serve: Callable[..., Served], certs: Path
) -> None:
    one = serve()
    client = GrpcMlClient(f"localhost:{one.port}", tls(certs))
    one.servicer.refusals = 2
    assert client.space() == "s"
    assert one.servicer.calls == 3
    one.servicer.refusals, one.servicer.code = 1, grpc.StatusCode.RESOURCE_EXHAUSTED
    with pytest.raises(UnavailableError):
        client.space()
    assert one.servicer.calls == 4
    client.close()


def some(number: int) -> list[PhotoSource]:
    return [PhotoSource(f"p{n}", image=b"photo") for n in range(number)]


@pytest.mark.parametrize("asks_before_each", [False, True])
def test_work_is_shared_however_calls_alternate(serve: Callable[..., Served], asks_before_each: bool) -> None:
    """On one wheel a question before each piece of work sends all the work to one of two servers."""
    both = serve(encrypted=False), serve(encrypted=False)
    client = GrpcMlClient(",".join(f"127.0.0.1:{one.port}" for one in both))
    until_both_answer(client, *both)

    def begun() -> bool:
        client.embed(some(1))
        return all(one.servicer.embeds for one in both)

    wait_for(begun, 10, "both embed")
    before = [len(one.servicer.embeds) for one in both]
    for _ in range(20):
        if asks_before_each:
            client.space()
        client.embed(some(1))
    done = [len(one.servicer.embeds) - n for one, n in zip(both, before, strict=True)]
    client.close()
    assert sum(done) == 20
    assert min(done) >= 7  # 35 %


def test_what_a_server_takes_at_once_is_asked_for_seldom_and_again_after_an_error(
    serve: Callable[..., Served],
) -> None:
    one = serve(encrypted=False)
    client = GrpcMlClient(f"127.0.0.1:{one.port}")
    for _ in range(3):
        assert len(client.embed(some(20))) == 20
    assert (one.servicer.calls, one.servicer.embeds) == (1, [16, 4] * 3)
    one.servicer.size_max = 8  # another release
    with pytest.raises(MlRefusedError):
        client.embed(some(20))
    one.servicer.embeds.clear()
    assert len(client.embed(some(20))) == 20
    assert (one.servicer.calls, one.servicer.embeds) == (2, [8, 8, 4])
    client.close()


def test_a_server_says_how_many_photos_keep_it_busy(serve: Callable[..., Served]) -> None:
    one = serve(encrypted=False)
    old = GrpcMlClient(f"127.0.0.1:{one.port}")
    assert old.embed_sizes() == EmbedSizes(16, PHOTOS_AT_ONCE)
    one.servicer.at_once = 252
    new = GrpcMlClient(f"127.0.0.1:{one.port}")
    for _ in range(3):
        assert new.embed_sizes() == EmbedSizes(16, 252)
        new.embed(some(3))
    assert one.servicer.calls == 2
    for client in (old, new):
        client.close()


def test_the_channel_follows_a_name_to_its_new_address(
    serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = serve(encrypted=False), serve(encrypted=False)
    ports = [before.port, before.port]

    def found(target: ServerAddress) -> list[tuple[str, str]]:
        return [("ipv4", f"127.0.0.1:{port}") for port in ports]

    monkeypatch.setattr(channel, "resolve", found)
    client = GrpcMlClient("localhost:1,localhost:2")
    client.space()
    ports[:] = [after.port]
    client.link.follow_once()
    client.space()
    assert after.servicer.calls == 1
    ports[:] = []  # the name server is away
    client.link.follow_once()
    client.space()
    assert (before.servicer.calls, after.servicer.calls) == (1, 2)
    client.close()


def test_targets_are_read_in_every_form() -> None:
    found = parse_targets("dns:///ml.internal:50051, 10.0.0.5:50052,[::1]:50053,")
    assert found == [
        ServerAddress("ml.internal", 50051),
        ServerAddress("10.0.0.5", 50052),
        ServerAddress("::1", 50053),
    ]
    for wrong in ("", "ml.internal", "ml.internal:x", "http://ml:1", "ml:70000", ":50051"):
        with pytest.raises(TargetError):
            parse_targets(wrong)


def test_other_machines_are_asked_over_tls_alone(certs: Path) -> None:
    here = parse_targets("127.0.0.1:1,localhost:2,[::1]:3,127.8.0.1:4")
    check_targets(here, None)
    away = parse_targets("127.0.0.1:1,ml.internal:2")
    check_targets(away, tls(certs))
    with pytest.raises(TargetError, match=r"ml\.internal"):
        check_targets(away, None)


def test_pings_are_no_oftener_than_the_server_allows() -> None:
    assert channel.KEEPALIVE_MS >= 2 * ml_server.MIN_PING_INTERVAL_MS


def test_a_name_stands_for_all_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    def two(host: str, port: int, **_options: Any) -> list[Any]:
        return [(socket.AF_INET, None, None, "", (f"10.0.0.{n}", port)) for n in (5, 6)]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    assert channel.resolve(ServerAddress("ml.internal", 50051)) == [
        ("ipv4", "10.0.0.5:50051"),
        ("ipv4", "10.0.0.6:50051"),
    ]


def test_numbers_of_a_server_that_cannot_look_around_are_none(
    serve: Callable[..., Served], certs: Path
) -> None:
    """While a release is rolled out: plain numbers would pass for those after looking around."""
    client = GrpcMlClient(f"localhost:{serve().port}", tls(certs))
    photo = ("one", Features("s", 1, 2, b"abcd"))
    assert [found.id for found in client.predict_features("m", bytes, [photo])] == ["one"]
    with pytest.raises(UnavailableError):
        client.predict_features("m", bytes, [photo], [photo])
    client.close()
