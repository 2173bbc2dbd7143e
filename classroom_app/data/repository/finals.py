"""Finals: what counted when a class came to its reveal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from classroom_app.data.repository.runs import RunFilter
from classroom_app.data.tables import Event, Final, FinalEntry, RunResult, utcnow
from classroom_app.states import Half, Phase


def current(session: Session, event_id: str) -> Final | None:
    """The one that is the class's board; None before the reveal, and while the class collects once more."""
    newest = last(session, event_id)
    return newest if newest is not None and newest.reopened_at is None else None


def last(session: Session, event_id: str) -> Final | None:
    query = select(Final).where(Final.event_id == event_id).order_by(Final.number.desc()).limit(1)
    return session.scalar(query)


def not_looked(session: Session) -> Sequence[tuple[str, str]]:
    """The ids of finals and their classes whose results are coming out, and of which nobody has found out yet
    what looking around would have given."""
    query = (
        select(Final.id, Final.event_id)
        .join(Event, Event.id == Final.event_id)
        .where(Event.phase == Phase.REVEAL, Final.reopened_at.is_(None), Final.looked_at.is_(None))
        .order_by(Final.made_at, Final.id)
    )
    return [(final_id, event_id) for final_id, event_id in session.execute(query)]


def halves(session: Session, final_id: str) -> dict[Half, list[str]]:
    """The ids of the challenge photos by half, as they were written down; none of a final that is gone."""
    written = session.get(Final, final_id)
    stored = written.halves if written is not None else {}
    return {half: list(stored.get(half.value, [])) for half in Half}


def counted_results(session: Session, final_id: str) -> list[tuple[RunResult, int]]:
    """Of the runs that counted, and how many photos of the final half each was asked."""
    query = (
        select(RunResult, FinalEntry.final_total)
        .join(FinalEntry, FinalEntry.run_id == RunResult.run_id)
        .where(FinalEntry.final_id == final_id)
        .order_by(RunResult.run_id)
    )
    return [(result, total or 0) for result, total in session.execute(query)]


def looked(session: Session, final_id: str, correct: Mapping[str, int]) -> None:
    """What looking around would have given, by run id, is written down once; entries that went meanwhile
    stay away."""
    once = update(Final).where(Final.id == final_id, Final.looked_at.is_(None)).values(looked_at=utcnow())
    if not session.execute(once.returning(Final.id)).all():
        return
    for run_id, number in correct.items():
        session.execute(
            update(FinalEntry)
            .where(FinalEntry.final_id == final_id, FinalEntry.run_id == run_id)
            .values(looked_correct=number)
        )


def looked_correct(session: Session, event_id: str) -> dict[str, int]:
    """By group id, of the final that is the class's board; of the groups of which it is known."""
    written = current(session, event_id)
    return {
        entry.group_id: entry.looked_correct
        for entry in (written.entries if written is not None else [])
        if entry.looked_correct is not None
    }


def _of(which: RunFilter) -> ColumnElement[bool]:
    """Of these groups, or where one of these runs counted."""
    return or_(FinalEntry.group_id.in_(which.group_ids), FinalEntry.run_id.in_(which.run_ids))


def count_entries(session: Session, which: RunFilter) -> int:
    query = select(func.count()).select_from(FinalEntry).where(_of(which))
    return session.scalar(query) or 0


def delete_entries(session: Session, which: RunFilter) -> None:
    session.execute(delete(FinalEntry).where(_of(which)))
