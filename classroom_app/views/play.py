"""What an AI says to a picture: its group's own, one that was lent in the swap round, one that goes home."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from classroom_app.states import (
    FoolCheck,
)
from classroom_app.views.classes import Animal, AnimalLook, LabelView


@dataclass(frozen=True)
class TakeHome(AnimalLook):
    """A group's AI to take home: the version that counted, its file (safetensors), and its story. `day`: when
    the class was made; `labels`: those that it was taught; `correct` of `total` on the final half.
    """

    class_name: str
    day: dt.date
    key: str
    emoji: str
    color: str
    name_ja: str
    name_en: str
    labels: tuple[LabelView, ...]
    version: int
    versions: int
    photos: int
    correct: int
    total: int
    model: bytes = field(repr=False)


@dataclass(frozen=True)
class Guess:
    version: int
    unsure: bool
    scores: tuple[tuple[LabelView, float], ...]  # highest first
    variety: float = 0.0  # 0 to 1: of a camera's stream, how much of what looking around takes has been seen
    looked_around: bool = False  # by an AI that has found its feet in the camera's place


@dataclass(frozen=True)
class Explanation:
    """`heat`: one byte a cell, [rows, columns] row by row; 255 where the most spoke for the guess."""

    guess: Guess
    rows: int
    columns: int
    heat: bytes


@dataclass(frozen=True)
class MixUpCount:
    """How often AIs took things of one label for another."""

    label: LabelView
    guess: LabelView
    times: int


@dataclass(frozen=True)
class LentAi:
    """Another group's AI, which a group tries in a swap round. `word`: another one for another AI, and after
    a reset of the other group; `fooled`: things with which it fooled others' AIs; `own_fooled`: what its own
    AIs were taken in by, the most often first.
    """

    word: str
    owner: Animal
    fooled: int
    own_fooled: tuple[MixUpCount, ...]


@dataclass(frozen=True)
class SwapLine:
    """Who tries whose AI, and how often it has fooled that group's; None: nobody else has an AI."""

    finder: Animal
    owner: Animal | None
    fooled: int


@dataclass(frozen=True)
class SwapNow:
    """A class's swap round. `turn`: None while there is none; `able`: groups with an AI; `fooled`: in
    all turns together; `newest`: what an AI was fooled by last.
    """

    turn: int | None
    able: int
    lines: tuple[SwapLine, ...]
    fooled: int
    newest: MixUpCount | None = None


@dataclass(frozen=True)
class FoolTold:
    """What is said to a group that fooled an AI; `fooled`: how often it has in all."""

    check: FoolCheck
    fooled: int
