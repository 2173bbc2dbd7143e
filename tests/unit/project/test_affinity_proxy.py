"""The load balancer of the bench: browsers spread over the replicas, and each stays where its cookie says."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.support.affinity_proxy import COOKIE, affinity_proxy, loop_in_a_thread


class Replica(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = f"{self.connection.getsockname()[1]} {len(body)}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("Set-Cookie", "group=g; Path=/")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args: object) -> None:
        """Nothing."""


@pytest.fixture
def ports() -> Iterator[list[int]]:
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Replica) for _ in range(3)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield [server.server_port for server in servers]
    for server in servers:
        server.shutdown()
        server.server_close()


def asked(browser: httpx.Client, url: str, body: bytes = b"x") -> tuple[int, int]:
    port, size = browser.post(url, content=body, headers={"Connection": "close"}).text.split()
    return int(port), int(size)


def test_browsers_spread_and_each_stays(ports: list[int]) -> None:
    with affinity_proxy(ports) as (url, proxy):
        homes = []
        for _ in range(6):
            with httpx.Client() as browser:
                home, _ = asked(browser, url)
                assert {asked(browser, url)[0] for _ in range(4)} == {home}
                assert browser.cookies["group"] == "g"
                homes.append(home)
    assert sorted(homes) == sorted(ports * 2)
    assert proxy.seen == [10, 10, 10]


def test_a_photo_goes_through_whole_and_a_cookie_of_nobody_is_replaced(ports: list[int]) -> None:
    with affinity_proxy(ports) as (url, _), httpx.Client(cookies={COOKIE: "77"}) as browser:
        _, size = asked(browser, url, b"p" * 3_000_000)
        assert size == 3_000_000


def test_what_is_said_later_is_handed_on_both_ways(free_echo: Callable[[], int]) -> None:
    """As a WebSocket after its first answer."""

    async def talk(url: str) -> list[bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n")
        found = [await reader.readuntil(b"\r\n\r\n")]
        for word in (b"one", b"two"):
            writer.write(word)
            found.append(await reader.readexactly(3))
        writer.close()
        await writer.wait_closed()
        return found

    with affinity_proxy([free_echo()]) as (url, _):
        head, *words = asyncio.run(talk(url))
    assert f"Set-Cookie: {COOKIE}=0".encode() in head
    assert words == [b"one", b"two"]


@pytest.fixture
def free_echo() -> Iterator[Callable[[], int]]:
    """Answers a head, then says what it hears."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n")
        while data := await reader.read(100):
            writer.write(data)
        writer.close()
        await writer.wait_closed()

    async def start() -> asyncio.Server:
        return await asyncio.start_server(echo, "127.0.0.1", 0)

    servers = []
    with loop_in_a_thread() as loop:

        def port() -> int:
            servers.append(asyncio.run_coroutine_threadsafe(start(), loop).result(5))
            return int(servers[-1].sockets[0].getsockname()[1])

        yield port
        for server in servers:
            loop.call_soon_threadsafe(server.close)
