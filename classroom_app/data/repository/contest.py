"""A class's contest: its clock as it is stored, and what groups have done in the round."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from classroom_app.data.tables import Event, Photo, Run
from classroom_app.errors import NotFoundError
from classroom_app.states import Phase, RunState

# Every photo that comes asks for it: to put the statement together takes longer than to run it.
_CLOCK = select(
    Event.phase,
    Event.freeze_minutes,
    Event.round_started_at,
    Event.round_ends_at,
    Event.round_paused_at,
    Event.board_frozen_at,
    Event.collect_ended_at,
    Event.ends_at,
).where(Event.id == bindparam("event_id"))


@dataclass(frozen=True)
class ClockRow:
    """What is stored of a class's clock."""

    phase: Phase
    freeze_minutes: int
    started_at: dt.datetime | None
    ends_at: dt.datetime | None
    paused_at: dt.datetime | None
    board_frozen_at: dt.datetime | None
    collect_ended_at: dt.datetime | None
    class_ends_at: dt.datetime | None = None


def clock(session: Session, event_id: str) -> ClockRow:
    """As the database has it now, whatever the session has read before."""
    row = session.connection().execute(_CLOCK, {"event_id": event_id}).one_or_none()
    if row is None:
        raise NotFoundError("error_class_not_found")
    return ClockRow(*row)


def clock_of(event: Event) -> ClockRow:
    """The same of a row that is at hand."""
    return ClockRow(
        event.phase,
        event.freeze_minutes,
        event.round_started_at,
        event.round_ends_at,
        event.round_paused_at,
        event.board_frozen_at,
        event.collect_ended_at,
        event.ends_at,
    )


def lock(session: Session, event_id: str) -> Event:
    """The class, locked: two facilitators who press at once come one after the other."""
    event = session.get(Event, event_id, with_for_update=True, populate_existing=True)
    if event is None:
        raise NotFoundError("error_class_not_found")
    return event


def trainings(session: Session, group_id: str, since: dt.datetime | None) -> int:
    """Trainings that the group asked for in the round; those that failed or were cancelled don't count."""
    query = (
        select(func.count())
        .select_from(Run)
        .where(Run.group_id == group_id, Run.state.not_in((RunState.FAILED, RunState.CANCELLED)))
    )
    if since is not None:
        query = query.where(Run.requested_at >= since)
    return session.scalar(query) or 0


def has_late_photos(session: Session, group_id: str, over_since: dt.datetime) -> bool:
    """Has the group photos that came after the end, and no training since that saw them?"""
    counted = Run.state.not_in((RunState.FAILED, RunState.CANCELLED))  # others gave the group no AI of them
    last = select(func.max(Run.requested_at)).where(Run.group_id == group_id, counted)
    newest = select(func.max(Photo.created_at)).where(
        Photo.group_id == group_id, Photo.deleted_at.is_(None), Photo.created_at > over_since
    )
    came, asked = session.scalar(newest), session.scalar(last)
    return came is not None and (asked is None or asked < came)
