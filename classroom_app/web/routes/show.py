"""The screens' routes: is there news, the show's steps, the photos that it shows."""

from __future__ import annotations

import math
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from classroom_app.data.acting import Actor, ActorKind
from classroom_app.errors import BadInputError, NotAllowedError, NotFoundError
from classroom_app.resources import App
from classroom_app.services import rights
from classroom_app.states import Leader, Phase
from classroom_app.views.show import ScreenNow, ShowNow
from classroom_app.web.routes import common
from classroom_app.web.routes.request_body import int_of, parse_json, text_of

CLOCK_SLACK_S = 1.0  # less than this is the time that an answer takes, and no other clock


def may_follow(request: Request, app: App) -> tuple[str | None, App | None]:
    """A projector of the class, by the cookie `projector`, or a facilitator or instructor of it, by the
    cookie `facilitator`.
    """
    staff = common.staff_app(request, app)
    event_id = app.access.projector_event(request.cookies.get(common.PROJECTOR_COOKIE))
    if event_id is None and staff is None:
        raise NotAllowedError
    if staff is not None and staff.account is not None:
        request.state.came_as = staff.account.username
    elif event_id is not None:
        request.state.came_as = Actor(ActorKind.PROJECTOR, event_id)
    return event_id, staff


def _class_of(request: Request, app: App, event_id: str) -> tuple[str, Leader, App]:
    """The class that is asked for, who asks, and with what services. A projector's link is for its own class
    alone; its browser may be a facilitator's too.
    """
    own, staff = request.state.allowed
    if own is not None and event_id == own:
        leads = staff is not None and staff.account is not None and rights.sees(staff.account, event_id)
        return event_id, Leader.FACILITATOR if leads else Leader.PROJECTOR, app
    if staff is None:
        raise NotAllowedError
    return event_id, Leader.FACILITATOR, staff


def now(request: Request, app: App, _body: bytes) -> Response:
    """What an open screen asks for all the time: has anything changed that it shows?

    Takes the query's `event`, the id of the class, and `ends`, when the clock that it counts down ends (as it
    was answered, or nothing); the header `If-None-Match`, the mark that it has.
    Answers 200: `mark` (two parts with a dot between; another first one is to be drawn at once), `phase`,
    `step`, `steps`, `scene`, `automatic`, `over`, `left_s` (seconds, or null without a clock), `ends`
    (seconds since 1970 by the server, or null while it does not run), `paused`, `frozen`; 304 without a body
    when mark and clock are the same.
    Refuses `error_class_not_found`, `error_not_allowed`.
    """
    event_id, _, app = _class_of(request, app, request.query_params.get("event", ""))
    found = app.screen.look(event_id)
    body = screen_json(found)
    headers = {**common.NO_STORE, "ETag": f'"{found.mark}"'}
    asked = request.headers.get("if-none-match", "")
    if asked == headers["ETag"] and _same_end(body["ends"], request.query_params.get("ends", "")):
        return Response(status_code=304, headers=headers)
    return JSONResponse(body, headers=headers)


def screen_json(found: ScreenNow) -> dict[str, Any]:
    show, clock = found.show, found.clock
    running = bool(clock.left_s) and not clock.paused
    return {
        "mark": found.mark,
        "phase": found.phase,
        "step": show.step,
        "steps": show.steps,
        "scene": show.scene,
        "automatic": show.automatic,
        "over": show.over,
        "left_s": clock.left_s,
        "ends": round(time.time() + (clock.left_s or 0.0), 3) if running else None,
        "paused": clock.paused,
        "frozen": clock.frozen,
    }


def _same_end(ends: float | None, asked: str) -> bool:
    """Does the browser count down to the right moment? A clock that stands has its own mark."""
    try:
        known = float(asked) if asked else None
    except ValueError:
        return False
    if ends is None or known is None:
        return ends is known
    return math.isfinite(known) and abs(ends - known) < CLOCK_SLACK_S


def lead(request: Request, app: App, body: bytes) -> Response:
    """A step of the show. Where it has gone on since the step that was seen, nothing happens.

    Takes JSON: `event`, the id of the class, `go` (`next`, `back`), `seen`, the step on the leader's screen.
    Answers 200: `step`, `steps`, `scene`, `over`, as they are now.
    Refuses `error_bad_input`, `error_class_not_found`, `error_conflict` (no show is on), `error_not_allowed`.
    """
    given = parse_json(body)
    event_id, leader, app = _class_of(request, app, text_of(given, "event"))
    moves = {"next": app.show.next, "back": app.show.back}
    go, seen = text_of(given, "go"), int_of(given, "seen")
    if go not in moves:
        raise BadInputError
    return common.reply(show_json(moves[go](event_id, seen, leader)))


def show_json(show: ShowNow) -> dict[str, Any]:
    return {"step": show.step, "steps": show.steps, "scene": show.scene, "over": show.over}


def photo(request: Request, app: App, _body: bytes) -> Response:
    """One of the challenge photos that all AIs found hardest, once the class is at its reveal.

    Takes the query's `event`, the id of the class.
    Answers 200: a JPEG.
    Refuses `error_photo_not_found`, `error_class_not_found`, `error_not_allowed`, `error_unavailable`.
    """
    event_id, _, app = _class_of(request, app, request.query_params.get("event", ""))
    wanted = request.path_params["id"]
    told = app.screen.look(event_id).phase in {Phase.REVEAL, Phase.CLOSED}
    if not told or wanted not in {item.photo_id for item in app.show.story(event_id).hardest.photos}:
        raise NotFoundError("error_photo_not_found")
    data = app.hardest.picture(event_id, wanted)
    return Response(data, media_type="image/jpeg", headers=common.NO_STORE)


ROUTES: list[Route] = [
    common.route("/api/show/now", now, allow=may_follow),
    common.route("/api/show/step", lead, method="POST", allow=may_follow),
    common.route("/api/show/photos/{id}", photo, allow=may_follow),
]
