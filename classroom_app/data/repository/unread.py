"""Photos on which every decoder failed: how often they came, which were set aside. Ids alone."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from classroom_app.data.repository.photo_filter import PhotoFilter, condition
from classroom_app.data.tables import UnreadPhoto, utcnow


def count_post(session: Session, photo_id: str, group_id: str, label_id: str, posts_max: int) -> bool:
    """One more post of the photo; True when it gets no other. The group's row has to be locked."""
    row = session.get(UnreadPhoto, photo_id)
    if row is None:
        row = UnreadPhoto(id=photo_id, group_id=group_id, label_id=label_id, posts=0)
        session.add(row)
    row.posts += 1
    if row.posts >= posts_max:
        row.set_aside_at = row.set_aside_at or utcnow()
    return row.set_aside_at is not None


def set_aside_counts(session: Session, group_ids: Sequence[str]) -> dict[str, int]:
    """Photos that were set aside, by group id; groups without any are not in it."""
    return dict(
        session.execute(
            select(UnreadPhoto.group_id, func.count())
            .where(UnreadPhoto.group_id.in_(group_ids), UnreadPhoto.set_aside_at.is_not(None))
            .group_by(UnreadPhoto.group_id)
        ).all()
    )


def delete_rows(session: Session, which: PhotoFilter) -> None:
    session.execute(delete(UnreadPhoto).where(condition(UnreadPhoto, which)))
