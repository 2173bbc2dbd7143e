"""The routes as typed calls: the facilitator's and a group's side, each with cookies of its own.

Whatever clicks through a class from outside uses these; `http` is there for those who want raw answers.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Sequence

import httpx

from classroom_app.rehearsal.answers import (
    CheckOutcome,
    ClassLabel,
    ClassProgress,
    CreatedClass,
    DeletionCounts,
    GroupOverview,
    Leaderboard,
    LiveGuess,
    News,
    RecountOutcome,
    RunStatus,
    SavedPhoto,
    ScreenNews,
    ShowStep,
    UploadOutcome,
    read,
)
from classroom_app.rehearsal.patient_http import PatientHttp
from classroom_app.rehearsal.problems import RefusedError, UnexpectedAnswerError

ZIP_TIMEOUT_S = 600.0  # the app decodes every challenge photo before it answers
DELETE_TIMEOUT_S = 300.0


class FacilitatorClient:
    """The facilitator's routes."""

    def __init__(self, http: PatientHttp) -> None:
        self.http = http

    async def log_in(self, username: str, password: str) -> None:
        await self.http.ask("POST", "/session/facilitator", data={"username": username, "password": password})
        if "facilitator" not in self.http.cookies():
            raise UnexpectedAnswerError("The log-in was accepted, but set no cookie `facilitator`.")

    async def create_class(
        self, name: str, groups: int, *, labels: Sequence[ClassLabel] = (), template: str | None = None
    ) -> CreatedClass:
        """With `labels`, or with those of a `template`."""
        asked = {
            "name": name,
            "template": template,
            "groups": groups,
            "labels": [label.model_dump() for label in labels],
        }
        return read(CreatedClass, await self.http.ask("POST", "/api/events", repeatable=False, data=asked))

    async def upload_challenge(self, class_id: str, archive: bytes) -> UploadOutcome:
        """`archive`: a ZIP with a folder per label key."""
        answer = await self.http.ask(
            "POST",
            f"/api/events/{class_id}/challenge",
            repeatable=False,
            timeout_s=ZIP_TIMEOUT_S,
            headers={"Content-Type": "application/zip"},
            content=archive,
        )
        return read(UploadOutcome, answer)

    async def move_phase(self, class_id: str, phase: str, *, reopen: bool = False) -> None:
        """`reopen`: collecting again after the reveal, which makes another final later."""
        told = {"phase": phase, "reopen": reopen}
        await self.http.ask("POST", f"/api/events/{class_id}/phase", data=told)

    async def move_clock(self, class_id: str, action: str, minutes: float | None = None) -> None:
        """`start` a round of so many minutes (None: without an end), `pause`, `go_on`, `add` minutes."""
        told = {"action": action, "minutes": minutes}
        await self.http.ask("POST", f"/api/events/{class_id}/round", data=told)

    async def progress(self, class_id: str) -> ClassProgress:
        return read(ClassProgress, await self.http.ask("GET", f"/api/events/{class_id}"))

    async def leaderboard(self, class_id: str) -> Leaderboard:
        return read(Leaderboard, await self.http.ask("GET", f"/api/events/{class_id}/leaderboard"))

    async def screen(self, class_id: str, mark: str = "") -> ScreenNews | None:
        """What a projector asks for all the time; nothing while all is as at `mark`."""
        headers = {"If-None-Match": f'"{mark}"'} if mark else None
        answer = await self.http.ask("GET", "/api/show/now", params={"event": class_id}, headers=headers)
        return None if answer.status_code == httpx.codes.NOT_MODIFIED else read(ScreenNews, answer)

    async def next_step(self, class_id: str, *, seen: int) -> str:
        """Leads the show on from the step that was seen; the scene that it is at then."""
        told = {"event": class_id, "go": "next", "seen": seen}
        return read(ShowStep, await self.http.ask("POST", "/api/show/step", data=told)).scene

    async def recount(self, class_id: str) -> RecountOutcome:
        """The board once more, from what the AIs said of each challenge photo."""
        return read(RecountOutcome, await self.http.ask("GET", f"/api/events/{class_id}/recount"))

    async def cards(self, class_id: str) -> bytes:
        """The groups' cards with their QR codes, as a PDF."""
        return (await self.http.ask("GET", f"/cards/{class_id}.pdf")).content

    async def check_everything(self) -> CheckOutcome:
        """Whether rows, files and queue of the whole app fit together."""
        return read(CheckOutcome, await self.http.ask("GET", "/api/check"))

    async def delete_class(self, class_id: str) -> DeletionCounts:
        answer = await self.http.ask("DELETE", f"/api/events/{class_id}", timeout_s=DELETE_TIMEOUT_S)
        return read(DeletionCounts, answer)


