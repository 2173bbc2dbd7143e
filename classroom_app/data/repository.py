"""Every query, as a function that takes a session. The caller owns the transaction.

Knows nothing of blobs, gRPC or pages.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, undefer

from classroom_app.data.tables import (
    BuriedPhoto,
    ChallengePhoto,
    Event,
    Executor,
    Facilitator,
    Group,
    Label,
    Photo,
    Receipt,
    Run,
    RunResult,
    Throttle,
    Ticket,
    utcnow,
)
from classroom_app.errors import NotFoundError, StaleEpochError
from classroom_app.states import ACTIVE_STATES, EmbedState, RunState

AnyPhoto = Photo | ChallengePhoto


# -- people ------------------------------------------------------------------------------------


def facilitators(session: Session) -> Sequence[Facilitator]:
    return session.scalars(select(Facilitator).order_by(Facilitator.username)).all()


def throttle(session: Session, door: str) -> Throttle:
    """The row of a door, locked until the transaction ends; made when it is not there."""
    # Of two first tries at once neither fails: the second finds the row of the first, and waits for it.
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    new = insert(Throttle).values(door=door, failures=0.0, updated_at=utcnow())
    session.execute(new.on_conflict_do_update(index_elements=[Throttle.door], set_={"door": door}))
    return session.get_one(Throttle, door)


def delete_throttles(session: Session, before: dt.datetime) -> None:
    session.execute(delete(Throttle).where(Throttle.updated_at < before))


def delete_tickets(session: Session, before: dt.datetime) -> None:
    session.execute(delete(Ticket).where(Ticket.expires_at < before))


# -- classes and groups ------------------------------------------------------------------------


def events(session: Session) -> Sequence[Event]:
    return session.scalars(select(Event).order_by(Event.created_at.desc())).all()


def event(session: Session, event_id: str) -> Event:
    row = session.get(Event, event_id)
    if row is None:
        raise NotFoundError("error_class_not_found")
    return row


def group(session: Session, group_id: str) -> Group:
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


def raise_epoch(session: Session, group_ids: Sequence[str]) -> None:
    session.execute(update(Group).where(Group.id.in_(group_ids)).values(epoch=Group.epoch + 1))


def label_of(session: Session, event_id: str, label_id: str) -> Label:
    row = session.get(Label, label_id)
    if row is None or row.event_id != event_id:
        raise NotFoundError("error_label_not_found")
    return row


# -- photos ------------------------------------------------------------------------------------


def photos(session: Session, group_id: str, label_id: str | None = None) -> Sequence[Photo]:
    """The photos that a child sees: newest first, without those just deleted."""
    query = select(Photo).where(Photo.group_id == group_id, Photo.deleted_at.is_(None))
    if label_id is not None:
        query = query.where(Photo.label_id == label_id)
    return session.scalars(query.order_by(Photo.taken_at.desc(), Photo.id)).all()


@dataclass(frozen=True)
class Arrival:
    """What is known when a photo comes: the group that has a photo of this id, whether one was deleted,
    the class of its label, the phase of the group's class, how many photos the group has.
    """

    owner: str | None
    buried: bool
    label_event: str | None
    phase: str | None
    photos: int


# Photos come fifty in a second, and to put a statement together takes longer than to run it: once is enough.
_ARRIVAL = select(
    select(Photo.group_id).where(Photo.id == bindparam("photo_id")).scalar_subquery(),
    select(BuriedPhoto.id).where(BuriedPhoto.id == bindparam("photo_id")).exists(),
    select(Label.event_id).where(Label.id == bindparam("label_id")).scalar_subquery(),
    select(Event.phase)
    .join(Group, Group.event_id == Event.id)
    .where(Group.id == bindparam("group_id"))
    .scalar_subquery(),
    select(func.count()).select_from(Photo).where(Photo.group_id == bindparam("group_id")).scalar_subquery(),
)
_LABEL_COUNTS = (
    select(Label.id, func.count(Photo.id))
    .outerjoin(
        Photo,
        and_(
            Photo.label_id == Label.id,
            Photo.group_id == bindparam("group_id"),
            Photo.deleted_at.is_(None),
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
    return Arrival(*session.execute(_ARRIVAL, asked).one())


def label_counts(session: Session, event_id: str, group_id: str) -> dict[str, int]:
    """A group's photos by label id, of every label of the class in its order."""
    return dict(session.execute(_LABEL_COUNTS, {"event_id": event_id, "group_id": group_id}).all())


