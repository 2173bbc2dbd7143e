"""The contest of a class, for facilitators: its rules, the round's clock, the recount, the results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from classroom_app.errors import BadInputError
from classroom_app.printing.certificates import certificates_pdf
from classroom_app.printing.result_sheet import result_sheet_pdf
from classroom_app.resources import App
from classroom_app.states import CountedRun
from classroom_app.views.classes import ContestRules
from classroom_app.views.contest import Difference
from classroom_app.web.routes import common
from classroom_app.web.routes.request_body import int_of, parse_json, text_of
from classroom_app.web.routes.results_archive import results_zip


def contest(request: Request, app: App, _body: bytes) -> Response:
    """The rules and the clock, by the server's time.

    Answers 200: `rules` (`counted`: `best`, `last`, `chosen`; `trainings_max`, of a group in a round, or
    null; `freeze_minutes`; `tie_break`), `clock` (`left_s`, null without a time box; `paused`; `frozen`),
    `awards` (`kind`, `group_ids`, `figure`; none before the reveal).
    Refuses `error_class_not_found`.
    """
    event_id = request.path_params["id"]
    rules, clock = app.contest.rules(event_id), app.contest.clock(event_id)
    body = {
        "rules": {
            "counted": rules.counted,
            "trainings_max": rules.trainings_max,
            "freeze_minutes": rules.freeze_minutes,
            "tie_break": rules.tie_break,
        },
        "clock": {"left_s": clock.left_s, "paused": clock.paused, "frozen": clock.frozen},
        "awards": [
            {"kind": award.kind, "group_ids": award.group_ids, "figure": award.figure}
            for award in app.awards.awards(event_id)
        ],
    }
    return common.reply(body)


def set_rules(request: Request, app: App, body: bytes) -> Response:
    """Other rules from now on.

    Takes JSON: `counted`, `trainings_max`, `freeze_minutes`, `tie_break`, as from GET.
    Answers 204.
    Refuses `rules_wrong`, `final_is_made`, `error_bad_input`, `error_class_not_found`.
    """
    app.contest.set_rules(request.path_params["id"], _rules(parse_json(body)))
    return Response(status_code=204)


def _rules(given: dict[str, Any]) -> ContestRules:
    trainings = None if given.get("trainings_max") is None else int_of(given, "trainings_max")
    tie_break = given.get("tie_break")
    if not isinstance(tie_break, bool):
        raise BadInputError
    try:
        counted = CountedRun(text_of(given, "counted"))
    except ValueError as exc:
        raise BadInputError from exc
    return ContestRules(counted, trainings, int_of(given, "freeze_minutes"), tie_break)


def move_clock(request: Request, app: App, body: bytes) -> Response:
    """Start a round, pause it, go on, or give it more time.

    Takes JSON: `action`, one of `start` (with `minutes`, or null for no end), `pause`, `go_on`, `add` (with
    `minutes`).
    Answers 204.
    Refuses `round_minutes_wrong`, `round_not_now`, `error_bad_input`, `error_class_not_found`.
    """
    event_id = request.path_params["id"]
    given = parse_json(body)
    minutes = given.get("minutes")
    if isinstance(minutes, bool) or not isinstance(minutes, int | float | None):
        raise BadInputError
    moves: dict[str, Callable[[], None]] = {
        "start": lambda: app.contest.start_round(event_id, minutes),
        "pause": lambda: app.contest.pause(event_id),
        "go_on": lambda: app.contest.go_on(event_id),
        "add": lambda: app.contest.add_minutes(event_id, minutes or 0),
    }
    move = moves.get(text_of(given, "action"))
    if move is None:
        raise BadInputError
    move()
    return Response(status_code=204)


def recount(request: Request, app: App, _body: bytes) -> Response:
    """The board counted again from what the AIs said of each challenge photo; changes nothing.

    Answers 200: `same` (nothing differs), `final_number` (0: the board as it is), `differences` (`what`,
    `group_id`, `written`, `counted`), `rows` in their order (`group_id`, `rank`, `practice_rank`,
    `practice_correct`, `practice_total`, `final_correct`, `final_total`).
    Refuses `error_class_not_found`.
    """
    found = app.final.recount(request.path_params["id"])
    rows = [
        {
            "group_id": row.group_id,
            "rank": row.rank,
            "practice_rank": row.practice_rank,
            "practice_correct": row.practice_correct,
            "practice_total": row.practice_total,
            "final_correct": row.final_correct,
            "final_total": row.final_total,
        }
        for row in found.rows
    ]
    body = {
        "same": not found.differences,
        "final_number": found.final_number,
        "differences": [_difference(item) for item in found.differences],
        "rows": rows,
    }
    return common.reply(body)


def _difference(found: Difference) -> dict[str, str | None]:
    return {
        "what": found.what,
        "group_id": found.group_id,
        "written": found.written,
        "counted": found.counted,
    }


def results_archive(request: Request, app: App, _body: bytes) -> Response:
    """Scores, runs, photos per label and awards as tables, with the hidden half; nothing of a child.

    Answers 200: a ZIP; each table as CSV and Parquet, and `dictionary.csv` (docs/results.md).
    Refuses `error_class_not_found`.
    """
    archive = results_zip(app.results.tables(request.path_params["id"]))
    headers = {**common.NO_STORE, "Content-Disposition": 'attachment; filename="results.zip"'}
    return Response(archive, media_type="application/zip", headers=headers)


def result_sheet(request: Request, app: App, _body: bytes) -> Response:
    """The results on one page to print, in the viewer's language.

    Answers 200: a PDF.
    Refuses `error_class_not_found`.
    """
    sheet = app.results.sheet(request.path_params["id"])
    pdf = result_sheet_pdf(
        class_name=sheet.class_name,
        day=sheet.day,
        final_number=sheet.final_number,
        rules=sheet.rules,
        rows=sheet.rows,
        awards=sheet.awards,
        lang=common.language(request),
    )
    return _to_print(pdf, "results.pdf")


def certificates(request: Request, app: App, _body: bytes) -> Response:
    """A certificate for each group that came to print, in the viewer's language: no photo is on it.

    Answers 200: a PDF.
    Refuses `error_class_not_found`.
    """
    sheet = app.results.sheet(request.path_params["id"])
    pdf = certificates_pdf(
        class_name=sheet.class_name,
        day=sheet.day,
        rows=sheet.rows,
        awards=sheet.awards,
        lang=common.language(request),
    )
    return _to_print(pdf, "certificates.pdf")


def _to_print(pdf: bytes, name: str) -> Response:
    headers = {**common.NO_STORE, "Content-Disposition": f'inline; filename="{name}"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


def routes() -> list[Route]:
    def route(path: str, handler: common.Handler, method: str = "GET") -> Route:
        return common.route(path, handler, method=method, allow=common.require_facilitator)

    return [
        route("/api/events/{id}/contest", contest),
        route("/api/events/{id}/contest", set_rules, "POST"),
        route("/api/events/{id}/round", move_clock, "POST"),
        route("/api/events/{id}/recount", recount),
        route("/api/events/{id}/results.zip", results_archive),
        route("/api/events/{id}/results.pdf", result_sheet),
        route("/api/events/{id}/certificates.pdf", certificates),
    ]
