"""A network before the app, or before its store, that does to requests what filters, portals, gaps and tired
servers do."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from classroom_app.network import LOOPBACK
from tests.support.class_over_http import begin

STREAM = "/_stcore/stream"
SLOW_S = 5.0
PAGE = b"<html><body>This site is blocked at your school.</body></html>"  # what a filter shows instead


class Fate(StrEnum):
    PASS = "pass"
    BLOCK = "block"  # a page of the filter's own, 403
    PORTAL = "portal"  # a page of the filter's own, 200
    HANG = "hang"  # never an answer
    DROP = "drop"  # the connection breaks
    BUSY = "busy"  # 503
    SLOW = "slow"  # an answer after SLOW_S
    NO_COOKIE = "no cookie"  # the answer without what it sets


_STATUS = {Fate.BLOCK: b"403 Forbidden", Fate.PORTAL: b"200 OK", Fate.BUSY: b"503 Service Unavailable"}
Rule = Callable[[str, str], Fate]  # by method and path


def open_network(_method: str, _path: str) -> Fate:
    return Fate.PASS


@dataclass
class HostileNetwork:
    """Answers on `url` for the app; `rule` may be changed at any time, for the requests that come after."""

    upstream_port: int
    rule: Rule = open_network
    port: int = 0
    _open: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    async def serve(self) -> asyncio.Server:
        server = await asyncio.start_server(self._accept, LOOPBACK, 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def cut(self) -> None:
        """What is open breaks; what `rule` lets pass may come again."""
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def end(self, server: asyncio.Server) -> None:
        server.close()
        await self.cut()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._one(reader, writer))
        self._open.add(task)  # the loop itself forgets tasks that only wait
        task.add_done_callback(self._open.discard)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection: keeping it open would hide the next one from the rule."""
        with (
            contextlib.closing(writer),
            contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError),
        ):
            head = await reader.readuntil(b"\r\n\r\n")
            method, path = head.split(b" ", 2)[:2]
            fate = self.rule(method.decode(), path.decode().partition("?")[0])
            if fate is Fate.HANG:
                await reader.read(-1)
            elif fate in _STATUS:
                status = _STATUS[fate]
                await self._swallow(head, reader)
                writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Type: text/html\r\nConnection: close\r\n")
                writer.write(b"Content-Length: %d\r\n\r\n" % len(PAGE) + PAGE)
                await writer.drain()
            elif fate is not Fate.DROP:
                await asyncio.sleep(SLOW_S if fate is Fate.SLOW else 0)
                await self._forward(head, reader, writer, keep_cookies=fate is not Fate.NO_COOKIE)

    @staticmethod
    async def _swallow(head: bytes, reader: asyncio.StreamReader) -> None:
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                await reader.readexactly(int(value))

    async def _forward(
        self,
        head: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        keep_cookies: bool,
    ) -> None:
        app_reader, app_writer = await asyncio.open_connection(LOOPBACK, self.upstream_port)
        app_writer.write(head if b"upgrade: websocket" in head.lower() else _closing(head))
        there = asyncio.create_task(_pump(reader, app_writer))
        try:
            answer = await app_reader.readuntil(b"\r\n\r\n")
            writer.write(answer if keep_cookies else _without_cookies(answer))
            await _pump(app_reader, writer)
        finally:
            there.cancel()
            app_writer.close()


def _closing(head: bytes) -> bytes:
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([lines[0], b"Connection: close", *lines[1:]])


def _without_cookies(head: bytes) -> bytes:
    return b"\r\n".join(line for line in head.split(b"\r\n") if not line.lower().startswith(b"set-cookie:"))


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()


@contextmanager
def hostile_network(upstream_port: int) -> Iterator[HostileNetwork]:
    """Open at first."""
    network = HostileNetwork(upstream_port)
    server = begin(network.serve()).result()
    try:
        yield network
    finally:
        begin(network.end(server)).result()
