"""Watches every call of our service: request id, trace, seconds by method and code, one log line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import structlog
from opentelemetry.trace import SpanKind

from ml_core.contract.observe import request_id, tracing
from ml_core.contract.rpc import ml_core_pb2
from ml_core.serve.metrics import RPC_SECONDS

SERVICE = ml_core_pb2.DESCRIPTOR.services_by_name["MlCore"].full_name
METHODS = frozenset(method.name for method in ml_core_pb2.DESCRIPTOR.services_by_name["MlCore"].methods)
OFTEN = frozenset({"GetInfo", "Predict"})  # several a second from every iPad: not worth a line each
SLOW_S = 2.0
_OUR_FAULT = {grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL}

_log = structlog.get_logger(__name__)


class ServerCallObserver(grpc.ServerInterceptor):
    """Goes around the servicer's methods; health and reflection pass untouched."""

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Any],
        details: grpc.HandlerCallDetails,
    ) -> Any:
        handler = continuation(details)
        service, _, method = details.method.lstrip("/").partition("/")
        if handler is None or service != SERVICE or method not in METHODS:
            return handler
        sent = {name: value for name, value in details.invocation_metadata if isinstance(value, str)}
        if handler.stream_stream is not None:
            return grpc.stream_stream_rpc_method_handler(
                _streaming(handler.stream_stream, method, sent),
                handler.request_deserializer,
                handler.response_serializer,
            )
        return grpc.unary_unary_rpc_method_handler(
            _unary(handler.unary_unary, method, sent),
            handler.request_deserializer,
            handler.response_serializer,
        )


def _unary(behavior: Callable[..., Any], method: str, sent: dict[str, str]) -> Callable[..., Any]:
    def answer(request: Any, context: grpc.ServicerContext) -> Any:
        with _watched(method, sent, context):
            return behavior(request, context)

    return answer


def _streaming(behavior: Callable[..., Any], method: str, sent: dict[str, str]) -> Callable[..., Any]:
    def answer(requests: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        with _watched(method, sent, context):
            yield from behavior(requests, context)

    return answer


@contextmanager
def _watched(method: str, sent: dict[str, str], context: Any) -> Iterator[None]:
    started = time.perf_counter()
    number = request_id.accept(sent.get(request_id.METADATA_KEY)) or request_id.new()
    code = grpc.StatusCode.UNKNOWN
    with request_id.bound(number), tracing.span(f"{SERVICE}/{method}", SpanKind.SERVER, sent) as span:
        try:
            yield
            code = context.code() or grpc.StatusCode.OK
        except GeneratorExit:  # the caller is gone, and nobody reads the stream any more
            code = grpc.StatusCode.CANCELLED
            raise
        except BaseException:
            code = context.code() or grpc.StatusCode.UNKNOWN
            raise
        finally:
            seconds = time.perf_counter() - started
            RPC_SECONDS.labels(method, code.name).observe(seconds)
            span.set_attribute("rpc.grpc.status_code", code.value[0])
            _note(method, code, seconds)


def _note(method: str, code: grpc.StatusCode, seconds: float) -> None:
    if code in _OUR_FAULT:
        _log.error("rpc", method=method, code=code.name, seconds=round(seconds, 3))
    elif method not in OFTEN or code is not grpc.StatusCode.OK or seconds > SLOW_S:
        _log.info("rpc", method=method, code=code.name, seconds=round(seconds, 3))
