"""What an iPad of a group sends and asks: photos, runs, live frames."""

from __future__ import annotations

import base64
import contextlib
import re
import time
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import unquote

from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from classroom_app.content import i18n
from classroom_app.errors import (
    BadInputError,
    NotAllowedError,
    NotFoundError,
    StaleEpochError,
    UnavailableError,
)
from classroom_app.resources import App
from classroom_app.services import metrics
from classroom_app.views.classes import GroupIdentity, RoundClock
from classroom_app.views.console import IPadWord
from classroom_app.views.photos import TakenPhoto
from classroom_app.views.play import Guess
from classroom_app.views.training import RunView
from classroom_app.web.routes import common
from classroom_app.web.routes.request_body import parse_json

FRAME_BYTES_MAX = 1024 * 1024
UPLOADS_AT_ONCE = 8  # of the threads that all requests share
UPLOADS_WAITING_MAX = 64  # each with its bytes in memory
BUSY_RETRY_S = 2
CAMERA_WORD = re.compile(r"[A-Za-z0-9-]{0,40}")


def may_send(request: Request, app: App) -> GroupIdentity:
    """The group that took the photo, by the cookie `group`, and not from before its last reset.

    Takes the headers `X-Group-Id` and `X-Group-Epoch`: whose photo it is, and since which reset. Without them
    it counts as the cookie's group's, as of now.
    Refuses `class_over`, `error_group_was_reset`.
    """
    asked = request.headers.get("x-group-id")
    photo_group = None if asked is None else unquote(asked)
    cookie = request.cookies.get(common.GROUP_COOKIE)
    group = app.access.group(cookie)
    if group is None:
        # The iPad may then forget the children's photos; otherwise they wait until the group is back.
        raise NotAllowedError("class_over" if app.ending.is_for_good(cookie, photo_group) else None)
    if photo_group not in {None, group.id}:
        raise NotAllowedError  # taken by another group on this iPad: it waits until that group is back
    if request.headers.get("x-group-epoch", str(group.epoch)) != str(group.epoch):
        raise StaleEpochError
    return group


def may_look(request: Request, app: App) -> tuple[GroupIdentity | None, App | None]:
    """The photo's own group, by the cookie `group`, or a facilitator or instructor of its class, by the
    cookie `facilitator`.
    """
    group = app.access.group(request.cookies.get(common.GROUP_COOKIE))
    staff = common.staff_app(request, app)
    if group is None and staff is None:
        raise NotAllowedError
    return group, staff


class _Upload(Request):
    """A photo on its way: once its bytes are here it waits for its turn, not in a thread that others need."""

    def __init__(self, request: Request, turns: CapacityLimiter) -> None:
        super().__init__(request.scope, request.receive)
        self._turns = turns
        self._has_turn = False

    async def stream(self) -> AsyncGenerator[bytes, None]:
        async for chunk in super().stream():
            yield chunk
        await self._turns.acquire_on_behalf_of(self)
        self._has_turn = True

    def leave(self) -> None:
        """Give the turn back; an upload that was refused before has none."""
        if self._has_turn:
            self._has_turn = False
            self._turns.release_on_behalf_of(self)


def few_at_once(endpoint: common.Endpoint, at_once: int, waiting_max: int) -> common.Endpoint:
    """So many uploads work at a time, so many more wait; the rest is told to come again in a moment."""
    turns = CapacityLimiter(at_once)

    async def in_turn(request: Request) -> Response:
        if turns.statistics().tasks_waiting >= waiting_max:
            return common.error_response(request, UnavailableError(seconds=BUSY_RETRY_S))
        upload = _Upload(request, turns)
        try:
            return await endpoint(upload)
        finally:
            upload.leave()

    async def counted(request: Request) -> Response:
        started = time.perf_counter()
        answer = await in_turn(request)
        metrics.count_upload(answer.status_code, time.perf_counter() - started)
        return answer

    return counted


