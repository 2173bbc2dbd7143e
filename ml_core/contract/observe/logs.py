"""Structured logs on standard error: one line an event, no personal data, no photo.

The fields of the JSON are those that Google Cloud Logging reads.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from typing import TextIO

import structlog
from opentelemetry import trace
from structlog.typing import EventDict, Processor, WrappedLogger

# What other libraries write is not ours to choose: addresses, links that let somebody in and cookies go.
_SECRETS = (
    (re.compile(r"(/(?:join|projector)/)[^\s\"'?#]+"), r"\1[token]"),
    (re.compile(r"(?i)\b(group|facilitator|projector|authorization)=[^\s;,\"']+"), r"\1=[secret]"),
    (re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"), "[address]"),
    (
        re.compile(r"(?i)(?<![\w:])(?=[0-9a-f:]*::|(?:[0-9a-f]{1,4}:){4})[0-9a-f:]{3,39}(?![\w:])"),
        "[address]",
    ),
)


def configure(stream: TextIO | None = None) -> None:
    """For people on a terminal only what is wrong, everywhere else all of it as JSON."""
    stream = stream or sys.stderr
    on_terminal = stream.isatty()
    level = logging.WARNING if on_terminal else logging.INFO
    first: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", key="timestamp" if on_terminal else "time"),
    ]
    last: list[Processor] = [_console()] if on_terminal else _cloud_logging()
    structlog.configure(
        processors=[*first, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *first, _redacted_event],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)


def take_over(logger: logging.Logger) -> None:
    """A library's logger with a handler of its own writes through ours instead."""
    # Not empty: some libraries add their handler whenever they find none.
    logger.handlers = [logging.NullHandler()]
    logger.propagate = True


def redact(text: str) -> str:
    """The text without addresses, links that let somebody in, and cookies."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


def _redacted_event(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    event["event"] = redact(str(event["event"]))
    return event


def _redacted_exception(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    if "exception" in event:
        event["exception"] = redact(event["exception"])
    return event


def _console() -> structlog.dev.ConsoleRenderer:
    # The default prints the local variables of every frame: passwords and photos among them.
    return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)


def _cloud_logging() -> list[Processor]:
    project = os.environ.get("GOOGLE_CLOUD_PROJECT", "")

    def severity(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        event["severity"] = str(event.pop("level", "info")).upper()
        return event

    def trace_of(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        span = trace.get_current_span().get_span_context()
        if project and span.is_valid:
            event["logging.googleapis.com/trace"] = f"projects/{project}/traces/{span.trace_id:032x}"
            event["logging.googleapis.com/spanId"] = f"{span.span_id:016x}"
            event["logging.googleapis.com/trace_sampled"] = span.trace_flags.sampled
        return event

    return [
        severity,
        trace_of,
        structlog.processors.format_exc_info,
        _redacted_exception,
        structlog.processors.EventRenamer("message"),
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
    ]
