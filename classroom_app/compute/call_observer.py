"""Goes around every call to the compute tier: request id, trace context, seconds by method and code."""

from __future__ import annotations

import time
from collections import namedtuple
from collections.abc import Callable
from typing import Any

import grpc
from opentelemetry.trace import SpanKind
from prometheus_client import Histogram

from ml_core.contract.observe import request_id, tracing

CALL_SECONDS = Histogram(
    "classroom_ml_call_seconds", "Seconds of a call to the compute tier, as the web tier sees it",
    ["method", "code"], buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)  # fmt: skip

_Details = namedtuple(
    "_Details", ("method", "timeout", "metadata", "credentials", "wait_for_ready", "compression")
)


class ClientCallObserver(grpc.UnaryUnaryClientInterceptor, grpc.StreamStreamClientInterceptor):
    """Wraps a channel: `grpc.intercept_channel(channel, ClientCallObserver())`."""

    def intercept_unary_unary(
        self, continuation: Callable[..., Any], details: grpc.ClientCallDetails, request: Any
    ) -> Any:
        return self._watched(continuation, details, request)

    def intercept_stream_stream(
        self, continuation: Callable[..., Any], details: grpc.ClientCallDetails, request_iterator: Any
    ) -> Any:
        return self._watched(continuation, details, request_iterator)

    @staticmethod
    def _watched(continuation: Callable[..., Any], details: Any, request: Any) -> Any:
        started = time.perf_counter()
        method = details.method.rpartition("/")[2]
        # For a stream the span ends when the call has begun: what comes back is the server's span.
        with tracing.span(details.method.lstrip("/"), SpanKind.CLIENT):
            metadata = {request_id.METADATA_KEY: request_id.current() or request_id.new()}
            metadata = tracing.carry(metadata)
            call = continuation(
                _Details(
                    details.method,
                    details.timeout,
                    [*(details.metadata or ()), *metadata.items()],
                    details.credentials,
                    details.wait_for_ready,
                    details.compression,
                ),
                request,
            )

        def ended(done: Any) -> None:
            code = done.code() or grpc.StatusCode.UNKNOWN
            CALL_SECONDS.labels(method, code.name).observe(time.perf_counter() - started)

        call.add_done_callback(ended)
        return call
