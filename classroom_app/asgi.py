"""The ASGI app: Streamlit's pages, our HTTP routes beside them, start and stop of the process.

Knows nothing of what a page shows or a route does.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import streamlit as st
import structlog
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from classroom_app import log, migrate
from classroom_app import session as viewer
from classroom_app.errors import ClassroomError
from classroom_app.resources import get_app
from classroom_app.routes import facilitator, group, session
from classroom_app.routes.middleware import Doorkeeper
from classroom_app.routes.packed import PackedStatic
from classroom_app.settings import Settings, get_settings

HERE = Path(__file__).parent
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


async def healthz(_request: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("ok")


async def readyz(_request: Request) -> Response:
    """A class can go on: the database answers. An absent compute tier is said, but photos are still kept."""
    checks = await run_in_threadpool(_checks)
    return JSONResponse(checks, 200 if checks["database"] else 503)


def _checks() -> dict[str, bool]:
    app = get_app()
    return {"database": app.db.is_ready(), "ml_core": app.ml.is_ready()}


@contextlib.asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    app = get_app()
    await run_in_threadpool(migrate.upgrade, app.db.engine)
    await run_in_threadpool(app.make_first_facilitator)
    await run_in_threadpool(app.start)
    try:
        yield
    finally:
        await run_in_threadpool(app.stop)


def create_app() -> st.App:
    """What uvicorn serves (`--factory`)."""
    log.configure()
    # Streamlit warns of each thread without a script; ours beside the pages never draw anything.
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(logging.ERROR)
    return st.App(
        HERE / "main.py",
        routes=own_routes(get_settings()),
        on_script_error=sorry,
        middleware=[Middleware(Doorkeeper), Middleware(PackedStatic, folder=STREAMLIT_STATIC)],
        lifespan=lifespan,
    )


def sorry(error: Exception) -> bool:
    """What nobody foresaw: a sentence in the viewer's language instead of Streamlit's English box."""
    _log.error("page_failed", exc_info=error)
    known = error if isinstance(error, ClassroomError) else ClassroomError()
    st.html(f'<div class="sorry" role="alert">{viewer.sorry(known)}</div>')
    return True


def own_routes(settings: Settings) -> list[BaseRoute]:
    """Everything beside the pages."""
    return [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        *session.ROUTES,
        *group.routes(settings.photo_bytes_max),
        *facilitator.routes(settings.zip_bytes_max),
        Mount("/assets", Assets(directory=HERE / "assets")),
    ]