def take_photo(request: Request, app: App, body: bytes) -> Response:
    """Keep a photo. Idempotent by the client's id: an iPad may send the same photo again after a gap.

    Takes a JPEG, PNG or WebP as the body; the query's `label`, an id, and `taken_at` and `sent_at` (this very
    post), milliseconds since 1970 by the iPad's own clock; the header `X-Photo-Id`, a UUID of version 4.
    Answers 201, or 200 when it was there already: `id`, `status` (`saved`, `already`), `coach` (the kind of
    advice, or null), `message` (the advice as HTML with furigana, or null).
    Refuses `photo_empty`, `photo_not_image`, `photo_cut_off`, `photo_too_small`, `photo_too_large`,
    `photo_has_face`, `photo_unread`, `photo_set_aside`, `photo_was_deleted`, `phase_no_photos`, `round_over`,
    `round_paused`, `photos_full`, `group_waits_photo`, `error_label_not_found`, `error_unavailable`.
    """
    group: GroupIdentity = request.state.allowed
    photo_id = request.headers.get("x-photo-id", "")
    taken = app.photos.take(
        group,
        request.query_params.get("label", ""),
        photo_id,
        _milliseconds(request, "taken_at"),
        body,
        sent_at_ms=_milliseconds(request, "sent_at"),
    )
    status = "saved" if taken.fresh else "already"
    metrics.UPLOAD_BYTES.inc(len(body) if taken.fresh else 0)
    answer = {"id": photo_id, "status": status, "coach": taken.advice, "message": _sentence(taken, request)}
    return common.reply(answer, 201 if taken.fresh else 200)


def _milliseconds(request: Request, name: str) -> int | None:
    given = request.query_params.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 16 else None


def _sentence(taken: TakenPhoto, request: Request) -> str | None:
    """The advice with furigana, as HTML: the camera shows it beside the shutter."""
    if taken.advice is None:
        return None
    lang = common.language(request)
    label = f"{taken.wanted.emoji} {taken.wanted.name(lang)}" if taken.wanted else ""
    return i18n.t_html(f"coach_{taken.advice}", lang, label=label)


def picture(request: Request, app: App, _body: bytes) -> Response:
    """A photo; no browser may keep it.

    Takes a `size` of `thumb` or `full` in the path.
    Answers 200: a JPEG.
    Refuses `error_bad_input`, `error_not_found`, `error_unavailable`.
    """
    size = request.path_params["size"]
    if size not in {"thumb", "full"}:
        raise BadInputError
    group, staff = request.state.allowed
    data = _picture_for(app, group, staff, request.path_params["id"], size)
    return Response(data, media_type="image/jpeg", headers=common.NO_STORE)


def _picture_for(app: App, group: GroupIdentity | None, staff: App | None, photo_id: str, size: str) -> bytes:
    """A browser may have both cookies: a facilitator's that tries an iPad's pages."""
    if group is not None:
        try:
            return app.photos.picture(photo_id, size, group=group)
        except NotFoundError:
            if staff is None:
                raise
    return (staff or app).photos.picture(photo_id, size, group=None)


def overview(request: Request, app: App, _body: bytes) -> Response:
    """All that a group needs to know of itself, in the viewer's language.

    Answers 200: `group` (`id`, `name`, `emoji`, `color`), `event`, the class (`id`, `name`, `phase`),
    `labels` (`id`, `key`, `emoji`, `name`, `photos`, a number), `run`, the newest one as from `/runs/{id}`,
    or null.
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
    once the last one is five minutes ago), and `camera`, why it has none (`denied`, `none`, `insecure`,
    `busy`), or null.
    Answers 200: `group`, the id of the group that this iPad's cookie stands for.
    Refuses `error_bad_input`.
    """
    group: GroupIdentity = request.state.allowed
    word = IPadWord.told(parse_json(body))
    if word is None:
        raise BadInputError
    app.ipads.note(group.id, word)
    return common.reply({"group": group.id})


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


def predict(request: Request, app: App, body: bytes) -> Response:
    """A guess of the group's newest model for one frame. No picture is kept.

    Of a stream, means of features and those of its last frame stay in memory alone: at most about five
    minutes without a new frame, and gone with a reset of the group (in other pods within those minutes).

    Takes a JPEG, PNG or WebP as the body, and in the query `camera` (the page's own word for its stream of
    frames, up to 40 letters, digits and `-`; without it the frame is judged by itself) and `look` (`0`: the
    AI does not find its feet in another place, or forgets that it has).
    Answers 200: `version`, `unsure` (the AI would rather say "I don't know"), `scores`, highest first
    (`label_id`, `key`, `emoji`, `name`, `p`, 0 to 1); of a stream `variety` (0 to 1: how much of what looking
    around takes has been seen) and `looked_around`.
    Refuses `no_model`, `photo_empty`, `photo_not_image`, `photo_cut_off`, `photo_too_small`,
    `photo_too_large`, `photo_unread`, `error_bad_input`, `error_unavailable`.
    """
    return guessed(request, app, body, lent=False)


