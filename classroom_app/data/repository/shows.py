"""Where the shows of the classes are, and what every screen asks all the time, in one statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from classroom_app.data.tables import Event, Final, FooledAi, Group, Photo, Run, RunResult, Show
from classroom_app.errors import NotFoundError
from classroom_app.states import ACTIVE_STATES, Leader, Phase, RunState


@dataclass(frozen=True)
class ScreenFacts:
    """A class as far as its screens show it."""

    phase: Phase
    groups: int
    epochs: int  # of all groups together: a reset raises it
    joined: int
    done: int  # runs trained to the end
    last_done: dt.datetime | None
    active: int  # runs that wait or are worked on
    last_asked: dt.datetime | None
    photos: int
    newest_photo: dt.datetime | None
    step: int | None  # none: nobody has led the show yet
    changed_at: dt.datetime | None
    leader: Leader | None
    automatic_s: float | None
    dark: bool | None
    swap_turn: int | None
    fooled: int  # AIs in swap rounds
    looked_at: dt.datetime | None  # what looking around would have given has been found out


_OWN = Group.event_id == bindparam("event_id")
_GROUPS = (
    select(
        func.count().label("groups"),
        func.coalesce(func.sum(Group.epoch), 0).label("epochs"),
        func.count(Group.joined_at).label("joined"),
    )
    .where(_OWN)
    .subquery()
)
_RUNS = (
    select(
        func.count().filter(Run.state == RunState.DONE).label("done"),
        func.max(Run.finished_at).filter(Run.state == RunState.DONE).label("last_done"),
        func.count().filter(Run.state.in_(ACTIVE_STATES)).label("active"),
        func.max(Run.requested_at).label("last_asked"),
    )
    .join(Group, Group.id == Run.group_id)
    .where(_OWN)
    .subquery()
)
_PHOTOS = (
    select(func.count().label("photos"), func.max(Photo.created_at).label("newest_photo"))
    .join(Group, Group.id == Photo.group_id)
    .where(_OWN, Photo.deleted_at.is_(None))
    .subquery()
)
_FOOLED = (
    select(func.count().label("fooled"))
    .select_from(FooledAi)
    .join(Group, Group.id == FooledAi.group_id)
    .where(_OWN)
    .subquery()
)
_LOOKED = (
    select(func.max(Final.looked_at).label("looked_at"))
    .where(Final.event_id == bindparam("event_id"), Final.reopened_at.is_(None))
    .subquery()
)
# To put a statement together takes longer than to run it: once is enough.
_FACTS = (
    select(
        Event.phase,
        _GROUPS,
        _RUNS,
        _PHOTOS,
        Show.step,
        Show.changed_at,
        Show.leader,
        Show.automatic_s,
        Show.dark,
        Event.swap_turn,
        _FOOLED,
        _LOOKED,
    )
    .select_from(Event)
    .join(_GROUPS, Event.id == bindparam("event_id"))
    .join(_RUNS, Event.id == bindparam("event_id"))
    .join(_PHOTOS, Event.id == bindparam("event_id"))
    .join(_FOOLED, Event.id == bindparam("event_id"))
    .join(_LOOKED, Event.id == bindparam("event_id"))
    .outerjoin(Show, Show.event_id == Event.id)
    .where(Event.id == bindparam("event_id"))
)


def facts(session: Session, event_id: str) -> ScreenFacts:
    row = session.connection().execute(_FACTS, {"event_id": event_id}).one_or_none()
    if row is None:
        raise NotFoundError("error_class_not_found")
    return ScreenFacts(*row)


def lock(session: Session, event_id: str) -> Show:
    """The class's show, locked; made when there is none. Raises NotFoundError for no class."""
    if session.get(Event, event_id) is None:
        raise NotFoundError("error_class_not_found")
    row = session.get(Show, event_id, with_for_update=True, populate_existing=True)
    if row is None:
        row = Show(event_id=event_id, step=0)
        session.add(row)
        session.flush()
    return row


def rewind(session: Session, event_id: str, moment: dt.datetime) -> None:
    """A new reveal begins at the first step; whether it goes on by itself stays as it was chosen."""
    row = session.get(Show, event_id, with_for_update=True, populate_existing=True)
    if row is not None:
        row.step, row.changed_at = 0, moment


def in_training(session: Session, group_ids: Sequence[str]) -> frozenset[str]:
    """Groups with a run that waits or is worked on."""
    query = select(Run.group_id).where(Run.group_id.in_(group_ids), Run.state.in_(ACTIVE_STATES))
    return frozenset(session.scalars(query))


def newest_done(session: Session, group_ids: Sequence[str]) -> Run | None:
    """The run of these groups that was trained to the end last, with its result."""
    query = (
        select(Run)
        .join(RunResult, RunResult.run_id == Run.id)
        .where(Run.group_id.in_(group_ids), Run.state == RunState.DONE)
        .order_by(Run.finished_at.desc(), Run.id)
    )
    return session.scalar(query.limit(1))


def answers(session: Session, run_ids: Sequence[str]) -> dict[str, list[Any]]:
    """What the models of these runs said of the challenge photos, as it is stored, by run id."""
    query = select(RunResult.run_id, RunResult.answers).where(RunResult.run_id.in_(run_ids))
    return dict(session.execute(query.order_by(RunResult.run_id)).all())
