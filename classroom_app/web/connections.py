"""What connections cost that say nothing: an open file each, until they are closed."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from classroom_app.network import LOOPBACK

FIRST_REQUEST_S = 30.0
MOST_OF_MACOS = 10_240  # OPEN_MAX


class HttpConnection(H11Protocol):
    """Closed when its first request is not there in time. uvicorn limits only the silence after one."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast("asyncio.Transport", transport))
        self.loop.call_later(FIRST_REQUEST_S, self._close_if_silent)

    def _close_if_silent(self) -> None:
        was_upgraded = self.transport.get_protocol() is not self  # to a websocket, which has its own limits
        if self.cycle is None and not was_upgraded:
            self.transport.close()


def allow_many() -> None:
    """As many open files as this user may have: it is 1,024 at first, and one laptop can open more."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (most, MOST_OF_MACOS):
        # A Mac says that there is no limit, and refuses more than this.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(now, wanted) if wanted >= 0 else wanted, most))
            return


def serve(app: str, *, staff_port: int = 0, **options: Any) -> None:
    """Run uvicorn until it is stopped; with `staff_port` it listens on that port of this computer too."""
    if not staff_port:
        uvicorn.run(app, **options)
        return
    config = uvicorn.Config(app, **options)
    own = socket.socket()
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    own.bind((LOOPBACK, staff_port))
    uvicorn.Server(config).run(sockets=[config.bind_socket(), own])
