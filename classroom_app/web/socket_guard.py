"""Stands before Streamlit's websocket: foreign pages stay out, and a flood waits for its turn.

Every message may ask for a run of a page, which costs a twentieth of a second of a core, and every new socket
for a session. So whoever opens or sends gets so many a second and no more, children and adults by their
cookie, strangers all together.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

import anyio
import structlog
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from classroom_app.errors import ClassroomError
from classroom_app.resources import App, get_app
from classroom_app.web.pace import Pace
from classroom_app.web.request_pace import browser_let_in
from classroom_app.web.routes.common import FACILITATOR_COOKIE, GROUP_COOKIE, PROJECTOR_COOKIE

STREAM_PATH = "/_stcore/stream"
POLICY_VIOLATION, TRY_LATER = 1008, 1013
NOTE_EVERY_S = 10.0
WHO_LIMIT_S = 3.0  # to find out who it is
OPEN_WITHIN_S = 8.0  # browsers wait a little longer: whoever comes again has a place among the living
PARTIES_KEPT = 200  # before those that nobody would miss are forgotten

T = TypeVar("T")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Allowance:
    """What one party may do: messages and new sockets a second, how many at once, and its open sockets."""

    per_second: float
    at_once: int
    sockets: int


# A group has up to four iPads, a facilitator several windows; each sends one or two messages a second. When
# all come back at the same moment, each opens a socket and sends two or three.
KNOWN = Allowance(per_second=6, at_once=24, sockets=24)
# A class comes from one address before it has joined: forty iPads, each with a few messages, and adults.
ADDRESS = Allowance(per_second=5, at_once=120, sockets=120)
# All strangers together, so that half a core stays for the class.
STRANGERS = Allowance(per_second=8, at_once=240, sockets=480)


class _EvictedError(Exception):
    """This socket gave way to a newer one."""


@dataclass(eq=False)
class _Party:
    """Whoever shares an allowance, and the sockets that they have open, the oldest first."""

    allowance: Allowance
    pace: Pace
    sockets: list[_Socket] = field(default_factory=list)


@dataclass(eq=False)
class _Socket:
    parties: tuple[_Party, ...]
    must_go: asyncio.Event = field(default_factory=asyncio.Event)

    def open(self) -> None:
        """The oldest of a party that has too many gives way: who holds many keeps nobody out."""
        for party in self.parties:
            party.sockets.append(self)
            if len(party.sockets) > party.allowance.sockets:
                party.sockets.pop(0).must_go.set()

    def close(self) -> None:
        for party in self.parties:
            if self in party.sockets:  # it may have given way before
                party.sockets.remove(self)

    async def turn(self) -> None:
        """Wait until all parties that this socket belongs to may send once more."""
        for party in self.parties:
            await self.unless_evicted(party.pace.turn())

    async def unless_evicted(self, work: Awaitable[T]) -> T:
        """What the work gives; raises _EvictedError when this socket has to go before."""
        working = asyncio.ensure_future(work)
        leaving = asyncio.ensure_future(self.must_go.wait())
        try:
            await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
            raise _EvictedError
        finally:
            working.cancel()
            leaving.cancel()


class SocketGuard:
    """Pure ASGI; everything that is not the websocket of the pages passes untouched."""

    def __init__(
        self, app: ASGIApp, who: Callable[[Mapping[str, str]], str | None] | None = None, public_url: str = ""
    ) -> None:
        """`who`: the party behind cookies, None for a stranger; `public_url`: as iPads call us."""
        self._app = app
        self._who = who or party_behind
        self._public_host = urlsplit(public_url).netloc
        self._strangers = _party(STRANGERS)
        self._parties: dict[str, _Party] = {}
        self._noted_at: dict[str, float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket" or scope["path"] != STREAM_PATH:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if is_foreign(origin, {headers.get("host", ""), self._public_host}):
            self._note("foreign_page_refused")
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        known = await self._known(HTTPConnection(scope).cookies)
        client = scope.get("client")
        party = self._party_of(known, client[0] if client else "")
        socket = _Socket((party,) if known else (party, self._strangers))
        socket.open()
        try:
            try:
                async with asyncio.timeout(OPEN_WITHIN_S):
                    await socket.turn()
            except (_EvictedError, TimeoutError):
                self._note("too_many_sockets")
                await send({"type": "websocket.close", "code": TRY_LATER})
                return
            await self._app(_same_origin(scope, origin), *self._paced(socket, receive, send))
        finally:
            socket.close()

    async def _known(self, cookies: Mapping[str, str]) -> str | None:
        """Without a database everybody is a stranger for a while: the page still says what is the matter."""
        found: str | None = None
        with anyio.move_on_after(WHO_LIMIT_S), contextlib.suppress(ClassroomError):
            found = await anyio.to_thread.run_sync(self._who, cookies, abandon_on_cancel=True)
        return found

    def _party_of(self, known: str | None, address: str) -> _Party:
        if len(self._parties) > PARTIES_KEPT:
            kept = {name: one for name, one in self._parties.items() if one.sockets or not one.pace.is_rested}
            self._parties = kept
        name = known or f"address {address}"
        return self._parties.setdefault(name, _party(KNOWN if known else ADDRESS))

    def _paced(self, socket: _Socket, receive: Receive, send: Send) -> tuple[Receive, Send]:
        async def paced_receive() -> Message:
            try:
                message = await socket.unless_evicted(receive())
                if message["type"] == "websocket.receive":
                    await socket.turn()
            except _EvictedError:
                self._note("too_many_sockets")
                await send({"type": "websocket.close", "code": TRY_LATER})
                return {"type": "websocket.disconnect", "code": TRY_LATER}
            return message

        async def send_unless_evicted(message: Message) -> None:
            if not socket.must_go.is_set():  # after the close there is nobody to send to
                await send(message)

        return paced_receive, send_unless_evicted

    def _note(self, event: str) -> None:
        now = time.monotonic()
        if now - self._noted_at.get(event, float("-inf")) > NOTE_EVERY_S:
            self._noted_at[event] = now
            _log.warning(event)


def _party(allowance: Allowance) -> _Party:
    return _Party(allowance, Pace(allowance.per_second, allowance.at_once))


def is_foreign(origin: str | None, hosts: Collection[str]) -> bool:
    """Does a page of another site open this socket? Who is no browser sends no Origin.

    `hosts`: what we are called; one without a port stands for every port, as some proxies leave it out.
    """
    if origin is None:
        return False
    try:
        page = urlsplit(origin.lower())
        names = {page.netloc, page.hostname}
    except ValueError:
        return True
    return not page.netloc or not any(host and host.lower() in names for host in hosts)


def _same_origin(scope: Scope, origin: str | None) -> Scope:
    """Where the page's host and ours are spelt differently, Streamlit would ask an outside service for this
    machine's address, to compare it. It need not: `is_foreign` has judged."""
    if origin is None:
        return scope
    host = urlsplit(origin).netloc.encode("latin-1", "replace")
    headers = [(name, host if name == b"host" else value) for name, value in scope["headers"]]
    return {**scope, "headers": headers}


def party_behind(cookies: Mapping[str, str]) -> str | None:
    """The group, facilitator or projector that the cookies prove, or a browser on which somebody was let in
    before; a forged one costs a signature check."""
    for name, read in _READERS.items():
        if name in cookies and (found := read(get_app(), cookies[name])):
            return f"{name} {found}"
    return browser_let_in(cookies)


def _group(app: App, cookie: str) -> str | None:
    group = app.access.group(cookie)
    return group.id if group else None


_READERS: dict[str, Callable[[App, str], str | None]] = {
    GROUP_COOKIE: _group,
    FACILITATOR_COOKIE: lambda app, cookie: app.logins.facilitator(cookie),
    PROJECTOR_COOKIE: lambda app, cookie: app.access.projector_event(cookie),
}
