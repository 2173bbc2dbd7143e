"""One server process: options, TLS, health, reflection, start and graceful stop."""

from __future__ import annotations

import signal
import threading
import time
from concurrent import futures

import grpc
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from ml_core.config import DRAIN_SECONDS, LOOPBACK, MAX_MESSAGE_BYTES, ServerConfig, TlsFiles
from ml_core.contract.blobs import BlobStore
from ml_core.contract.rpc import ml_core_pb2, ml_core_pb2_grpc
from ml_core.serve.call_observer import ServerCallObserver
from ml_core.serve.metrics import open_metrics_port
from ml_core.serve.servicer import MlCoreServicer
from ml_core.vision.features import Embedder

log = structlog.get_logger()

SERVICE_NAME = ml_core_pb2.DESCRIPTOR.services_by_name["MlCore"].full_name
# Time for callers who watch our health to send their next call elsewhere, before the port closes.
HEALTH_HEAD_START_SECONDS = 0.5
MAX_HEALTH_WATCHERS = 64  # one for each channel of the web tier
MIN_PING_INTERVAL_MS = 10_000  # a caller that pings oftener is cut off
DEAD_CALLER_PING_MS = 60_000  # work for a caller that is gone is stopped after about this long


class RunningServer:
    """A started server and what must be stopped with it."""

    def __init__(
        self, server: grpc.Server, servicer: MlCoreServicer, health_servicer: health.HealthServicer
    ) -> None:
        self._server = server
        self._servicer = servicer
        self._health = health_servicer
        self.state = servicer.state

    def stop(self, grace_seconds: float = DRAIN_SECONDS) -> None:
        """Health turns first, so that balanced callers go elsewhere; calls in hand may finish.

        What is not done after the grace is handed back: its caller is told UNAVAILABLE.
        """
        self._health.enter_graceful_shutdown()
        if grace_seconds:
            time.sleep(min(grace_seconds, HEALTH_HEAD_START_SECONDS))
        self._server.stop(grace_seconds).wait()
        self._servicer.stop()

    def wait(self) -> None:
        self._server.wait_for_termination()


def create_server(
    settings: ServerConfig, blobs: BlobStore | None = None, embedder: Embedder | None = None
) -> tuple[RunningServer, int]:
    """A server that already listens, and its port. It is ready when this returns: the backbone has
    run once on each of its threads."""
    if settings.tls is None and settings.host not in LOOPBACK:
        raise ValueError("without TLS files only a loopback address is served")
    embedder = embedder or Embedder(settings.backbone, settings.device, settings.threads)
    servicer = MlCoreServicer(embedder, blobs, settings)
    server = grpc.server(
        futures.ThreadPoolExecutor(settings.max_concurrent_rpcs, thread_name_prefix="rpc"),
        interceptors=[ServerCallObserver()],
        maximum_concurrent_rpcs=settings.max_concurrent_rpcs,
        options=(
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.min_ping_interval_without_data_ms", MIN_PING_INTERVAL_MS),
            ("grpc.keepalive_time_ms", DEAD_CALLER_PING_MS),
            ("grpc.so_reuseport", 0),  # a second server on this port must fail, not share it
        ),
    )
    ml_core_pb2_grpc.add_MlCoreServicer_to_server(servicer, server)
    # Not its non-blocking default: that one sends while it holds its lock, and waits for ever for the
    # server's own thread when a watcher leaves at this moment. So each watcher has a thread here.
    health_servicer = health.HealthServicer(
        experimental_non_blocking=False,
        experimental_thread_pool=futures.ThreadPoolExecutor(MAX_HEALTH_WATCHERS, thread_name_prefix="health"),
    )
    health_pb2_grpc.add_HealthServicer_to_server(health_servicer, server)
    on_loopback = settings.host in LOOPBACK
    if on_loopback if settings.reflection is None else settings.reflection:
        reflection.enable_server_reflection(
            (SERVICE_NAME, health.SERVICE_NAME, reflection.SERVICE_NAME), server
        )
    port = _bind(server, f"{_bracketed(settings.host)}:{settings.port}", settings.tls)
    if settings.socket:
        # A health check has no client's certificate, and needs none: who opens this file is this user.
        server.add_insecure_port(f"unix:{settings.socket}")
    server.start()
    for name in ("", SERVICE_NAME):
        health_servicer.set(name, health_pb2.HealthCheckResponse.SERVING)
    return RunningServer(server, servicer, health_servicer), port


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _bind(server: grpc.Server, address: str, tls: TlsFiles | None) -> int:
    if tls is None:
        return server.add_insecure_port(address)
    pair = (tls.key.read_bytes(), tls.certificate.read_bytes())
    # Callers must show a certificate of the same CA: the port may be reachable from a whole VPC.
    credentials = grpc.ssl_server_credentials(
        [pair], root_certificates=tls.ca.read_bytes(), require_client_auth=True
    )
    return server.add_secure_port(address, credentials)


def serve_until_signal(
    settings: ServerConfig, blobs: BlobStore | None, drain_seconds: float = DRAIN_SECONDS
) -> None:
    """Run in the foreground; prints one line with the address when ready."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    running, port = create_server(settings, blobs)
    if settings.metrics_port:
        open_metrics_port(settings.metrics_host, settings.metrics_port, running.state)
    print(f"ml_core ready on {_bracketed(settings.host)}:{port}", flush=True)
    stopping.wait()
    log.info("stopping", grace_seconds=drain_seconds)
    running.stop(drain_seconds)
    log.info("stopped")
