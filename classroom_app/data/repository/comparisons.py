"""Which photos of groups were held beside the challenge set, and which of them are pictures of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, exists, func, insert, select, update
from sqlalchemy.orm import Session, undefer

from classroom_app.data.tables import Comparison, Event, ExpectationRow, Group, Photo, Run
from classroom_app.states import EmbedState, Phase, RunState

SEEN = exists().where(Comparison.photo_id == Photo.id, Comparison.seen_as.is_not(None))


def versions(session: Session, event_id: str) -> tuple[int, int]:
    """Of the class's challenge set: which it is, and which had its halves put right. Zeros: it is gone."""
    found = session.execute(
        select(Event.challenge_version, Event.halves_settled).where(Event.id == event_id)
    ).one_or_none()
    return (0, 0) if found is None else (found[0], found[1])


def set_changed(session: Session, event_id: str) -> None:
    """A challenge photo came, went or got its features: what was found by the set before counts no longer.

    The caller holds the class (`challenge.lock`).
    """
    session.execute(
        update(Event)
        .where(Event.id == event_id)
        .values(challenge_version=Event.challenge_version + 1)
        .execution_options(synchronize_session=False)
    )
    groups = select(Group.id).where(Group.event_id == event_id)
    photos = select(Photo.id).where(Photo.group_id.in_(groups))
    session.execute(delete(Comparison).where(Comparison.photo_id.in_(photos)))


def is_scored(session: Session, event_id: str) -> bool:
    """Was a run of the class tried on its set? From then on every photo stays in its half."""
    query = (
        select(Run.id)
        .join(Group, Group.id == Run.group_id)
        .where(Group.event_id == event_id, Run.state == RunState.DONE)
    )
    return session.scalar(query.limit(1)) is not None


def halves_are_right(session: Session, event_id: str, version: int) -> None:
    """Of this set: they need no second look."""
    session.execute(update(Event).where(Event.id == event_id).values(halves_settled=version))


def not_compared(session: Session, group_id: str, until: dt.datetime | None = None) -> Sequence[Photo]:
    """The group's photos that have features and were not held beside the set, with their features."""
    query = (
        select(Photo)
        .where(
            Photo.group_id == group_id,
            Photo.embed_state == EmbedState.READY,
            Photo.deleted_at.is_(None),
            ~exists().where(Comparison.photo_id == Photo.id),
        )
        .options(undefer(Photo.features))
    )
    if until is not None:
        query = query.where(Photo.created_at <= until)
    return session.scalars(query.order_by(Photo.created_at, Photo.id)).all()


def any_not_compared(session: Session, group_id: str, until: dt.datetime) -> bool:
    query = select(Photo.id).where(
        Photo.group_id == group_id,
        Photo.created_at <= until,
        Photo.embed_state == EmbedState.READY,
        Photo.deleted_at.is_(None),
        ~exists().where(Comparison.photo_id == Photo.id),
    )
    return session.scalar(query.limit(1)) is not None


def note(session: Session, found: Mapping[str, str | None]) -> None:
    """What each photo was found to be, by its id; photos that are gone meanwhile are left out."""
    there = session.scalars(select(Photo.id).where(Photo.id.in_(list(found)))).all()
    known = set(session.scalars(select(Comparison.photo_id).where(Comparison.photo_id.in_(there))))
    rows = [{"photo_id": name, "seen_as": found[name]} for name in there if name not in known]
    if rows:
        session.execute(insert(Comparison), rows)


def count_seen(session: Session, group_id: str, until: dt.datetime) -> int:
    """The group's photos saved by then that are of the challenge."""
    query = select(func.count()).where(
        Photo.group_id == group_id,
        Photo.created_at <= until,
        Photo.embed_state == EmbedState.READY,
        Photo.deleted_at.is_(None),
        SEEN,
    )
    return session.scalar(query) or 0


def counts(session: Session, group_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Photos that are of the challenge, by group id and label id."""
    rows = session.execute(
        select(Photo.group_id, Photo.label_id, func.count())
        .join(Comparison, Comparison.photo_id == Photo.id)
        .where(Photo.group_id.in_(group_ids), Photo.deleted_at.is_(None), Comparison.seen_as.is_not(None))
        .group_by(Photo.group_id, Photo.label_id)
    )
    found: dict[str, dict[str, int]] = {group_id: {} for group_id in group_ids}
    for group_id, label_id, number in rows:
        found[group_id][label_id] = number
    return found


@dataclass(frozen=True)
class Pair:
    group_id: str
    photo_id: str
    challenge_id: str


def pairs(session: Session, event_id: str, each_max: int) -> list[Pair]:
    """Photos of groups beside the challenge photo that they are, the newest first, a few of each group."""
    place = func.row_number().over(partition_by=Photo.group_id, order_by=(Photo.created_at.desc(), Photo.id))
    found = (
        select(Photo.group_id, Photo.id.label("photo_id"), Comparison.seen_as, place.label("place"))
        .join(Comparison, Comparison.photo_id == Photo.id)
        .join(Group, Group.id == Photo.group_id)
        .where(Group.event_id == event_id, Photo.deleted_at.is_(None), Comparison.seen_as.is_not(None))
        .subquery()
    )
    query = select(found.c.group_id, found.c.photo_id, found.c.seen_as).where(found.c.place <= each_max)
    return [Pair(*row) for row in session.execute(query.order_by(found.c.group_id, found.c.place))]


def open_classes(session: Session) -> list[str]:
    """Those that are not over."""
    return list(session.scalars(select(Event.id).where(Event.phase != Phase.CLOSED)))


def groups_of(session: Session, event_id: str) -> list[str]:
    return list(session.scalars(select(Group.id).where(Group.event_id == event_id)))


def expectation(session: Session, event_id: str) -> ExpectationRow | None:
    return session.get(ExpectationRow, event_id)


def not_expected(session: Session) -> list[str]:
    """Classes that are not over whose expectation is none, or is of another challenge set."""
    query = (
        select(Event.id)
        .outerjoin(ExpectationRow, ExpectationRow.event_id == Event.id)
        .where(
            Event.phase != Phase.CLOSED,
            Event.challenge_version > 0,
            (ExpectationRow.event_id.is_(None))
            | (ExpectationRow.challenge_version != Event.challenge_version),
        )
        .order_by(Event.created_at)
    )
    return list(session.scalars(query))
