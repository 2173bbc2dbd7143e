"""The id of one piece of work: in every log line of both tiers, and in the metadata of every call."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from structlog import contextvars

METADATA_KEY = "x-request-id"
_KEY = "request_id"
_WELL_FORMED = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def accept(text: str | None) -> str | None:
    """What a caller sent, when it is a UUID: nothing that says something gets into logs and headers."""
    return text if text is not None and _WELL_FORMED.fullmatch(text) else None


def new() -> str:
    return uuid.uuid4().hex


def current() -> str | None:
    found: str | None = contextvars.get_contextvars().get(_KEY)
    return found


@contextmanager
def bound(request_id: str) -> Iterator[str]:
    """Every line logged in this block has the id; the thread or task that called has its own back after."""
    with contextvars.bound_contextvars(**{_KEY: request_id}):
        yield request_id


@contextmanager
def ensured() -> Iterator[str]:
    """The id of the work that this is part of, or a new one: work that nobody asked for has an id too."""
    request_id = current()
    if request_id is not None:
        yield request_id
        return
    with bound(new()) as request_id:
        yield request_id


def bind_thread() -> None:
    """For a thread that does one thing and ends, as a page's script does."""
    contextvars.clear_contextvars()
    contextvars.bind_contextvars(**{_KEY: new()})
