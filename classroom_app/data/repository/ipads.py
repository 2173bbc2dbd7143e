"""The iPads of groups, and what each said last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from classroom_app.data.tables import Group, IPad, utcnow


def keep(session: Session, ipad_id: str, group_id: str, unsent: int, *, cannot_send: bool) -> None:
    """The last word alone. Two tabs of one iPad may speak at once: neither fails."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    word = {"group_id": group_id, "beat_at": utcnow(), "unsent": unsent, "cannot_send": cannot_send}
    new = insert(IPad).values(id=ipad_id, **word)
    session.execute(new.on_conflict_do_update(index_elements=[IPad.id], set_=word))


def of_group(session: Session, group_id: str) -> int:
    return session.scalar(select(func.count()).select_from(IPad).where(IPad.group_id == group_id)) or 0


def forget_silent(session: Session, group_id: str, before: dt.datetime) -> None:
    session.execute(delete(IPad).where(IPad.group_id == group_id, IPad.beat_at < before))


def that_cannot_send(session: Session, event_id: str, since: dt.datetime) -> Sequence[IPad]:
    """Of the class's groups, and heard of since."""
    found = select(IPad).join(Group, Group.id == IPad.group_id).where(Group.event_id == event_id)
    return session.scalars(found.where(IPad.cannot_send, IPad.beat_at >= since)).all()
