"""Finals: what counted when a class came to its reveal."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from classroom_app.data.tables import Final, FinalEntry


def current(session: Session, event_id: str) -> Final | None:
    """The one that is the class's board; None before the reveal, and while the class collects once more."""
    newest = last(session, event_id)
    return newest if newest is not None and newest.reopened_at is None else None


def last(session: Session, event_id: str) -> Final | None:
    query = select(Final).where(Final.event_id == event_id).order_by(Final.number.desc()).limit(1)
    return session.scalar(query)


def count_entries(session: Session, group_ids: Sequence[str]) -> int:
    query = select(func.count()).select_from(FinalEntry).where(FinalEntry.group_id.in_(group_ids))
    return session.scalar(query) or 0


def delete_entries(session: Session, group_ids: Sequence[str]) -> None:
    session.execute(delete(FinalEntry).where(FinalEntry.group_id.in_(group_ids)))
