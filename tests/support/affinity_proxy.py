"""A load balancer of one process: each browser stays with the replica that its cookie names, WebSockets too.

As Google's does with a generated cookie: who has none gets one in the first answer. It looks at the head of
the first request of each connection, then hands bytes on; a browser's connections carry its requests alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from collections.abc import Iterator, Sequence
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
        self.seen = [0] * len(self._ports)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await reader.readuntil(_END)
            number, is_new = self._choose(head)
            self.seen[number] += 1
            there, back = await asyncio.open_connection(LOOPBACK, self._ports[number], limit=HEAD_BYTES_MAX)
            back.write(head)
            answers = _hand_on(there, writer, f"Set-Cookie: {COOKIE}={number}; Path=/" if is_new else "")
            await asyncio.gather(_hand_on(reader, back), answers)
        writer.close()

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
    with contextlib.suppress(OSError):
        target.close()


@contextmanager
def affinity_proxy(ports: Sequence[int]) -> Iterator[tuple[str, AffinityProxy]]:
    """Its URL, while it runs in a thread of its own."""
    proxy = AffinityProxy(ports)
    loop = asyncio.new_event_loop()

    async def start() -> asyncio.Server:
        return await asyncio.start_server(proxy.handle, LOOPBACK, 0, limit=HEAD_BYTES_MAX)

    server = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever, name="affinity-proxy", daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}", proxy
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
