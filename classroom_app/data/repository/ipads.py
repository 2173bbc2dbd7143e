"""The iPads of groups, and what each said last."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from classroom_app.data.tables import Group, IPad, Photo, Run, utcnow
from classroom_app.views.console import IPadWord


def keep(session: Session, group_id: str, word: IPadWord, clock_off_s: int | None = None) -> int:
    """The last word alone; one without the clock leaves what is known of it. Two tabs of one iPad may speak
    at once: neither fails. Gives back its number: the one that it has in this group, else the lowest that no
    other has.
    """
    known = session.get(IPad, word.ipad)
    number = known.number if known is not None and known.group_id == group_id else 0
    if not number:
        session.execute(select(Group.id).where(Group.id == group_id).with_for_update())  # one after the other
        others = select(IPad.number).where(IPad.group_id == group_id, IPad.id != word.ipad)
        taken = set(session.scalars(others))
        number = next(free for free in itertools.count(1) if free not in taken)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    told = asdict(word)
    ipad_id = told.pop("ipad")
    del told["clock_ms"]
    if clock_off_s is not None:
        told["clock_off_s"] = clock_off_s
    said = {"group_id": group_id, "beat_at": utcnow(), "number": number, **told}
    new = insert(IPad).values(id=ipad_id, **said)
    session.execute(new.on_conflict_do_update(index_elements=[IPad.id], set_=said))
    return number


def of_group(session: Session, group_id: str) -> int:
    return session.scalar(select(func.count()).select_from(IPad).where(IPad.group_id == group_id)) or 0


def forget_silent(session: Session, group_id: str, before: dt.datetime) -> None:
    session.execute(delete(IPad).where(IPad.group_id == group_id, IPad.beat_at < before))


def forget_done(session: Session, group_id: str) -> None:
    """All on which no photo waits."""
    session.execute(delete(IPad).where(IPad.group_id == group_id, IPad.unsent == 0))


def of_class(session: Session, event_id: str) -> Sequence[IPad]:
    found = select(IPad).join(Group, Group.id == IPad.group_id).where(Group.event_id == event_id)
    return session.scalars(found).all()


def last_moves(session: Session, group_ids: Sequence[str]) -> Mapping[str, dt.datetime]:
    """When each group last took a photo or asked for a training; who has done neither is not there."""
    photos = (
        select(Photo.group_id, func.max(Photo.created_at))
        .where(Photo.group_id.in_(group_ids))
        .group_by(Photo.group_id)
    )
    runs = (
        select(Run.group_id, func.max(Run.requested_at))
        .where(Run.group_id.in_(group_ids))
        .group_by(Run.group_id)
    )
    moves: dict[str, dt.datetime] = {}
    for group_id, moment in (*session.execute(photos), *session.execute(runs)):
        moves[group_id] = max(moment, moves.get(group_id, moment))
    return moves


def first_photo(session: Session, group_ids: Sequence[str]) -> dt.datetime | None:
    return session.scalar(select(func.min(Photo.created_at)).where(Photo.group_id.in_(group_ids)))
