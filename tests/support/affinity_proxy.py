"""A load balancer of one process: each browser stays with the replica that its cookie names, WebSockets too.

As Google's does with a generated cookie: who has none gets one in the first answer. It looks at the head of
the first request of each connection, then hands bytes on; a browser's connections carry its requests alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager

from classroom_app.network import LOOPBACK

COOKIE = "replica"
HEAD_BYTES_MAX = 64 * 1024
_OURS = re.compile(rb"[ ;]" + COOKIE.encode() + rb"=(\d+)")
_END = b"\r\n\r\n"


class AffinityProxy:
    """`seen`: connections that each replica got."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = list(ports)
        self._next = 0
        self._at_work: set[asyncio.Task[None] | None] = set()  # nobody else holds them while they wait
        self.seen = [0] * len(self._ports)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._at_work.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await self._serve(reader, writer)
        finally:
            await _closed(writer)
            self._at_work.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(_END)
        number, is_new = self._choose(head)
        self.seen[number] += 1
        there, back = await asyncio.open_connection(LOOPBACK, self._ports[number], limit=HEAD_BYTES_MAX)
        try:
            back.write(head)
            header = f"Set-Cookie: {COOKIE}={number}; Path=/" if is_new else ""
            await asyncio.gather(_hand_on(reader, back), _hand_on(there, writer, header))
        finally:
            await _closed(back)

    def _choose(self, head: bytes) -> tuple[int, bool]:
        lines = head.lower().split(b"\r\n")
        cookies = b" ".join(line for line in lines if line.startswith(b"cookie:"))
        found = _OURS.search(cookies)
        if found is not None and int(found[1]) < len(self._ports):
            return int(found[1]), False
        self._next = (self._next + 1) % len(self._ports)
        return self._next, True


async def _hand_on(source: asyncio.StreamReader, target: asyncio.StreamWriter, header: str = "") -> None:
    """All bytes; `header` goes into the head of the first answer."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        if header:
            status, _, rest = (await source.readuntil(_END)).partition(b"\r\n")
            target.write(b"\r\n".join([status, header.encode(), rest]))
        while data := await source.read(HEAD_BYTES_MAX):
            target.write(data)
            await target.drain()
    if target.can_write_eof():
        with contextlib.suppress(OSError):
            target.write_eof()


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


@contextmanager
def loop_in_a_thread() -> Iterator[asyncio.AbstractEventLoop]:
    """Its tasks end with it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="event-loop", daemon=True)
    thread.start()

    async def end() -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    try:
        yield loop
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@contextmanager
def affinity_proxy(ports: Sequence[int]) -> Iterator[tuple[str, AffinityProxy]]:
    """Its URL, while it runs in a thread of its own."""
    proxy = AffinityProxy(ports)
    with loop_in_a_thread() as loop:
        starting = asyncio.start_server(proxy.handle, LOOPBACK, 0, limit=HEAD_BYTES_MAX)
        server = asyncio.run_coroutine_threadsafe(_started(starting), loop).result(10)
        try:
            yield f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}", proxy
        finally:
            loop.call_soon_threadsafe(server.close)


async def _started(starting: Awaitable[asyncio.Server]) -> asyncio.Server:
    return await starting
