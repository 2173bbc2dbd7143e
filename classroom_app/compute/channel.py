"""One channel to all servers of the compute tier: addresses, mutual TLS, balance, retries, keepalive."""

from __future__ import annotations

import ipaddress
import json
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import grpc
import structlog

from classroom_app.compute.wheels import ChannelOfWheels

MESSAGE_BYTES_MAX = 64 * 1024 * 1024
KEEPALIVE_MS = 30_000  # the server allows one every ten seconds
RECONNECT_MS_MAX = 3_000  # an address that came back is tried again within seconds, not minutes
RESOLVE_EVERY_S = 20.0
LONGEST_CALL_S = 600.0

# Only UNAVAILABLE is safe to retry blindly: the call was not answered by anybody. Whoever says that it is
# going away (health) gets no more calls before it is gone.
_SERVICE_CONFIG = json.dumps(
    {
        "loadBalancingConfig": [{"round_robin": {}}],
        "healthCheckConfig": {"serviceName": "ml_core.v1.MlCore"},
        "methodConfig": [
            # A training streams both ways; the queue, which knows what became of it, asks again itself.
            {"name": [{"service": "ml_core.v1.MlCore", "method": "Train"}]},
            {
                "name": [{"service": "ml_core.v1.MlCore"}],
                "retryPolicy": {
                    "maxAttempts": 4,
                    "initialBackoff": "0.2s",
                    "maxBackoff": "2s",
                    "backoffMultiplier": 2,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            },
        ],
    }
)

_log = structlog.get_logger(__name__)

Stub = TypeVar("Stub")


class TargetError(ValueError):
    """The addresses cannot be used as they are; the text says what to change."""


@dataclass(frozen=True)
class ServerAddress:
    """One address: a name or an IP, and a port."""

    host: str
    port: int

    @property
    def is_address(self) -> bool:
        return _address(self.host) is not None

    @property
    def is_loopback(self) -> bool:
        address = _address(self.host)
        return address.is_loopback if address else self.host == "localhost"


@dataclass(frozen=True)
class Tls:
    """PEM files: the CA of the servers, our certificate and key. `name` is in the servers' certificates."""

    ca: Path
    certificate: Path
    key: Path
    name: str = ""  # "": the host of the first target

    def credentials(self) -> grpc.ChannelCredentials:
        return grpc.ssl_channel_credentials(
            self.ca.read_bytes(), self.key.read_bytes(), self.certificate.read_bytes()
        )


def parse_targets(text: str) -> list[ServerAddress]:
    """`host:port`, `[::1]:port` or `dns:///host:port`, with commas between. Raises TargetError."""
    found = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        host, _, port = part.removeprefix("dns:///").rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not host or "/" in host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise TargetError(f"not host:port or dns:///host:port: {part!r}")
        found.append(ServerAddress(host, int(port)))
    if not found:
        raise TargetError("the compute tier needs at least one address, such as 127.0.0.1:50051")
    return found


def check_targets(targets: Sequence[ServerAddress], tls: Tls | None) -> None:
    """Photos leave this machine encrypted or not at all. Raises TargetError."""
    far = [target.host for target in targets if not target.is_loopback]
    if far and tls is None:
        raise TargetError(f"{far[0]} is another machine: without TLS only loopback is asked")


class Link(Generic[Stub]):
    """A stub on a channel that follows the servers' addresses; safe to share between threads."""

    def __init__(self, targets: str, tls: Tls | None, make_stub: Callable[[grpc.Channel], Stub]) -> None:
        self._targets = parse_targets(targets)
        check_targets(self._targets, tls)
        self._tls = tls
        self._make_stub = make_stub
        self._stopping = threading.Event()
        self._retired: list[tuple[float, grpc.Channel]] = []
        self._address = self._find()
        self._channel = self._open(self._address)
        self.stub = make_stub(self._channel)
        if self._resolves_itself:
            threading.Thread(target=self._follow, name="ml-addresses", daemon=True).start()

    def close(self) -> None:
        self._stopping.set()
        for _, channel in self._retired:
            channel.close()
        self._channel.close()

    @property
    def _resolves_itself(self) -> bool:
        """gRPC looks after one name (with several addresses) by itself, but takes lists of addresses alone:
        the ports of several GPUs behind one name are ours to spell out."""
        return len(self._targets) > 1 and not all(target.is_address for target in self._targets)

    def _find(self) -> str:
        """The target as gRPC takes it."""
        if len(self._targets) == 1:
            target = self._targets[0]
            return f"dns:///{_joined(target.host, target.port)}"
        found = sorted({address for target in self._targets for address in resolve(target)})
        schemes = {scheme for scheme, _ in found}
        if not found:
            first = self._targets[0]
            return f"dns:///{_joined(first.host, first.port)}"  # fails until it has an address
        # One list is of one family; a mixed one is as good by its IPv4 half.
        scheme = "ipv4" if "ipv4" in schemes else "ipv6"
        return f"{scheme}:" + ",".join(address for kind, address in found if kind == scheme)

    def _open(self, address: str) -> grpc.Channel:
        return ChannelOfWheels(lambda: self._open_one(address))

    def _open_one(self, address: str) -> grpc.Channel:
        options: list[tuple[str, str | int]] = [
            ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
            ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
            ("grpc.service_config", _SERVICE_CONFIG),
            ("grpc.max_reconnect_backoff_ms", RECONNECT_MS_MAX),
            ("grpc.keepalive_time_ms", KEEPALIVE_MS),
            # A quiet class keeps its connections too: firewalls forget those that say nothing.
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.max_pings_without_data", 0),
            # The servers are ours: what a school's environment names as its proxy shall not see photos.
            ("grpc.enable_http_proxy", 0),
        ]
        if self._tls is None:
            return grpc.insecure_channel(address, options)
        # A list of addresses has no name: this one is still looked for in each server's certificate.
        name = self._tls.name or self._targets[0].host
        options.append(("grpc.ssl_target_name_override", name))
        return grpc.secure_channel(address, self._tls.credentials(), options)

    def _follow(self) -> None:
        while not self._stopping.wait(RESOLVE_EVERY_S):
            self.follow_once()

    def follow_once(self) -> None:
        """Look the names up again; new addresses get a new channel, the old one ends with its calls."""
        now = time.monotonic()
        over = [channel for since, channel in self._retired if now - since > LONGEST_CALL_S]
        self._retired = [(since, channel) for since, channel in self._retired if channel not in over]
        for channel in over:
            channel.close()
        address = self._find()
        if address == self._address or address.startswith("dns:"):
            return  # a name server that is away for a moment is no reason to forget the servers
        _log.info("compute_tier_moved")
        self._retired.append((now, self._channel))
        self._address, self._channel = address, self._open(address)
        self.stub = self._make_stub(self._channel)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def resolve(target: ServerAddress) -> list[tuple[str, str]]:
    """(scheme, address:port) of every address that the name has now."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError:
        _log.warning("compute_tier_name_unknown", name=target.host)
        return []
    return [
        ("ipv6" if family == socket.AF_INET6 else "ipv4", _joined(str(where[0]), target.port))
        for family, _, _, _, where in found
        if family in {socket.AF_INET, socket.AF_INET6}
    ]


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
