"""The groups' photos."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session, undefer

from classroom_app.data.repository import unread
from classroom_app.data.repository.comparisons import SEEN
from classroom_app.data.repository.photo_filter import PhotoFilter, condition
from classroom_app.data.tables import BuriedPhoto, Event, Group, Label, Photo, UnreadPhoto
from classroom_app.states import EmbedState


def of_group(session: Session, group_id: str, label_id: str | None = None) -> Sequence[Photo]:
    """The photos that a child sees: newest first, without those just deleted."""
    query = select(Photo).where(Photo.group_id == group_id, Photo.deleted_at.is_(None))
    if label_id is not None:
        query = query.where(Photo.label_id == label_id)
    return session.scalars(query.order_by(Photo.taken_at.desc(), Photo.id)).all()


_BEYOND_UNDO = dt.datetime.fromtimestamp(0, dt.UTC)


@dataclass(frozen=True)
class Arrival:
    """What is known when a photo comes: the group that has a photo of this id, whether one was deleted,
    the class of its label, the phase of the group's class, how many photos the group has, how often no
    decoder got through with this one, whether it was set aside for that, and since when the group has to
    wait.
    """

    owner: str | None
    buried: bool
    label_event: str | None
    phase: str | None
    photos: int
    unread_posts: int | None
    set_aside: bool
    locked_at: dt.datetime | None


# Photos come fifty in a second, and to put a statement together takes longer than to run it: once is enough.
# They go to the connection, past the session, which would look for objects in each answer.
_ARRIVAL = select(
    select(Photo.group_id).where(Photo.id == bindparam("photo_id")).scalar_subquery(),
    select(BuriedPhoto.id).where(BuriedPhoto.id == bindparam("photo_id")).exists(),
    select(Label.event_id).where(Label.id == bindparam("label_id")).scalar_subquery(),
    select(Event.phase)
    .join(Group, Group.event_id == Event.id)
    .where(Group.id == bindparam("group_id"))
    .scalar_subquery(),
    select(func.count()).select_from(Photo).where(Photo.group_id == bindparam("group_id")).scalar_subquery(),
    select(UnreadPhoto.posts).where(UnreadPhoto.id == bindparam("photo_id")).scalar_subquery(),
    select(UnreadPhoto.id)
    .where(UnreadPhoto.id == bindparam("photo_id"), UnreadPhoto.set_aside_at.is_not(None))
    .exists(),
    select(Group.locked_at).where(Group.id == bindparam("group_id")).scalar_subquery(),
)
_ADD = insert(Photo)
_LABEL_COUNTS = (
    select(Label.id, func.count(Photo.id))
    .outerjoin(
        Photo,
        and_(
            Photo.label_id == Label.id,
            Photo.group_id == bindparam("group_id"),
            Photo.deleted_at.is_(None),
            ~SEEN,
        ),
    )
    .where(Label.event_id == bindparam("event_id"))
    .group_by(Label.id, Label.position)
    .order_by(Label.position)
)
_TINY_PICTURES = (
    select(Photo.tiny)
    .where(
        Photo.group_id == bindparam("group_id"),
        Photo.label_id == bindparam("label_id"),
        Photo.id != bindparam("but"),
        Photo.deleted_at.is_(None),
        Photo.tiny.is_not(None),
    )
    .order_by(Photo.taken_at.desc(), Photo.id)
    .limit(bindparam("limit"))
)


def arrival(session: Session, photo_id: str, label_id: str, group_id: str) -> Arrival:
    asked = {"photo_id": photo_id, "label_id": label_id, "group_id": group_id}
    return Arrival(*session.connection().execute(_ARRIVAL, asked).one())


def add(session: Session, photo: Mapping[str, object]) -> None:
    """A photo's columns as a row. Raises AlreadyThereError, at the latest when the transaction ends."""
    session.connection().execute(_ADD, photo)


def label_counts(session: Session, event_id: str, group_id: str) -> dict[str, int]:
    """A group's photos by label id, of every label of the class in its order; as `counts` counts them."""
    asked = {"event_id": event_id, "group_id": group_id}
    return dict(session.connection().execute(_LABEL_COUNTS, asked).all())


def tiny_pictures(session: Session, group_id: str, label_id: str, but: str, limit: int) -> list[bytes]:
    """The newest photos of a label in 12 x 12 pixels, newest first, without the photo `but`."""
    asked = {"group_id": group_id, "label_id": label_id, "but": but, "limit": limit}
    return [tiny for tiny in session.connection().scalars(_TINY_PICTURES, asked) if tiny is not None]