def tiny_pictures(session: Session, group_id: str, label_id: str, but: str, limit: int) -> list[bytes]:
    """The newest photos of a label in 12 x 12 pixels, newest first, without the photo `but`."""
    asked = {"group_id": group_id, "label_id": label_id, "but": but, "limit": limit}
    return [tiny for tiny in session.scalars(_TINY_PICTURES, asked) if tiny is not None]


def photo_counts(session: Session, group_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Photos by group id and label id."""
    rows = session.execute(
        select(Photo.group_id, Photo.label_id, func.count())
        .where(Photo.group_id.in_(group_ids), Photo.deleted_at.is_(None))
        .group_by(Photo.group_id, Photo.label_id)
    )
    counts: dict[str, dict[str, int]] = {group_id: {} for group_id in group_ids}
    for group_id, label_id, number in rows:
        counts[group_id][label_id] = number
    return counts


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


def newest_deleted_photo(session: Session, group_id: str, since: dt.datetime) -> Photo | None:
    return session.scalar(
        select(Photo)
        .where(Photo.group_id == group_id, Photo.deleted_at > since)
        .order_by(Photo.deleted_at.desc())
        .limit(1)
    )


def deleted_photos_before(session: Session, moment: dt.datetime) -> Sequence[Photo]:
    return session.scalars(select(Photo).where(Photo.deleted_at <= moment)).all()


def training_photos(session: Session, group_id: str, until: dt.datetime) -> Sequence[Photo]:
    """Photos of a run with their features: those saved by the tap and not deleted since."""
    return session.scalars(
        select(Photo)
        .where(
            Photo.group_id == group_id,
            Photo.created_at <= until,
            Photo.deleted_at.is_(None),
            Photo.embed_state == EmbedState.READY,
        )
        .options(undefer(Photo.features))
        .order_by(Photo.taken_at, Photo.id)
    ).all()


def challenge_photos(
    session: Session, event_id: str, *, with_features: bool = False
) -> Sequence[ChallengePhoto]:
    query = select(ChallengePhoto).where(ChallengePhoto.event_id == event_id)
    if with_features:
        query = query.where(ChallengePhoto.embed_state == EmbedState.READY).options(
            undefer(ChallengePhoto.features)
        )
    return session.scalars(query.order_by(ChallengePhoto.created_at, ChallengePhoto.id)).all()


def challenge_counts(session: Session, event_id: str) -> dict[tuple[str, str], int]:
    """Challenge photos by (label id, half)."""
    rows = session.execute(
        select(ChallengePhoto.label_id, ChallengePhoto.half, func.count())
        .where(ChallengePhoto.event_id == event_id)
        .group_by(ChallengePhoto.label_id, ChallengePhoto.half)
    )
    return {(label_id, half): number for label_id, half, number in rows}


def lock_challenge(session: Session, event_id: str) -> Event:
    """The class, locked with its groups: until the transaction ends nobody trains or adds to its set."""
    row = session.get(Event, event_id, with_for_update=True)
    if row is None:
        raise NotFoundError("error_class_not_found")
    session.scalars(
        select(Group).where(Group.event_id == event_id).order_by(Group.id).with_for_update()
    ).all()
    return row


def has_challenge_photo(
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


def delete_challenge_photos(session: Session, event_id: str, label_id: str) -> list[str]:
    """Delete the rows of one label; returns the keys of their files."""
    of_label = (ChallengePhoto.event_id == event_id) & (ChallengePhoto.label_id == label_id)
    keys = list(session.scalars(select(ChallengePhoto.blob_key).where(of_label)))
    session.execute(delete(ChallengePhoto).where(of_label))
    return keys


def is_pending(table: type[Photo] | type[ChallengePhoto], now: dt.datetime) -> ColumnElement[bool]:
    free = or_(table.embed_lease_until.is_(None), table.embed_lease_until < now)
    waiting = table.embed_state == EmbedState.PENDING
    if table is Photo:
        return waiting & free & Photo.deleted_at.is_(None)
    return waiting & free


def lease_pending(
    session: Session,
    table: type[Photo] | type[ChallengePhoto],
    limit: int,
    until: dt.datetime,
    owner: ColumnElement[bool] | None = None,
) -> list[AnyPhoto]:
    """Take up to `limit` photos to embed; nobody else gets them before `until`."""
    query = select(table).where(is_pending(table, utcnow()))
    if owner is not None:
        query = query.where(owner)
    query = query.order_by(table.created_at).limit(limit).with_for_update(skip_locked=True)
    rows = cast(list[AnyPhoto], session.scalars(query).all())
    for row in rows:
        row.embed_lease_until = until
    return rows


def lock_photo(session: Session, table: type[Photo] | type[ChallengePhoto], photo_id: str) -> AnyPhoto | None:
    return cast(AnyPhoto | None, session.get(table, photo_id, with_for_update=True))


def await_other_space(
    session: Session, table: type[Photo] | type[ChallengePhoto], owner: ColumnElement[bool], space: str
) -> None:
    """Photos whose features are of another space wait to be embedded again."""
    old = owner & (table.embed_state == EmbedState.READY) & (table.feature_space != space)
    session.execute(update(table).where(old).values(embed_state=EmbedState.PENDING, embed_tries=0))


def any_pending(
    session: Session, table: type[Photo] | type[ChallengePhoto], owner: ColumnElement[bool]
) -> bool:
    """Is a photo of `owner` still without features, leased by somebody or not?"""
    waiting = (table.embed_state == EmbedState.PENDING) & owner
    if table is Photo:
        waiting &= Photo.deleted_at.is_(None)
    return session.scalar(select(table.id).where(waiting).limit(1)) is not None


# -- runs --------------------------------------------------------------------------------------


def active_run(session: Session, group_id: str) -> Run | None:
    return session.scalar(select(Run).where(Run.group_id == group_id, Run.state.in_(ACTIVE_STATES)))


def active_runs(session: Session, group_ids: Sequence[str] | None = None) -> Sequence[Run]:
    query = select(Run).where(Run.state.in_(ACTIVE_STATES))
    if group_ids is not None:
        query = query.where(Run.group_id.in_(group_ids))
    return session.scalars(query.order_by(Run.requested_at)).all()


def lock_run(session: Session, run_id: str) -> Run | None:
    """The run, locked with its group; None when it is gone. Raises StaleEpochError after a reset.

    The group first, as a reset does: two who lock in one order never wait for each other.
    """
    run = session.get(Run, run_id)
    if run is None:
        return None
    lock_group(session, run.group_id, run.epoch)
    return session.get(Run, run_id, with_for_update=True, populate_existing=True)


def runs(session: Session, group_ids: Sequence[str], state: RunState | None = None) -> Sequence[Run]:
    """Oldest first."""
    query = select(Run).where(Run.group_id.in_(group_ids))
    if state is not None:
        query = query.where(Run.state == state)
    return session.scalars(query.order_by(Run.group_id, Run.version)).all()


def latest_run(session: Session, group_id: str, state: RunState | None = None) -> Run | None:
    query = select(Run).where(Run.group_id == group_id)
    if state is not None:
        query = query.where(Run.state == state)
    return session.scalar(query.order_by(Run.version.desc()).limit(1))


def count_versions(session: Session, group_id: str) -> int:
    """Runs of the group that were trained to the end."""
    query = select(func.count()).select_from(Run).where(Run.group_id == group_id, Run.state == RunState.DONE)
    return session.scalar(query) or 0


def next_version(session: Session, group_id: str) -> int:
    highest = session.scalar(select(func.max(Run.version)).where(Run.group_id == group_id))
    return (highest or 0) + 1


def runs_ahead(session: Session, run: Run) -> int:
    """Active runs that were asked for before this one."""
    number = session.scalar(
        select(func.count()).where(Run.state.in_(ACTIVE_STATES), Run.requested_at < run.requested_at)
    )
    return number or 0


def active_run_counts(session: Session) -> dict[str, int]:
    """Runs that wait or are worked on, by state."""
    rows = session.execute(
        select(Run.state, func.count()).where(Run.state.in_(ACTIVE_STATES)).group_by(Run.state)
    )
    return dict(rows.all())


def oldest_queued_run(session: Session) -> dt.datetime | None:
    return session.scalar(select(func.min(Run.requested_at)).where(Run.state == RunState.QUEUED))


def count_pending(session: Session, table: type[Photo] | type[ChallengePhoto]) -> int:
    """Photos without features, leased by somebody or not."""
    waiting = table.embed_state == EmbedState.PENDING
    if table is Photo:
        waiting &= Photo.deleted_at.is_(None)
    return session.scalar(select(func.count()).select_from(table).where(waiting)) or 0


# -- executors ---------------------------------------------------------------------------------


def beat(session: Session, executor_id: str) -> None:
    session.merge(Executor(id=executor_id, beat_at=utcnow()))


def silent_executors(session: Session, since: dt.datetime) -> list[str]:
    """Their rows stay locked until the transaction ends; what another process holds is left to it."""
    silent = select(Executor.id).where(Executor.beat_at < since)
    return list(session.scalars(silent.with_for_update(skip_locked=True)))


def others_alive(session: Session, executor_id: str, since: dt.datetime) -> bool:
    others = select(Executor.id).where(Executor.id != executor_id, Executor.beat_at >= since)
    return session.scalar(others.limit(1)) is not None


def free_leases(session: Session) -> None:
    for table in (Photo, ChallengePhoto):
        session.execute(update(table).values(embed_lease_until=None))


def forget_executor(session: Session, executor_id: str) -> None:
    session.execute(delete(Executor).where(Executor.id == executor_id))


# -- counting what is there, for deletions and receipts ----------------------------------------


def count_photos(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Photo).where(condition)) or 0


def count_runs(session: Session, group_ids: Sequence[str]) -> dict[str, int]:
    ids = select(Run.id).where(Run.group_id.in_(group_ids))
    return {
        "runs": session.scalar(select(func.count()).select_from(Run).where(Run.id.in_(ids))) or 0,
        "results": session.scalar(
            select(func.count()).select_from(RunResult).where(RunResult.run_id.in_(ids))
        )
        or 0,
    }


def count_groups(session: Session, group_ids: Sequence[str]) -> int:
    return session.scalar(select(func.count()).select_from(Group).where(Group.id.in_(group_ids))) or 0


def blob_keys(session: Session, condition: ColumnElement[bool]) -> list[str]:
    return list(session.scalars(select(Photo.blob_key).where(condition)))


def all_blob_keys(session: Session) -> set[str]:
    """Every file that a row knows, without the small pictures beside photos."""
    models = select(RunResult.model_key)
    return {
        *session.scalars(select(Photo.blob_key)),
        *session.scalars(select(ChallengePhoto.blob_key)),
        *session.scalars(models),
    }


def model_is_kept(session: Session, key: str) -> bool:
    return session.scalar(select(RunResult.run_id).where(RunResult.model_key == key).limit(1)) is not None


def delete_photos(session: Session, condition: ColumnElement[bool]) -> None:
    """The rows go; their ids stay a while, so that a late retry cannot bring one back."""
    gone = session.scalars(delete(Photo).where(condition).returning(Photo.id)).all()
    session.add_all(BuriedPhoto(id=photo_id) for photo_id in gone)


def forget_buried(session: Session, before: dt.datetime) -> None:
    session.execute(delete(BuriedPhoto).where(BuriedPhoto.buried_at < before))


def delete_runs(session: Session, group_ids: Sequence[str]) -> None:
    session.execute(delete(Run).where(Run.group_id.in_(group_ids)))


def receipts(session: Session) -> Sequence[Receipt]:
    return session.scalars(select(Receipt).order_by(Receipt.created_at.desc())).all()
