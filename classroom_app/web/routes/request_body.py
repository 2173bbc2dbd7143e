"""A request's body: read up to a limit, and taken as JSON."""

from __future__ import annotations

import json
import re
from typing import Any

from starlette.requests import Request

from classroom_app.errors import BadInputError, ClassroomError

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # Postgres takes no NUL, UTF-8 no half of a surrogate pair


class TooLargeError(ClassroomError):
    """The body is larger than this route takes."""

    key = "error_too_large"
    status = 413


async def read_body(request: Request, limit: int) -> bytes:
    """All of it. Raises TooLargeError as soon as it is known to be more than `limit` bytes."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise TooLargeError
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise TooLargeError
        chunks.append(chunk)
    return b"".join(chunks)


def is_unstorable(text: str) -> bool:
    """Has it characters that no database takes?"""
    return _UNSTORABLE.search(text) is not None


def parse_json(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError as exc:
        raise BadInputError from exc
    if not isinstance(value, dict):
        raise BadInputError
    return value


def text_of(body: dict[str, Any], name: str, default: str | None = None) -> str:
    value = body.get(name, default)
    if not isinstance(value, str) or is_unstorable(value):
        raise BadInputError
    return value


def int_of(body: dict[str, Any], name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadInputError
    return value
