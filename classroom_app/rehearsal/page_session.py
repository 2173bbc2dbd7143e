"""A page as a browser holds it open: Streamlit's websocket, its reruns, the timers of its fragments.

It draws nothing; it knows when a page has run to its end, and how long that took.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Origin, Subprotocol

from classroom_app.rehearsal.problems import UnreachableError

STREAM_PATH = "/_stcore/stream"
OPEN_LIMIT_S = 60.0


class PageSession:
    """One open page of one browser, with the cookies that it has; an async context manager.

    `updates_s`: how long each update took that a timer of the page asked for. `bytes_in`: what came over
    the socket. `kept`: what a browser keeps of the page, in whose place the server sends a name alone.
    """

    def __init__(
        self, url: str, page: str, cookies: Mapping[str, str], verify: ssl.SSLContext | bool = True
    ) -> None:
        """`page`: its address, such as `collect`; `verify`: as httpx takes it."""
        self._origin = url.rstrip("/")
        self._page = page
        self._cookies = "; ".join(f"{name}={value}" for name, value in cookies.items())
        self._verify = verify
        self._socket: ClientConnection | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._asked: dict[str, tuple[float, asyncio.Future[float]]] = {}
        self.kept: set[str] = set()
        self.updates_s: list[float] = []
        self.bytes_in = 0

    async def __aenter__(self) -> Self:
        """Raises UnreachableError where no websocket is let through."""
        parts = urlsplit(self._origin)
        try:
            self._socket = await connect(
                f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}{STREAM_PATH}",
                subprotocols=[Subprotocol("streamlit")],
                origin=Origin(self._origin),
                additional_headers={"Cookie": self._cookies} if self._cookies else None,
                ssl=self._verify if isinstance(self._verify, ssl.SSLContext) else None,
                open_timeout=OPEN_LIMIT_S,
                max_size=None,
                proxy=None,
            )
        except (OSError, InvalidHandshake) as exc:  # TimeoutError is an OSError
            raise UnreachableError(f"No websocket to {self._origin}: {exc}") from exc
        self._tasks[""] = asyncio.create_task(self._listen(self._socket))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()

    async def show(self, page: str = "", limit_s: float = OPEN_LIMIT_S) -> float:
        """Run the page, or go on to another one; the seconds until it was there.

        Raises UnreachableError when the connection ends or the page is not there in time.
        """
        if page:
            self._page = page
            self._stop_timers()
        done = await self._ask("")
        try:
            return await asyncio.wait_for(done, limit_s)
        except TimeoutError as exc:
            raise UnreachableError(f"The page {self._page} was not there after {limit_s:.0f} s.") from exc

    async def _ask(self, fragment: str) -> asyncio.Future[float]:
        """`fragment`: the part of the page whose timer asks, nothing for all of it."""
        message = BackMsg()
        message.rerun_script.page_name = self._page
        message.rerun_script.cached_message_hashes.extend(self.kept)
        if fragment:
            message.rerun_script.fragment_id = fragment
            message.rerun_script.is_auto_rerun = True
        done: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._asked[fragment] = (time.monotonic(), done)
        await self.send(message.SerializeToString())
        return done

    async def send(self, data: bytes) -> None:
        """Raises UnreachableError when the connection has ended."""
        if self._socket is None:
            raise UnreachableError(f"The page {self._page} is not open.")
        try:
            await self._socket.send(data)
        except ConnectionClosed as exc:
            raise UnreachableError(f"The connection of {self._page} ended: {exc}") from exc

    async def _listen(self, socket: ClientConnection) -> None:
        try:
            async for data in socket:
                if isinstance(data, bytes):
                    self.bytes_in += len(data)
                    self.take(ForwardMsg.FromString(data))
        except ConnectionClosed:
            pass
        finally:
            for _, done in self._asked.values():
                if not done.done():
                    done.set_exception(UnreachableError(f"The connection of {self._page} ended."))
                    done.exception()  # nobody has to wait for it
            self._stop_timers()

    def take(self, message: ForwardMsg) -> None:
        """One message as it comes from the server; who wants to read the page looks at it here."""
        kind = message.WhichOneof("type")
        if message.metadata.cacheable:
            self.kept.add(message.hash)
        if kind == "auto_rerun":
            timer, every_s = message.auto_rerun.fragment_id, message.auto_rerun.interval
            if timer and timer not in self._tasks:
                self._tasks[timer] = asyncio.create_task(self._repeat(timer, every_s))
        elif kind == "script_finished":
            if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                self._end(list(self._asked))  # a whole run draws all that its fragments would
            elif message.script_finished == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY:
                # Several that were asked for at about the same time are one run with one end.
                self._end(message.metadata.run.fragment_ids)

    def _end(self, fragments: Iterable[str]) -> None:
        for begun, done in [self._asked.pop(name) for name in fragments if name in self._asked]:
            if not done.done():
                done.set_result(time.monotonic() - begun)

    async def _repeat(self, fragment: str, every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            with contextlib.suppress(UnreachableError):
                self.updates_s.append(await (await self._ask(fragment)))

    def _stop_timers(self) -> None:
        for name in [name for name in self._tasks if name]:
            self._tasks.pop(name).cancel()
