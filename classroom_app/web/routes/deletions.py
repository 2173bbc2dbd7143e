"""The facilitators' routes for deletions with an undo, their receipts, a class's end and the audit."""

from __future__ import annotations

import datetime as dt
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from classroom_app.errors import BadInputError
from classroom_app.printing.receipt_sheet import receipt_pdf
from classroom_app.resources import App
from classroom_app.states import DeletionScope
from classroom_app.views.classes import Keep
from classroom_app.views.deletion import DeletionTarget, PendingDeletion, ReceiptView
from classroom_app.web.routes import common
from classroom_app.web.routes.csv_table import csv_table
from classroom_app.web.routes.request_body import parse_json, text_of

RECEIPT_HEAD = ("time_utc", "scope", "subject", "kind", "deleted", "left")
AUDIT_HEAD = ("time_utc", "kind", "who", "did", "origin", "event_id", "group_id")


def begin(request: Request, app: App, body: bytes) -> Response:
    """Delete something of a class: at once nobody sees it any more, and for some minutes it can be undone.

    Takes JSON: `scope` (`photo`, `photos`, `label`, `runs`, `group_reset`, `group`, `event`), as they are
    needed `group_id`, `label_id`, `photo_id`, `photo_ids`, and `now`, true for no undo: bytes and rows go
    with this very request.
    Answers 200: `id`, `counts` (numbers by kind), `due` (when it can be undone no more, as text with its
    zone); with `now` the receipt: `id`, `scope`, `deleted` and `left` (numbers by kind), `clean`.
    Refuses `error_bad_input`, `error_class_not_found`, `error_group_not_found`, `error_label_not_found`,
    `error_photo_not_found`, `error_not_found`, `error_unavailable`.
    """
    given = parse_json(body)
    try:
        scope = DeletionScope(text_of(given, "scope"))
    except ValueError as exc:
        raise BadInputError from exc
    ids = given.get("photo_ids") or []
    if not isinstance(ids, list) or not all(isinstance(item, str) for item in ids):
        raise BadInputError
    target = DeletionTarget(
        scope,
        request.path_params["id"],
        group_id=text_of(given, "group_id", "") or None,
        label_id=text_of(given, "label_id", "") or None,
        photo_id=text_of(given, "photo_id", "") or None,
        photo_ids=tuple(ids),
    )
    if given.get("now") is True:
        return common.reply(receipt_json(app.deletions.delete_now(target)))
    return common.reply(_pending_json(app.deletions.begin(target)))


def pending(request: Request, app: App, _body: bytes) -> Response:
    """What of a class was deleted and can still be undone.

    Answers 200: `pending`, for each `id`, `scope`, `counts`, `due`.
    """
    found = app.deletions.pending(request.path_params["id"])
    return common.reply({"pending": [_pending_json(item) for item in found]})


def _pending_json(item: PendingDeletion) -> dict[str, Any]:
    return {"id": item.id, "scope": item.scope, "counts": item.counts, "due": item.due_at.isoformat()}


def undo(request: Request, app: App, _body: bytes) -> Response:
    """Bring back what was deleted, as it was.

    Answers 204.
    Refuses `deletion_too_late`, `deletion_owner_gone`, `deletion_undo_blocked`, `error_unavailable`.
    """
    app.deletions.undo(request.path_params["id"])
    return Response(status_code=204)


def finish(request: Request, app: App, _body: bytes) -> Response:
    """Do not wait for the end of the undo: bytes and rows go now. Safe to ask for again.

    Answers 200: the receipt.
    Refuses `error_not_found`, `deletion_is_going`, `error_unavailable`.
    """
    return common.reply(receipt_json(app.deletions.finish(request.path_params["id"])))


def receipt_json(receipt: ReceiptView) -> dict[str, Any]:
    return {
        "id": receipt.id,
        "scope": receipt.scope,
        "deleted": receipt.deleted,
        "left": receipt.left,
        "clean": receipt.clean,
    }


def receipts_csv(_request: Request, app: App, _body: bytes) -> Response:
    """Every receipt as a table for the school's files.

    Answers 200: CSV in UTF-8 with a byte order mark; time_utc, scope, subject, kind, deleted, left.
    """
    rows = [row for receipt in app.privacy.receipts() for row in receipt_rows(receipt)]
    return _table("receipts.csv", [RECEIPT_HEAD, *rows])


