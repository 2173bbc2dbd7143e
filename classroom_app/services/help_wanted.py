"""Which groups need a grown-up, and what for: the most urgent first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final

from classroom_app.data.engine import Database, Session
from classroom_app.data.repository import classes, contest, ipads, runs
from classroom_app.data.tables import Event, Group, utcnow
from classroom_app.services.ipads import together
from classroom_app.services.round_clock import RoundState
from classroom_app.states import Need, Phase, RunState
from classroom_app.views.console import GroupHelp, GroupIPads

STUCK_AFTER: Final = dt.timedelta(minutes=5)  # a group that tries things out or talks needs no less
_CALM: Final = len(Need)
_HERE: Final = frozenset({Phase.LOBBY, Phase.COLLECT, Phase.FINAL, Phase.REVEAL})  # where iPads should be on


class HelpService:
    def __init__(self, db: Database) -> None:
        self._db = db

    def look(self, event_id: str) -> list[GroupHelp]:
        """All groups, who needs help most first; of those with the same need who has stood still the longest,
        then in the order of the class. Raises NotFoundError.
        """
        with self._db.read() as session:
            event = classes.event(session, event_id)
            heard = together(ipads.of_class(session, event_id), utcnow())
            newest = runs.newest_states(session, [group.id for group in event.groups])
            return wanted(session, event, heard, newest)


def wanted(
    session: Session, event: Event, heard: Mapping[str, GroupIPads], newest: Mapping[str, RunState]
) -> list[GroupHelp]:
    """The same from what was read already: what the iPads say, and what became of each group's newest run."""
    still = _still(session, event, utcnow())
    lines = []
    for group in event.groups:
        own = heard.get(group.id, GroupIPads())
        standing = still.get(group.id)
        failed = newest.get(group.id) == RunState.FAILED
        needs = tuple(_needs(event, group, own, standing, failed=failed))
        lines.append(GroupHelp(group.id, own, standing, needs))
    return sorted(lines, key=_urgency)


def _needs(
    event: Event, group: Group, own: GroupIPads, still_s: float | None, *, failed: bool
) -> Iterator[Need]:
    joined = group.joined_at is not None  # an iPad may be heard of before its children said who they are
    if own.cannot_send:
        yield Need.CANNOT_SEND
    if event.phase in _HERE and joined and own.known and not own.here:
        yield Need.AWAY
    if failed:
        yield Need.RUN_FAILED
    if own.without_camera:
        yield Need.NO_CAMERA
    if still_s is not None and still_s >= STUCK_AFTER.total_seconds():
        yield Need.STUCK
    if own.failed:
        yield Need.REFUSED
    if not joined and event.phase == Phase.COLLECT:
        yield Need.ABSENT


def _still(session: Session, event: Event, now: dt.datetime) -> dict[str, float]:
    """Seconds by group id since its last photo or training, of groups that have come and may do either."""
    ids = [group.id for group in event.groups]
    began = ipads.first_photo(session, ids)  # nobody is late before somebody has begun
    clock = RoundState(contest.clock_of(event), now)
    if event.phase != Phase.COLLECT or began is None or not clock.is_open:
        return {}
    began = max(began, event.round_started_at or began, event.round_went_on_at or began)
    moves = ipads.last_moves(session, ids)
    return {
        group.id: (now - max(began, group.joined_at, moves.get(group.id, began))).total_seconds()
        for group in event.groups
        if group.joined_at is not None
    }


def _urgency(line: GroupHelp) -> tuple[int, float]:
    """Groups that need nothing keep their places: whoever reaches for one would tap another."""
    order = list(Need)
    still_s = (line.still_s or 0.0) if line.needs else 0.0
    return min((order.index(need) for need in line.needs), default=_CALM), -still_s
