"""Facilitators, throttles of guessing, one-time tickets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from classroom_app.data.tables import EndedCookie, Facilitator, Throttle, Ticket, utcnow


def facilitators(session: Session) -> Sequence[Facilitator]:
    return session.scalars(select(Facilitator).order_by(Facilitator.username)).all()


def throttle(session: Session, key: str) -> Throttle:
    """The count with this key, locked until the transaction ends; made when it is not there."""
    # Of two first tries at once neither fails: the second finds the row of the first, and waits for it.
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    new = insert(Throttle).values(door=key, failures=0.0, updated_at=utcnow())
    session.execute(new.on_conflict_do_update(index_elements=[Throttle.door], set_={"door": key}))
    return session.get_one(Throttle, key)


def delete_throttles(session: Session, before: dt.datetime) -> None:
    session.execute(delete(Throttle).where(Throttle.updated_at < before))


def end_cookie(session: Session, cookie_id: str, expires_at: dt.datetime) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    new = insert(EndedCookie).values(id=cookie_id, expires_at=expires_at)
    session.execute(new.on_conflict_do_nothing())  # two taps on "leave" at once: neither fails


def delete_ended_cookies(session: Session, before: dt.datetime) -> None:
    session.execute(delete(EndedCookie).where(EndedCookie.expires_at < before))


def delete_tickets(session: Session, before: dt.datetime) -> None:
    session.execute(delete(Ticket).where(Ticket.expires_at < before))