def guessed(request: Request, app: App, body: bytes, *, lent: bool) -> Response:
    """`lent`: by the AI that the group tries in a swap round."""
    group: GroupIdentity = request.state.allowed
    lang = common.language(request)
    camera = request.query_params.get("camera", "")
    if not CAMERA_WORD.fullmatch(camera):
        raise BadInputError
    look_around = request.query_params.get("look", "") != "0"
    guess = app.play.guess(group, body, camera, look_around=look_around, lent=lent)
    answer = guess_json(guess, lang)
    if camera:
        answer |= {"variety": round(guess.variety, 2), "looked_around": guess.looked_around}
    return common.reply(answer)


def guess_json(guess: Guess, lang: str) -> dict[str, Any]:
    scores = [
        {"label_id": label.id, "key": label.key, "emoji": label.emoji, "name": label.name(lang), "p": p}
        for label, p in guess.scores
    ]
    return {"version": guess.version, "unsure": guess.unsure, "scores": scores}


def explain(request: Request, app: App, body: bytes) -> Response:
    """The guess for a frozen frame by itself, and where the AI looked.

    Takes a JPEG, PNG or WebP as the body, and in the query `label`, the id of the one to look for: what the
    page shows; without it the guess.
    Answers 200: as `/predict`, and `rows`, `columns`, `heat` (base64, a byte a cell, row by row).
    Refuses `no_model`, `photo_empty`, `photo_not_image`, `photo_cut_off`, `photo_too_small`,
    `photo_too_large`, `photo_unread`, `error_label_not_found`, `error_unavailable`.
    """
    return explained(request, app, body, lent=False)


def explained(request: Request, app: App, body: bytes, *, lent: bool) -> Response:
    """`lent`: as for `guessed`."""
    group: GroupIdentity = request.state.allowed
    found = app.play.explain(group, body, request.query_params.get("label", ""), lent=lent)
    heat = {"rows": found.rows, "columns": found.columns, "heat": base64.b64encode(found.heat).decode()}
    return common.reply({**guess_json(found.guess, common.language(request)), **heat})


def mistake_picture(request: Request, app: App, _body: bytes) -> Response:
    """A practice photo that the group's newest model got wrong, small and with a mark in its pixels: a full
    one could be sent back as a training photo. The class setting may keep them shut.

    Takes a `size` of `thumb` in the path; there is no other.
    Answers 200: a JPEG of at most 240 px a side.
    Refuses `practice_hidden`, `error_photo_not_found`, `error_bad_input`, `error_unavailable`.
    """
    group: GroupIdentity = request.state.allowed
    if request.path_params["size"] != "thumb":
        raise BadInputError
    data = app.mistakes.picture(group, request.path_params["id"])
    return Response(data, media_type="image/jpeg", headers=common.NO_STORE)


def mistake_reason(request: Request, app: App, _body: bytes) -> Response:
    """Where the AI looked, and the group's own photos that are most like it.

    Answers 200: `rows`, `columns`, `heat` (base64, a byte a cell, row by row), `nearest` (ids of photos).
    Refuses `practice_hidden`, `error_photo_not_found`, `error_unavailable`.
    """
    group: GroupIdentity = request.state.allowed
    found = app.mistakes.reason(group, request.path_params["id"])
    heat = base64.b64encode(found.heat).decode()
    return common.reply(
        {"rows": found.rows, "columns": found.columns, "heat": heat, "nearest": list(found.nearest)}
    )


def in_turn(endpoint: common.Endpoint) -> common.Endpoint:
    """Of all photos that come one by one, whoever sends them."""
    return few_at_once(endpoint, UPLOADS_AT_ONCE, UPLOADS_WAITING_MAX)


def routes(photo_bytes_max: int) -> list[Route]:
    def route(
        path: str, handler: common.Handler, method: str = "GET", body: int = common.JSON_BYTES_MAX
    ) -> Route:
        return common.route(path, handler, method=method, allow=common.require_group, body_max=body)

    return [
        common.route(
            "/photos", take_photo, method="POST", allow=may_send, body_max=photo_bytes_max, around=in_turn
        ),
        common.route("/photos/{id}/{size}", picture, allow=may_look),
        route("/api/group", overview),
        route("/ipads/here", here, "POST"),
        common.route("/api/group/now", now, allow=common.require_following_group),
        route("/runs", start_run, "POST"),
        route("/runs/{id}", run_status),
        route("/predict", predict, "POST", FRAME_BYTES_MAX),
        route("/explain", explain, "POST", FRAME_BYTES_MAX),
        route("/mistakes/{id}/reason", mistake_reason),
        route("/mistakes/{id}/{size}", mistake_picture),
    ]
