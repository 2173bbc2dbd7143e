"""What each server of the compute tier says of itself: a channel balances, and would ask any of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import grpc

from classroom_app.compute.channel import ServerAddress, Tls, parse_targets, resolve
from ml_core.contract.rpc import ml_core_pb2 as pb
from ml_core.contract.rpc.ml_core_pb2_grpc import MlCoreStub

ANSWER_S = 10.0


@dataclass(frozen=True)
class ServerSays:
    """Of one address; version, space and device are empty where nobody answered."""

    address: str
    version: str = ""
    space: str = ""
    device: str = ""


def ask_each(targets: str, tls: Tls | None) -> list[ServerSays]:
    """Every address that the names have now, in order. Raises TargetError."""
    found = {(target, address) for target in parse_targets(targets) for _, address in resolve(target)}
    return [_ask(target, address, tls) for target, address in sorted(found, key=lambda one: one[1])]


def _ask(target: ServerAddress, address: str, tls: Tls | None) -> ServerSays:
    options: list[tuple[str, str | int]] = [("grpc.enable_http_proxy", 0)]
    if tls is None:
        channel = grpc.insecure_channel(address, options)
    else:
        options.append(("grpc.ssl_target_name_override", tls.name or target.host))
        channel = grpc.secure_channel(address, tls.credentials(), options)
    with channel:
        try:
            info = MlCoreStub(channel).GetInfo(pb.GetInfoRequest(), timeout=ANSWER_S, wait_for_ready=True)
        except grpc.RpcError:
            return ServerSays(address)
    return ServerSays(address, info.version, info.space, info.device_name or info.device)


def what_is_wrong(servers: Sequence[ServerSays], version: str) -> list[str]:
    """Sentences; none when all are there and of this release, and their features may be mixed."""
    if not servers:
        return ["the names of the compute tier have no address"]
    found = [f"{server.address} does not answer" for server in servers if not server.version]
    found += [
        f"{server.address} is release {server.version}, the web tier is {version}"
        for server in servers
        if server.version and server.version != version
    ]
    spaces = sorted({server.space for server in servers if server.space})
    if len(spaces) > 1:
        found.append(f"features of several spaces: {', '.join(spaces)}")
    return found
