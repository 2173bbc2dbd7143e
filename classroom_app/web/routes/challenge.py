"""The hidden photos of the challenge: a facilitator sends them as a ZIP or one by one, and looks at them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from classroom_app.content import i18n
from classroom_app.content.photo_formats import FILE_BYTES_MAX
from classroom_app.errors import BadInputError, UnavailableError
from classroom_app.resources import App
from classroom_app.services.challenge import ZIP_BUSY_RETRY_S
from classroom_app.views.photos import ChallengeUpload
from classroom_app.web.routes import common
from classroom_app.web.routes.upload_turns import UPLOADS_WAITING_MAX, few_at_once

FILES_AT_ONCE = 4  # each with up to 40 MB in memory
UPLOAD_ID_CHARS = 64


def add_challenge(request: Request, app: App, _body: bytes) -> Response:
    """Hidden photos of the challenge, before any group has trained. One ZIP at a time.

    Takes a ZIP as the body: a folder for each label, named by its key or one of its names; the header
    `X-Upload-Id`, if its sender wants to ask for it by that: any text of 64 characters at most.
    Answers 200: `added`, `added_to` (how many, by the id of the label), `alike` (how many of them look like
    another one of the set, whose half they share), `rejected` (for each reason `error`, `message`, `count`, a
    number of files, and `names`, the first few of them).
    Refuses `challenge_not_zip`, `challenge_zip_too_much`, `challenge_zip_busy`, `challenge_locked`,
    `challenge_full`, `error_class_not_found`.
    """
    upload_id = request.headers.get("x-upload-id", "")[:UPLOAD_ID_CHARS]
    upload = app.challenge.add_zip(request.path_params["id"], request.state.body_file, upload_id)
    return common.reply(upload_json(upload, common.language(request)))


def zip_upload(request: Request, app: App, _body: bytes) -> Response:
    """How far a ZIP is read that was sent with an `X-Upload-Id`; what became of it, for ten minutes. For
    whoever lost the answer: what was read need not be sent again.

    Answers 200: `state` (`unknown`: not all of it came, or it came to another process; `reading`, `done`);
    while it is read `read` and `total`, numbers of files; then `report`, as from the POST.
    Refuses what the POST refused it with.
    """
    found = app.challenge.zip_upload(request.path_params["id"], request.path_params["upload_id"])
    if found is None:
        return common.reply({"state": "unknown"})
    if found.report is None:
        return common.reply({"state": "reading", "read": found.done, "total": found.total})
    return common.reply({"state": "done", "report": upload_json(found.report, common.language(request))})


def take_challenge_photo(request: Request, app: App, _body: bytes) -> Response:
    """One hidden photo of the challenge from a facilitator's camera or files, with the checks of those in a
    ZIP. Idempotent by the browser's id: it may send the same photo again after a gap.

    Takes a photo's file as the body, of any kind that a ZIP may hold; the query's `label`, an id; the header
    `X-Photo-Id`, a UUID of version 4.
    Answers 201, or 200 when it was there already: `id`, `status` (`saved`, `already`), `alike` (does it look
    like another one of the set, whose half it shares?).
    Refuses `photo_empty`, `photo_not_image`, `photo_cut_off`, `photo_too_small`, `photo_too_large`,
    `photo_unread`, `photo_was_deleted`, `challenge_photo_twice`, `challenge_locked`, `challenge_full`,
    `class_has_ended`, `error_label_not_found`, `error_bad_input`, `error_class_not_found`,
    `error_unavailable`.
    """
    photo_id = request.headers.get("x-photo-id", "")
    label_id = request.query_params.get("label", "")
    taken = app.shots.take(request.path_params["id"], label_id, photo_id, request.state.body_file.read())
    status = "saved" if taken.fresh else "already"
    return common.reply({"id": photo_id, "status": status, "alike": taken.alike}, 201 if taken.fresh else 200)


def challenge_picture(request: Request, app: App, _body: bytes) -> Response:
    """A challenge photo of either half; no browser may keep it.

    Takes a `size` of `thumb` or `full` in the path.
    Answers 200: a JPEG.
    Refuses `error_bad_input`, `error_photo_not_found`, `error_not_found`, `error_unavailable`.
    """
    size = request.path_params["size"]
    if size not in {"thumb", "full"}:
        raise BadInputError
    data = app.challenge.picture(request.path_params["id"], size)
    return Response(data, media_type="image/jpeg", headers=common.NO_STORE)


class _Zip(Request):
    """A ZIP of somebody who may send it: while another one is taken in, its body is not even read."""

    def __init__(self, request: Request, turn: asyncio.Semaphore) -> None:
        super().__init__(request.scope, request.receive)
        self._turn = turn
        self._has_turn = False

    async def stream(self) -> AsyncGenerator[bytes, None]:
        if self._turn.locked():
            raise UnavailableError("challenge_zip_busy", seconds=ZIP_BUSY_RETRY_S)
        await self._turn.acquire()
        self._has_turn = True
        async for chunk in super().stream():
            yield chunk

    def leave(self) -> None:
        if self._has_turn:
            self._has_turn = False
            self._turn.release()


def one_at_a_time(endpoint: common.Endpoint) -> common.Endpoint:
    turn = asyncio.Semaphore(1)

    async def alone(request: Request) -> Response:
        archive = _Zip(request, turn)
        try:
            return await endpoint(archive)
        finally:
            archive.leave()

    return alone


def upload_json(upload: ChallengeUpload, lang: str) -> dict[str, Any]:
    rejected = [
        {"error": key, "message": i18n.t_kanji(key, lang), "count": files.count, "names": files.names}
        for key, files in upload.rejected.items()
    ]
    return {
        "added": upload.added,
        "added_to": upload.added_to,
        "alike": upload.alike,
        "rejected": rejected,
    }


def _in_turn(endpoint: common.Endpoint) -> common.Endpoint:
    """Files are far larger than what an iPad sends: they wait on the disk, and few are in memory at once."""
    return few_at_once(endpoint, FILES_AT_ONCE, UPLOADS_WAITING_MAX)


def routes(zip_bytes_max: int) -> list[Route]:
    return [
        common.route(
            "/api/events/{id}/challenge",
            add_challenge,
            method="POST",
            allow=common.require_facilitator,
            body_max=zip_bytes_max,
            spooled=True,
            around=one_at_a_time,
        ),
        common.route(
            "/api/events/{id}/challenge/uploads/{upload_id}", zip_upload, allow=common.require_facilitator
        ),
        common.route(
            "/api/events/{id}/challenge/photos",
            take_challenge_photo,
            method="POST",
            allow=common.require_facilitator,
            body_max=FILE_BYTES_MAX,
            spooled=True,
            around=_in_turn,
        ),
        common.route("/challenge/{id}/{size}", challenge_picture, allow=common.require_facilitator),
    ]
