"""Traces are free unless they are asked for, and reach whom the environment names."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from structlog.testing import capture_logs

from ml_core.contract.observe import tracing

ROOT = Path(__file__).parents[4]
PARENT = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
SENDS_ONE = f"""
from ml_core.contract.observe import tracing
tracing.start("ml_core")
with tracing.span("Embed", parent={PARENT}, attributes={{"photos": 8}}):
    pass
"""


class Collector(HTTPServer):
    """What an OTLP collector receives over HTTP."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Receive)
        self.received: list[tuple[str, bytes]] = []


class _Receive(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            import gzip

            body = gzip.decompress(body)
        self.server.received.append((self.path, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        return None


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_spans_reach_the_collector_that_the_environment_names(collector: Collector) -> None:
    env = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_port}"}
    subprocess.run([sys.executable, "-c", SENDS_ONE], cwd=ROOT, env=env, check=True, timeout=60)
    ((path, body),) = collector.received
    assert path == "/v1/traces"
    (resource,) = ExportTraceServiceRequest.FromString(body).resource_spans
    names = {item.key: item.value.string_value for item in resource.resource.attributes}
    assert names["service.name"] == "ml_core"
    (span,) = resource.scope_spans[0].spans
    assert (span.name, span.trace_id.hex()) == ("Embed", "0af7651916cd43dd8448eb211c80319c")
    assert span.parent_span_id.hex() == "b7ad6b7169203331"
    assert span.attributes[0].value.int_value == 8


def test_nothing_is_set_up_when_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in tracing.ENDPOINTS:
        monkeypatch.delenv(name, raising=False)
    before = trace.get_tracer_provider()
    tracing.start("web")
    assert trace.get_tracer_provider() is before


def test_a_missing_package_is_said_and_the_class_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    before = trace.get_tracer_provider()
    with capture_logs() as lines:
        tracing.start("web")()
    assert [line["event"] for line in lines] == ["tracing_not_installed"]
    assert "requirements/trace.txt" in lines[0]["install"]
    assert trace.get_tracer_provider() is before


def test_a_trace_is_carried_on_even_without_the_packages() -> None:
    with tracing.span("request", parent=PARENT):
        assert tracing.carry({})["traceparent"].split("-")[1] == PARENT["traceparent"].split("-")[1]
    assert tracing.carry({}) == {}
