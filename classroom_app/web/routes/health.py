"""/healthz and /readyz for load balancers and Kubernetes."""

from __future__ import annotations

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from classroom_app.resources import get_app
from classroom_app.web.routes.common import NO_STORE, marked


async def healthz(_request: Request) -> Response:
    """The process answers and its threads live; otherwise only a new one helps.

    Answers 200 `ok`, or 503.
    """
    if get_app().has_died():
        return PlainTextResponse("a thread has died", 503, NO_STORE)
    return PlainTextResponse("ok", headers=NO_STORE)


def routes() -> list[Route]:
    looking = CapacityLimiter(1)  # a thread of its own: probes take none from the class

    async def readyz(_request: Request) -> Response:
        """A class can go on. An absent compute tier and decoders that failed on the last photo are said, but
        photos are still kept, or wait on the iPads.

        Answers 200, or 503: `database`, `migrations`, `blobs`, `queue`, `ml_core`, `intake`, each true
        or false; `disk` too, where photos lie on this machine's: has it room for more?
        """
        readiness = get_app().readiness
        report = readiness.recent()
        if report is None:
            report = await to_thread.run_sync(readiness.look, limiter=looking)
        return JSONResponse(dict(report.parts), 200 if report.ready else 503, NO_STORE)

    return [Route("/healthz", marked(healthz)), Route("/readyz", marked(readyz))]