def counts(session: Session, group_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Photos by group id and label id, without those that are of the challenge: no AI learns from them."""
    rows = session.execute(
        select(Photo.group_id, Photo.label_id, func.count())
        .where(Photo.group_id.in_(group_ids), Photo.deleted_at.is_(None), ~SEEN)
        .group_by(Photo.group_id, Photo.label_id)
    )
    counts: dict[str, dict[str, int]] = {group_id: {} for group_id in group_ids}
    for group_id, label_id, number in rows:
        counts[group_id][label_id] = number
    return counts


def newest_deleted(session: Session, group_id: str, since: dt.datetime) -> Photo | None:
    return session.scalar(
        select(Photo)
        .where(Photo.group_id == group_id, Photo.deleted_at > since)
        .order_by(Photo.deleted_at.desc())
        .limit(1)
    )


def with_states(session: Session, group_id: str) -> Sequence[tuple[str, str, dt.datetime, EmbedState, bool]]:
    """(id, label id, when it was taken, state of its features, whether it is of the challenge), the newest
    first."""
    query = (
        select(Photo.id, Photo.label_id, Photo.taken_at, Photo.embed_state, SEEN.label("seen"))
        .where(Photo.group_id == group_id, Photo.deleted_at.is_(None))
        .order_by(Photo.taken_at.desc(), Photo.id)
    )
    return [(*row[:4], bool(row[4])) for row in session.execute(query)]


def of_these(session: Session, group_id: str, photo_ids: Sequence[str]) -> Sequence[Photo]:
    """Those of the ids that are photos of the group and not deleted."""
    query = select(Photo).where(
        Photo.group_id == group_id, Photo.id.in_(photo_ids), Photo.deleted_at.is_(None)
    )
    return session.scalars(query).all()


def deleted_before(session: Session, moment: dt.datetime) -> Sequence[Photo]:
    return session.scalars(select(Photo).where(Photo.deleted_at <= moment)).all()


def for_training(session: Session, group_id: str, until: dt.datetime) -> Sequence[Photo]:
    """Photos of a run with their features: those saved by the tap and not deleted since.

    Not those that are of the challenge: an AI that has seen the test says nothing by its score.
    """
    return session.scalars(
        select(Photo)
        .where(
            Photo.group_id == group_id,
            Photo.created_at <= until,
            Photo.deleted_at.is_(None),
            Photo.embed_state == EmbedState.READY,
            ~SEEN,
        )
        .options(undefer(Photo.features))
        .order_by(Photo.taken_at, Photo.id)
    ).all()


def count(session: Session, which: PhotoFilter) -> int:
    """Those just deleted too: they are still stored."""
    return session.scalar(select(func.count()).select_from(Photo).where(condition(Photo, which))) or 0


def ids(session: Session, which: PhotoFilter) -> list[str]:
    return list(session.scalars(select(Photo.id).where(condition(Photo, which))))


def ids_shown(session: Session, group_id: str) -> frozenset[str]:
    """Of the photos that a group sees."""
    query = select(Photo.id).where(Photo.group_id == group_id, Photo.deleted_at.is_(None))
    return frozenset(session.scalars(query))


def count_features(session: Session, which: PhotoFilter) -> int:
    """Of them, those with features."""
    query = select(func.count()).select_from(Photo).where(condition(Photo, which))
    return session.scalar(query.where(Photo.features.is_not(None))) or 0


def blob_keys(session: Session, which: PhotoFilter) -> list[str]:
    return list(session.scalars(select(Photo.blob_key).where(condition(Photo, which))))


def count_kept(session: Session, photo_ids: Sequence[str]) -> int:
    """How many of them are there, those that their group has just deleted and may bring back among them."""
    query = select(func.count()).select_from(Photo).where(Photo.id.in_(photo_ids))
    return session.scalar(query.where(Photo.deleted_at.is_(None) | (Photo.deleted_at > _BEYOND_UNDO))) or 0


def owners(session: Session, which: PhotoFilter) -> list[tuple[str, str, dt.datetime]]:
    """(id, group id, when it was saved) of each."""
    query = select(Photo.id, Photo.group_id, Photo.created_at).where(condition(Photo, which))
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def put_beyond_undo(session: Session, which: PhotoFilter) -> None:
    """From now on nobody sees, moves or brings them back; the next sweep takes whatever is left of them."""
    session.execute(update(Photo).where(condition(Photo, which)).values(deleted_at=_BEYOND_UNDO))


def delete_rows(session: Session, which: PhotoFilter) -> list[str]:
    """The rows go; returns the keys of their files. Their ids stay a while: no late retry brings one back."""
    gone = session.execute(
        delete(Photo).where(condition(Photo, which)).returning(Photo.id, Photo.blob_key)
    ).all()
    bury(session, [photo_id for photo_id, _ in gone])
    unread.delete_rows(session, which)
    return [key for _, key in gone]


def bury(session: Session, photo_ids: Iterable[str]) -> None:
    """These ids are of photos that are gone: none of them comes back."""
    session.add_all(BuriedPhoto(id=photo_id) for photo_id in photo_ids)


def is_buried(session: Session, photo_id: str) -> bool:
    return session.get(BuriedPhoto, photo_id) is not None


def forget_buried(session: Session, before: dt.datetime) -> None:
    session.execute(delete(BuriedPhoto).where(BuriedPhoto.buried_at < before))
