"""A body is read while it comes: one that stops or trickles ends, with a word to send it again."""

from __future__ import annotations

import asyncio
import errno
import io
from collections.abc import Sequence

import pytest
from starlette.requests import Request
from starlette.types import Message

from classroom_app.errors import UnavailableError
from classroom_app.web.routes import request_body
from classroom_app.web.routes.request_body import TooSlowError, read_body, spool_body


def request(chunks: Sequence[bytes], every_s: float = 0.0, ends: bool = True) -> Request:
    left = list(chunks)

    async def receive() -> Message:
        await asyncio.sleep(every_s)
        if not left and not ends:
            await asyncio.Event().wait()
        body = left.pop(0) if left else b""
        return {"type": "http.request", "body": body, "more_body": bool(left) or not ends}

    return Request({"type": "http", "headers": []}, receive)


def test_a_body_comes_whole() -> None:
    assert asyncio.run(read_body(request([b"ab", b"c"]), 10)) == b"abc"
    file = io.BytesIO()
    asyncio.run(spool_body(request([b"ab", b"c"]), 10, file))
    assert file.read() == b"abc"


class FullDisk(io.BytesIO):
    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_body_that_finds_no_room_may_come_again() -> None:
    with pytest.raises(UnavailableError):
        asyncio.run(spool_body(request([b"ab"]), 10, FullDisk()))


@pytest.mark.parametrize("spooled", [False, True])
def test_a_body_that_stops_ends(spooled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_body, "SILENCE_S", 0.05)
    stops = request([b"a"], ends=False)
    reading = spool_body(stops, 10, io.BytesIO()) if spooled else read_body(stops, 10)
    with pytest.raises(TooSlowError):
        asyncio.run(asyncio.wait_for(reading, 20))


def test_a_body_that_trickles_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_body, "GRACE_S", 0.05)
    with pytest.raises(TooSlowError):
        asyncio.run(asyncio.wait_for(read_body(request([b"x"] * 1000, every_s=0.01), 10_000), 20))
