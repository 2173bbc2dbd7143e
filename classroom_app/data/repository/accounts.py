"""Accounts: their classes, their log-ins, and of which class a thing is that they ask for."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from classroom_app.data.tables import (
    AccountSession,
    ChallengePhoto,
    ClassAccount,
    Deletion,
    Event,
    Facilitator,
    Group,
    Photo,
    SetAsideRow,
)
from classroom_app.states import DeletionScope, Role


def class_ids(session: Session, username: str) -> frozenset[str]:
    """With those whose deletion can still be undone: whoever may delete a class may bring it back."""
    found = select(ClassAccount.event_id).where(ClassAccount.username == username)
    return frozenset(session.scalars(found)) | _set_aside(session, username)


def _set_aside(session: Session, username: str) -> frozenset[str]:
    rows = session.scalars(
        select(SetAsideRow.data)
        .join(Deletion, Deletion.id == SetAsideRow.deletion_id)
        .where(Deletion.scope == DeletionScope.EVENT, SetAsideRow.table == ClassAccount.__tablename__)
    )
    known = (json.loads(row) for row in rows)
    return frozenset(row["event_id"] for row in known if row["username"] == username)


def of_class(session: Session, event_id: str) -> frozenset[str]:
    """User names that have this class, also one whose deletion can still be undone."""
    there = select(ClassAccount.username).where(ClassAccount.event_id == event_id)
    aside = select(SetAsideRow.data).join(Deletion, Deletion.id == SetAsideRow.deletion_id)
    aside = aside.where(Deletion.event_id == event_id, SetAsideRow.table == ClassAccount.__tablename__)
    rows = (json.loads(row) for row in session.scalars(aside))
    return frozenset(session.scalars(there)) | {
        str(row["username"]) for row in rows if row["event_id"] == event_id
    }


def all_class_ids(session: Session) -> dict[str, frozenset[str]]:
    """By user name."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in session.scalars(select(ClassAccount)):
        found[row.username].add(row.event_id)
    return {username: frozenset(ids) for username, ids in found.items()}


def give_class(session: Session, username: str, event_id: str) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    new = insert(ClassAccount).values(username=username, event_id=event_id)
    session.execute(new.on_conflict_do_nothing())


def set_classes(session: Session, username: str, event_ids: Collection[str]) -> None:
    """Those that there are of them, and no others."""
    session.execute(delete(ClassAccount).where(ClassAccount.username == username))
    known = session.scalars(select(Event.id).where(Event.id.in_(event_ids))).all()
    session.add_all(ClassAccount(username=username, event_id=event_id) for event_id in known)


def owners(session: Session) -> Sequence[Facilitator]:
    """Locked, all of them: of two that are removed at once, one sees what the other did."""
    found = select(Facilitator).where(Facilitator.role == Role.OWNER).order_by(Facilitator.username)
    return session.scalars(found.with_for_update()).all()


def sessions(session: Session, username: str) -> Sequence[AccountSession]:
    """The newest first."""
    found = select(AccountSession).where(AccountSession.username == username)
    return session.scalars(found.order_by(AccountSession.seen_at.desc())).all()


def last_seen(session: Session) -> dict[str, dt.datetime]:
    """By user name, of log-ins that are still there."""
    found = select(AccountSession.username, func.max(AccountSession.seen_at))
    return {row[0]: row[1] for row in session.execute(found.group_by(AccountSession.username))}


def note_seen(session: Session, session_id: str, now: dt.datetime) -> None:
    session.execute(update(AccountSession).where(AccountSession.id == session_id).values(seen_at=now))


def end_sessions(session: Session, username: str, *, session_id: str | None = None) -> None:
    """All of the account, or that one."""
    gone = delete(AccountSession).where(AccountSession.username == username)
    session.execute(gone if session_id is None else gone.where(AccountSession.id == session_id))


def delete_old_sessions(session: Session, before: dt.datetime) -> None:
    session.execute(delete(AccountSession).where(AccountSession.begun_at < before))


def class_of_group(session: Session, group_id: str) -> str | None:
    return session.scalar(select(Group.event_id).where(Group.id == group_id))


def class_of_deletion(session: Session, deletion_id: str) -> str | None:
    return session.scalar(select(Deletion.event_id).where(Deletion.id == deletion_id))


def class_of_photo(session: Session, photo_id: str) -> str | None:
    return session.scalar(
        select(Group.event_id).join(Photo, Photo.group_id == Group.id).where(Photo.id == photo_id)
    )


def class_of_challenge_photo(session: Session, photo_id: str) -> str | None:
    return session.scalar(select(ChallengePhoto.event_id).where(ChallengePhoto.id == photo_id))
