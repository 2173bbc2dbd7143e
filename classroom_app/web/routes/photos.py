"""A group's photos: an iPad sends one, a page shows one.

Knows nothing of what becomes of it: the intake decodes, services keep.
"""

from __future__ import annotations

from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from classroom_app.content import i18n
from classroom_app.errors import BadInputError, NotAllowedError, NotFoundError, StaleEpochError
from classroom_app.resources import App
from classroom_app.services import metrics
from classroom_app.views.classes import GroupIdentity
from classroom_app.views.photos import TakenPhoto
from classroom_app.web.routes import common
from classroom_app.web.routes.upload_turns import in_turn


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


def routes(photo_bytes_max: int) -> list[Route]:
    return [
        common.route(
            "/photos", take_photo, method="POST", allow=may_send, body_max=photo_bytes_max, around=in_turn
        ),
        common.route("/photos/{id}/{size}", picture, allow=may_look),
    ]
