"""Coming in and going out: join links, log-in, tickets, the projector link, the language."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from classroom_app.content import i18n
from classroom_app.data.acting import Actor, ActorKind, acting
from classroom_app.errors import BadInputError, ClassroomError, NotAllowedError
from classroom_app.resources import App
from classroom_app.services.device_words import device_words
from classroom_app.services.known_browsers import LET_IN_SECONDS
from classroom_app.web.outside_page import outside
from classroom_app.web.routes import common
from classroom_app.web.routes.request_body import parse_json, text_of

LOG_IN_PATH: Final = "/session/facilitator"


def join(request: Request, app: App, _body: bytes) -> Response:
    """The QR code's address.

    Answers 303 to the page `/join?by=card`, with the cookie `group`; to `/join?problem=…` with the key of
    what is wrong; 403 with a page in both languages where the class is kept to other networks.
    """
    try:
        cookie = app.access.group_cookie_by_token(request.path_params["token"], _address(request))
    except ClassroomError as exc:
        if exc.key == "venue_outside":
            return outside()
        return RedirectResponse(f"/join?problem={exc.key}", 303, common.NO_STORE)
    response = RedirectResponse("/join?by=card", 303, common.NO_STORE)
    common.set_cookie(request, app, response, common.GROUP_COOKIE, cookie)
    return response


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def group_by_ticket(request: Request, app: App, body: bytes) -> Response:
    """A ticket of the join page, where the picture code was tapped, for the group's cookie.

    Takes JSON: `ticket`, good once and for a minute.
    Answers 204 with the cookie `group`.
    Refuses `error_not_allowed`, `error_bad_input`.
    """
    ticket = text_of(parse_json(body), "ticket")
    response = Response(status_code=204, headers=common.NO_STORE)
    cookie = app.access.redeem_ticket("group", ticket)
    common.set_cookie(request, app, response, common.GROUP_COOKIE, cookie)
    return response


def facilitator(request: Request, app: App, body: bytes) -> Response:
    """A ticket of the log-in page, or a name and a password, for the facilitator's cookie.

    Takes JSON: `ticket`, or `username` and `password`; the header `User-Agent`, of which two words are kept
    in the account's list of log-ins.
    Answers 204 with the cookie `facilitator`, and `browser`, by which this browser is known from now on: what
    others guess keeps nobody out on it. It opens nothing.
    Refuses `login_wrong`, `error_throttled`, `error_not_allowed`, `error_bad_input`.
    """
    given = parse_json(body)
    device = device_words(request.headers.get("user-agent", ""))
    address = _address(request)
    if "ticket" in given:
        cookie = app.access.redeem_ticket("facilitator", text_of(given, "ticket"), device)
    else:
        username = text_of(given, "username")
        browser = request.cookies.get(common.BROWSER_COOKIE)
        if not app.logins.check_password(username, text_of(given, "password"), address, browser):
            raise NotAllowedError("login_wrong")
        cookie = app.logins.facilitator_cookie(username, device)
    app.logins.note_login(app.logins.facilitator(cookie) or "", address)
    response = Response(status_code=204, headers=common.NO_STORE)
    common.set_cookie(request, app, response, common.FACILITATOR_COOKIE, cookie)
    known = app.access.browsers.let_in(request.cookies.get(common.BROWSER_COOKIE))
    common.set_cookie(request, app, response, common.BROWSER_COOKIE, known, LET_IN_SECONDS)
    return response


def known(request: Request, app: App, _body: bytes) -> Response:
    """Did the cookie stay? Asked right after it was set: some browsers keep none.

    Takes the query's `who`: `facilitator`, or nothing for the group.
    Answers 204.
    Refuses `error_not_allowed`.
    """
    if request.query_params.get("who") == "facilitator":
        common.require_facilitator(request, app)
    else:
        common.require_group(request, app)
    return Response(status_code=204, headers=common.NO_STORE)


def leave(request: Request, app: App, _body: bytes) -> Response:
    """This iPad forgets its group, or this browser its facilitator.

    Copies of the cookie end with it; the group's other iPads, and the facilitator's other browsers, have
    cookies of their own.

    Takes the query's `who`: `facilitator`, or nothing for the group.
    Answers 204; the cookie is gone.
    """
    response = Response(status_code=204, headers=common.NO_STORE)
    if request.query_params.get("who") == "facilitator":
        cookie = request.cookies.get(common.FACILITATOR_COOKIE)
        username = app.logins.facilitator(cookie)
        if username is not None:
            with acting(Actor(ActorKind.FACILITATOR, username)):
                app.logins.log_out(cookie)
        response.delete_cookie(common.FACILITATOR_COOKIE, path="/")
    else:
        app.access.leave_group(request.cookies.get(common.GROUP_COOKIE))
        response.delete_cookie(common.GROUP_COOKIE, path="/")
    return response


def projector(request: Request, app: App, _body: bytes) -> Response:
    """The signed link of the projector page.

    Answers 303 to the page `/projector`, with the cookie `projector`; to
    `/projector?problem=projector_link_old`; 403 as from `/join/{token}`.
    """
    value = request.path_params["token"]
    event_id = app.access.projector_event(value)
    if event_id is not None and not app.venue.lets_in(event_id, _address(request)):
        return outside()
    if event_id is None:
        return RedirectResponse("/projector?problem=projector_link_old", 303, common.NO_STORE)
    response = RedirectResponse("/projector", 303, common.NO_STORE)
    common.set_cookie(request, app, response, common.PROJECTOR_COOKIE, value)
    return response


def language(request: Request, app: App, body: bytes) -> Response:
    """The language that this browser is spoken to in.

    Takes JSON: `lang`, `ja` or `en`.
    Answers 204 with the cookie `lang`.
    Refuses `error_bad_input`.
    """
    lang = text_of(parse_json(body), "lang")
    if lang not in i18n.LANGUAGES:
        raise BadInputError
    response = Response(status_code=204)
    response.set_cookie(
        common.LANGUAGE_COOKIE,
        lang,
        max_age=app.access.session_seconds,
        httponly=True,
        secure=request.url.scheme == "https",
        samesite="lax",
    )
    return response


ROUTES: list[Route] = [
    common.route("/join/{token}", join),
    common.route("/projector/{token}", projector),
    common.route("/session/group", group_by_ticket, method="POST"),
    common.route(LOG_IN_PATH, facilitator, method="POST"),
    common.route("/session/known", known),
    common.route("/session/leave", leave, method="POST"),
    common.route("/session/language", language, method="POST"),
]
