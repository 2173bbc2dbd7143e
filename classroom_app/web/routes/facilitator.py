"""The facilitators' routes: a class from outside the pages (rehearsal), its cards and its file."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from classroom_app.errors import BadInputError, NotFoundError
from classroom_app.printing.group_cards import GroupCard, group_cards_pdf
from classroom_app.resources import App
from classroom_app.services.class_plan import written_plan
from classroom_app.states import DeletionScope, FaceRule
from classroom_app.views.classes import EventView, GroupView, NewLabel
from classroom_app.views.deletion import DeletionTarget
from classroom_app.views.training import RunScore
from classroom_app.web.routes import common
from classroom_app.web.routes.deletions import receipt_json
from classroom_app.web.routes.request_body import parse_json, text_of


def create_event(request: Request, app: App, body: bytes) -> Response:
    """Make a class, from a template or with labels of its own.

    Takes JSON: `name`, `groups` (how many), `template` (a key) or `labels` (each with `name_ja`, `name_en` or
    both; a `key` is made where there is none, and there is an `emoji` for all that have none), `faces`
    (`allow`, `warn`, `block`).
    Answers 201: `id`, `groups` (`id`, `name`, `emoji`, `join_path`), `labels` (`id`, `key`),
    `projector_path`, the signed link.
    Refuses `class_name_wrong`, `class_groups_wrong`, `class_template_unknown`, `class_labels_few`,
    `class_labels_many`, `class_labels_same_name`, `class_labels_same_key`, `class_label_no_name`,
    `class_label_name_long`, `class_label_key_long`, `class_label_emoji`, `error_bad_input`.
    """
    given = parse_json(body)
    groups, labels = given.get("groups"), given.get("labels") or []
    template = given.get("template") or None
    if not isinstance(groups, int) or not isinstance(labels, list) or not isinstance(template, str | None):
        raise BadInputError
    event = app.classes.create(
        text_of(given, "name"),
        groups,
        template=template,
        labels=[_new_label(label) for label in labels],
        faces=text_of(given, "faces", FaceRule.WARN),
    )
    lang = common.language(request)
    return common.reply(
        {
            "id": event.id,
            "groups": [
                {"id": g.id, "name": g.name(lang), "emoji": g.emoji, "join_path": g.join_path}
                for g in event.groups
            ],
            "labels": [{"id": label.id, "key": label.key} for label in event.labels],
            "projector_path": f"/projector/{app.access.projector_link(event.id)}",
        },
        201,
    )


def _new_label(given: Any) -> NewLabel:
    if not isinstance(given, dict):
        raise BadInputError
    return NewLabel(
        key=text_of(given, "key", ""),
        emoji=text_of(given, "emoji", "🏷️"),
        name_ja=text_of(given, "name_ja", ""),
        name_en=text_of(given, "name_en", ""),
    )


def class_file(request: Request, app: App, _body: bytes) -> Response:
    """The class as a file, without photos and without anything that happened in it.

    Answers 200: YAML, which `python -m classroom_app class create --from` makes a class of.
    Refuses `error_class_not_found`.
    """
    text = written_plan(app.classes.plan(request.path_params["id"]))
    headers = {**common.NO_STORE, "Content-Disposition": 'attachment; filename="class.yaml"'}
    return Response(text, media_type="application/yaml", headers=headers)


def set_phase(request: Request, app: App, body: bytes) -> Response:
    """Move the class to another phase.

    Takes JSON: `phase`, one of `lobby`, `collect`, `final`, `reveal`, `closed`, and `reopen`, true to collect
    once more after the reveal: the next one then makes another final, marked as such.
    Answers 204.
    Refuses `challenge_missing`, `final_is_made`, `runs_finishing`, `error_bad_input`,
    `error_class_not_found`.
    """
    given = parse_json(body)
    reopen = given.get("reopen") is True
    app.classes.set_phase(request.path_params["id"], text_of(given, "phase"), reopen=reopen)
    return Response(status_code=204)


def monitor(request: Request, app: App, _body: bytes) -> Response:
    """How every group is getting on.

    Answers 200: `id`, `name`, `phase`, `features_pending` (photos without features yet), `groups` (`id`,
    `name`, `emoji`, `joined`, `seen_seconds_ago`, `photos` by label id, `features_pending`, `set_aside`
    (photos that no decoder got through with), `runs`, `active_state`, `last_error`).
    Refuses `error_class_not_found`.
    """
    event_id = request.path_params["id"]
    event = app.classes.get(event_id)
    lines = app.classes.monitor(event_id)
    lang = common.language(request)
    groups = [
        {
            "id": line.group.id,
            "name": line.group.name(lang),
            "emoji": line.group.emoji,
            "joined": line.group.joined,
            "seen_seconds_ago": line.seen_seconds_ago,
            "photos": line.photos,
            "features_pending": line.features_pending,
            "set_aside": line.set_aside,
            "runs": line.runs,
            "active_state": line.active_state,
            "last_error": line.last_error_key,
        }
        for line in lines
    ]
    body = {
        "id": event.id,
        "name": event.name,
        "phase": event.phase,
        "features_pending": sum(line.features_pending for line in lines),
        "groups": groups,
    }
    return common.reply(body)


def leaderboard(request: Request, app: App, _body: bytes) -> Response:
    """With the final half, whatever the phase: facilitators may look behind the curtain.

    Answers 200: `phase`, `final_number` (of the final that was written down; 0 before the reveal, 2 and more
    where groups had seen the results of one before), `rows` (`group_id`, `name`, `emoji`, `rank`,
    `practice_correct`, `practice_total`, `final_rank`, `final_correct`, `final_total`, `runs`, `photos`,
    `versions`: for each `id`, `version`, `practice_correct`, `practice_total`, `final_correct`,
    `final_total`).
    Refuses `error_class_not_found`.
    """
    lang = common.language(request)
    practice = app.board.board(request.path_params["id"], final=False, live=True)
    behind = app.board.board(request.path_params["id"], final=True, live=True)
    final = {row.group_id: row for row in behind.rows}
    versions = app.board.versions(request.path_params["id"])
    rows = [
        {
            "group_id": row.group_id,
            "name": row.name(lang),
            "emoji": row.emoji,
            "rank": row.rank,
            "practice_correct": row.practice_correct,
            "practice_total": row.practice_total,
            "final_rank": final[row.group_id].rank,
            "final_correct": final[row.group_id].final_correct,
            "final_total": final[row.group_id].final_total,
            "runs": row.runs,
            "photos": row.photos,
            "versions": [{"id": run.run_id, **_scores(run)} for run in versions[row.group_id]],
        }
        for row in practice.rows
    ]
    return common.reply({"phase": practice.phase, "final_number": practice.final_number, "rows": rows})


def _scores(run: RunScore) -> dict[str, int]:
    return {
        "version": run.version,
        "practice_correct": run.practice_correct,
        "practice_total": run.practice_total,
        "final_correct": run.final_correct,
        "final_total": run.final_total,
    }


def delete_event(request: Request, app: App, _body: bytes) -> Response:
    """Delete the class with all that belongs to it. Safe to ask for again.

    Answers 200: `id` of the receipt, `scope`, `deleted` and `left` (numbers by kind), `clean` (nothing is
    left).
    Refuses `error_class_not_found`, `error_unavailable`.
    """
    receipt = app.deletions.delete_now(DeletionTarget(DeletionScope.EVENT, request.path_params["id"]))
    return common.reply(receipt_json(receipt))


def check_everything(_request: Request, app: App, _body: bytes) -> Response:
    """Whether rows, files and the queue of all classes fit together; changes nothing.

    Answers 200: `sound` (nothing is wrong), `problems` (`kind`, `subject`: an id or the key of a file).
    Refuses `error_unavailable`.
    """
    report = app.integrity.check(time.sleep)
    found = [{"kind": problem.kind, "subject": problem.subject} for problem in report.problems]
    return common.reply({"sound": report.sound, "problems": found})


def cards(request: Request, app: App, _body: bytes) -> Response:
    """The cards to print. QR codes show the public address, or the one that this page was opened at.

    Answers 200: a PDF.
    Refuses `error_class_not_found`.
    """
    event = app.classes.get(request.path_params["id"])
    return _cards(request, app, event, event.groups)


def one_card(request: Request, app: App, _body: bytes) -> Response:
    """The card of one group to print, as it is now: after its links were renewed the new one.

    Answers 200: a PDF.
    Refuses `error_class_not_found`, `error_group_not_found`.
    """
    event = app.classes.get(request.path_params["id"])
    found = [group for group in event.groups if group.id == request.path_params["group_id"]]
    if not found:
        raise NotFoundError("error_group_not_found")
    return _cards(request, app, event, found)


def _cards(request: Request, app: App, event: EventView, groups: Sequence[GroupView]) -> Response:
    base = app.settings.public_url or f"{request.url.scheme}://{request.url.netloc}"
    pdf = group_cards_pdf(
        class_name=event.name,
        cards=[
            GroupCard(
                name_ja=group.name_ja,
                name_en=group.name_en,
                emoji=group.emoji,
                color=group.color,
                join_url=f"{base.rstrip('/')}{group.join_path}",
                picture_code=group.picture_code,
            )
            for group in groups
        ],
        lang=common.language(request),
        typed_url=f"{base.rstrip('/')}/join",
        privacy_url=f"{base.rstrip('/')}/privacy?class={event.id}",
    )
    headers = {**common.NO_STORE, "Content-Disposition": 'inline; filename="cards.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


def routes() -> list[Route]:
    def route(
        path: str, handler: common.Handler, method: str = "GET", body: int = common.JSON_BYTES_MAX
    ) -> Route:
        return common.route(path, handler, method=method, allow=common.require_facilitator, body_max=body)

    return [
        route("/api/events", create_event, "POST"),
        route("/api/events/{id}/phase", set_phase, "POST"),
        route("/api/events/{id}/class.yaml", class_file),
        route("/api/events/{id}/leaderboard", leaderboard),
        route("/api/events/{id}", monitor),
        route("/api/events/{id}", delete_event, "DELETE"),
        route("/api/check", check_everything),
        route("/cards/{id}.pdf", cards),
        route("/cards/{id}/{group_id}.pdf", one_card),
    ]