class GroupClient:
    """The routes of one iPad of a group."""

    def __init__(self, http: PatientHttp) -> None:
        self.http = http

    async def join(self, join_path: str) -> None:
        """Follows the QR code: the route sets the cookie and leads on to the page /join."""
        response = await self.http.ask("GET", httpx.URL(join_path).path)
        target = response.headers.get("Location", "")
        if response.status_code != httpx.codes.SEE_OTHER or httpx.URL(target).path != "/join":
            raise UnexpectedAnswerError(
                f"The QR code led to {response.status_code} {target!r}, not to /join."
            )
        if httpx.URL(target).params.get("problem"):
            raise UnexpectedAnswerError(f"The QR code was not taken: {httpx.URL(target).params['problem']}.")
        cookies = [line for line in response.headers.get_list("set-cookie") if line.startswith("group=")]
        if not cookies:
            raise UnexpectedAnswerError("The QR code set no cookie `group`.")
        if "httponly" not in cookies[-1].lower():
            raise UnexpectedAnswerError("The cookie `group` is not HttpOnly: a script could read it.")
        await self.http.ask("GET", target)

    async def overview(self) -> GroupOverview:
        return read(GroupOverview, await self.http.ask("GET", "/api/group"))

    async def look(self, page: str, mark: str = "") -> str | None:
        """The mark of what this page shows, nothing while it is still `mark`."""
        headers = {"If-None-Match": f'"{mark}"'} if mark else None
        answer = await self.http.ask("GET", "/api/group/now", params={"page": page}, headers=headers)
        return None if answer.status_code == httpx.codes.NOT_MODIFIED else read(News, answer).mark

    async def say_here(self, ipad: str, unsent: int) -> None:
        """`ipad`: a random UUID; how many photos wait on it."""
        told = {"ipad": ipad, "unsent": unsent, "cannot_send": False}
        await self.http.ask("POST", "/ipads/here", data=told)

    async def guess(self, jpeg: bytes) -> LiveGuess:
        """What the newest model says of a live frame."""
        answer = await self.http.ask("POST", "/predict", headers={"Content-Type": "image/jpeg"}, content=jpeg)
        return read(LiveGuess, answer)

    async def send_photo(
        self, label_id: str, jpeg: bytes, *, photo_id: str = "", taken_at_ms: int | None = None
    ) -> SavedPhoto:
        """`photo_id`: a UUID, made here unless the photo may be sent once more by somebody else."""
        sent_at_ms = time.time_ns() // 1_000_000
        taken = {} if taken_at_ms is None else {"taken_at": str(taken_at_ms), "sent_at": str(sent_at_ms)}
        answer = await self.http.ask(
            "POST",
            "/photos",
            params={"label": label_id, **taken},
            headers={"X-Photo-Id": photo_id or str(uuid.uuid4()), "Content-Type": "image/jpeg"},
            content=jpeg,
        )
        return read(SavedPhoto, answer)

    async def sees_photo(self, photo_id: str) -> bool:
        """Whether this iPad is shown that photo."""
        try:
            response = await self.http.ask("GET", f"/photos/{photo_id}/thumb")
        except RefusedError:
            return False
        return str(response.headers.get("Content-Type", "")).startswith("image/")

    async def start_run(self) -> RunStatus:
        """A tap on the training button."""
        return read(RunStatus, await self.http.ask("POST", "/runs"))

    async def run(self, run_id: str) -> RunStatus:
        return read(RunStatus, await self.http.ask("GET", f"/runs/{run_id}"))

    async def wait_for_run(self, run_id: str, *, limit_s: float, poll_s: float = 0.3) -> RunStatus:
        """The run as it ended."""
        until = time.monotonic() + limit_s
        while not (run := await self.run(run_id)).ended:
            if time.monotonic() > until:
                raise UnexpectedAnswerError(f"run {run_id} is still {run.state} after {limit_s:.0f} s")
            await asyncio.sleep(poll_s)
        return run
