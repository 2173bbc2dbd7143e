"""A class that is under way, as facilitators see it: groups, their iPads, who needs help, what is missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeGuard

from classroom_app.states import (
    CameraTrouble,
    Need,
    PhotoState,
    RunState,
)
from classroom_app.views.classes import GroupView, SaidNow, StaffSentence
from classroom_app.views.contest import BoardRow
from classroom_app.views.jobs import JobCounts
from classroom_app.views.photos import SeenPhoto


@dataclass(frozen=True)
class GroupStatus:
    """One line of the facilitators' monitor."""

    group: GroupView
    seen_seconds_ago: float | None
    photos: dict[str, int]  # by label id
    features_pending: int
    runs: int
    version: int  # of its newest AI; 0: it has none
    active_state: RunState | None
    last_error_key: str | None
    set_aside: int = 0  # photos that no decoder got through with


@dataclass(frozen=True)
class IPadWord:
    """What an iPad says of itself. `unsent`: photos that wait on it; `failed`: those that were refused since
    its page was opened, none once the last is minutes ago; `page`: the one that is open; `camera`: why it has
    none, if it should have one; `clock_ms`: its clock at this moment, milliseconds since 1970, where it says.
    """

    ipad: str  # a random UUID of version 4 that the browser made
    unsent: int = 0
    cannot_send: bool = False
    page: str = ""
    failed: int = 0
    camera: CameraTrouble | None = None
    clock_ms: int | None = None

    @classmethod
    def told(cls, said: object) -> IPadWord | None:
        """Of what came from a browser; none where it says nothing of itself. A browser of the release before
        says less, one of the next release may say more or otherwise.
        """
        if not isinstance(said, Mapping):
            return None
        ipad, unsent, page, camera = (said.get(name) for name in ("ipad", "unsent", "page", "camera"))
        failed, clock_ms = said.get("failed"), said.get("clock_ms")
        if not isinstance(ipad, str) or not _is_number(unsent):
            return None
        return cls(
            ipad=ipad,
            unsent=unsent,
            cannot_send=said.get("cannot_send") is True,
            page=page if isinstance(page, str) else "",
            failed=failed if _is_number(failed) else 0,
            camera=CameraTrouble(camera)
            if isinstance(camera, str) and camera in set(CameraTrouble)
            else None,
            clock_ms=clock_ms if _is_number(clock_ms) else None,
        )


def _is_number(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


@dataclass(frozen=True)
class GroupIPads:
    """A group's iPads together. `here`: heard of just now; the figures but `unsent` are of these."""

    here: int = 0
    known: int = 0
    silent_s: float | None = None  # since the last word of any; none: nobody has spoken
    unsent: int = 0
    failed: int = 0
    cannot_send: int = 0
    without_camera: int = 0
    pages: tuple[str, ...] = ()  # that are open, each once, by name


@dataclass(frozen=True)
class GroupHelp:
    """`still_s`: since the group's last photo or training, while the class collects; `needs`: the most urgent
    first, empty where all is well.
    """

    group_id: str
    ipads: GroupIPads
    still_s: float | None
    needs: tuple[Need, ...]


@dataclass(frozen=True)
class SendingTrouble:
    """iPads whose network answers in this app's place, and the photos that wait on them."""

    ipads: int
    photos: int


@dataclass(frozen=True)
class ScoreLine:
    """(right, all) of a group's newest AI and of its best one, which may be the same."""

    last: tuple[int, int]
    best: tuple[int, int]


@dataclass(frozen=True)
class ClassNow:
    """A class as the console shows it, from one look. `final`: the rows behind the curtain, where asked for;
    `seen`: photos of the challenge by group id, as of `LikenessService.seen`.
    """

    lines: tuple[GroupStatus, ...]
    wanted: tuple[GroupHelp, ...]  # who needs help most first
    trouble: SendingTrouble
    scores: Mapping[str, ScoreLine]  # by id of the groups that have an AI; the practice half
    final: Mapping[str, BoardRow] | None
    seen: Mapping[str, tuple[int, tuple[SeenPhoto, ...]]]
    locked: frozenset[str]  # ids of the groups that wait
    jobs: JobCounts


@dataclass(frozen=True)
class IPadLine:
    """One iPad of a group. `number`, from 1, stays; the iPad shows it too where the group has several."""

    number: int
    silent_s: float
    here: bool
    page: str
    unsent: int
    failed: int
    cannot_send: bool
    camera: CameraTrouble | None
    clock_off_s: int | None = None  # how far its clock is ahead of the server's, where that is far; else none


@dataclass(frozen=True)
class StaffPhoto:
    """A photo of a group, or of the challenge, as facilitators see it."""

    id: str
    label_id: str
    taken_at: dt.datetime
    state: PhotoState


@dataclass(frozen=True)
class GroupDesk:
    """All that is to be seen and mended of one group."""

    group: GroupView
    help: GroupHelp
    photos: tuple[StaffPhoto, ...]  # newest first
    ipads: tuple[IPadLine, ...]
    said: SaidNow | None
    waits: StaffSentence | None


@dataclass(frozen=True)
class CheckLine:
    """One thing that has to be there for the day. `good` None: it is being found out."""

    key: str  # of the sentences `ready_{key}` and, where it is not good, `ready_{key}_how`
    good: bool | None
    gigabytes: float | None = None  # that are free on the disk
    number: int | None = None  # of what it is about: iPads that were seen, say
    planned: int | None = None  # of so many
    groups: tuple[tuple[GroupView, str], ...] = ()  # where it is so, each with a figure such as `1 / 2`
    ipads: tuple[tuple[GroupView, int, int], ...] = ()  # each with its number and the seconds it is ahead
    off_s: int | None = None  # of a clock
