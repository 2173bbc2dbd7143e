"""Runs of a group: is it ready, how far has it come, what was learnt, what would help."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from classroom_app.states import (
    ACTIVE_STATES,
    LABELS_TO_TRAIN,
    AdviceKind,
    RunStage,
    RunState,
    Verdict,
)
from classroom_app.views.classes import LabelView


@dataclass(frozen=True)
class CurvePoint:
    photos_per_label: int
    correct: int
    total: int


@dataclass(frozen=True)
class TrainingReadiness:
    """Whether the big button works, and what is missing when it does not."""

    labels: tuple[LabelView, ...]
    counts: dict[str, int]  # by label id
    # Every label that has too few, and how many more, the nearest to enough first; empty once two have
    # enough: the AI can learn then, and what it lacks its score will say.
    missing: tuple[tuple[LabelView, int], ...]
    phase_open: bool  # the phase and the round's clock let the group train
    trainings_left: int | None = None  # in this round; None: as many as it likes
    ai_deleted: bool = False  # the group's newest AI, by an adult; none was asked for since

    @property
    def ready(self) -> bool:
        return self.phase_open and not self.missing and self.trainings_left != 0

    @property
    def photos_to_train(self) -> int:
        """The fewest that are missing until the AI can learn."""
        enough = len(self.labels) - len(self.missing)
        return sum(number for _, number in self.missing[: max(0, LABELS_TO_TRAIN - enough)])

    def other_photos_than(self, run: RunView) -> bool:
        """Are there other photos now than those that `run` learnt from, or the same under other labels?"""
        return _without_none(self.counts) != _without_none(run.photos_by_label)


@dataclass(frozen=True)
class Journey:
    """How far a group has come: what the path of steps shows."""

    photos_ready: bool
    versions: int  # models that were trained to the end
    ai_deleted: bool = False  # as of the readiness


@dataclass(frozen=True)
class RunView:
    """A run as its group may see it: nothing of the final half."""

    id: str
    version: int
    state: RunState
    stage: RunStage
    progress: float
    place: int  # runs before it; 0 when its turn has come
    photos: int
    photos_by_label: dict[str, int]
    error_key: str | None
    requested_at: dt.datetime
    finished_at: dt.datetime | None
    practice_correct: int | None
    practice_total: int | None
    curve: tuple[CurvePoint, ...]
    confusion: dict[str, dict[str, int]]  # practice half: true label id -> guessed label id -> photos
    left_out: int = 0  # photos not trained on, because they are of the challenge
    tells_seen: bool = False  # this one's result says that to the children: nothing had said it before

    @property
    def active(self) -> bool:
        return self.state in ACTIVE_STATES

    @property
    def most_mixed_up(self) -> tuple[str, str, int] | None:
        """(true label id, guessed label id, photos) of the commonest mistake; None when there is none."""
        mistakes = [
            (count, true, guess)
            for true, row in self.confusion.items()
            for guess, count in row.items()
            if true != guess and count
        ]
        if not mistakes:
            return None
        count, true, guess = max(mistakes)
        return true, guess, count

    @property
    def seconds(self) -> float | None:
        """From the tap to the result."""
        return (self.finished_at - self.requested_at).total_seconds() if self.finished_at else None


def _without_none(counts: Mapping[str, int]) -> dict[str, int]:
    return {label: number for label, number in counts.items() if number}


@dataclass(frozen=True)
class RunScore:
    """One version of a group with both halves; for facilitators alone."""

    run_id: str
    version: int
    practice_correct: int
    practice_total: int
    final_correct: int
    final_total: int


@dataclass(frozen=True)
class Mistake:
    photo_id: str
    label: LabelView
    guess: LabelView
    p: float  # how sure it was of the wrong guess


@dataclass(frozen=True)
class MistakeReason:
    """`heat`: one byte a cell, [rows, columns] row by row. `nearest`: the group's own photos."""

    rows: int
    columns: int
    heat: bytes
    nearest: tuple[str, ...]


@dataclass(frozen=True)
class Baseline:
    """How many of a half somebody gets right who is no group. `kind`: coin, teacher."""

    kind: str
    correct: int
    total: int


@dataclass(frozen=True)
class ExpectedScore:
    """Of an AI trained on so many challenge photos of each label, tried on the others."""

    photos_per_label: int
    correct: int
    total: int


@dataclass(frozen=True)
class ExpectedMistake:
    """A challenge photo that an AI, trained on the others, takes for something else."""

    photo_id: str
    label_id: str
    guess_id: str


@dataclass(frozen=True)
class Expectation:
    """What a class's challenge photos let expect, before it begins; for facilitators alone."""

    waiting: bool  # it is being found out
    needed: int  # photos that the label with the fewest still lacks; then there are no scores
    scores: tuple[ExpectedScore, ...] = ()  # the fewest photos first
    chance: float = 0.0  # the share that guessing gets right
    verdict: Verdict | None = None
    mistakes: tuple[ExpectedMistake, ...] = ()  # those that most AIs get wrong first
    one_light: bool = False  # all photos are about equally bright
    one_place: bool = False  # photos of a label are very much alike


@dataclass(frozen=True)
class Advice:
    """`label_id`: the label that needs photos, for `few` alone."""

    kind: AdviceKind
    label_id: str | None = None
