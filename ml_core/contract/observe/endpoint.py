"""The metrics of this process for Prometheus, on a port of their own."""

from __future__ import annotations

from prometheus_client import REGISTRY, CollectorRegistry, disable_created_metrics, start_http_server


class MetricsEndpoint:
    """Listens from its making to `stop`. Not the public port: the figures are nobody else's business."""

    def __init__(self, host: str, port: int, registry: CollectorRegistry = REGISTRY) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # series that no dashboard asks for
        self._server, self._thread = start_http_server(port, host, registry)
        self.port: int = self._server.server_port

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)
