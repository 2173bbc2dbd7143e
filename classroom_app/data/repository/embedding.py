"""Photos that wait for their features, and who is making them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import cast

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from classroom_app.data.repository.photo_filter import PhotoFilter, PhotoTable, condition
from classroom_app.data.tables import ChallengePhoto, Photo, utcnow
from classroom_app.states import EmbedState

AnyPhoto = Photo | ChallengePhoto


def pending_counts(session: Session, group_ids: Sequence[str]) -> dict[str, int]:
    """Photos whose features are not there yet, by group id."""
    rows = session.execute(
        select(Photo.group_id, func.count())
        .where(
            Photo.group_id.in_(group_ids), Photo.embed_state == EmbedState.PENDING, Photo.deleted_at.is_(None)
        )
        .group_by(Photo.group_id)
    )
    return dict(rows.all())


def lease(
    session: Session, table: PhotoTable, limit: int, until: dt.datetime, which: PhotoFilter | None = None
) -> list[AnyPhoto]:
    """Take up to `limit` photos to embed; nobody else gets them before `until`."""
    free = or_(table.embed_lease_until.is_(None), table.embed_lease_until < utcnow())
    query = select(table).where(_waiting(table, which), free)
    query = query.order_by(table.created_at).limit(limit).with_for_update(skip_locked=True)
    rows = cast(list[AnyPhoto], session.scalars(query).all())
    for row in rows:
        row.embed_lease_until = until
    return rows


def renew(session: Session, table: PhotoTable, photo_ids: Sequence[str], until: dt.datetime) -> None:
    """Whoever embeds them is still at it."""
    held = table.id.in_(photo_ids) & table.embed_lease_until.is_not(None)
    session.execute(update(table).where(held).values(embed_lease_until=until))


def lock(session: Session, table: PhotoTable, photo_ids: Sequence[str]) -> list[AnyPhoto]:
    """Those that are still there, in one question and always in the same order."""
    found = select(table).where(table.id.in_(photo_ids)).order_by(table.id).with_for_update()
    return cast(list[AnyPhoto], session.scalars(found).all())


def await_other_space(session: Session, table: PhotoTable, which: PhotoFilter, space: str) -> None:
    """Photos whose features are of another space wait to be embedded again."""
    old = condition(table, which) & (table.embed_state == EmbedState.READY) & (table.feature_space != space)
    session.execute(update(table).where(old).values(embed_state=EmbedState.PENDING, embed_tries=0))


def any_pending(session: Session, table: PhotoTable, which: PhotoFilter) -> bool:
    """Is one of the photos still without features, leased by somebody or not?"""
    return session.scalar(select(table.id).where(_waiting(table, which)).limit(1)) is not None


def count_pending(session: Session, table: PhotoTable) -> int:
    """Photos without features, leased by somebody or not."""
    return session.scalar(select(func.count()).select_from(table).where(_waiting(table))) or 0


def free_leases(session: Session) -> None:
    for table in (Photo, ChallengePhoto):
        session.execute(update(table).values(embed_lease_until=None))


def _waiting(table: PhotoTable, which: PhotoFilter | None = None) -> ColumnElement[bool]:
    """Without features; a photo that a child deleted waits for nothing."""
    waiting = table.embed_state == EmbedState.PENDING
    if table is Photo:
        waiting &= Photo.deleted_at.is_(None)
    return waiting if which is None else waiting & condition(table, which)
