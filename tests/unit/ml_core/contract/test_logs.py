"""What a log line is: fields that Cloud Logging reads, and nothing that should not be kept."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags
from streamlit import logger as streamlit_logger

from classroom_app.web import logs as web_logs
from ml_core.contract.observe import logs, request_id


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level, streamlit_logger.setup_formatter
    yield
    root.handlers, root.level, streamlit_logger.setup_formatter = before
    structlog.reset_defaults()


@pytest.fixture
def written() -> io.StringIO:
    return io.StringIO()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_has_the_fields_of_cloud_logging(
    written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "a-project")
    logs.configure(written)
    span = SpanContext(trace_id=0xABC, span_id=0xDEF, is_remote=True, trace_flags=TraceFlags(1))
    with trace.use_span(NonRecordingSpan(span)), request_id.bound("an-id-of-a-tap"):
        structlog.get_logger().warning("run_failed", reason="ばつ")
    (line,) = lines(written)
    assert line.pop("time")
    assert line == {
        "severity": "WARNING",
        "message": "run_failed",
        "reason": "ばつ",
        "request_id": "an-id-of-a-tap",
        "logging.googleapis.com/trace": f"projects/a-project/traces/{0xABC:032x}",
        "logging.googleapis.com/spanId": f"{0xDEF:016x}",
        "logging.googleapis.com/trace_sampled": True,
    }


def test_without_a_project_no_trace_is_named(written: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    logs.configure(written)
    structlog.get_logger().info("started")
    assert lines(written)[0].keys() == {"severity", "message", "time"}


def test_other_libraries_lines_have_the_same_fields_and_no_secrets(written: io.StringIO) -> None:
    logs.configure(written)
    with request_id.bound("an-id-of-a-tap"):
        logging.getLogger("asyncio").warning(
            "%s asked for %s with group=%s", "192.0.2.7:5000", "/join/Kx3-secret_token?x", "eyJ.cookie.sig"
        )
        try:
            raise ValueError("GET /projector/another-token from 2001:db8::7 at 12:30:45")
        except ValueError:
            logging.getLogger("grpc._server").exception("it failed")
    first, second = lines(written)
    assert first["message"] == "[address]:5000 asked for /join/[token]?x with group=[secret]"
    assert (first["severity"], first["logger"]) == ("WARNING", "asyncio")
    assert first["request_id"] == second["request_id"] == "an-id-of-a-tap"
    assert second["severity"] == "ERROR"
    assert "GET /projector/[token] from [address] at 12:30:45" in str(second["exception"])


@pytest.mark.parametrize("kept", ["version 1.2.3 of 10:20:30", "std::vector x", "3 photos", "/joined/x"])
def test_what_is_no_secret_stays(kept: str) -> None:
    assert logs.redact(kept) == kept


def test_streamlit_and_the_queue_write_through_ours(
    written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", written)
    web_logs.configure()
    streamlit_logger.get_logger("streamlit.made_before").warning("session %s", "from 192.0.2.7")
    streamlit_logger.update_formatter()  # Streamlit does it whenever its configuration is read
    streamlit_logger.get_logger("streamlit.made_later").warning("later")
    logging.getLogger("dbos").warning("queue")
    assert [line["message"] for line in lines(written)] == ["session from [address]", "later", "queue"]


def test_people_on_a_terminal_see_only_what_is_wrong() -> None:
    stream = Terminal()
    logs.configure(stream)
    structlog.get_logger().info("request")
    structlog.get_logger().warning("part_away", part="ml_core")
    assert "request" not in stream.getvalue()
    assert "part_away" in stream.getvalue()
