"""A request's body: read up to a limit, and taken as JSON."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator
from typing import IO, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from classroom_app.errors import BadInputError, ClassroomError, UnavailableError

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # Postgres takes no NUL, UTF-8 no half of a surrogate pair

SPOOL_BYTES = 1024 * 1024  # written to disk at once
SILENCE_S = 30.0  # as long as an iPad's own patience: whoever says nothing has gone
GRACE_S = 60.0  # and beyond it a body has to come at a rate, or it holds what others wait for
SLOWEST_BYTES_PER_S = 50_000


class TooLargeError(ClassroomError):
    """The body is larger than this route takes."""

    key = "error_too_large"
    status = 413


class TooSlowError(ClassroomError):
    """The body did not come in time; it may be sent again."""

    key = "error_unavailable"
    status = 408
    retry = True


async def read_body(request: Request, limit: int) -> bytes:
    """All of it. Raises TooLargeError as soon as it is known to be more than `limit` bytes, TooSlowError when
    it stops on its way or trickles."""
    return b"".join([chunk async for chunk in _limited(request, limit)])


async def spool_body(request: Request, limit: int, file: IO[bytes]) -> None:
    """All of it into `file`, which is then at its begin. Raises as `read_body` does, and UnavailableError
    where the disk has no room for it."""
    waiting = bytearray()
    async for chunk in _limited(request, limit):
        waiting += chunk
        if len(waiting) >= SPOOL_BYTES:  # in a thread: a disk may take its time
            await run_in_threadpool(_write, file, bytes(waiting))
            waiting.clear()
    await run_in_threadpool(_write, file, bytes(waiting))
    file.seek(0)


def _write(file: IO[bytes], data: bytes) -> None:
    try:
        file.write(data)
        file.flush()  # else a full disk is heard of later, where nobody looks for it
    except OSError as exc:
        raise UnavailableError from exc


async def _limited(request: Request, limit: int) -> AsyncIterator[bytes]:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise TooLargeError
    size, begun = 0, time.monotonic()
    async for chunk in _in_time(request.stream()):
        size += len(chunk)
        if size > limit:
            raise TooLargeError
        if time.monotonic() > begun + GRACE_S + size / SLOWEST_BYTES_PER_S:
            raise TooSlowError
        yield chunk


async def _in_time(chunks: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    while True:
        try:
            async with asyncio.timeout(SILENCE_S):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        except TimeoutError as exc:
            raise TooSlowError from exc
        yield chunk


def is_unstorable(text: str) -> bool:
    """Has it characters that no database takes?"""
    return _UNSTORABLE.search(text) is not None


def parse_json(data: bytes) -> dict[str, Any]:
    """The object in a body. Raises BadInputError for anything else, and for what nests deeper than Python."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as exc:
        raise BadInputError from exc
    if not isinstance(value, dict):
        raise BadInputError
    return value


def text_of(body: dict[str, Any], name: str, default: str | None = None) -> str:
    """Raises BadInputError where it is absent without a default, no text, or none that a database keeps."""
    value = body.get(name, default)
    if not isinstance(value, str) or is_unstorable(value):
        raise BadInputError
    return value


def int_of(body: dict[str, Any], name: str) -> int:
    """Raises BadInputError where it is absent or no whole number."""
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadInputError
    return value
