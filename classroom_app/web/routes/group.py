"""What an iPad of a group sends and asks: photos, runs, live frames."""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any
from urllib.parse import unquote

from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from classroom_app.content import i18n
from classroom_app.errors import BadInputError, NotAllowedError, StaleEpochError, UnavailableError
from classroom_app.resources import App
from classroom_app.services import metrics
from classroom_app.views import GroupIdentity, Guess, RunView, TakenPhoto
from classroom_app.web.routes import common

FRAME_BYTES_MAX = 1024 * 1024
UPLOADS_AT_ONCE = 8  # of the threads that all requests share
UPLOADS_WAITING_MAX = 64  # each with its bytes in memory
BUSY_RETRY_S = 2


def may_send(request: Request, app: App) -> GroupIdentity:
    """The group that a photo may come from: the one that took it, and not from before its last reset."""
    asked = request.headers.get("x-group-id")
    photo_group = None if asked is None else unquote(asked)
    cookie = request.cookies.get(common.GROUP_COOKIE)
    group = app.access.group(cookie)
    if group is None:
        # The iPad may then forget the children's photos; otherwise they wait until the group is back.
        raise NotAllowedError("class_over" if app.access.is_over(cookie, photo_group) else None)
    if photo_group not in {None, group.id}:
        raise NotAllowedError  # taken by another group on this iPad: it waits until that group is back
    if request.headers.get("x-group-epoch", str(group.epoch)) != str(group.epoch):
        raise StaleEpochError
    return group


class _Upload(Request):
    """A photo on its way: once its bytes are here it waits for its turn, not in a thread that others need."""

    def __init__(self, request: Request, turns: CapacityLimiter) -> None:
        super().__init__(request.scope, request.receive)
        self._turns = turns

    async def stream(self) -> AsyncGenerator[bytes, None]:
        async for chunk in super().stream():
            yield chunk
        await self._turns.acquire_on_behalf_of(self)

    def leave(self) -> None:
        with contextlib.suppress(RuntimeError):  # it was refused before its turn came
            self._turns.release_on_behalf_of(self)


def few_at_once(
    endpoint: Callable[[Request], Awaitable[Response]], at_once: int, waiting_max: int
) -> Callable[[Request], Awaitable[Response]]:
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
    """Idempotent by the client's id: an iPad may send the same photo again after a gap."""
    group: GroupIdentity = request.state.allowed
    photo_id = request.headers.get("x-photo-id", "")
    taken_at = request.query_params.get("taken_at", "")
    taken = app.photos.take(
        group,
        request.query_params.get("label", ""),
        photo_id,
        int(taken_at) if taken_at.isdecimal() and len(taken_at) < 16 else None,
        body,
    )
    status = "saved" if taken.fresh else "already"
    metrics.UPLOAD_BYTES.inc(len(body) if taken.fresh else 0)
    answer = {"id": photo_id, "status": status, "coach": taken.advice, "message": _sentence(taken, request)}
    return common.reply(answer, 201 if taken.fresh else 200)


def _sentence(taken: TakenPhoto, request: Request) -> str | None:
    """The advice with furigana, as HTML: the camera shows it beside the shutter."""
    if taken.advice is None:
        return None
    lang = common.language(request)
    label = f"{taken.wanted.emoji} {taken.wanted.name(lang)}" if taken.wanted else ""
    return i18n.t_html(f"coach_{taken.advice}", lang, label=label)


def picture(request: Request, app: App, _body: bytes) -> Response:
    """A photo, for its own group or a facilitator alone; never kept by a browser."""
    size = request.path_params["size"]
    if size not in {"thumb", "full"}:
        raise BadInputError
    group = app.access.group(request.cookies.get(common.GROUP_COOKIE))
    is_facilitator = app.access.facilitator(request.cookies.get(common.FACILITATOR_COOKIE)) is not None
    if group is None and not is_facilitator:
        raise NotAllowedError
    data = app.photos.picture(request.path_params["id"], size, group=None if is_facilitator else group)
    return Response(data, media_type="image/jpeg", headers=common.NO_STORE)


def overview(request: Request, app: App, _body: bytes) -> Response:
    group = common.require_group(request, app)
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


def start_run(request: Request, app: App, _body: bytes) -> Response:
    group = common.require_group(request, app)
    run_id = app.runs.request(group)
    app.queue.enqueue(run_id)
    run = app.runs.status(group, run_id)
    return common.reply({"id": run.id, "state": run.state}, 202)


def run_status(request: Request, app: App, _body: bytes) -> Response:
    group = common.require_group(request, app)
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
    """A guess for one frame, which is kept nowhere."""
    group: GroupIdentity = request.state.allowed
    lang = common.language(request)
    return common.reply(guess_json(app.play.guess(group, body), lang))


def guess_json(guess: Guess, lang: str) -> dict[str, Any]:
    scores = [
        {"label_id": label.id, "key": label.key, "emoji": label.emoji, "name": label.name(lang), "p": p}
        for label, p in guess.scores
    ]
    return {"version": guess.version, "unsure": guess.unsure, "scores": scores}


def explain(request: Request, app: App, body: bytes) -> Response:
    """The guess for a frozen frame, and where the AI looked: `heat` is base64, a byte a cell."""
    group: GroupIdentity = request.state.allowed
    found = app.play.explain(group, body)
    heat = {"rows": found.rows, "columns": found.columns, "heat": base64.b64encode(found.heat).decode()}
    return common.reply({**guess_json(found.guess, common.language(request)), **heat})


def mistake_picture(request: Request, app: App, _body: bytes) -> Response:
    """A practice photo that the group's AI got wrong; the class setting may keep them shut."""
    group = common.require_group(request, app)
    size = request.path_params["size"]
    if size not in {"thumb", "full"}:
        raise BadInputError
    data = app.mistakes.picture(group, request.path_params["id"], size)
    return Response(data, media_type="image/jpeg", headers=common.NO_STORE)


def mistake_reason(request: Request, app: App, _body: bytes) -> Response:
    """Where the AI looked, and the group's own photos that are most like it, by id."""
    group = common.require_group(request, app)
    found = app.mistakes.reason(group, request.path_params["id"])
    heat = base64.b64encode(found.heat).decode()
    return common.reply(
        {"rows": found.rows, "columns": found.columns, "heat": heat, "nearest": list(found.nearest)}
    )


def routes(photo_bytes_max: int) -> list[Route]:
    return [
        Route(
            "/photos",
            few_at_once(
                common.route(take_photo, body_max=photo_bytes_max, allow=may_send),
                UPLOADS_AT_ONCE,
                UPLOADS_WAITING_MAX,
            ),
            methods=["POST"],
        ),
        Route("/photos/{id}/{size}", common.route(picture)),
        Route("/api/group", common.route(overview)),
        Route("/runs", common.route(start_run), methods=["POST"]),
        Route("/runs/{id}", common.route(run_status)),
        Route(
            "/predict",
            common.route(predict, body_max=FRAME_BYTES_MAX, allow=common.require_group),
            methods=["POST"],
        ),
        Route("/mistakes/{id}/reason", common.route(mistake_reason)),
        Route("/mistakes/{id}/{size}", common.route(mistake_picture)),
        Route(
            "/explain",
            common.route(explain, body_max=FRAME_BYTES_MAX, allow=common.require_group),
            methods=["POST"],
        ),
    ]
