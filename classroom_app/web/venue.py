"""Keeps a class's iPads and projectors to its networks.

Whoever comes from elsewhere gets one plain page in both languages, with 403, at a route too. It does not say
that it is an answer of the app (`X-Classroom`): to an iPad that was carried out of the room it is the same as
a filter's page, so its photos wait until it is back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeGuard

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from classroom_app.errors import ClassroomError
from classroom_app.resources import get_app
from classroom_app.ui.page_table import PAGES, Audience
from classroom_app.ui.viewer import OUTSIDE, VENUE_HEADER
from classroom_app.web.outside_page import outside
from classroom_app.web.routes import common
from classroom_app.web.staff_door import headers_without

_MARK = VENUE_HEADER.lower().encode()
_OF_A_CLASS = frozenset({common.GROUP_COOKIE, common.PROJECTOR_COOKIE})


class VenueOnly:
    """Pure ASGI. What comes from elsewhere has no cookie of the class any more when it goes on from here."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._pages = {page.name for page in PAGES if page.audience in {Audience.GROUP, Audience.PROJECTOR}}
        self._routes = [route.path_regex for route in routes if _is_of_a_class(route)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        cookies = HTTPConnection(scope).cookies
        names = await _outside(cookies, scope)
        if not names:
            scope["headers"] = headers_without(scope, (), _MARK)  # in the scope itself, which the log reads
        elif scope["type"] == "http" and self._is_shut(scope["path"], cookies):
            await outside()(scope, receive, send)
            return
        else:
            kept = headers_without(scope, names, _MARK)
            scope["headers"] = [*kept, (_MARK, OUTSIDE.encode())]
        await self._app(scope, receive, send)

    def _is_shut(self, path: str, cookies: Mapping[str, str]) -> bool:
        """Where a facilitator may come too, the cookie of a facilitator goes on alone."""
        theirs = path.strip("/") in self._pages or any(regex.match(path) for regex in self._routes)
        return theirs and common.FACILITATOR_COOKIE not in cookies


def _is_of_a_class(route: BaseRoute) -> TypeGuard[common.OwnRoute]:
    return isinstance(route, common.OwnRoute) and route.allow not in {
        common.anybody,
        common.require_facilitator,
    }


async def _outside(cookies: Mapping[str, str], scope: Scope) -> set[str]:
    """Cookies of classes that this address is no place of. Without a database none: all else needs it too."""
    if not cookies.keys() & _OF_A_CLASS:
        return set()
    app = get_app()
    client = scope.get("client")
    address = client[0] if client else ""
    signed = {name: app.access.class_signed_for(name, cookies.get(name)) for name in _OF_A_CLASS}
    classes = {name: event_id for name, event_id in signed.items() if event_id is not None}

    def look() -> set[str]:
        return {name for name, event_id in classes.items() if not app.venue.lets_in(event_id, address)}

    try:
        # Every photo and live frame comes by here: a thread is waited for only where the database is asked.
        if all(app.venue.known(event_id) is not None for event_id in classes.values()):
            return look()
        return await run_in_threadpool(look)
    except ClassroomError:
        return set()
