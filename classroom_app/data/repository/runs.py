"""Training runs and their results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from classroom_app.data.repository.classes import lock_group
from classroom_app.data.tables import Group, Run, RunResult
from classroom_app.states import ACTIVE_STATES, ENDED_BADLY, RunState


def active_of(session: Session, group_id: str) -> Run | None:
    return session.scalar(select(Run).where(Run.group_id == group_id, Run.state.in_(ACTIVE_STATES)))


def active(session: Session, group_ids: Sequence[str] | None = None) -> Sequence[Run]:
    query = select(Run).where(Run.state.in_(ACTIVE_STATES))
    if group_ids is not None:
        query = query.where(Run.group_id.in_(group_ids))
    return session.scalars(query.order_by(Run.requested_at)).all()


def lock(session: Session, run_id: str) -> Run | None:
    """The run, locked with its group; None when it is gone. Raises StaleEpochError after a reset.

    The group first, as a reset does: two who lock in one order never wait for each other.
    """
    run = session.get(Run, run_id)
    if run is None:
        return None
    lock_group(session, run.group_id, run.epoch)
    return session.get(Run, run_id, with_for_update=True, populate_existing=True)


def of_groups(session: Session, group_ids: Sequence[str], state: RunState | None = None) -> Sequence[Run]:
    """Oldest first."""
    query = select(Run).where(Run.group_id.in_(group_ids))
    if state is not None:
        query = query.where(Run.state == state)
    return session.scalars(query.order_by(Run.group_id, Run.version)).all()


# A run that ended badly and was followed by an AI is no news, though that AI has been deleted since.
_DELETED = case((Group.deleted_epoch == Group.epoch, Group.deleted_version), else_=0)
_IS_NEWS = or_(Run.state.not_in(ENDED_BADLY), Run.version > _DELETED)


def deleted_version(group: Group) -> int:
    """The highest version among the group's AIs that were deleted since it was last emptied; 0: none was."""
    return group.deleted_version if group.deleted_epoch == group.epoch else 0


def is_news(run: Run, group: Group) -> bool:
    """As `newest_states` and `latest` have it, of rows that were read already."""
    return run.state not in ENDED_BADLY or run.version > deleted_version(group)


def newest_states(session: Session, group_ids: Sequence[str]) -> dict[str, RunState]:
    """What has become of each group's newest run, by group id; groups without a run are not in it."""
    query = select(Run.group_id, Run.state).join(Group, Group.id == Run.group_id)
    rows = session.execute(query.where(Run.group_id.in_(group_ids), _IS_NEWS).order_by(Run.version))
    return dict(rows.all())


def latest(session: Session, group_id: str, state: RunState | None = None) -> Run | None:
    query = select(Run).join(Group, Group.id == Run.group_id).where(Run.group_id == group_id, _IS_NEWS)
    if state is not None:
        query = query.where(Run.state == state)
    return session.scalar(query.order_by(Run.version.desc()).limit(1))


def count_versions(session: Session, group_id: str) -> int:
    """Runs of the group that were trained to the end."""
    query = select(func.count()).select_from(Run).where(Run.group_id == group_id, Run.state == RunState.DONE)
    return session.scalar(query) or 0


def next_version(session: Session, group_id: str) -> int:
    highest = session.scalar(select(func.max(Run.version)).where(Run.group_id == group_id))
    return max(highest or 0, deleted_versions(session, [group_id]).get(group_id, 0)) + 1


def deleted_versions(session: Session, group_ids: Sequence[str]) -> dict[str, int]:
    """As `deleted_version`, by group id; groups that are gone are not in it."""
    query = select(Group.id, _DELETED).where(Group.id.in_(group_ids))
    return dict(session.execute(query).all())


def ahead_of(session: Session, run: Run) -> int:
    """Active runs that were asked for before this one."""
    number = session.scalar(
        select(func.count()).where(Run.state.in_(ACTIVE_STATES), Run.requested_at < run.requested_at)
    )
    return number or 0


def active_counts(session: Session) -> dict[str, int]:
    """Runs that wait or are worked on, by state."""
    rows = session.execute(
        select(Run.state, func.count()).where(Run.state.in_(ACTIVE_STATES)).group_by(Run.state)
    )
    return dict(rows.all())


def oldest_queued(session: Session) -> dt.datetime | None:
    return session.scalar(select(func.min(Run.requested_at)).where(Run.state == RunState.QUEUED))


def last_requested(session: Session) -> dt.datetime | None:
    """When anybody last asked for a training."""
    return session.scalar(select(func.max(Run.requested_at)))


def last_seconds(session: Session, limit: int) -> list[float]:
    """How long the newest finished runs of all classes took, from their first step to their end."""
    query = (
        select(Run.started_at, Run.finished_at)
        .where(Run.state == RunState.DONE, Run.started_at.is_not(None), Run.finished_at.is_not(None))
        .order_by(Run.finished_at.desc())
        .limit(limit)
    )
    return [(ended - began).total_seconds() for began, ended in session.execute(query) if began and ended]


@dataclass(frozen=True)
class RunFilter:
    """All runs of these groups, and these runs."""

    group_ids: tuple[str, ...] = ()
    run_ids: tuple[str, ...] = ()

    def condition(self) -> ColumnElement[bool]:
        return or_(Run.group_id.in_(self.group_ids), Run.id.in_(self.run_ids))


@dataclass(frozen=True)
class Lesson:
    """What a finished run learnt from: ids of photos, or None where only the time says which they may be."""

    run_id: str
    group_id: str
    version: int
    requested_at: dt.datetime
    learnt_from: frozenset[str] | None


def lessons(session: Session, group_ids: Sequence[str]) -> list[Lesson]:
    """Of all that these groups have trained to the end, by group and version."""
    query = (
        select(Run.id, Run.group_id, Run.version, Run.requested_at, RunResult.learnt_from)
        .join(RunResult, RunResult.run_id == Run.id)
        .where(Run.group_id.in_(group_ids))
        .order_by(Run.group_id, Run.version)
    )
    return [
        Lesson(row[0], row[1], row[2], row[3], frozenset(row[4]) if row[4] is not None else None)
        for row in session.execute(query)
    ]


def count(session: Session, which: RunFilter) -> dict[str, int]:
    ids = select(Run.id).where(which.condition())
    return {
        "runs": session.scalar(select(func.count()).select_from(Run).where(Run.id.in_(ids))) or 0,
        "results": session.scalar(
            select(func.count()).select_from(RunResult).where(RunResult.run_id.in_(ids))
        )
        or 0,
    }


def model_is_kept(session: Session, key: str) -> bool:
    return session.scalar(select(RunResult.run_id).where(RunResult.model_key == key).limit(1)) is not None


def ids(session: Session, which: RunFilter | None = None) -> set[str]:
    query = select(Run.id)
    return set(session.scalars(query if which is None else query.where(which.condition())))


def delete_these(session: Session, which: RunFilter, *, anew: bool = False) -> None:
    """`anew`: the groups are emptied, and their epoch is another already; otherwise they keep in mind how
    far they had come.
    """
    if not anew:
        done = select(Run.group_id, func.max(Run.version)).where(
            Run.state == RunState.DONE, which.condition()
        )
        for group_id, highest in session.execute(done.group_by(Run.group_id)).all():
            behind = update(Group).where(Group.id == group_id, highest > _DELETED)
            session.execute(behind.values(deleted_version=highest, deleted_epoch=Group.epoch))
    session.execute(delete(Run).where(which.condition()))
