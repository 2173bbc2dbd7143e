"""The web processes that work on runs, and when each was last alive."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from classroom_app.data.tables import Executor, utcnow


def beat(session: Session, executor_id: str) -> None:
    session.merge(Executor(id=executor_id, beat_at=utcnow()))


def silent(session: Session, since: dt.datetime) -> list[str]:
    """Their rows stay locked until the transaction ends; what another process holds is left to it."""
    silent = select(Executor.id).where(Executor.beat_at < since)
    return list(session.scalars(silent.with_for_update(skip_locked=True)))


def others_alive(session: Session, executor_id: str, since: dt.datetime) -> bool:
    others = select(Executor.id).where(Executor.id != executor_id, Executor.beat_at >= since)
    return session.scalar(others.limit(1)) is not None


def forget(session: Session, executor_id: str) -> None:
    session.execute(delete(Executor).where(Executor.id == executor_id))
