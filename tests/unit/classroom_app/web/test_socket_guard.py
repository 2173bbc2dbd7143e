"""Foreign pages stay out of Streamlit's websocket; floods wait, and nobody waits behind a stranger."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from classroom_app.errors import UnavailableError
from classroom_app.web import socket_guard
from classroom_app.web.pace import Pace
from classroom_app.web.socket_guard import Allowance, SocketGuard, is_foreign

HOST = "class.example:8501"
MESSAGE = {"type": "websocket.receive", "bytes": b"rerun"}


@pytest.mark.parametrize(
    ("origin", "foreign"),
    [
        (None, False),  # no browser
        (f"http://{HOST}", False),
        (f"https://{HOST.upper()}", False),
        ("http://evil.example", True),
        ("http://class.example:9999", True),
        (f"http://{HOST}.evil.example", True),
        ("null", True),
        ("", True),
        ("http://[", True),
        ("https://public.example", False),
        ("https://public.example:444", True),
    ],
)
def test_only_pages_of_this_host_may_open_a_socket(origin: str | None, foreign: bool) -> None:
    assert (
        is_foreign(origin, {HOST, "public.example" if origin == "https://public.example" else ""}) is foreign
    )


def test_a_proxy_may_leave_the_port_out() -> None:
    assert not is_foreign("https://school.example:8443", {"school.example", ""})
    assert is_foreign("https://school.example.evil:8443", {"school.example", ""})


@dataclass
class Pages:
    """Stands for Streamlit: accepts, and counts the messages of each address."""

    heard: dict[str, int] = field(default_factory=dict)
    ports: set[int] = field(default_factory=set)  # of those that were heard
    opened: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.opened += 1
        await receive()
        await send({"type": "websocket.accept"})
        address, port = scope["client"]
        while (await receive())["type"] == "websocket.receive":
            self.ports.add(port)
            self.heard[address] = self.heard.get(address, 0) + 1


@dataclass
class Browser:
    """One socket: what it sends, as fast as it is taken, and what it is told."""

    guard: SocketGuard
    address: str = "10.0.0.1"
    port: int = 1
    cookie: str = ""
    origin: str = f"http://{HOST}"
    path: str = socket_guard.STREAM_PATH
    told: list[Message] = field(default_factory=list)
    inbox: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)

    def opens(self) -> asyncio.Task[None]:
        self.inbox.put_nowait({"type": "websocket.connect"})
        headers = [
            (b"host", HOST.encode()),
            (b"origin", self.origin.encode()),
            (b"cookie", self.cookie.encode()),
        ]
        scope = {
            "type": "websocket",
            "path": self.path,
            "client": (self.address, self.port),
            "headers": headers,
        }
        return asyncio.ensure_future(self.guard(scope, self.inbox.get, self._hear))

    def sends(self, number: int) -> None:
        for _ in range(number):
            self.inbox.put_nowait(MESSAGE)

    async def _hear(self, message: Message) -> None:
        self.told.append(message)

    def closed_with(self) -> list[int]:
        return [one["code"] for one in self.told if one["type"] == "websocket.close"]


def who(cookies: Mapping[str, str]) -> str | None:
    return cookies.get("group")


def in_time(script: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(script(), 20))


async def settle() -> None:
    await asyncio.sleep(0.05)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


def test_a_foreign_page_is_refused_before_streamlit_sees_it() -> None:
    async def script() -> None:
        pages = Pages()
        stranger = Browser(SocketGuard(pages, who), origin="http://evil.example")
        await stranger.opens()
        assert pages.opened == 0
        assert stranger.closed_with() == [socket_guard.POLICY_VIOLATION]

    in_time(script)


def test_a_flood_of_strangers_waits_and_a_group_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_guard, "ADDRESS", Allowance(per_second=0.01, at_once=40, sockets=50))
    monkeypatch.setattr(socket_guard, "STRANGERS", Allowance(per_second=0.01, at_once=60, sockets=50))

    async def script() -> None:
        pages = Pages()
        guard = SocketGuard(pages, who)
        flood = [Browser(guard, address=f"10.0.0.{number % 3}") for number in range(30)]
        group = Browser(guard, address="10.0.0.9", cookie="group=penguins")
        tasks = [one.opens() for one in [*flood, group]]
        await until(lambda: pages.opened == len(tasks))
        for one in flood:
            one.sends(50)
        # Each address might do forty things at once, but strangers no more than sixty together.
        sent = 60 - len(flood)
        await until(lambda: sum(pages.heard.values()) == sent)
        group.sends(20)
        await until(lambda: pages.heard.get("10.0.0.9") == 20)
        await settle()
        assert sum(pages.heard.values()) == sent + 20
        for task in tasks:
            task.cancel()

    in_time(script)


def test_those_that_wait_get_their_turns_in_a_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_guard, "ADDRESS", Allowance(per_second=200, at_once=10, sockets=50))

    async def script() -> None:
        pages = Pages()
        guard = SocketGuard(pages, who)
        flood = [Browser(guard) for _ in range(9)]
        tasks = [one.opens() for one in flood]
        for one in flood:
            one.sends(10_000)
        await settle()
        child = Browser(guard, port=2)
        tasks.append(child.opens())
        child.sends(1)
        await until(lambda: 2 in pages.ports)
        # It waited behind one message of each other socket, not behind all that they have sent.
        assert sum(pages.heard.values()) < 200
        for task in tasks:
            task.cancel()

    in_time(script)


def test_the_oldest_socket_gives_way_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_guard, "ADDRESS", Allowance(per_second=1000, at_once=1000, sockets=3))

    async def script() -> None:
        guard = SocketGuard(Pages(), who)
        browsers = [Browser(guard) for _ in range(5)]
        tasks = []
        for one in browsers:
            tasks.append(one.opens())
            while not one.told:
                await asyncio.sleep(0.01)
        await until(lambda: all(task.done() for task in tasks[:2]))
        assert [one.closed_with() for one in browsers] == [[socket_guard.TRY_LATER]] * 2 + [[]] * 3
        assert [task.done() for task in tasks] == [True] * 2 + [False] * 3
        for one in browsers[2:]:
            one.inbox.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await asyncio.gather(*tasks)

    in_time(script)


def test_sockets_that_say_nothing_open_at_the_pace_of_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_guard, "ADDRESS", Allowance(per_second=0.01, at_once=5, sockets=20))

    async def script() -> None:
        pages = Pages()
        guard = SocketGuard(pages, who)
        idle = [Browser(guard) for _ in range(30)]
        tasks = [one.opens() for one in idle]
        await until(lambda: pages.opened == 5)
        group = Browser(guard, cookie="group=penguins")
        tasks.append(group.opens())
        await until(lambda: pages.opened == 6)
        await settle()
        assert pages.opened == 6
        closed = [one.closed_with() for one in idle]
        assert sorted(closed) == [[]] * 20 + [[socket_guard.TRY_LATER]] * 10, "the oldest gave way"
        for task in tasks:
            task.cancel()

    in_time(script)


def test_a_socket_whose_turn_is_far_off_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its browser would have given it up by then, and turns would go to the dead."""
    monkeypatch.setattr(socket_guard, "ADDRESS", Allowance(per_second=0.01, at_once=1, sockets=20))
    monkeypatch.setattr(socket_guard, "OPEN_WITHIN_S", 0.05)

    async def script() -> None:
        pages = Pages()
        guard = SocketGuard(pages, who)
        first = Browser(guard)
        open_one = first.opens()
        await until(lambda: pages.opened == 1)
        late = Browser(guard)
        await late.opens()
        assert late.closed_with() == [socket_guard.TRY_LATER]
        assert pages.opened == 1
        open_one.cancel()

    in_time(script)


