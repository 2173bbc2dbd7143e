"""The group's and the facilitator's routes as typed calls, each on a browser of its own.

Knows nothing of the day's order, of timing or of figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from classroom_app.rehearsal.answers import (
    ChallengeAnswer,
    Monitor,
    NewEvent,
    NewGroup,
    NewLabel,
    RankedGroup,
    Receipt,
    RunView,
    Saved,
    Score,
)
from classroom_app.rehearsal.browser import Browser, json_object
from classroom_app.rehearsal.problems import RefusedError, UnexpectedAnswerError

ZIP_TIMEOUT_S = 600.0  # the app decodes every challenge photo before it answers
DELETE_TIMEOUT_S = 300.0


class Facilitator:
    """The facilitator's routes."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    async def log_in(self, username: str, password: str) -> None:
        await self._browser.ask(
            "POST", "/session/facilitator", data={"username": username, "password": password}
        )
        if "facilitator" not in self._browser.cookies():
            raise UnexpectedAnswerError("The log-in was accepted, but set no cookie `facilitator`.")

    async def create_event(self, name: str, labels: Sequence[NewLabel], groups: int) -> NewEvent:
        made = json_object(
            await self._browser.ask(
                "POST",
                "/api/events",
                repeatable=False,
                data={
                    "name": name,
                    "template": None,
                    "groups": groups,
                    "labels": [
                        {"key": label.key, "emoji": label.emoji, "name_ja": label.name, "name_en": label.name}
                        for label in labels
                    ],
                },
            )
        )
        with Promised("POST /api/events"):
            return NewEvent(
                id=str(made["id"]),
                groups=tuple(
                    NewGroup(str(row["id"]), str(row["name"]), str(row["emoji"]), str(row["join_path"]))
                    for row in made["groups"]
                ),
                label_ids={str(row["key"]): str(row["id"]) for row in made["labels"]},
            )

    async def upload_challenge(self, event_id: str, archive: bytes) -> ChallengeAnswer:
        answer = json_object(
            await self._browser.ask(
                "POST",
                f"/api/events/{event_id}/challenge",
                repeatable=False,
                timeout_s=ZIP_TIMEOUT_S,
                headers={"Content-Type": "application/zip"},
                content=archive,
            )
        )
        with Promised("POST /api/events/…/challenge"):
            rejected = tuple(
                f"{row['name']}: {row.get('message') or row.get('error')}" for row in answer["rejected"]
            )
            return ChallengeAnswer(int(answer["added"]), rejected)

    async def set_phase(self, event_id: str, phase: str) -> None:
        await self._browser.ask("POST", f"/api/events/{event_id}/phase", data={"phase": phase})

    async def monitor(self, event_id: str) -> Monitor:
        answer = json_object(await self._browser.ask("GET", f"/api/events/{event_id}"))
        with Promised("GET /api/events/…"):
            return Monitor(_pending(answer))

    async def leaderboard(self, event_id: str) -> tuple[RankedGroup, ...]:
        answer = json_object(await self._browser.ask("GET", f"/api/events/{event_id}/leaderboard"))
        with Promised("GET /api/events/…/leaderboard"):
            return tuple(
                RankedGroup(
                    group_id=str(row["group_id"]),
                    rank=_number(row["rank"]),
                    final_rank=_number(row.get("final_rank")),
                    practice=_score(row, "practice"),
                    final=_score(row, "final"),
                    runs=int(row["runs"]),
                    photos=int(row["photos"]),
                    final_by_run=_final_scores(row),
                )
                for row in answer["rows"]
            )

    async def cards(self, event_id: str) -> bytes:
        return (await self._browser.ask("GET", f"/cards/{event_id}.pdf")).content

    async def delete_event(self, event_id: str) -> Receipt:
        answer = json_object(
            await self._browser.ask("DELETE", f"/api/events/{event_id}", timeout_s=DELETE_TIMEOUT_S)
        )
        with Promised("DELETE /api/events/…"):
            return Receipt(_counts(answer["deleted"]), _counts(answer["left"]))


