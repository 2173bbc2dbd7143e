"""Work that one process at a time does."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from classroom_app.data.tables import Lease, utcnow


def take(session: Session, name: str, duration: dt.timedelta) -> bool:
    """True when it is the caller's for so long; false while it is somebody else's."""
    return keep(session, name, None, duration) is not None


def keep(
    session: Session, name: str, held_until: dt.datetime | None, duration: dt.timedelta
) -> dt.datetime | None:
    """Until when it is the caller's from now on; None while it is somebody else's. `held_until`: the last
    answer. With it the lease stays with whoever asks again, until another one finds it free."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    now = utcnow()
    # A row that is free from the beginning: of two that come first at once, one makes it and one waits.
    session.execute(insert(Lease).values(name=name, until=now).on_conflict_do_nothing())
    mine = or_(Lease.until <= now, Lease.until == held_until)
    kept = update(Lease).where(Lease.name == name, mine).values(until=now + duration)
    return now + duration if session.execute(kept.returning(Lease.name)).all() else None


def give_back(session: Session, name: str, held_until: dt.datetime) -> None:
    """Whoever asks next has it; unless somebody else has it already. `held_until`: the last answer."""
    mine = (Lease.name == name) & (Lease.until == held_until)
    session.execute(update(Lease).where(mine).values(until=utcnow()))
