"""The web processes that work on runs, and when each was last alive."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from classroom_app.data.tables import Executor, utcnow


def beat(session: Session, executor_id: str) -> None:
    known = update(Executor).where(Executor.id == executor_id).values(beat_at=utcnow())
    if not session.execute(known.returning(Executor.id)).all():
        session.add(Executor(id=executor_id, beat_at=utcnow()))


def notice(session: Session, executor_id: str) -> None:
    """One that others heard of, but that did not beat; it may do so at the same moment."""
    session.add(Executor(id=executor_id, beat_at=utcnow()))


def beats(session: Session) -> dict[str, dt.datetime]:
    """When each was heard last."""
    return dict(session.execute(select(Executor.id, Executor.beat_at)).all())


def hold(session: Session, executor_id: str, beat_at: dt.datetime) -> bool:
    """Lock the row until the transaction ends; False when it beat again, or another process holds it."""
    row = select(Executor.id).where(Executor.id == executor_id, Executor.beat_at == beat_at)
    return session.scalar(row.with_for_update(skip_locked=True)) is not None


def others_alive(session: Session, executor_id: str, since: dt.datetime) -> bool:
    others = select(Executor.id).where(Executor.id != executor_id, Executor.beat_at >= since)
    return session.scalar(others.limit(1)) is not None


def forget(session: Session, executor_id: str) -> None:
    session.execute(delete(Executor).where(Executor.id == executor_id))
