"""A class and its groups: who they are, what they are told, by which rules they play."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from classroom_app.content import catalog
from classroom_app.content.catalog import GroupTemplate, TwoNames
from classroom_app.states import (
    FREEZE_MINUTES,
    SWAP_PHASES,
    CountedRun,
    FaceRule,
    Phase,
    StaffWord,
)


class AnimalLook(TwoNames):
    """A group as its animal and colour show it."""

    emoji: str
    color: str

    @property
    def ink(self) -> str:
        """The text colour that can be read on the group's own."""
        return catalog.ink_on(self.color)

    @property
    def deep(self) -> str:
        """The same hue for bars, rings and frames: seen on paper."""
        return catalog.deep(self.color)

    @property
    def picture(self) -> str:
        """Address of the animal's drawing."""
        return catalog.drawing_address(self.emoji)


@dataclass(frozen=True)
class LabelView(TwoNames):
    id: str
    key: str
    emoji: str
    name_ja: str  # furigana as {漢字|かんじ}
    name_en: str


@dataclass(frozen=True)
class NewLabel:
    key: str
    emoji: str
    name_ja: str
    name_en: str


@dataclass(frozen=True)
class StaffSentence:
    """`text` is what was typed, as people typed it; of StaffWord.OWN alone."""

    word: StaffWord
    text: str = ""


@dataclass(frozen=True)
class SaidNow:
    """A sentence for all iPads of a group. `read`: one of them has pressed OK."""

    sentence: StaffSentence
    at: dt.datetime
    read: bool = False


@dataclass(frozen=True)
class GroupIdentity(AnimalLook):
    """The group behind a cookie, checked against the database just now."""

    id: str
    event_id: str
    event_name: str
    phase: Phase
    epoch: int
    key: str
    emoji: str
    color: str
    name_ja: str
    name_en: str
    joined: bool
    faces: FaceRule  # what happens to photos with a face: the stricter of the class's and the group's rule
    said: SaidNow | None = None  # by a facilitator, a moment ago
    waits: StaffSentence | None = None  # a facilitator has the group wait, and why
    swap_turn: int | None = None  # of the class's swap round, as it is stored

    @property
    def swaps(self) -> bool:
        """Is a swap round on?"""
        return self.swap_turn is not None and self.phase in SWAP_PHASES


@dataclass(frozen=True)
class GroupView(AnimalLook):
    id: str
    key: str
    emoji: str
    color: str
    name_ja: str
    name_en: str
    join_path: str
    picture_code: tuple[str, ...]
    joined: bool
    faces: FaceRule | None = None  # its own rule for photos with a face; None: the class's
    ipads: int = 1  # that it is to get on the day

    @property
    def code_pictures(self) -> tuple[catalog.Picture, ...]:
        """The pictures to tap, in order."""
        return tuple(picture for key in self.picture_code if (picture := catalog.picture(key)))


@dataclass(frozen=True)
class EventView:
    id: str
    name: str
    phase: Phase
    show_practice: bool  # may groups see the practice photos that their AI got wrong?
    faces: FaceRule  # what happens to photos with a face
    labels: tuple[LabelView, ...]
    groups: tuple[GroupView, ...]


@dataclass(frozen=True)
class GroupNow:
    """A group at this moment, as far as a page shows it; another `mark` says that something of it changed."""

    page: str
    phase: Phase
    epoch: int
    mark: str
    clock: RoundClock
    lent: str = ""  # as in a LentAi, on the page that has it

    @property
    def time_up(self) -> bool:
        """No more photos and no more training, by the phase or by the clock of the round."""
        return self.phase == Phase.FINAL or self.clock.left_s == 0

    @property
    def may_work(self) -> bool:
        """Are photos and trainings taken at this moment?"""
        return self.phase == Phase.COLLECT and not self.time_up and not self.clock.paused


@dataclass(frozen=True)
class Animal(AnimalLook):
    """What is left of a group once its rows are gone."""

    emoji: str
    color: str
    name_ja: str
    name_en: str


@dataclass(frozen=True)
class ClassEnd:
    """When nothing is taken in any more, and when the class is deleted; None: when somebody does it.
    `keep_days`: from its end to its deletion, where the class has chosen; None: as long as the settings say.
    """

    ends_at: dt.datetime
    goes_at: dt.datetime | None
    keep_days: int | None = None


@dataclass(frozen=True)
class ContestRules:
    """The rules of a class's contest. `trainings_max`: of a group in a round; None: no limit."""

    counted: CountedRun
    trainings_max: int | None
    freeze_minutes: int
    tie_break: bool


@dataclass(frozen=True)
class ClassPlan:
    """What a class is made of, without anything that happened in it: to be kept as a file, and made again."""

    name: str
    labels: tuple[NewLabel, ...]
    groups: tuple[GroupTemplate, ...]  # with the names that they have here
    faces: FaceRule
    group_faces: Mapping[str, FaceRule] = field(default_factory=dict)  # by key, of groups with a rule
    group_ipads: Mapping[str, int] = field(default_factory=dict)  # by key, of groups that get more than one
    show_practice: bool = True
    show_baselines: bool = False
    take_home: bool = False
    keep_days: int | None = None  # from its end to its deletion; None: as long as the settings say
    networks: tuple[str, ...] = ()  # from where its iPads may come; none: from anywhere
    rules: ContestRules = ContestRules(CountedRun.BEST, None, FREEZE_MINUTES, tie_break=False)


def rule_sentences(rules: ContestRules, *, timed: bool) -> list[tuple[str, dict[str, int]]]:
    """The rules as keys of sentences for children, each with its numbers. `timed`: the round has an end."""
    found: list[tuple[str, dict[str, int]]] = [(f"rule_counted_{rules.counted}", {})]
    if rules.trainings_max is not None:
        found.append(("rule_trainings", {"number": rules.trainings_max}))
    found.append(("rule_ties_broken" if rules.tie_break else "rule_ties_shared", {}))
    if timed:
        found.append(("rule_zero", {}))
        if rules.freeze_minutes:
            found.append(("rule_freeze", {"number": rules.freeze_minutes}))
        found.append(("rule_late", {}))
    return found


@dataclass(frozen=True)
class RoundClock:
    """By the server's time. `left_s` None: no time box; 0.0: time is up."""

    left_s: float | None
    paused: bool
    frozen: bool


class Keep(Enum):
    """In the place of a class's days from its end to its deletion: those that it has."""

    AS_IT_IS = auto()
