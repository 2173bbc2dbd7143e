"""What a group's iPads ask and say of themselves, and the tap that trains."""

from __future__ import annotations

import contextlib
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from classroom_app.errors import BadInputError, UnavailableError
from classroom_app.resources import App
from classroom_app.views.classes import GroupIdentity, RoundClock
from classroom_app.views.console import IPadWord
from classroom_app.views.training import RunView
from classroom_app.web.routes import common
from classroom_app.web.routes.request_body import parse_json


def overview(request: Request, app: App, _body: bytes) -> Response:
    """All that a group needs to know of itself, in the viewer's language.

    Answers 200: `group` (`id`, `name`, `emoji`, `color`), `event`, the class (`id`, `name`, `phase`),
    `labels` (`id`, `key`, `emoji`, `name`, `photos`, a number), `run`, the newest one as from `/runs/{id}`,
    or null; none that ended badly before an AI which was deleted since.
    """
    group: GroupIdentity = request.state.allowed
    lang = common.language(request)
    ready = app.runs.readiness(group)
    latest = app.runs.latest(group)
    body = {
        "group": {"id": group.id, "name": group.name(lang), "emoji": group.emoji, "color": group.color},
        "event": {"id": group.event_id, "name": group.event_name, "phase": group.phase},
        "labels": [
            {
                "id": label.id,
                "key": label.key,
                "emoji": label.emoji,
                "name": label.name(lang),
                "photos": ready.counts.get(label.id, 0),
            }
            for label in ready.labels
        ],
        "run": run_json(latest) if latest else None,
    }
    return common.reply(body)


def here(request: Request, app: App, body: bytes) -> Response:
    """An iPad's word every ten seconds on how it fares; the last one is kept, nothing else.

    Takes JSON: `ipad`, a random UUID of version 4 that the browser made, `unsent`, its photos that wait,
    `cannot_send`, true while somebody else answers there in this app's place; where the browser knows them
    also `page`, the name of the one that is open, `failed`, photos that were refused since it was opened (0
    once the last one is five minutes ago), `camera`, why it has none (`denied`, `none`, `insecure`, `busy`),
    or null, and `clock_ms`, the time by its own clock, in milliseconds since 1970: how far that is from the
    server's is kept.
    Answers 200: `group`, the id of the group that this iPad's cookie stands for, and `number`, this iPad's in
    its group where that has several, else null.
    Refuses `error_bad_input`.
    """
    group: GroupIdentity = request.state.allowed
    word = IPadWord.told(parse_json(body))
    if word is None:
        raise BadInputError
    number = app.ipads.note(group.id, word)
    return common.reply({"group": group.id, "number": number})


def now(request: Request, app: App, _body: bytes) -> Response:
    """What an open page asks for all the time: has anything changed that it shows?

    Takes the query's `page` (`join`, `collect`, `train`, `run`, `play`, `mistakes`, `results`, `board`) and
    the header `If-None-Match`, the mark that it has.
    Answers 200: `mark`, `phase`, `epoch`, `lent`, a word for the AI that the group was lent in a swap round,
    on the page that has it, else empty; 304 without a body when the mark is still the same. Where the round
    has a time box, the headers `X-Round-Left`, seconds by the server's clock, and `X-Round-Paused`, `1` or
    `0`.
    Refuses `error_bad_input`.
    """
    group: GroupIdentity = request.state.allowed
    found = app.now.look(group, request.query_params.get("page", ""))
    with contextlib.suppress(UnavailableError):  # the look is done, and the next one is soon
        app.access.note_seen(group.id)  # whoever looks at a page is there, also when nothing changes on it
    headers = {**common.NO_STORE, "ETag": f'"{found.mark}"', **_round_headers(found.clock)}
    if request.headers.get("if-none-match", "") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    body = {"mark": found.mark, "phase": found.phase, "epoch": found.epoch, "lent": found.lent}
    return JSONResponse(body, headers=headers)


def _round_headers(clock: RoundClock) -> dict[str, str]:
    """Headers, because most answers have no body."""
    if clock.left_s is None:
        return {}
    return {"X-Round-Left": f"{clock.left_s:.1f}", "X-Round-Paused": "1" if clock.paused else "0"}


def start_run(request: Request, app: App, _body: bytes) -> Response:
    """The tap on "train". A second tap while the group has an active run is that same run.

    Answers 202: `id`, `state`.
    Refuses `group_waits`, `phase_no_training`, `round_over`, `round_paused`, `trainings_used_up`,
    `not_enough_photos`, `error_group_was_reset`.
    """
    group: GroupIdentity = request.state.allowed
    run_id = app.runs.request(group)
    app.queue.enqueue(run_id)
    run = app.runs.status(group, run_id)
    return common.reply({"id": run.id, "state": run.state}, 202)


def run_status(request: Request, app: App, _body: bytes) -> Response:
    """A training run of the group; nothing of the final half.

    Answers 200: `id`, `version`, `state` (`queued`, `running`, `done`, `failed`, `cancelled`), `stage`,
    `progress` (0 to 1), `place` (runs ahead of it), `photos`, `error` (a key, or null), `requested_at` and
    `finished_at` (ISO 8601), `seconds`, `practice_correct` and `practice_total` (null until it is scored).
    Refuses `error_not_found`.
    """
    group: GroupIdentity = request.state.allowed
    return common.reply(run_json(app.runs.status(group, request.path_params["id"])))


def run_json(run: RunView) -> dict[str, Any]:
    """A run for its group: nothing of the final half."""
    return {
        "id": run.id,
        "version": run.version,
        "state": run.state,
        "stage": run.stage,
        "progress": run.progress,
        "place": run.place,
        "photos": run.photos,
        "error": run.error_key,
        "requested_at": run.requested_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "seconds": run.seconds,
        "practice_correct": run.practice_correct,
        "practice_total": run.practice_total,
    }


ROUTES = [
    common.route("/api/group", overview, allow=common.require_group),
    common.route("/ipads/here", here, method="POST", allow=common.require_group),
    common.route("/api/group/now", now, allow=common.require_following_group),
    common.route("/runs", start_run, method="POST", allow=common.require_group),
    common.route("/runs/{id}", run_status, allow=common.require_group),
]
