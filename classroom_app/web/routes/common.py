"""What every route shares: who may call, the body with a limit, errors as JSON in the user's language."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from classroom_app.content import i18n
from classroom_app.data.acting import Actor, ActorKind, acting, network_of
from classroom_app.errors import ClassroomError, NotAllowedError, NotFoundError
from classroom_app.resources import App, get_app
from classroom_app.views.classes import GroupIdentity
from classroom_app.web.routes.request_body import is_unstorable, read_body, spool_body

GROUP_COOKIE = "group"
FACILITATOR_COOKIE = "facilitator"
PROJECTOR_COOKIE = "projector"
LANGUAGE_COOKIE = "lang"
BROWSER_COOKIE = "browser"  # which browser this is; it opens nothing
OWN_HEADER = "x-classroom"  # on requests: sent by a page of ours; on answers: given by this app
JSON_BYTES_MAX = 64 * 1024
NO_STORE = {"Cache-Control": "private, no-store"}

_log = structlog.get_logger(__name__)

Handler = Callable[[Request, App, bytes], Response]
Allow = Callable[[Request, App], object]  # raises NotAllowedError
Endpoint = Callable[[Request], Awaitable[Response]]


def anybody(_request: Request, _app: App) -> None:
    """Anybody."""


class OwnRoute(Route):
    """A route of ours. What it is made of stays readable: docs/http-api.md is written from it."""

    def __init__(
        self, path: str, handler: Handler, method: str, allow: Allow, body_max: int, endpoint: Endpoint
    ) -> None:
        super().__init__(path, endpoint, methods=[method])
        self.handler = handler
        self.method = method
        self.allow = allow
        self.body_max = body_max


def route(
    path: str,
    handler: Handler,
    *,
    method: str = "GET",
    allow: Allow = anybody,
    body_max: int = JSON_BYTES_MAX,
    spooled: bool = False,
    around: Callable[[Endpoint], Endpoint] | None = None,
) -> OwnRoute:
    """A plain function as a route; it runs in a thread, because it may wait for the database.

    `allow` says who may call. The handler finds whoever that was in `request.state.allowed`; the body of
    others is not even read. With `spooled` the body is not in memory but in the file
    `request.state.body_file`, which is gone after the answer. `around` wraps the endpoint, for uploads that
    wait for their turn.
    """
    if body_max > JSON_BYTES_MAX and allow is anybody:
        raise ValueError("who may send such large bodies?")

    def admit(request: Request) -> None:
        request.state.allowed = allow(request, get_app())

    def show(request: Request) -> Response:
        admit(request)
        return act(request, b"")

    def act(request: Request, data: bytes) -> Response:
        actor = _actor(request)
        with acting(actor) if actor is not None else contextlib.nullcontext():
            return handler(request, app_of(request), data)

    async def answer(request: Request) -> Response:
        if any(map(is_unstorable, (*request.path_params.values(), *request.query_params.values()))):
            raise NotFoundError
        if method == "GET":
            return await run_in_threadpool(show, request)
        # A form on another site can send our cookies, but not this header.
        if OWN_HEADER not in request.headers:
            raise NotAllowedError
        await run_in_threadpool(admit, request)
        if spooled:
            with get_app().incoming.file() as file:
                await spool_body(request, body_max, file)
                request.state.body_file = file
                return await run_in_threadpool(act, request, b"")
        data = await read_body(request, body_max)
        return await run_in_threadpool(act, request, data)

    async def endpoint(request: Request) -> Response:
        try:
            return await answer(request)
        except ClientDisconnect:
            return Response(status_code=499)
        except ClassroomError as exc:
            if exc.is_our_fault:
                _log.exception("route_failed", route=handler.__name__, reason=exc.key, detail=exc.params)
            return error_response(request, exc)
        except Exception:
            _log.exception("route_failed", route=handler.__name__)  # a path may hold a join token
            return error_response(request, ClassroomError())

    return OwnRoute(path, handler, method, allow, body_max, marked(around(endpoint) if around else endpoint))


def _actor(request: Request) -> Actor | None:
    """For the audit: whom `allow` let in; None for anybody. Where several kinds may come in, `allow` says in
    `request.state.came_as` who came.
    """
    allowed = getattr(request.state, "came_as", request.state.allowed)
    origin = network_of(request.client.host if request.client else "")
    if isinstance(allowed, GroupIdentity):
        return Actor(ActorKind.GROUP, allowed.id, origin)
    if isinstance(allowed, Actor):
        return Actor(allowed.kind, allowed.who, origin)
    username = getattr(allowed, "username", allowed)
    return Actor(ActorKind.FACILITATOR, username, origin) if isinstance(username, str) else None


def marked(endpoint: Endpoint) -> Endpoint:
    """Says of every answer that it is our own: browsers take what a proxy or a filter says for no answer."""

    @functools.wraps(endpoint)
    async def answer(request: Request) -> Response:
        response = await endpoint(request)
        response.headers[OWN_HEADER] = "1"
        return response

    return answer


def error_response(request: Request, error: ClassroomError) -> Response:
    say = i18n.t_kanji if FACILITATOR_COOKIE in request.cookies else i18n.t
    try:
        message = say(error.key, language(request), **error.params)
    except KeyError:  # a test holds that this does not happen; if it does, people still get a sentence
        _log.exception("sentence_missing", key=error.key, given=sorted(error.params))
        message = say(ClassroomError.key, language(request))
    body = {"error": error.key, "message": message, "retry": error.retry}
    headers = dict(NO_STORE)
    if "seconds" in error.params:
        headers["Retry-After"] = str(error.params["seconds"])
    return JSONResponse(body, error.status, headers)


def reply(body: Any, status: int = 200) -> Response:
    return JSONResponse(body, status, NO_STORE)


def language(request: Request) -> str:
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in i18n.LANGUAGES else get_app().settings.language


def require_group(request: Request, app: App) -> GroupIdentity:
    """An iPad of a group, by the cookie `group`."""
    group = app.access.group(request.cookies.get(GROUP_COOKIE))
    if group is None:
        raise NotAllowedError
    return group


def require_following_group(request: Request, app: App) -> GroupIdentity:
    """An iPad of a group, by the cookie `group`.

    Refuses `ended_over`, `ended_deleted`, `ended_removed`, `ended_renewed`: why the cookie is none any more.
    """
    cookie = request.cookies.get(GROUP_COOKIE)
    group = app.access.group(cookie)
    if group is None:
        raise app.ending.error(cookie)
    return group


def require_facilitator(request: Request, app: App) -> str:
    """A facilitator of the class, by the cookie `facilitator`; its instructors where nothing changes but the
    show.

    Refuses `error_role`, `error_class_not_found`.
    """
    staff = staff_app(request, app)
    if staff is None or staff.account is None:
        raise NotAllowedError
    request.state.app = staff  # what the handler gets: it can do no more than this account may
    return staff.account.username


def staff_app(request: Request, app: App) -> App | None:
    """The services as whoever is logged in may call them; None for everybody else."""
    return app.as_account(request.cookies.get(FACILITATOR_COOKIE))


def app_of(request: Request) -> App:
    """What its caller may do, once it is known who that is."""
    found: App = getattr(request.state, "app", None) or get_app()
    return found


def set_cookie(
    request: Request, app: App, response: Response, name: str, value: str, max_age_s: int | None = None
) -> None:
    """For as long as a session, or `max_age_s`."""
    response.set_cookie(
        name,
        value,
        max_age=app.access.session_seconds if max_age_s is None else max_age_s,
        httponly=True,
        secure=request.url.scheme == "https",
        samesite="lax",
        path="/",
    )
