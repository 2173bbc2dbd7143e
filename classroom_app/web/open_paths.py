"""Closes every path that the app does not need, and sets the security headers of all answers."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from classroom_app.ui.page_table import HOME, PAGES

# Streamlit's own paths that a browser needs; its metrics, media, script check and agent stay closed, and its
# uploader, which keeps whatever is sent in memory: files come by routes of ours.
STREAMLIT_PATHS = ("/_stcore/health", "/_stcore/stream", "/_stcore/host-config", "/favicon.png")
STREAMLIT_FOLDERS = ("/static/", "/component/", "/_stcore/bidi-components/")

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",  # join links must not travel in a Referer
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}

# For pages: Streamlit's and ours.
PAGE_POLICY = {
    # 'unsafe-eval' is for Vega's expressions, blob: for Streamlit's components; nothing may be fetched
    # from or sent to another host.
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; "
        "font-src 'self' data:; connect-src 'self' data: blob:; worker-src 'self' blob:; "
        "frame-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'"
    ),
}
# For all else, data, pictures, PDFs: whatever is in it, nothing of it runs or loads anything.
DATA_POLICY = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
# Who came over TLS once does so all day; for longer, the next class at this address may be locked out.
TLS_POLICY = {"Strict-Transport-Security": "max-age=86400"}


class OpenPaths:
    """Lets through what the table of pages, our routes and Streamlit's browser code need, and nothing else.

    Pure ASGI, so that websockets and streams pass untouched.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        exact, folders = addresses(routes)
        self._exact = exact | {"/", *STREAMLIT_PATHS}
        self._pages = {page.name for page in PAGES if page is not HOME}
        self._folders = (*folders, *STREAMLIT_FOLDERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        if not self._is_open(path):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            await _refuse(path, scope)(scope, receive, _with_headers(scope, send))
            return
        await self._app(scope, receive, _with_headers(scope, send) if scope["type"] == "http" else send)

    def _is_open(self, path: str) -> bool:
        is_page = path.strip("/") in self._pages
        return is_page or path in self._exact or path.startswith(self._folders)


def addresses(routes: Sequence[BaseRoute]) -> tuple[set[str], tuple[str, ...]]:
    """(exact paths, folders) of our routes: what has a parameter opens the folder before it."""
    exact: set[str] = set()
    folders: set[str] = set()
    for route in routes:
        if isinstance(route, Mount):
            folders.add(f"{route.path}/")
        elif isinstance(route, Route):
            fixed, parameter, _ = route.path.partition("{")
            (folders if parameter else exact).add(fixed)
    return exact, tuple(sorted(folders))


def _refuse(path: str, scope: Scope) -> ASGIApp:
    wants_page = "text/html" in Headers(scope=scope).get("accept", "") and not path.startswith("/_stcore")
    if scope["method"] == "GET" and wants_page:
        return RedirectResponse("/", 303)  # a mistyped address leads home, not to a page in English
    return PlainTextResponse("Not found", 404)


def _with_headers(scope: Scope, send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            kind = headers.get("content-type", "").partition(";")[0]
            # Workers and modules run under the policy of their own answer, so scripts count as pages.
            page = kind in {"", "text/html", "text/javascript", "application/javascript"}
            chosen = SECURITY_HEADERS | (PAGE_POLICY if page else DATA_POLICY)
            if scope.get("scheme") == "https":
                chosen |= TLS_POLICY
            for name, value in chosen.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers
