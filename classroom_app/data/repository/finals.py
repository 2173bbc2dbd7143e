"""Finals: what counted when a class came to its reveal."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from classroom_app.data.repository.runs import RunFilter
from classroom_app.data.tables import Final, FinalEntry


def current(session: Session, event_id: str) -> Final | None:
    """The one that is the class's board; None before the reveal, and while the class collects once more."""
    newest = last(session, event_id)
    return newest if newest is not None and newest.reopened_at is None else None


def last(session: Session, event_id: str) -> Final | None:
    query = select(Final).where(Final.event_id == event_id).order_by(Final.number.desc()).limit(1)
    return session.scalar(query)


def _of(which: RunFilter) -> ColumnElement[bool]:
    """Of these groups, or where one of these runs counted."""
    return or_(FinalEntry.group_id.in_(which.group_ids), FinalEntry.run_id.in_(which.run_ids))


def count_entries(session: Session, which: RunFilter) -> int:
    query = select(func.count()).select_from(FinalEntry).where(_of(which))
    return session.scalar(query) or 0


def delete_entries(session: Session, which: RunFilter) -> None:
    session.execute(delete(FinalEntry).where(_of(which)))
