"""A group at this moment, as its open pages ask for it: cheap, because forty iPads ask all day.

A page knows by the mark whether it has to run again: it changes with what that page shows, and with nothing
else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from enum import StrEnum

from classroom_app.data.engine import Database, Session
from classroom_app.data.repository import group_now
from classroom_app.data.repository.group_now import LabelNow
from classroom_app.errors import BadInputError
from classroom_app.states import LABELS_TO_TRAIN, PHOTOS_TO_TRAIN
from classroom_app.views import GroupIdentity, GroupNow

MARK_BYTES = 9
PROGRESS_STEPS = 20  # what a bar on the page can show of a run


class _Part(StrEnum):
    """What a page may show beside the phase and the epoch, which all do."""

    STEPS = "steps"  # what the path of steps shows
    PHOTOS = "photos"  # how many of each label, and which are new
    RUN = "run"  # which is the newest one, and whether it goes on
    PROGRESS = "progress"  # how far it is
    CLASS = "class"  # what the groups of the class have reached


SHOWS = {
    "join": (),
    "collect": (_Part.STEPS, _Part.PHOTOS),
    "train": (_Part.STEPS, _Part.PHOTOS, _Part.RUN),
    "run": (_Part.RUN, _Part.PROGRESS),  # the part of the train page that shows a run while it is worked on
    "play": (_Part.STEPS,),
    "mistakes": (_Part.STEPS,),
    "results": (_Part.STEPS,),
    "board": (_Part.CLASS,),  # the part of the results page with all groups
}


class GroupNowService:
    def __init__(self, db: Database) -> None:
        self._db = db

    def look(self, group: GroupIdentity, page: str) -> GroupNow:
        """`page`: one of SHOWS. Phase and epoch are those that `group` was read with, so that a page that
        looks before it reads anything else misses nothing.

        Raises BadInputError for a page that nobody knows.
        """
        if page not in SHOWS:
            raise BadInputError
        parts = SHOWS[page]
        with self._db.read() as session:
            seen = self._labels(session, group, parts)
            shown: list[object] = [group.phase, group.epoch]
            if _Part.STEPS in parts:
                steps = group_now.steps(session, group.id, group.event_id)
                shown += [_ready(seen), steps.versions, steps.show_practice]
            if _Part.PHOTOS in parts:
                shown += [[label.label_id, label.photos, label.newest.isoformat()] for label in seen]
            if _Part.RUN in parts and (run := group_now.newest_run(session, group.id)) is not None:
                shown += [run.id, run.state]
                if _Part.PROGRESS in parts:
                    shown += [run.stage, round(run.progress * PROGRESS_STEPS), run.ahead]
            if _Part.CLASS in parts:
                all_runs = group_now.class_runs(session, group.event_id)
                shown += [all_runs.runs, str(all_runs.last)]
        return GroupNow(page, group.phase, group.epoch, _mark(shown))

    @staticmethod
    def _labels(session: Session, group: GroupIdentity, parts: Sequence[_Part]) -> Sequence[LabelNow]:
        asked = _Part.STEPS in parts or _Part.PHOTOS in parts
        return group_now.labels(session, group.id) if asked else ()


def _ready(labels: Sequence[LabelNow]) -> bool:
    """Enough photos to train, as `RunService.journey` has it."""
    return sum(label.photos >= PHOTOS_TO_TRAIN for label in labels) >= LABELS_TO_TRAIN


def _mark(shown: Sequence[object]) -> str:
    """The same for the same things on every process of the web tier."""
    return hashlib.blake2s(json.dumps(shown).encode(), digest_size=MARK_BYTES).hexdigest()
