"""One id from the iPad to the GPU, in logs, figures and traces: the real tiers over a real channel."""

from __future__ import annotations

import functools
import io
import time
import uuid
from collections.abc import Callable, Iterator, MutableMapping
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import REGISTRY
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from classroom_app.compute.client import GrpcMlClient
from classroom_app.compute.interface import MlClient
from classroom_app.data.tables import ChallengePhoto, Photo
from classroom_app.resources import App, set_app
from classroom_app.web.gauges import AppState
from ml_core.contract.observe.endpoint import MetricsEndpoint
from ml_core.serve.metrics import ServerState
from tests.integration.classroom_app.web.test_routes import Browser
from tests.support.running import wait_for
from tests.support.stand_ins import COLORS, group_cookie, jpeg

Line = MutableMapping[str, Any]


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.fixture
def app(make_app: Callable[[MlClient], App], served: SimpleNamespace) -> Iterator[App]:
    """The web tier over the real compute tier."""
    ml = GrpcMlClient(f"127.0.0.1:{served.port}")
    app = make_app(ml)
    set_app(app)
    app.queue.start()
    yield app
    app.queue.stop()
    set_app(None)
    app.db.close()
    ml.close()


@pytest.fixture
def ipad(app: App, event: Any) -> Browser:
    browser = Browser(app)
    browser.cookies.set("group", group_cookie(app, event, 0))
    return browser


def send(ipad: Browser, event: Any, per_label: int) -> dict[str, httpx.Response]:
    answers = {}
    for label in event.labels:
        for n in range(per_label):
            photo_id = str(uuid.uuid4())
            answers[photo_id] = ipad.post(
                f"/photos?label={label.id}",
                content=jpeg(COLORS[label.key], n),
                headers={"X-Photo-Id": photo_id},
            )
    return answers


def named(lines: list[Line], event: str, **fields: object) -> list[Line]:
    return [line for line in lines if line["event"] == event and fields.items() <= line.items()]


def train(app: App, ipad: Browser) -> tuple[str, httpx.Response]:
    tap = ipad.post("/runs")
    run_id: str = tap.json()["id"]
    wait_for(lambda: ipad("GET", f"/runs/{run_id}").json()["state"] in {"done", "failed"})
    assert ipad("GET", f"/runs/{run_id}").json()["state"] == "done"
    return run_id, tap


def test_one_id_goes_with_a_photo_and_with_a_run_through_both_tiers(
    app: App, ipad: Browser, event: Any
) -> None:
    with capture_logs(processors=[merge_contextvars]) as lines:
        answers = send(ipad, event, 5)
        while app.embedding.embed_some(Photo) or app.embedding.embed_some(ChallengePhoto):
            pass
        run_id, tap = train(app, ipad)
        wait_for(lambda: named(lines, "run_done"))

    for photo_id, answer in answers.items():
        assert answer.headers["X-Request-Id"] == photo_id
        (line,) = named(lines, "request", request_id=photo_id)
        assert (line["route"], line["status"]) == ("/photos", 201)
        (batch,) = (line for line in named(lines, "photos_embedded") if photo_id in line["photos"])
        (rpc,) = named(lines, "rpc", request_id=batch["request_id"])
        assert (rpc["method"], rpc["code"]) == ("Embed", "OK")

    assert named(lines, "run_enqueued", run=run_id, request_id=tap.headers["X-Request-Id"])
    (rpc,) = named(lines, "rpc", method="Train")
    assert (rpc["request_id"], rpc["code"]) == (run_id, "OK")
    assert named(lines, "run_done", request_id=run_id)
    assert all(
        "request_id" in line for line in lines if line["event"] in {"rpc", "request", "photos_embedded"}
    )
    told = str(lines)
    secrets = [ipad.cookies["group"], *(group.join_path for group in event.groups), "192.0.2.7"]
    assert [secret for secret in secrets if secret in told] == []