@pytest.mark.parametrize("hangs", [False, True])
def test_without_a_database_a_page_still_opens(hangs: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_guard, "WHO_LIMIT_S", 0.1)
    over = threading.Event()

    def away(_cookies: Mapping[str, str]) -> str | None:
        if hangs:
            over.wait(20)
        raise UnavailableError

    async def script() -> None:
        pages = Pages()
        task = Browser(SocketGuard(pages, away), cookie="group=penguins").opens()
        await until(lambda: pages.opened == 1)
        task.cancel()
        over.set()

    in_time(script)


def test_who_gives_up_waiting_takes_no_turn() -> None:
    now = 0.0

    async def script() -> None:
        nonlocal now
        pace = Pace(per_second=50, at_once=1, clock=lambda: now)
        await pace.turn()
        gone = [asyncio.ensure_future(pace.turn()) for _ in range(100)]
        last = asyncio.ensure_future(pace.turn())
        await asyncio.sleep(0)
        for one in gone:
            one.cancel()
        now = 0.02
        await last
        assert not pace.is_rested
        now = 1.0
        assert pace.is_rested

    in_time(script)


def test_other_sockets_and_requests_pass_untouched() -> None:
    async def script() -> None:
        pages = Pages()
        other = Browser(SocketGuard(pages, who), origin="http://evil.example", path="/elsewhere")
        task = other.opens()
        await settle()
        assert pages.opened == 1
        task.cancel()

    in_time(script)
