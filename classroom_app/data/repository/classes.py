"""Classes with their groups and labels."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from classroom_app.data.tables import ChallengePhoto, Event, Group, Label, Photo
from classroom_app.errors import NotFoundError, StaleEpochError


def events(session: Session) -> Sequence[Event]:
    return session.scalars(select(Event).order_by(Event.created_at.desc())).all()


def event(session: Session, event_id: str) -> Event:
    """Raises NotFoundError `error_class_not_found`."""
    row = session.get(Event, event_id)
    if row is None:
        raise NotFoundError("error_class_not_found")
    return row


def group(session: Session, group_id: str) -> Group:
    """Raises NotFoundError `error_group_not_found`."""
    row = session.get(Group, group_id)
    if row is None:
        raise NotFoundError("error_group_not_found")
    return row


def group_by_token(session: Session, token: str) -> Group | None:
    return session.scalar(select(Group).where(Group.join_token == token))


def lock_group(session: Session, group_id: str, epoch: int | None = None) -> Group:
    """The group's row, locked; with `epoch`, raises StaleEpochError when it was reset meanwhile."""
    row = session.get(Group, group_id, with_for_update=True, populate_existing=True)
    if row is None or (epoch is not None and row.epoch != epoch):
        raise StaleEpochError
    return row


def lock_groups(session: Session, group_ids: Sequence[str]) -> None:
    """Always in the same order: what is on its way to them commits before us, or sees what we did."""
    session.scalars(
        select(Group.id).where(Group.id.in_(group_ids)).order_by(Group.id).with_for_update()
    ).all()


def epochs(session: Session) -> set[tuple[str, int]]:
    """Every group with its epoch."""
    return {(group_id, epoch) for group_id, epoch in session.execute(select(Group.id, Group.epoch))}


def raise_epoch(session: Session, group_ids: Sequence[str]) -> None:
    """What the children before were told is forgotten with them."""
    session.execute(
        update(Group)
        .where(Group.id.in_(group_ids))
        .values(
            epoch=Group.epoch + 1,
            seen_notice=None,
            said_word=None,
            said_text=None,
            said_at=None,
            said_read_at=None,
            locked_text=None,
        )
    )


def has_photos(session: Session, label_id: str) -> bool:
    """Is a photo of a group or of the challenge of this label?"""
    kinds = (Photo, ChallengePhoto)
    return any(session.scalar(select(exists().where(kind.label_id == label_id))) for kind in kinds)


def label(session: Session, event_id: str, label_id: str) -> Label:
    """Raises NotFoundError `error_label_not_found`, for one of another class too."""
    row = session.get(Label, label_id)
    if row is None or row.event_id != event_id:
        raise NotFoundError("error_label_not_found")
    return row


def delete_event(session: Session, event_id: str) -> None:
    """With all that is of it; a class that is gone already is no error."""
    row = session.get(Event, event_id)
    if row is not None:
        session.delete(row)


def delete_group(session: Session, group_id: str) -> None:
    """With all that is of it; a group that is gone already is no error."""
    row = session.get(Group, group_id)
    if row is not None:
        session.delete(row)


def count_events(session: Session, event_id: str) -> int:
    """1 while the class is there, else 0."""
    return session.scalar(select(func.count()).select_from(Event).where(Event.id == event_id)) or 0


def count_groups(session: Session, group_ids: Sequence[str]) -> int:
    return session.scalar(select(func.count()).select_from(Group).where(Group.id.in_(group_ids))) or 0