def receipt_csv(request: Request, app: App, _body: bytes) -> Response:
    """One receipt as a table.

    Answers 200: CSV in UTF-8 with a byte order mark; time_utc, scope, subject, kind, deleted, left.
    Refuses `error_not_found`.
    """
    receipt = app.privacy.receipt(request.path_params["id"])
    return _table("receipt.csv", [RECEIPT_HEAD, *receipt_rows(receipt)])


def receipt_rows(receipt: ReceiptView) -> list[tuple[object, ...]]:
    return [
        (
            receipt.created_at.isoformat(timespec="seconds"),
            receipt.scope,
            receipt.subject,
            kind,
            receipt.deleted.get(kind, 0),
            receipt.left.get(kind, 0),
        )
        for kind in {**receipt.deleted, **receipt.left}
    ]


def receipt_sheet(request: Request, app: App, _body: bytes) -> Response:
    """One receipt on a page to print or to send, in the viewer's language.

    Answers 200: a PDF.
    Refuses `error_not_found`.
    """
    pdf = receipt_pdf(app.privacy.receipt(request.path_params["id"]), common.language(request))
    headers = {**common.NO_STORE, "Content-Disposition": 'inline; filename="receipt.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


def set_end(request: Request, app: App, body: bytes) -> Response:
    """When the class ends: from then on nothing is taken in, and some days later it is deleted by itself.

    Takes JSON: `ends_at`, a time with its zone, as in `2026-12-04T15:00:00+09:00`, and, where that is to
    change, `keep_days`: so many days after its end it is deleted, or null for as many as the settings say,
    which is the most.
    Answers 200: `ends_at`, `goes_at` (when it is deleted, or null: by hand alone).
    Refuses `class_end_wrong`, `class_keep_wrong`, `class_keep_past`, `error_bad_input`,
    `error_class_not_found`.
    """
    given = parse_json(body)
    try:
        ends_at = dt.datetime.fromisoformat(text_of(given, "ends_at"))
    except ValueError as exc:
        raise BadInputError from exc
    if ends_at.tzinfo is None:
        raise BadInputError
    days = given.get("keep_days", Keep.AS_IT_IS)
    if not (days is None or days is Keep.AS_IT_IS or type(days) is int):
        raise BadInputError
    app.retention.set_end(request.path_params["id"], ends_at, days)
    end = app.retention.end(request.path_params["id"])
    goes_at = end.goes_at.isoformat() if end.goes_at is not None else None
    return common.reply({"ends_at": end.ends_at.isoformat(), "goes_at": goes_at})


def audit_csv(request: Request, app: App, _body: bytes) -> Response:
    """Who did what, newest first: user names, ids of groups and classes, networks; nothing of a child.

    Takes the query's `event`, `who`, `did`; without one it asks for all.
    Answers 200: CSV in UTF-8 with a byte order mark; time_utc, kind, who, did, origin, event_id, group_id.
    """
    asked = {name: request.query_params.get(name) or None for name in ("event", "who", "did")}
    found = app.audit.entries(event_id=asked["event"], who=asked["who"], did=asked["did"], limit=None)
    rows = [
        (
            entry.at.isoformat(timespec="seconds"),
            entry.kind,
            entry.who,
            entry.did,
            entry.origin,
            entry.event_id or "",
            entry.group_id or "",
        )
        for entry in found
    ]
    return _table("audit.csv", [AUDIT_HEAD, *rows])


def _table(name: str, rows: list[tuple[object, ...]]) -> Response:
    headers = {**common.NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(csv_table(rows), media_type="text/csv", headers=headers)


def routes() -> list[Route]:
    def route(path: str, handler: common.Handler, method: str = "GET") -> Route:
        return common.route(path, handler, method=method, allow=common.require_facilitator)

    return [
        route("/api/events/{id}/deletions", begin, "POST"),
        route("/api/events/{id}/deletions", pending),
        route("/api/events/{id}/end", set_end, "POST"),
        route("/api/deletions/{id}/undo", undo, "POST"),
        route("/api/deletions/{id}/finish", finish, "POST"),
        route("/api/receipts.csv", receipts_csv),
        route("/api/receipts/{id}.csv", receipt_csv),
        route("/api/receipts/{id}.pdf", receipt_sheet),
        route("/api/audit.csv", audit_csv),
    ]
