"""What each server of the compute tier is asked by itself: a channel balances, and would ask any of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import grpc

from classroom_app.compute.channel import ServerAddress, Tls, parse_targets, resolve
from ml_core.contract.rpc import ml_core_pb2 as pb
from ml_core.contract.rpc.ml_core_pb2_grpc import MlCoreStub

ANSWER_S = 10.0
FORGET_S = 12.0  # a server waits five for what it has in hand

_Answer = TypeVar("_Answer")


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


@dataclass(frozen=True)
class TierForgot:
    """What a deletion did in the memory of the compute tier. `models`: dropped by all servers together;
    `not_done`: servers that could not be asked, or were still at work on what came before.
    """

    models: int = 0
    not_done: int = 0


def forget_on_each(targets: str, tls: Tls | None, models: Sequence[str]) -> TierForgot:
    """Every server drops these models and gives back what it has freed. A name without an address counts as a
    server that could not be asked. Raises TargetError.
    """
    found: set[tuple[ServerAddress, str]] = set()
    nowhere = 0
    for target in parse_targets(targets):
        addresses = resolve(target)
        found |= {(target, address) for _, address in addresses}
        nowhere += not addresses
    if not found:
        return TierForgot(not_done=nowhere)
    with ThreadPoolExecutor(len(found), thread_name_prefix="forget") as threads:
        answers = list(threads.map(lambda one: _forget(one[0], one[1], tls, models), sorted(found, key=str)))
    done = [answer for answer in answers if answer is not None]
    unfinished = sum(answer.calls > 0 for answer in done)
    return TierForgot(sum(answer.models for answer in done), nowhere + len(answers) - len(done) + unfinished)


def _forget(
    target: ServerAddress, address: str, tls: Tls | None, models: Sequence[str]
) -> pb.ForgetResponse | None:
    request = pb.ForgetRequest(models=models)
    return _call(target, address, tls, lambda stub: stub.Forget(request, timeout=FORGET_S))


def _ask(target: ServerAddress, address: str, tls: Tls | None) -> ServerSays:
    info = _call(
        target,
        address,
        tls,
        lambda stub: stub.GetInfo(pb.GetInfoRequest(), timeout=ANSWER_S, wait_for_ready=True),
    )
    if info is None:
        return ServerSays(address)
    return ServerSays(address, info.version, info.space, info.device_name or info.device)


def _call(
    target: ServerAddress, address: str, tls: Tls | None, ask: Callable[[MlCoreStub], _Answer]
) -> _Answer | None:
    """None where nobody answers."""
    options: list[tuple[str, str | int]] = [("grpc.enable_http_proxy", 0)]
    if tls is None:
        channel = grpc.insecure_channel(address, options)
    else:
        options.append(("grpc.ssl_target_name_override", tls.name or target.host))
        channel = grpc.secure_channel(address, tls.credentials(), options)
    with channel:
        try:
            return ask(MlCoreStub(channel))
        except grpc.RpcError:
            return None


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
