"""What is asked of the routes and what they answer, as models that check it.

`read` turns an answer into its model, or into one sentence that names the route and the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from classroom_app.rehearsal.patient_http import MAX_MESSAGE_CHARS, route_of
from classroom_app.rehearsal.problems import UnexpectedAnswerError

RUN_END_STATES = frozenset({"done", "failed", "cancelled"})


class ClassLabel(BaseModel):
    """A label of the class to be made."""

    model_config = ConfigDict(frozen=True)

    key: str
    emoji: str
    name_ja: str
    name_en: str


class _Answer(BaseModel):
    """Fields that are not named here are let pass: an answer may tell more."""

    model_config = ConfigDict(frozen=True)


ModelT = TypeVar("ModelT", bound=_Answer)


def read(model: type[ModelT], response: httpx.Response) -> ModelT:
    """The body as `model`; raises UnexpectedAnswerError for the first field that is not as promised."""
    try:
        return model.model_validate_json(response.content)
    except ValidationError as exc:
        fault = exc.errors(include_url=False)[0]
        field = ".".join(str(part) for part in fault["loc"])
        wrong = (
            f"something else than promised: {field}: {fault['msg']}"
            if field
            else f"{response.status_code} without a JSON object: {response.text[:MAX_MESSAGE_CHARS]!r}"
        )
        raise UnexpectedAnswerError(f"{route_of(response.request)} answered {wrong}") from exc


@dataclass(frozen=True)
class Score:
    """So many right of so many, and the fraction of them."""

    correct: int
    total: int
    fraction: float


class _Scores(_Answer):
    practice_correct: int | None = None
    practice_total: int | None = None
    final_correct: int | None = None
    final_total: int | None = None

    @property
    def practice(self) -> Score | None:
        return _score(self.practice_correct, self.practice_total)

    @property
    def final(self) -> Score | None:
        return _score(self.final_correct, self.final_total)


class NewGroup(_Answer):
    """A group of the class just made, with the way in that its QR code shows."""

    id: str
    name: str
    emoji: str
    join_path: str


class MadeLabel(_Answer):
    """A label of the class just made."""

    id: str
    key: str


class CreatedClass(_Answer):
    """The class just made."""

    id: str
    groups: tuple[NewGroup, ...]
    labels: tuple[MadeLabel, ...]
    projector_path: str = ""

    @property
    def label_ids(self) -> dict[str, str]:
        """By key."""
        return {label.key: label.id for label in self.labels}


class RefusedFiles(_Answer):
    """Challenge files that were not taken for the same reason: how many, and the names of the first few."""

    message: str
    count: int
    names: tuple[str, ...]


class UploadOutcome(_Answer):
    """What the app did with the challenge photos."""

    added: int
    rejected: tuple[RefusedFiles, ...]


class FoundProblem(_Answer):
    """Something in the app that does not fit together."""

    kind: str
    subject: str


class CheckOutcome(_Answer):
    """What the app's check of everything found."""

    problems: tuple[FoundProblem, ...]


class ClassProgress(_Answer):
    """The facilitator's view of the class: how many photos still wait for their features."""

    features_pending: int


class RunScores(_Scores):
    """How good one run became on both halves."""

    id: str


class LeaderboardRow(_Scores):
    """A group's ranks and best scores on both halves, and its runs."""

    group_id: str
    rank: int | None
    final_rank: int | None
    versions: tuple[RunScores, ...]

    @property
    def final_by_run(self) -> dict[str, Score]:
        return {run.id: run.final for run in self.versions if run.final is not None}


class Leaderboard(_Answer):
    """All groups, best first."""

    rows: tuple[LeaderboardRow, ...]


class ScreenNews(_Answer):
    """What a projector is told when something changed."""

    mark: str
    phase: str
    step: int
    steps: int

    @property
    def at_once(self) -> str:
        """The part of the mark that changes with all but photos."""
        return self.mark.split(".")[0]


class ShowStep(_Answer):
    """Where the show is."""

    step: int
    scene: str


class RecountedRow(_Scores):
    """A group's ranks and scores as a recount from the stored answers gives them."""

    group_id: str
    rank: int | None
    practice_rank: int | None


class RecountDifference(_Answer):
    """Something that was written down and does not come out of the recount."""

    what: str
    group_id: str | None
    written: str
    counted: str


class RecountOutcome(_Answer):
    """The board, counted again; best first."""

    final_number: int
    differences: tuple[RecountDifference, ...]
    rows: tuple[RecountedRow, ...]


# Servers and processes that were asked to forget and had too much to do to say so in time.
BY_ITSELF = frozenset({"compute_servers", "other_processes"})


class DeletionCounts(_Answer):
    """What the deletion counted: gone, and what is left (which must be nothing)."""

    deleted: Mapping[str, int]
    left: Mapping[str, int]

    @property
    def remains(self) -> dict[str, int]:
        """What goes only when somebody deletes again; not what a busy process drops by itself."""
        return {kind: count for kind, count in self.left.items() if count and kind not in BY_ITSELF}


class CollectedLabel(MadeLabel):
    """A label as a group sees it, with how many photos it has taken of it."""

    photos: int


class GroupOverview(_Answer):
    """What a group's own page shows."""

    labels: tuple[CollectedLabel, ...]

    @property
    def photos_by_key(self) -> dict[str, int]:
        return {label.key: label.photos for label in self.labels}


class News(_Answer):
    """What an open page is told when something changed."""

    mark: str


class LiveGuess(_Answer):
    """A guess of the group's newest model."""

    version: int


class SavedPhoto(_Answer):
    """The answer to an upload: `saved`, or `already` for a photo that was there."""

    id: str
    status: str


class RunStatus(_Scores):
    """A training run as its group sees it."""

    model_config = ConfigDict(extra="allow")  # for `leaks`

    id: str
    state: str
    version: int | None = None
    photos: int | None = None
    seconds: float | None = None  # that the server needed
    requested_at: str = ""
    finished_at: str | None = None

    @property
    def ended(self) -> bool:
        return self.state in RUN_END_STATES

    @property
    def leaks(self) -> tuple[str, ...]:
        """Fields that tell a group of the final half, which it must not see."""
        return tuple(sorted(name for name in self.model_fields_set if "final" in name))


def _score(correct: int | None, total: int | None) -> Score | None:
    return Score(correct, total, round(correct / total, 4)) if correct is not None and total else None
