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
from classroom_app.services.contest_rules import ContestService
from classroom_app.services.show import ShowService
from classroom_app.services.swap import swap_facts
from classroom_app.states import LABELS_TO_TRAIN, PHOTOS_TO_TRAIN, Phase
from classroom_app.views.classes import GroupIdentity, GroupNow, RoundClock

MARK_BYTES = 9
PROGRESS_STEPS = 20  # what a bar on the page can show of a run
_NO_CLOCK = RoundClock(None, paused=False, frozen=False)


class _Part(StrEnum):
    """What a page may show beside phase, epoch and the group's name, which all do."""

    STEPS = "steps"  # what the path of steps shows, and what the labels are called
    PHOTOS = "photos"  # how many of each label, and which are new
    RUN = "run"  # which is the newest one, and whether it goes on
    PROGRESS = "progress"  # how far it is
    CHOICE = "choice"  # which version counts, where the group chooses
    RULES = "rules"  # which version counts, and how many trainings there are
    CLASS = "class"  # what the groups of the class have reached, and what they are called
    ROUND = (
        "round"  # whether there is a time box, and whether it has run out or is paused; it ticks by itself
    )
    SWAP = "swap"  # whose AI the group tries in a swap round, and what was found
    SHOW = "show"  # whether the reveal has come to the group, and to its end


SHOWS = {
    "join": (),
    "collect": (_Part.STEPS, _Part.ROUND, _Part.PHOTOS),
    "train": (_Part.STEPS, _Part.ROUND, _Part.PHOTOS, _Part.RUN, _Part.RULES),
    "run": (_Part.RUN, _Part.PROGRESS),  # the part of the train page that shows a run while it is worked on
    "play": (_Part.STEPS, _Part.ROUND, _Part.SWAP),
    "mistakes": (_Part.STEPS, _Part.ROUND, _Part.PHOTOS),  # what may still be moved
    "results": (_Part.STEPS, _Part.ROUND, _Part.SHOW, _Part.CHOICE, _Part.RULES),
    "board": (_Part.ROUND, _Part.CLASS),  # the part of the results page with all groups
}


class GroupNowService:
    def __init__(self, db: Database, contest: ContestService, show: ShowService) -> None:
        self._db = db
        self._contest = contest
        self._show = show

    def look(self, group: GroupIdentity, page: str) -> GroupNow:
        """`page`: one of SHOWS. Phase and epoch are those that `group` was read with, so that a page that
        looks before it reads anything else misses nothing.

        Raises BadInputError for a page that nobody knows.
        """
        if page not in SHOWS:
            raise BadInputError
        parts = SHOWS[page]
        clock, lent = _NO_CLOCK, ""
        shown: list[object] = [group.phase, group.epoch, _name(group), *_words(group), *_swap(group)]
        if _Part.ROUND in parts and group.phase in {Phase.COLLECT, Phase.FINAL}:
            clock = self._contest.clock(group.event_id)
            shown += [clock.left_s is None, clock.left_s == 0, clock.paused, clock.frozen]
        if _Part.SHOW in parts and group.phase == Phase.REVEAL:
            show = self._show.now(group.event_id)
            shown += [group.id in show.shown_group_ids, show.over]
        with self._db.read() as session:
            seen = self._labels(session, group, parts)
            if _Part.STEPS in parts:
                steps = group_now.steps(session, group.id, group.event_id)
                shown += [_ready(seen), steps.versions, steps.show_practice]
                shown += [[label.label_id, *_name(label)] for label in seen]
                if _Part.SHOW in parts and group.phase == Phase.REVEAL and steps.take_home:
                    shown.append("take home")
                if _Part.CHOICE in parts:
                    shown.append(str(steps.chosen_at))
                if _Part.RULES in parts:
                    shown += [steps.counted, steps.trainings_max]
            if _Part.PHOTOS in parts:
                shown += [[label.label_id, label.photos, str(label.newest)] for label in seen]
            if _Part.RUN in parts and (run := group_now.newest_run(session, group.id)) is not None:
                shown += [run.id, run.state]
                if _Part.PROGRESS in parts:
                    shown += [run.stage, round(run.progress * PROGRESS_STEPS), run.ahead]
            if _Part.SWAP in parts and group.swaps:
                lent, facts = swap_facts(session, group)
                shown += facts
            if _Part.CLASS in parts:
                all_runs = group_now.class_runs(session, group.event_id)
                shown += [all_runs.runs, str(all_runs.last), group_now.group_names(session, group.event_id)]
        return GroupNow(page, group.phase, group.epoch, _mark(shown), clock, lent)

    @staticmethod
    def _labels(session: Session, group: GroupIdentity, parts: Sequence[_Part]) -> Sequence[LabelNow]:
        asked = _Part.STEPS in parts or _Part.PHOTOS in parts
        return group_now.labels(session, group.id, group.event_id) if asked else ()


def _name(named: GroupIdentity | LabelNow) -> list[str]:
    """A facilitator may give another one in the middle of the class."""
    return [named.emoji, named.name_ja, named.name_en]


def _words(group: GroupIdentity) -> list[str]:
    """Of facilitators: they are on every page. The same as before there were any while there are none."""
    said = [f"said {group.said.at.isoformat()}"] if group.said is not None else []
    waits = [f"waits {group.waits.word} {group.waits.text}"] if group.waits is not None else []
    return said + waits


def _swap(group: GroupIdentity) -> list[str]:
    """A swap round is on every page too: the way to it."""
    return ["swaps"] if group.swaps else []


def _ready(labels: Sequence[LabelNow]) -> bool:
    """Enough photos to train, as `RunService.journey` has it."""
    return sum(label.photos >= PHOTOS_TO_TRAIN for label in labels) >= LABELS_TO_TRAIN


def _mark(shown: Sequence[object]) -> str:
    """The same for the same things on every process of the web tier."""
    return hashlib.blake2s(json.dumps(shown).encode(), digest_size=MARK_BYTES).hexdigest()
