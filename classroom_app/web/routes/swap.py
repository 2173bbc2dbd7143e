"""The swap round, for a group's iPads: another group's AI, the one that it was lent and no other, while the
round is on; and what fooled it.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from classroom_app.resources import App
from classroom_app.views.classes import GroupIdentity
from classroom_app.web.routes import common
from classroom_app.web.routes.guesses import FRAME_BYTES_MAX, explained, guessed
from classroom_app.web.routes.request_body import parse_json, text_of


def model(request: Request, app: App, _body: bytes) -> Response:
    """The model that the group tries in a swap round, by its SHA-256: the one that counts of the group whose
    AI it was lent. No browser may keep it.

    Answers 200: its file, as from `/on-device/models/{sha256}`.
    Refuses `swap_over`, `error_not_found`, `error_group_was_reset`, `error_unavailable`.
    """
    group: GroupIdentity = request.state.allowed
    data = app.play.model_file(group, request.path_params["sha256"], lent=True)
    return Response(data, media_type="application/octet-stream", headers=common.NO_STORE)


def predict(request: Request, app: App, body: bytes) -> Response:
    """A guess of that model for one frame. No picture is kept; the other group sees nothing of it.

    Takes and answers 200: as `/predict`.
    Refuses `swap_over`, and else as `/predict`.
    """
    return guessed(request, app, body, lent=True)


def explain(request: Request, app: App, body: bytes) -> Response:
    """Where that model looked in a frozen frame.

    Takes and answers 200: as `/explain`.
    Refuses `swap_over`, and else as `/explain`.
    """
    return explained(request, app, body, lent=True)


def fool(request: Request, app: App, body: bytes) -> Response:
    """The children say what a thing is that the lent AI took for something else. Two labels and the time are
    kept; what comes too fast, or is the same again, is not counted.

    Takes JSON: `label`, the id of the label that the thing is of, `guess`, of the one that the AI said.
    Answers 200: `check` (`counted`, `soon`, `again`, `enough`), `fooled`, how often the group has in all.
    Refuses `swap_over`, `group_waits`, `error_bad_input`, `error_label_not_found`, `error_group_was_reset`.
    """
    group: GroupIdentity = request.state.allowed
    given = parse_json(body)
    told = app.swap.fool(group, text_of(given, "label"), text_of(given, "guess"))
    return common.reply({"check": told.check, "fooled": told.fooled})


ROUTES: list[Route] = [
    common.route("/swap/models/{sha256}", model, allow=common.require_group),
    common.route(
        "/swap/predict", predict, method="POST", allow=common.require_group, body_max=FRAME_BYTES_MAX
    ),
    common.route(
        "/swap/explain", explain, method="POST", allow=common.require_group, body_max=FRAME_BYTES_MAX
    ),
    common.route("/swap/fooled", fool, method="POST", allow=common.require_group),
]
