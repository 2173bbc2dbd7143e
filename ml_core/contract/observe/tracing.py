"""OpenTelemetry traces: free of cost unless OTEL_EXPORTER_OTLP_ENDPOINT says where they go.

The API alone already carries the W3C trace context on; spans are made and sent with the packages of
requirements/trace.txt. Sampling and the rest follow OpenTelemetry's own variables.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import structlog
from opentelemetry import context, propagate, trace
from opentelemetry.trace import Span, SpanKind

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

_log = structlog.get_logger(__name__)
_tracer = trace.get_tracer("classroom")


def start(service: str) -> Callable[[], None]:
    """Send spans where the environment says; returns what ends it. Nothing happens when nothing is said."""
    if not any(os.environ.get(name) for name in ENDPOINTS):
        return _nothing
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as exc:
        # A class does not wait for its traces.
        _log.error("tracing_not_installed", missing=exc.name, install="pip install -r requirements/trace.txt")
        return _nothing
    name = os.environ.get("OTEL_SERVICE_NAME", service)
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return provider.shutdown


def _nothing() -> None:
    return None


@contextmanager
def span(
    name: str,
    kind: SpanKind = SpanKind.INTERNAL,
    parent: Mapping[str, str] | None = None,
    attributes: Mapping[str, str | int | float] | None = None,
) -> Iterator[Span]:
    """One piece of work; `parent` are the headers or the metadata that it was asked for with."""
    token = context.attach(propagate.extract(parent)) if parent is not None else None
    try:
        with _tracer.start_as_current_span(
            name, kind=kind, attributes=dict(attributes or {}), record_exception=False
        ) as made:
            yield made
    finally:
        if token is not None:
            context.detach(token)


def carry(headers: dict[str, str]) -> dict[str, str]:
    """The headers with the trace context of here, for whoever is asked next."""
    propagate.inject(headers)
    return headers
