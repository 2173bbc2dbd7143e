"""Work that one process at a time does."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from classroom_app.data.tables import Lease, utcnow


def take(session: Session, name: str, duration: dt.timedelta) -> bool:
    """True when it is the caller's for so long; false while it is somebody else's."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    now = utcnow()
    # A row that is free from the beginning: of two that come first at once, one makes it and one waits.
    session.execute(insert(Lease).values(name=name, until=now).on_conflict_do_nothing())
    free = update(Lease).where(Lease.name == name, Lease.until <= now).values(until=now + duration)
    return bool(session.execute(free.returning(Lease.name)).all())


def give_back(session: Session, name: str) -> None:
    """Whoever asks next has it."""
    session.execute(update(Lease).where(Lease.name == name).values(until=utcnow()))
