"""The web processes that work on runs, and when each was last alive."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
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


def count_alive(session: Session, since: dt.datetime) -> int:
    query = select(func.count()).select_from(Executor).where(Executor.beat_at >= since)
    return session.scalar(query) or 0


@dataclass(frozen=True)
class AskedToForget:
    """How often an executor was asked to forget; `is_new`: it has not answered the last time yet."""

    times: int
    is_new: bool


def ask_to_forget(session: Session, own_id: str) -> None:
    """All others. Counted, not timed: clocks of two machines are not compared."""
    others = update(Executor).where(Executor.id != own_id)
    session.execute(others.values(forget_asked=Executor.forget_asked + 1))


def asked_to_forget(session: Session, executor_id: str) -> AskedToForget:
    row = session.execute(
        select(Executor.forget_asked, Executor.forget_done).where(Executor.id == executor_id)
    ).one_or_none()
    return AskedToForget(row[0], row[0] > row[1]) if row is not None else AskedToForget(0, is_new=False)


def note_forgotten(session: Session, executor_id: str, times: int, now: dt.datetime) -> None:
    own = update(Executor).where(Executor.id == executor_id)
    session.execute(own.values({Executor.forget_done: times, Executor.swept_at: now}))


def count_forgetting(session: Session, own_id: str, alive_since: dt.datetime) -> int:
    """Other executors that live and were asked to forget since they last did."""
    late = Executor.forget_asked > Executor.forget_done
    query = select(func.count()).select_from(Executor)
    return session.scalar(query.where(Executor.id != own_id, Executor.beat_at >= alive_since, late)) or 0


def forget(session: Session, executor_id: str) -> None:
    session.execute(delete(Executor).where(Executor.id == executor_id))
