"""The ASGI app: Streamlit's pages, our HTTP routes beside them, start and stop of the process."""

from __future__ import annotations

import contextlib
import gc
import logging
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import streamlit as st
import structlog
from prometheus_client import REGISTRY
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Router
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import Runtime
from streamlit.runtime.stats import ACTIVE_SESSIONS_FAMILY, GaugeStat

from classroom_app.data import migrate
from classroom_app.errors import ClassroomError, PasswordTooShortError
from classroom_app.resources import App, get_app
from classroom_app.settings import Settings, get_settings
from classroom_app.ui import texts
from classroom_app.ui.widgets.try_again import try_again
from classroom_app.web import logs
from classroom_app.web.compressed_static import PackedStatic
from classroom_app.web.gauges import AppState
from classroom_app.web.index_page import IndexPage
from classroom_app.web.open_paths import OpenPaths
from classroom_app.web.request_observer import RequestObserver
from classroom_app.web.request_pace import RequestPace, party_signed_for
from classroom_app.web.routes import (
    access,
    challenge,
    contest,
    deletions,
    facilitator,
    group,
    guesses,
    guide,
    health,
    on_device,
    photos,
    show,
    swap,
    take_home,
)
from classroom_app.web.routes.common import OwnRoute
from classroom_app.web.socket_guard import SocketGuard
from classroom_app.web.staff_door import StaffDoor
from classroom_app.web.venue import VenueOnly
from ml_core.contract.observe import request_id, tracing
from ml_core.contract.observe.endpoint import MetricsEndpoint
from ml_core.contract.version import VERSION

PACKAGE = Path(__file__).parents[1]
_log = structlog.get_logger(__name__)
STREAMLIT_STATIC = Path(st.__file__).parent / "static" / "static"


class Assets(StaticFiles):
    """Fonts and pictures of our own; their names change when they do, so browsers may keep them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if Path(path).suffix not in {".woff2", ".svg", ".css", ".js"}:
            return PlainTextResponse("Not found", 404)
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


@contextlib.asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    app = get_app()
    # What a library writes into a file for a while stays with the class's data.
    tempfile.tempdir = str(app.incoming.folder)
    await run_in_threadpool(migrate.upgrade, app.db.engine)
    try:
        await run_in_threadpool(app.make_first_facilitator)
    except PasswordTooShortError as exc:
        _log.critical("start_refused", reason=str(exc))
        raise
    await run_in_threadpool(app.start)
    _log.info("started", version=VERSION)
    gc.freeze()  # what was imported stays for ever: Python's collector need not look at it again and again
    try:
        with _metrics(app):
            yield
    finally:
        await run_in_threadpool(app.stop)
        tempfile.tempdir = None


@contextlib.contextmanager
def _metrics(app: App) -> Iterator[None]:
    """The port for Prometheus, when there is one: never the app's own."""
    if not app.settings.metrics_port:
        yield
        return
    state = AppState(app.backlog.count, app.readiness, _open_sessions)
    REGISTRY.register(state)
    endpoint = MetricsEndpoint(app.settings.metrics_host, app.settings.metrics_port)
    try:
        yield
    finally:
        endpoint.stop()
        REGISTRY.unregister(state)


def _open_sessions() -> int | None:
    if not Runtime.exists():
        return None
    found = Runtime.instance().stats_mgr.get_stats([ACTIVE_SESSIONS_FAMILY]).get(ACTIVE_SESSIONS_FAMILY, ())
    return sum(int(stat.value) for stat in found if isinstance(stat, GaugeStat))


def create_app() -> st.App:
    """What uvicorn serves (`--factory`)."""
    logs.configure()
    tracing.start("classroom_web")
    settings = get_settings()
    # Streamlit warns of each thread without a script; ours beside the pages never draw anything.
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(logging.ERROR)
    routes = own_routes(settings)
    return st.App(
        PACKAGE / "main.py",
        on_script_error=sorry,
        middleware=[
            Middleware(RequestObserver, trust_proxy=bool(settings.trusted_proxies)),
            Middleware(StaffDoor, routes=routes, port=settings.staff_port, host=settings.staff_host),
            Middleware(OpenPaths, routes=routes),
            Middleware(VenueOnly, routes=routes),
            Middleware(SocketGuard, public_url=settings.public_url),
            Middleware(IndexPage, default_language=settings.language, seen=_browser_cookie),
            Middleware(PackedStatic, folder=STREAMLIT_STATIC),
            Middleware(OwnRoutes, routes=routes),
        ],
        lifespan=lifespan,
    )


def _browser_cookie(cookie: str | None) -> str | None:
    return get_app().access.browsers.seen(cookie)


def sorry(error: Exception) -> bool:
    """What nobody foresaw: a sentence in the viewer's language instead of Streamlit's English box.

    The page then tries again by itself, since what failed may be back: a database, most of all.
    """
    with request_id.ensured():
        _log.error("page_failed", exc_info=error)
    known = error if isinstance(error, ClassroomError) else ClassroomError()
    st.html(f'<div class="sorry" role="alert">{texts.sorry(known)}</div>')
    try_again()
    return True


class OwnRoutes:
    """Our routes stand before Streamlit's sessions, compression and path checks, which are for its pages:
    a photo of a burst would pay for them as much as for being stored.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._own = ExceptionMiddleware(Router(routes, redirect_slashes=False, default=app))
        self._pace = RequestPace(party_signed_for)
        self._paced = {first_part(route.path) for route in routes if isinstance(route, OwnRoute)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if first_part(scope["path"]) in self._paced:
            await self._pace.turn(scope)
        await self._own(scope, receive, send)


def first_part(path: str) -> str:
    """Of any path that a client may send, `*` too."""
    return path.removeprefix("/").partition("/")[0]


def own_routes(settings: Settings) -> list[BaseRoute]:
    """Everything beside the pages."""
    return [
        *health.routes(),
        *access.ROUTES,
        *photos.routes(settings.photo_bytes_max),
        *group.ROUTES,
        *guesses.ROUTES,
        *facilitator.routes(),
        *challenge.routes(settings.zip_bytes_max),
        *contest.routes(),
        *deletions.routes(),
        *show.ROUTES,
        *on_device.ROUTES,
        *guide.ROUTES,
        *swap.ROUTES,
        *take_home.routes(),
        Mount("/assets", Assets(directory=PACKAGE / "content" / "assets")),
    ]
