"""The hidden challenge photos of a class."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, undefer

from classroom_app.data.tables import ChallengePhoto, Event, Group
from classroom_app.errors import NotFoundError
from classroom_app.states import EmbedState, Half


def photos(session: Session, event_id: str, *, with_features: bool = False) -> Sequence[ChallengePhoto]:
    query = select(ChallengePhoto).where(ChallengePhoto.event_id == event_id)
    if with_features:
        query = query.where(ChallengePhoto.embed_state == EmbedState.READY).options(
            undefer(ChallengePhoto.features)
        )
    return session.scalars(query.order_by(ChallengePhoto.created_at, ChallengePhoto.id)).all()


def whole_set(session: Session, event_id: str) -> Sequence[ChallengePhoto]:
    """All photos, the oldest first, with the features of those that have any."""
    query = select(ChallengePhoto).where(ChallengePhoto.event_id == event_id)
    query = query.options(undefer(ChallengePhoto.features))
    return session.scalars(query.order_by(ChallengePhoto.created_at, ChallengePhoto.id)).all()


class ChallengeLook(NamedTuple):
    """A photo's place, and its hash."""

    id: str
    label_id: str
    half: Half
    kin: str | None
    perceptual_hash: int


def looks(session: Session, event_id: str) -> list[ChallengeLook]:
    """Of all photos, the oldest first. Not whole rows: each photo of a ZIP asks for them."""
    columns = (
        ChallengePhoto.id,
        ChallengePhoto.label_id,
        ChallengePhoto.half,
        ChallengePhoto.kin,
        ChallengePhoto.perceptual_hash,
    )
    query = select(*columns).where(ChallengePhoto.event_id == event_id)
    rows = session.execute(query.order_by(ChallengePhoto.created_at, ChallengePhoto.id))
    return [ChallengeLook(*row) for row in rows]


def counts(session: Session, event_id: str) -> dict[tuple[str, Half], int]:
    """Challenge photos by (label id, half)."""
    rows = session.execute(
        select(ChallengePhoto.label_id, ChallengePhoto.half, func.count())
        .where(ChallengePhoto.event_id == event_id)
        .group_by(ChallengePhoto.label_id, ChallengePhoto.half)
    )
    return {(label_id, half): number for label_id, half, number in rows}


def count(session: Session, event_id: str) -> int:
    query = select(func.count()).select_from(ChallengePhoto).where(ChallengePhoto.event_id == event_id)
    return session.scalar(query) or 0


def count_features(session: Session, event_id: str) -> int:
    """Of the class's challenge photos, those with features."""
    query = select(func.count()).select_from(ChallengePhoto).where(ChallengePhoto.event_id == event_id)
    return session.scalar(query.where(ChallengePhoto.features.is_not(None))) or 0


def lock(session: Session, event_id: str) -> Event:
    """The class, locked with its groups: until the transaction ends nobody trains or adds to its set."""
    row = session.get(Event, event_id, with_for_update=True)
    if row is None:
        raise NotFoundError("error_class_not_found")
    session.scalars(
        select(Group).where(Group.event_id == event_id).order_by(Group.id).with_for_update()
    ).all()
    return row


def has_photo(
    session: Session, event_id: str, *, perceptual_hash: int, size_bytes: int, brightness: float
) -> bool:
    """Is this very photo in the set? The intake makes the same numbers of the same file."""
    same = select(ChallengePhoto.id).where(
        ChallengePhoto.event_id == event_id,
        ChallengePhoto.perceptual_hash == perceptual_hash,
        ChallengePhoto.size_bytes == size_bytes,
        ChallengePhoto.brightness == brightness,
    )
    return session.scalar(same.limit(1)) is not None


def place(session: Session, places: Mapping[str, tuple[Half, str | None]]) -> None:
    """Half and kin of photos, by their id."""
    for photo_id, (half, kin) in places.items():
        session.execute(
            update(ChallengePhoto).where(ChallengePhoto.id == photo_id).values(half=half, kin=kin)
        )


def classes_of(session: Session, photo_ids: Sequence[str]) -> list[str]:
    """The classes of these challenge photos, always in the same order."""
    query = select(ChallengePhoto.event_id).where(ChallengePhoto.id.in_(photo_ids)).distinct()
    return sorted(session.scalars(query))


def alike(session: Session, event_id: str) -> Sequence[ChallengePhoto]:
    """Photos that look like another one of the set, those that are alike beside each other."""
    query = select(ChallengePhoto).where(ChallengePhoto.event_id == event_id, ChallengePhoto.kin.is_not(None))
    order = (ChallengePhoto.kin, ChallengePhoto.created_at, ChallengePhoto.id)
    return session.scalars(query.order_by(*order)).all()


def newest(session: Session, event_id: str, label_id: str) -> str | None:
    """The id of the photo of this label that came last."""
    query = select(ChallengePhoto.id).where(
        ChallengePhoto.event_id == event_id, ChallengePhoto.label_id == label_id
    )
    order = (ChallengePhoto.created_at.desc(), ChallengePhoto.id.desc())
    return session.scalar(query.order_by(*order).limit(1))


def with_states(session: Session, event_id: str) -> list[tuple[str, str, dt.datetime, EmbedState]]:
    """(id, label id, when taken, state of the features) of all photos, the newest first."""
    query = select(
        ChallengePhoto.id, ChallengePhoto.label_id, ChallengePhoto.taken_at, ChallengePhoto.embed_state
    ).where(ChallengePhoto.event_id == event_id)
    order = (ChallengePhoto.created_at.desc(), ChallengePhoto.id.desc())
    return [(*row,) for row in session.execute(query.order_by(*order))]


def file_keys(session: Session, event_id: str, photo_ids: Sequence[str]) -> dict[str, str]:
    """The keys of their files by id, of those that are the class's."""
    query = select(ChallengePhoto.id, ChallengePhoto.blob_key).where(
        ChallengePhoto.event_id == event_id, ChallengePhoto.id.in_(photo_ids)
    )
    return {row.id: row.blob_key for row in session.execute(query)}


def delete_photos(session: Session, photo_ids: Sequence[str]) -> None:
    """The rows alone."""
    session.execute(delete(ChallengePhoto).where(ChallengePhoto.id.in_(photo_ids)))
