"""Board, places, awards, and the race of the scores; scores are shares of the photos that count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from classroom_app.states import (
    Ending,
    Half,
    Phase,
)
from classroom_app.views.classes import Animal, AnimalLook, LabelView
from classroom_app.views.training import Baseline


@dataclass(frozen=True)
class BoardRow(AnimalLook):
    """`rank` is None for a group without a run."""

    group_id: str
    name_ja: str
    name_en: str
    emoji: str
    color: str
    rank: int | None
    photos: int
    runs: int
    practice_correct: int | None
    practice_total: int | None
    final_correct: int | None
    final_total: int | None
    joined: bool  # an iPad of it has, before the final was written down
    practice_rank: int | None = None  # by the practice half, also where `rank` is that of the final half

    @property
    def took_part(self) -> bool:
        """Not so for a group that was made ready and never came."""
        return self.joined or self.photos > 0 or self.rank is not None

    def score(self, half: Half) -> tuple[int, int] | None:
        """(right, all) of a half; None without a run, or where that half is hidden."""
        correct, total = (
            (self.final_correct, self.final_total)
            if half is Half.FINAL
            else (self.practice_correct, self.practice_total)
        )
        return (correct, total) if correct is not None and total is not None else None


def who_came(rows: Sequence[BoardRow]) -> Sequence[BoardRow]:
    """In their order; all of them where nobody did: the class is only being made ready."""
    return [row for row in rows if row.took_part] or rows


@dataclass(frozen=True)
class Board:
    event_name: str
    phase: Phase
    rows: tuple[BoardRow, ...]  # best first; unranked groups last
    final_number: int = 0  # of the final that was written down; 0: none, 2 and more: groups had seen one


@dataclass(frozen=True)
class GroupReveal:
    """What a group may see of the final at this moment: `own` once it has been on the screen, `board` when
    the show is over. `last`: nobody is behind, and somebody before.
    """

    own: BoardRow | None = None
    last: bool = False
    board: Board | None = None


@dataclass(frozen=True)
class Farewell:
    """What an iPad may be told whose cookie opens nothing any more. `animal`: its group's, where the cookie
    says so; `own`: its row in the final, where one was made; `last`: as in a GroupReveal.
    """

    why: Ending
    animal: Animal | None = None
    own: BoardRow | None = None
    last: bool = False


@dataclass(frozen=True)
class Place:
    """A group's moment in the show: its line of the final board."""

    row: BoardRow
    tied: bool  # another group has the same final rank


@dataclass(frozen=True)
class HardPhoto:
    """A challenge photo that most AIs took for something else; `guesses`: for what, and how many AIs."""

    photo_id: str
    label: LabelView
    wrong: int
    guesses: tuple[tuple[LabelView, int], ...]  # the commonest first


@dataclass(frozen=True)
class MixUp:
    """How often the AIs said `guess` to photos of `label`, right answers too."""

    label: LabelView
    guess: LabelView
    count: int


@dataclass(frozen=True)
class Hardest:
    """What the counted AIs got wrong in the final half. Without photos nobody got anything wrong."""

    ais: int
    photos: tuple[HardPhoto, ...]
    mixed: tuple[MixUp, ...]  # every pair of labels, in the class's order


@dataclass(frozen=True)
class LookedAround:
    """What a group's AI had right of the final half, and what it would have had after looking around."""

    row: BoardRow
    before: int
    after: int


@dataclass(frozen=True)
class Lane:
    """A group in the race: its line of the board, and what it is doing."""

    row: BoardRow
    joined: bool
    training: bool
    versions: tuple[
        tuple[int, int], ...
    ]  # (right, all) of each of its AIs on the practice half, oldest first


@dataclass(frozen=True)
class Born:
    """The newest AI of the class; `before` is its group's best until then, None for its first."""

    row: BoardRow
    version: int
    correct: int
    total: int
    before: int | None
    first: bool  # of the whole class


@dataclass(frozen=True)
class Race:
    """The class while it trains: who leads first, those without an AI by their photos, then the rest."""

    lanes: tuple[Lane, ...]
    photos: int
    runs: int  # AIs trained to the end
    born: Born | None
    baselines: tuple[Baseline, ...]


@dataclass(frozen=True)
class Award:
    """`kind`: an AwardKind; `figure`: what it was won with, in numbers alone."""

    kind: str
    group_ids: tuple[str, ...]
    figure: str


@dataclass(frozen=True)
class Difference:
    """Something that was written down and does not come out of a recount. `group_id` None: of the class."""

    what: str
    written: str
    counted: str
    group_id: str | None = None


@dataclass(frozen=True)
class Recount:
    """A class's board, counted again from what the AIs said of each challenge photo."""

    event_id: str
    event_name: str
    final_number: int  # 0: nothing is written down yet, and the board as it is was counted
    rows: tuple[BoardRow, ...]
    differences: tuple[Difference, ...]
