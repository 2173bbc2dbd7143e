"""What a group's AI guesses, where it looked, and what it got wrong.

Knows nothing of models: services answer.
"""

from __future__ import annotations

import base64
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from classroom_app.errors import BadInputError
from classroom_app.resources import App
from classroom_app.views.classes import GroupIdentity
from classroom_app.views.play import Guess
from classroom_app.web.routes import common

FRAME_BYTES_MAX = 1024 * 1024
CAMERA_WORD = re.compile(r"[A-Za-z0-9-]{0,40}")


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


ROUTES = [
    common.route("/predict", predict, method="POST", allow=common.require_group, body_max=FRAME_BYTES_MAX),
    common.route("/explain", explain, method="POST", allow=common.require_group, body_max=FRAME_BYTES_MAX),
    common.route("/mistakes/{id}/reason", mistake_reason, allow=common.require_group),
    common.route("/mistakes/{id}/{size}", mistake_picture, allow=common.require_group),
]
