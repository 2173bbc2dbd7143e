"""Who did what: entries come, and nobody changes them or takes them away; triggers see to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from classroom_app.data import acting
from classroom_app.data.tables import AuditEntry, new_id, utcnow


def note(session: Session) -> acting.Deed | None:
    """What this transaction does, if it is to be written down."""
    found = acting.to_note()
    if found is None:
        return None
    actor, deed = found
    session.flush()  # whatever is wrong with what was done comes first
    session.execute(
        insert(AuditEntry).values(
            id=new_id(),
            at=utcnow(),
            kind=actor.kind.value,
            who=actor.who[:64],
            did=deed.did,
            origin=actor.origin,
            event_id=deed.event_id,
            group_id=deed.group_id,
        )
    )
    return deed


@dataclass(frozen=True)
class AuditFilter:
    """Entries that fit all that is given."""

    event_id: str | None = None
    who: str | None = None
    did: str | None = None


def entries(session: Session, which: AuditFilter, limit: int) -> Sequence[AuditEntry]:
    """Newest first."""
    query = select(AuditEntry)
    for column, value in (
        (AuditEntry.event_id, which.event_id),
        (AuditEntry.who, which.who),
        (AuditEntry.did, which.did),
    ):
        if value:
            query = query.where(column == value)
    return session.scalars(query.order_by(AuditEntry.at.desc(), AuditEntry.id).limit(limit)).all()


def people(session: Session) -> list[str]:
    """Everybody of whom there is an entry."""
    return sorted(session.scalars(select(AuditEntry.who).distinct()))


def deeds(session: Session) -> list[str]:
    """Every word there is an entry with."""
    return sorted(session.scalars(select(AuditEntry.did).distinct()))