class IPad:
    """The routes of one iPad of a group."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    async def join(self, join_path: str) -> None:
        """Follows the QR code: the route sets the cookie and leads on to the page /join."""
        response = await self._browser.ask("GET", httpx.URL(join_path).path)
        target = response.headers.get("Location", "")
        if response.status_code != httpx.codes.SEE_OTHER or httpx.URL(target).path != "/join":
            raise UnexpectedAnswerError(
                f"The QR code led to {response.status_code} {target!r}, not to /join."
            )
        if httpx.URL(target).params.get("problem"):
            raise UnexpectedAnswerError(f"The QR code was not taken: {httpx.URL(target).params['problem']}.")
        cookie = _cookie_line(response, "group")
        if cookie is None:
            raise UnexpectedAnswerError("The QR code set no cookie `group`.")
        if "httponly" not in cookie.lower():
            raise UnexpectedAnswerError("The cookie `group` is not HttpOnly: a script could read it.")
        await self._browser.ask("GET", target)

    async def photos_by_label(self) -> dict[str, int]:
        """Counts by label id, as the group's own page shows them."""
        answer = json_object(await self._browser.ask("GET", "/api/group"))
        with Promised("GET /api/group"):
            return {str(row["id"]): int(row["photos"]) for row in answer["labels"]}

    async def send_photo(self, photo_id: str, label_id: str, taken_at_ms: int, jpeg: bytes) -> Saved:
        answer = json_object(
            await self._browser.ask(
                "POST",
                "/photos",
                params={"label": label_id, "taken_at": str(taken_at_ms)},
                headers={"X-Photo-Id": photo_id, "Content-Type": "image/jpeg"},
                content=jpeg,
            )
        )
        with Promised("POST /photos"):
            return Saved(str(answer["id"]), str(answer["status"]))

    async def sees_photo(self, photo_id: str) -> bool:
        """Whether this iPad is shown that photo."""
        try:
            response = await self._browser.ask("GET", f"/photos/{photo_id}/thumb")
        except RefusedError:
            return False
        return str(response.headers.get("Content-Type", "")).startswith("image/")

    async def tap_train(self) -> RunView:
        return _run(json_object(await self._browser.ask("POST", "/runs")))

    async def run(self, run_id: str) -> RunView:
        return _run(json_object(await self._browser.ask("GET", f"/runs/{run_id}")))


class Promised:
    """Turns a missing or ill-typed field into an error that names the route."""

    def __init__(self, route: str) -> None:
        self._route = route

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (KeyError, TypeError, ValueError, AttributeError)):
            raise UnexpectedAnswerError(
                f"{self._route} answered something else than promised: {type(error).__name__} {error}"
            ) from error


def _run(body: dict[str, Any]) -> RunView:
    with Promised("/runs"):
        seconds = body.get("seconds")
        return RunView(
            id=str(body["id"]),
            state=str(body["state"]),
            version=_number(body.get("version")),
            practice=_score(body, "practice"),
            server_seconds=None if seconds is None else float(seconds),
            requested_at=str(body.get("requested_at") or ""),
            finished_at=str(body.get("finished_at") or ""),
            leaks=tuple(sorted(key for key in body if "final" in key)),
        )


def _score(row: Mapping[str, Any], half: str) -> Score | None:
    correct, total = row.get(f"{half}_correct"), row.get(f"{half}_total")
    return None if correct is None or total is None else Score(int(correct), int(total))


def _pending(answer: Mapping[str, Any]) -> int | None:
    if answer.get("features_pending") is not None:
        return int(answer["features_pending"])
    counts = [
        row["features_pending"] for row in answer.get("groups", []) if row.get("features_pending") is not None
    ]
    return sum(int(count) for count in counts) if counts else None


def _final_scores(row: Mapping[str, Any]) -> dict[str, Score]:
    scores = {str(run["id"]): _score(run, "final") for run in row.get("versions") or []}
    return {run_id: score for run_id, score in scores.items() if score is not None}


def _number(value: Any) -> int | None:
    return None if value is None else int(value)


def _counts(found: Mapping[str, Any]) -> dict[str, int]:
    return {str(name): int(count) for name, count in found.items()}


def _cookie_line(response: httpx.Response, name: str) -> str | None:
    lines = [line for line in response.headers.get_list("set-cookie") if line.startswith(f"{name}=")]
    return lines[-1] if lines else None
