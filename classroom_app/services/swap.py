"""The swap round: each group tries another group's AI with its own camera, and finds what fools it.

No score changes by it. No picture of it is kept: of a find the two labels and the time are all there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from classroom_app.data.acting import action
from classroom_app.data.engine import Database, Session
from classroom_app.data.repository import classes, runs, swap
from classroom_app.data.repository.swap import FoundRow
from classroom_app.data.tables import Event, FooledAi, Group, Run, utcnow
from classroom_app.errors import BadInputError, ConflictError, NotFoundError
from classroom_app.services import ranking, swap_pairs
from classroom_app.services.classes import label_view
from classroom_app.services.staff_words import check_not_waiting
from classroom_app.services.swap_finds import find_of
from classroom_app.services.swap_pairs import Find
from classroom_app.states import SWAP_PHASES, FoolCheck, RunState
from classroom_app.views.classes import Animal, GroupIdentity
from classroom_app.views.play import FoolTold, LentAi, MixUpCount, SwapLine, SwapNow

ABLE_MIN = 2  # groups with an AI: of one there is nothing to swap


class SwapService:
    def __init__(self, db: Database) -> None:
        self._db = db

    # -- leading -------------------------------------------------------------------------------

    @action("swap_started")
    def start(self, event_id: str) -> None:
        """The first turn; while one is on nothing happens. Raises ConflictError: `swap_not_now` outside of
        collecting and the time after it, `swap_needs_two` before two groups have an AI.
        """
        with self._db.write() as session:
            event = swap.lock(session, event_id)
            if not _is_on(event):
                self._begin(session, event, 1)

    @action("swap_turned")
    def turn_on(self, event_id: str, seen: int) -> None:
        """Everybody gets the next group's AI. Where the round is not at the turn that was `seen` any more,
        nothing happens: two who press at once make one turn. Raises as `start` does.
        """
        with self._db.write() as session:
            event = swap.lock(session, event_id)
            if _is_on(event) and event.swap_turn == seen:
                self._begin(session, event, seen + 1)

    @action("swap_ended")
    def end(self, event_id: str) -> None:
        """All is as before, but for what was found; without a round nothing happens."""
        with self._db.write() as session:
            swap.lock(session, event_id).swap_turn = None

    @staticmethod
    def _begin(session: Session, event: Event, turn: int) -> None:
        if event.phase not in SWAP_PHASES:
            raise ConflictError("swap_not_now")
        able = swap.able(session, event.id)
        if len(able) < ABLE_MIN:
            raise ConflictError("swap_needs_two")
        event.swap_turn = turn
        event.swap_pairs = swap_pairs.rotation(swap.group_ids(session, event.id), able, turn)

    # -- looking -------------------------------------------------------------------------------

    def look(self, event_id: str) -> SwapNow:
        """Raises NotFoundError."""
        with self._db.read() as session:
            event = classes.event(session, event_id)
            able, found = swap.able(session, event_id), swap.found(session, event_id)
            turn = event.swap_turn if _is_on(event) else None
            lines: tuple[SwapLine, ...] = ()
            if turn is not None:
                ids = [group.id for group in event.groups]
                pairs = swap_pairs.given(ids, able, event.swap_pairs or {})
                lines = _lines(event.groups, pairs, found)
            newest = _mix_ups(event, found[-1:])
            return SwapNow(turn, len(able), lines, len(found), newest[0] if newest else None)

    def lent(self, group: GroupIdentity) -> LentAi | None:
        """The AI that the group tries now; None where no round is on, or nobody else has an AI."""
        if not group.swaps:
            return None
        with self._db.read() as session:
            event = classes.event(session, group.event_id)
            owner_id = _owner(session, event, group.id)
            if owner_id is None:
                return None
            owner = next(row for row in event.groups if row.id == owner_id)
            finds = swap.found(session, event.id, group_id=group.id)
            own = swap.found(session, event.id, owner_id=group.id)
            return LentAi(_word(event, owner), _animal(owner), len(finds), _mix_ups(event, own))

    # -- fooling -------------------------------------------------------------------------------

    def fool(self, group: GroupIdentity, label_id: str, guess_id: str) -> FoolTold:
        """The children say that the thing is of `label_id`, and the AI that they try said `guess_id`.

        What is too fast or again the same is not counted, and they are told so. Raises ConflictError:
        `swap_over`, `group_waits`; BadInputError where the AI was right, NotFoundError for other labels than
        the class's.
        """
        with self._db.write() as session:
            row = classes.lock_group(session, group.id, group.epoch)
            check_not_waiting(row)
            run = lent_run(session, row.event, group.id)
            if label_id == guess_id:
                raise BadInputError
            if not {label_id, guess_id} <= {label.id for label in row.event.labels}:
                raise NotFoundError("error_label_not_found")
            before = [find_of(item) for item in swap.found(session, group.event_id, group_id=group.id)]
            new = Find(run.group_id, label_id, guess_id, utcnow())
            told = swap_pairs.check(before, new)
            if told is FoolCheck.COUNTED:
                session.add(
                    FooledAi(
                        group_id=group.id, run_id=run.id, label_id=label_id, guess_id=guess_id, at=new.at
                    )
                )
            return FoolTold(told, len(before) + (told is FoolCheck.COUNTED))


def lent_run(session: Session, event: Event, group_id: str) -> Run:
    """The version that the group may try now, and no other: the one that counts of the group whose AI it
    was given. Raises ConflictError `swap_over` where there is none.
    """
    owner_id = _owner(session, event, group_id) if _is_on(event) else None
    if owner_id is None:
        raise ConflictError("swap_over")
    trained = {run.id: run for run in runs.of_groups(session, [owner_id], RunState.DONE)}
    versions = [version for run in trained.values() if (version := ranking.version_of(run)) is not None]
    counted = ranking.counted(versions, event.counted)
    if counted is None:
        raise ConflictError("swap_over")
    return trained[counted.run_id]


def swap_facts(session: Session, group: GroupIdentity) -> tuple[str, list[object]]:
    """The word of the lent AI, and with it what the page of a group that swaps shows, for its mark."""
    event = classes.event(session, group.event_id)
    try:
        run = lent_run(session, event, group.id)
    except ConflictError:
        return "", [event.swap_turn]
    owner = session.get_one(Group, run.group_id)
    word, named = _word(event, owner), [owner.emoji, owner.name_ja, owner.name_en]
    own = len(swap.found(session, event.id, owner_id=group.id))
    return word, [word, named, run.id, own, len(swap.found(session, event.id, group_id=group.id))]


def _word(event: Event, owner: Group) -> str:
    return f"{event.swap_turn}.{owner.epoch}.{owner.id}"


def _is_on(event: Event) -> bool:
    return event.swap_turn is not None and event.phase in SWAP_PHASES


def _owner(session: Session, event: Event, group_id: str) -> str | None:
    able = swap.able(session, event.id)
    ids = swap.group_ids(session, event.id)
    return swap_pairs.given(ids, able, event.swap_pairs or {}).get(group_id)


def _lines(
    groups: Sequence[Group], pairs: Mapping[str, str], found: Iterable[FoundRow]
) -> tuple[SwapLine, ...]:
    animals = {group.id: _animal(group) for group in groups}
    times = Counter((item.group_id, item.owner_id) for item in found)
    return tuple(
        SwapLine(
            animals[group.id], animals.get(pairs.get(group.id, "")), times[group.id, pairs.get(group.id, "")]
        )
        for group in groups
    )


def _mix_ups(event: Event, found: Iterable[FoundRow]) -> tuple[MixUpCount, ...]:
    labels = {label.id: label_view(label) for label in event.labels}
    times = Counter((item.label_id, item.guess_id) for item in found)
    return tuple(
        MixUpCount(labels[label_id], labels[guess_id], number)
        for (label_id, guess_id), number in times.most_common()
        if label_id in labels and guess_id in labels
    )


def _animal(group: Group) -> Animal:
    return Animal(group.emoji, group.color, group.name_ja, group.name_en)
