"""Connections that say nothing are closed; those at work are not."""

from __future__ import annotations

import asyncio
import contextlib
import resource
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from classroom_app.network import LOOPBACK, free_port
from classroom_app.web import connections


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)


@contextlib.asynccontextmanager
async def served() -> AsyncIterator[int]:
    routes = [Route("/", lambda _: PlainTextResponse("here")), WebSocketRoute("/echo", echo)]
    port = free_port()
    config = uvicorn.Config(
        Starlette(routes=routes), host=LOOPBACK, port=port, http=connections.HttpConnection, log_level="error"
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield port
    server.should_exit = True
    await task


def test_who_says_nothing_is_closed_and_a_websocket_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "FIRST_REQUEST_S", 0.2)

    async def script() -> None:
        async with served() as port:
            silent, half = [await asyncio.open_connection(LOOPBACK, port) for _ in range(2)]
            half[1].write(b"GET / HTTP/1.1\r\nHost:")
            asked = await asyncio.open_connection(LOOPBACK, port)
            asked[1].write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            async with connect(f"ws://{LOOPBACK}:{port}/echo", proxy=None) as socket:
                assert await silent[0].read() == b""
                assert await half[0].read() == b""
                await socket.send("still there")
                assert await socket.recv() == "still there"
            assert b"200 OK" in await asked[0].readline()
            asked[1].write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            for _, writer in (silent, half, asked):
                writer.close()

    asyncio.run(asyncio.wait_for(script(), 30))


def test_a_process_may_open_as_many_files_as_its_user_may() -> None:
    connections.allow_many()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft == hard


def test_a_mac_gets_as_many_as_it_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says that there is no limit, and refuses to set none."""
    given: list[tuple[int, int]] = []

    def setrlimit(_kind: int, limits: tuple[int, int]) -> None:
        if limits[0] > 10_240:
            raise ValueError("current limit exceeds maximum limit")
        given.append(limits)

    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (256, 2**63 - 1))
    monkeypatch.setattr(resource, "setrlimit", setrlimit)
    connections.allow_many()
    assert given == [(10_240, 2**63 - 1)]
