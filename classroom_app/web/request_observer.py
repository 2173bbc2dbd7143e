"""Watches every request: its id, its trace, how long it took and how it ended.

Never a path, an address or a header: a path may hold a join token.
"""

from __future__ import annotations

import time

import structlog
from opentelemetry.trace import SpanKind
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from classroom_app.services import metrics
from ml_core.contract.observe import request_id, tracing

HEADER = "X-Request-Id"
PHOTO_HEADER = "x-photo-id"  # an iPad names a photo when it is taken: every try to send it has this id
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Live frames and words of every iPad: not worth a line each.
OFTEN = frozenset({"/predict", "/swap/predict", "/ipads/here"})
PROBES = frozenset({"/healthz", "/readyz"})  # readiness says by itself when a part goes or comes back
SLOW_S = 2.0
UNHANDLED = 500

_log = structlog.get_logger(__name__)


class RequestObserver:
    """Pure ASGI, so that websockets and streams pass untouched. The outermost of our middleware."""

    def __init__(self, app: ASGIApp, trust_proxy: bool = False) -> None:
        self._app = app
        self._trust_proxy = trust_proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            with request_id.bound(request_id.new()):
                await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._watched(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _watched(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        headers = Headers(scope=scope)
        number = (
            request_id.accept(headers.get(HEADER))
            or request_id.accept(headers.get(PHOTO_HEADER))
            or request_id.new()
        )
        status = UNHANDLED

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = number
            await send(message)

        # Only a load balancer of ours may say which trace a request belongs to.
        parent = dict(headers) if self._trust_proxy else {}
        method = scope["method"] if scope["method"] in METHODS else "other"
        with request_id.bound(number), tracing.span(method, SpanKind.SERVER, parent) as span:
            try:
                await self._app(scope, receive, send_with_id)
            finally:
                seconds = time.perf_counter() - started
                route = template(scope)
                span.update_name(f"{method} {route}")
                span.set_attribute("http.route", route)
                span.set_attribute("http.response.status_code", status)
                metrics.HTTP_REQUESTS.labels(method, route, f"{status // 100}xx").inc()
                metrics.HTTP_SECONDS.labels(route).observe(seconds)
                _note(method, route, status, seconds)


def template(scope: Scope) -> str:
    """`/photos/{id}/{size}`, as the router left it in the scope; one name for all that has no route."""
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) and path else "none"


def _note(method: str, route: str, status: int, seconds: float) -> None:
    """One line for what changes something, fails or is slow."""
    changes = method not in {"GET", "HEAD"} and route not in OFTEN
    if route not in PROBES and (changes or status >= 500 or seconds > SLOW_S):
        note = _log.warning if status >= 500 else _log.info
        note("request", method=method, route=route, status=status, seconds=round(seconds, 3))