def test_the_figures_say_what_was_done(app: App, ipad: Browser, event: Any) -> None:
    counted: dict[str, tuple[str, dict[str, str]]] = {
        "saved": ("classroom_uploads_total", {"outcome": "saved"}),
        "refused": ("classroom_uploads_total", {"outcome": "refused"}),
        "not_allowed": ("classroom_uploads_total", {"outcome": "not_allowed"}),
        "seconds": ("classroom_upload_seconds_count", {}),
        "bytes": ("classroom_upload_bytes_total", {}),
        "done": ("classroom_runs_total", {"outcome": "done"}),
        "waited": ("classroom_run_wait_seconds_count", {}),
        "prepared": ("classroom_run_stage_seconds_count", {"stage": "prepare"}),
        "fitted": ("classroom_run_stage_seconds_count", {"stage": "fit"}),
        "finished": ("classroom_run_stage_seconds_count", {"stage": "finish"}),
        "asked": ("classroom_ml_call_seconds_count", {"method": "Train", "code": "OK"}),
        "answered": ("ml_core_rpc_seconds_count", {"method": "Train", "code": "OK"}),
        "embedded": ("ml_core_embedded_photos_total", {"kind": "new"}),
        "in_batches": ("ml_core_embed_batch_photos_sum", {}),
    }
    before = {key: value(name, **labels) for key, (name, labels) in counted.items()}
    send(ipad, event, 5)
    path = f"/photos?label={event.labels[0].id}"
    ipad.post(path, content=b"no photo", headers={"X-Photo-Id": str(uuid.uuid4())})
    Browser(app).post(path, content=b"a stranger's", headers={"X-Photo-Id": str(uuid.uuid4())})
    train(app, ipad)
    wait_for(lambda: value("classroom_runs_total", outcome="done") > before["done"])
    more = {key: value(name, **labels) - before[key] for key, (name, labels) in counted.items()}
    size = sum(len(jpeg(COLORS[label.key], n)) for label in event.labels for n in range(5))
    assert more == {
        **dict.fromkeys(counted, 1.0),
        "saved": 15.0,
        "seconds": 17.0,
        "bytes": float(size),
        "embedded": 27.0,  # twelve of the challenge set
        "in_batches": 27.0,
    }


def test_the_metrics_port_says_what_waits_and_which_parts_answer(app: App, ipad: Browser, event: Any) -> None:
    send(ipad, event, 2)
    state = AppState(app.backlog.count, app.readiness, lambda: 3)
    REGISTRY.register(state)
    endpoint = MetricsEndpoint("127.0.0.1", 0)
    try:
        text = httpx.get(f"http://127.0.0.1:{endpoint.port}/metrics", trust_env=False).text
    finally:
        endpoint.stop()
        REGISTRY.unregister(state)
    lines = set(text.splitlines())
    assert {
        'classroom_photos_waiting{kind="class"} 6.0',
        'classroom_photos_waiting{kind="challenge"} 12.0',
        'classroom_runs_active{state="queued"} 0.0',
        'classroom_part_up{part="database"} 1.0',
        'classroom_part_up{part="ml_core"} 1.0',
        "classroom_streamlit_sessions 3.0",
        "classroom_run_oldest_wait_seconds 0.0",
    } <= lines
    secrets = [event.id, *(group.id for group in event.groups), *(label.id for label in event.labels)]
    assert [secret for secret in secrets if secret in text] == []
    assert ipad("GET", "/metrics").status_code == 404, "never on the public port"


def test_the_compute_tier_says_what_waits_and_what_it_keeps() -> None:
    state = ServerState(lambda: 7, lambda: 2)
    found = {metric.name: [sample.value for sample in metric.samples] for metric in state.collect()}
    assert found["ml_core_photos_waiting"] == [7]
    assert found["ml_core_models_cached"] == [2]


def test_a_run_that_waits_is_seen_with_its_age(app: App, ipad: Browser, event: Any, monkeypatch: Any) -> None:
    send(ipad, event, 5)
    monkeypatch.setattr(app.queue, "enqueue", lambda run_id: None)  # the queue does not take it up
    ipad.post("/runs")
    time.sleep(0.05)
    backlog = app.backlog.count()
    assert backlog.runs == {"queued": 1, "running": 0}
    assert backlog.oldest_run_s >= 0.05


@functools.cache
def provider() -> TracerProvider:
    """That of this process, which takes one and no other."""
    made = TracerProvider()
    trace.set_tracer_provider(made)
    return made


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider().add_span_processor(SimpleSpanProcessor(exporter))
    yield exporter
    exporter.shutdown()  # it takes no more


def test_one_trace_goes_from_the_request_to_the_compute_tier(
    app: App, ipad: Browser, event: Any, spans: InMemorySpanExporter
) -> None:
    send(ipad, event, 5)
    train(app, ipad)
    wait_for(lambda: any(span.name == "run" for span in spans.get_finished_spans()))
    runs = _tree(spans)
    assert ("run", "run fit", "ml_core.v1.MlCore/Train", "ml_core.v1.MlCore/Train") in runs
    spans.clear()
    frame = io.BytesIO(jpeg(COLORS["apple"])).getvalue()
    assert ipad.post("/predict", content=frame).status_code == 200
    call = "ml_core.v1.MlCore/Predict"
    assert ("POST /predict", call, call) in _tree(spans)


def _tree(spans: InMemorySpanExporter) -> set[tuple[str, ...]]:
    """Each span as the names from its root down to it, all of one trace."""
    by_id = {span.context.span_id: span for span in spans.get_finished_spans() if span.context}

    def line(span: ReadableSpan) -> tuple[str, ...]:
        if span.parent is None:
            return (span.name,)
        parent = by_id[span.parent.span_id]
        assert parent.context is not None
        assert span.context is not None
        assert parent.context.trace_id == span.context.trace_id
        return (*line(parent), span.name)

    # What a background look at the compute tier left half-way is not of interest.
    whole = [span for span in by_id.values() if span.parent is None or span.parent.span_id in by_id]
    return {line(span) for span in whole}
