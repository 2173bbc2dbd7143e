"""Facilitators' own door: their pages and routes are answered at one port or host name, and nowhere else.

At the other door, the class's, nobody is a facilitator: what is theirs is not there, and their cookie says
nothing. A port is this machine's own and cannot be made up by whoever asks. A host name can, so it takes a
load balancer that looks at the same name first (k8s/base/gateway.yaml).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeGuard

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from classroom_app.ui.page_table import PAGES
from classroom_app.ui.viewer import DOOR_HEADER, STAFF_DOOR
from classroom_app.web.routes import common
from classroom_app.web.routes.access import LOG_IN_PATH


class StaffDoor:
    """Pure ASGI. Without a port and a host name there is one door, for everybody."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute], *, port: int = 0, host: str = "") -> None:
        self._app = app
        self._port = port
        self._host = host.lower()
        self._pages = {page.name for page in PAGES if page.behind_door}
        self._routes = [route.path_regex for route in routes if _is_theirs(route)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or not (self._port or self._host):
            await self._app(scope, receive, send)
            return
        theirs = self._is_theirs(scope)
        if not theirs and scope["type"] == "http" and self._is_for_facilitators(scope["path"]):
            await PlainTextResponse("Not found", 404)(scope, receive, send)
            return
        # In the scope itself: whoever counts requests reads there which route it was.
        scope["headers"] = _headers(scope, theirs=theirs)
        await self._app(scope, receive, send)

    def _is_theirs(self, scope: Scope) -> bool:
        if self._port:
            server = scope.get("server")  # of the connection itself, not of what was asked for
            return server is not None and server[1] == self._port
        host, _, port = Headers(scope=scope).get("host", "").lower().partition(":")
        return host == self._host and (not port or port.isdecimal())

    def _is_for_facilitators(self, path: str) -> bool:
        return path.strip("/") in self._pages or any(regex.match(path) for regex in self._routes)


def _is_theirs(route: BaseRoute) -> TypeGuard[common.OwnRoute]:
    if not isinstance(route, common.OwnRoute):
        return False
    return route.allow is common.require_facilitator or route.path == LOG_IN_PATH


def _headers(scope: Scope, *, theirs: bool) -> list[tuple[bytes, bytes]]:
    """As pages and routes see them: we say which door it is; a facilitator's cookie is at their own alone."""
    mark = DOOR_HEADER.lower().encode()
    if theirs:
        return [*headers_without(scope, (), mark), (mark, STAFF_DOOR.encode())]
    return headers_without(scope, (common.FACILITATOR_COOKIE,), mark)


def headers_without(scope: Scope, cookies: Collection[str], header: bytes) -> list[tuple[bytes, bytes]]:
    """The request's, without these cookies and without this header (in small letters)."""
    return [
        (name, _without(value, cookies) if name.lower() == b"cookie" else value)
        for name, value in scope["headers"]
        if name.lower() != header
    ]


def _without(given: bytes, cookies: Collection[str]) -> bytes:
    names = {name.encode() for name in cookies}
    kept = [part for part in given.split(b";") if part.partition(b"=")[0].strip() not in names]
    return b";".join(kept).strip()
