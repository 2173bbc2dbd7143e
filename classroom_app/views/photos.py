"""Photos of a group and of the challenge: the album, what was taken, what was refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from classroom_app.states import (
    AdviceKind,
    Half,
)
from classroom_app.views.classes import LabelView

REJECTED_NAMES = 5


REJECTED_NAME_CHARS = 120


@dataclass(frozen=True)
class PhotoView:
    id: str
    label_id: str
    taken_at: dt.datetime


@dataclass(frozen=True)
class PhotoAlbum:
    """All that the collect page needs, in one read."""

    labels: tuple[LabelView, ...]
    counts: dict[str, int]  # by label id
    photos: tuple[PhotoView, ...]  # newest first
    can_undo: bool


@dataclass(frozen=True)
class TakenPhoto:
    """What became of a photo; false when it was there already. `wanted`: the label that needs photos."""

    fresh: bool
    advice: AdviceKind | None = None
    wanted: LabelView | None = None

    def __bool__(self) -> bool:
        return self.fresh


@dataclass(frozen=True)
class SeenPhoto:
    """A group's photo, and the challenge photo that it is the same picture as."""

    photo_id: str
    challenge_id: str


@dataclass(frozen=True)
class AlikePhoto:
    """A challenge photo that looks like another one of its set."""

    photo_id: str
    label_id: str
    half: Half


@dataclass
class RejectedFiles:
    """Files that were not taken for the same reason: how many, and the names of the first few."""

    count: int = 0
    names: list[str] = field(default_factory=list)


@dataclass
class ChallengeUpload:
    """What became of the files. `rejected`: by the key of the reason; a ZIP may hold thousands."""

    added_to: dict[str, int] = field(default_factory=dict)  # photos by label id
    alike: int = 0  # of those added: how many look like another photo of the set
    rejected: dict[str, RejectedFiles] = field(default_factory=dict)

    def reject(self, name: str, error_key: str) -> None:
        found = self.rejected.setdefault(error_key, RejectedFiles())
        found.count += 1
        if len(found.names) < REJECTED_NAMES:
            found.names.append(name[:REJECTED_NAME_CHARS])

    @property
    def added(self) -> int:
        return sum(self.added_to.values())

    @property
    def rejected_count(self) -> int:
        return sum(files.count for files in self.rejected.values())


@dataclass(frozen=True)
class ZipUpload:
    """How far a ZIP is read: files done, files in all; with `report` it is done."""

    done: int = 0
    total: int = 0
    report: ChallengeUpload | None = None


@dataclass(frozen=True)
class TakenShot:
    """A photo for the challenge, sent by itself. `fresh`: it was not there before. `alike`: it looks like
    another one of the set.
    """

    fresh: bool
    alike: bool
