"""A class's swap round: which groups have an AI, and what was found with whose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, bindparam, delete, func, or_, select
from sqlalchemy.orm import Session

from classroom_app.data.tables import Event, FooledAi, Group, Run, RunResult
from classroom_app.errors import NotFoundError
from classroom_app.states import RunState

# Each live frame that is sent to the server asks for these two: once put together is enough.
_ABLE = (
    select(Group.id)
    .distinct()
    .join(Run, Run.group_id == Group.id)
    .join(RunResult, RunResult.run_id == Run.id)
    .where(Group.event_id == bindparam("event_id"), Run.state == RunState.DONE)
)
_GROUPS = select(Group.id).where(Group.event_id == bindparam("event_id")).order_by(Group.position, Group.id)


@dataclass(frozen=True)
class FoundRow:
    """A find, and the two groups: who found it, and whose AI it was."""

    group_id: str
    owner_id: str
    version: int
    label_id: str
    guess_id: str
    at: dt.datetime


def group_ids(session: Session, event_id: str) -> list[str]:
    """In the class's order."""
    return list(session.connection().scalars(_GROUPS, {"event_id": event_id}))


def able(session: Session, event_id: str) -> frozenset[str]:
    """Groups with an AI."""
    return frozenset(session.connection().scalars(_ABLE, {"event_id": event_id}))


def lock(session: Session, event_id: str) -> Event:
    event = session.get(Event, event_id, with_for_update=True, populate_existing=True)
    if event is None:
        raise NotFoundError("error_class_not_found")
    return event


def found(
    session: Session,
    event_id: str,
    *,
    group_id: str | None = None,
    owner_id: str | None = None,
    until: dt.datetime | None = None,
) -> list[FoundRow]:
    """Oldest first; of one group, or with one group's AIs, where that is given."""
    query = (
        select(
            FooledAi.group_id,
            Run.group_id.label("owner_id"),
            Run.version,
            FooledAi.label_id,
            FooledAi.guess_id,
            FooledAi.at,
        )
        .join(Run, Run.id == FooledAi.run_id)
        .join(Group, Group.id == FooledAi.group_id)
        .where(Group.event_id == event_id)
        .order_by(FooledAi.at, FooledAi.id)
    )
    if group_id is not None:
        query = query.where(FooledAi.group_id == group_id)
    if owner_id is not None:
        query = query.where(Run.group_id == owner_id)
    if until is not None:
        query = query.where(FooledAi.at <= until)
    return [FoundRow(*row) for row in session.execute(query).all()]


def _of(groups: Sequence[str]) -> Select[str]:
    """Ids of what these groups found, and of what was found with their AIs."""
    theirs = select(Run.id).where(Run.group_id.in_(groups))
    return select(FooledAi.id).where(or_(FooledAi.group_id.in_(groups), FooledAi.run_id.in_(theirs)))


def ids(session: Session, groups: Sequence[str]) -> list[str]:
    return list(session.scalars(_of(groups)))


def count(session: Session, groups: Sequence[str]) -> int:
    return session.scalar(select(func.count()).select_from(_of(groups).subquery())) or 0


def delete_all(session: Session, groups: Sequence[str]) -> None:
    session.execute(delete(FooledAi).where(FooledAi.id.in_(_of(groups))))
