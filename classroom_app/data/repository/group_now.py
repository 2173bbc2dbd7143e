"""Who a group is, which every request asks, and what its open pages ask for every two seconds: in as few
words to the database as that takes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, and_, bindparam, exists, func, select
from sqlalchemy.orm import Session

from classroom_app.data.repository.comparisons import SEEN
from classroom_app.data.tables import EndedCookie, Event, Group, Label, Photo, Run
from classroom_app.states import ACTIVE_STATES, RunState

# To put a statement together takes longer than to run it: once is enough.
_IDENTITY = (
    select(
        Group.id,
        Group.token_version,
        Group.event_id,
        Event.name.label("event_name"),
        Event.phase,
        Group.epoch,
        Group.key,
        Group.emoji,
        Group.color,
        Group.name_ja,
        Group.name_en,
        Group.joined_at,
        Event.faces.label("class_faces"),
        Group.faces.label("own_faces"),
        Group.said_word,
        Group.said_text,
        Group.said_at,
        Group.said_read_at,
        Group.locked_at,
        Group.locked_word,
        Group.locked_text,
        Event.swap_turn,
        exists().where(EndedCookie.id == bindparam("cookie_id")).label("has_left"),
    )
    .join(Event, Event.id == Group.event_id)
    .where(Group.id == bindparam("group_id"))
)
_LEARNABLE = (Photo.group_id == bindparam("group_id"), Photo.deleted_at.is_(None), ~SEEN)
_LABELS = (
    select(
        Label.id,
        Label.emoji,
        Label.name_ja,
        Label.name_en,
        func.count(Photo.id),
        func.max(Photo.created_at),
    )
    .outerjoin(Photo, and_(Photo.label_id == Label.id, *_LEARNABLE))
    .where(Label.event_id == bindparam("event_id"))
    .group_by(Label.id)
    .order_by(Label.position)
)
_GROUP_NAMES = (
    select(Group.id, Group.emoji, Group.name_ja, Group.name_en)
    .where(Group.event_id == bindparam("event_id"))
    .order_by(Group.position)
)
_VERSIONS = (
    select(func.count())
    .select_from(Run)
    .where(Run.group_id == bindparam("group_id"), Run.state == RunState.DONE)
    .scalar_subquery()
)
_SHOWS_PRACTICE = select(Event.show_practice).where(Event.id == bindparam("event_id")).scalar_subquery()
_CHOSEN = select(func.max(Run.chosen_at)).where(Run.group_id == bindparam("group_id")).scalar_subquery()
_RULES = (
    select(column).where(Event.id == bindparam("event_id")).scalar_subquery()
    for column in (Event.counted, Event.trainings_max)
)
_TAKE_HOME = select(Event.take_home).where(Event.id == bindparam("event_id")).scalar_subquery()
_STEPS = select(_VERSIONS, _SHOWS_PRACTICE, _TAKE_HOME, _CHOSEN, *_RULES)
_RUN = (
    select(Run.id, Run.state, Run.stage, Run.progress, Run.requested_at)
    .where(Run.group_id == bindparam("group_id"))
    .order_by(Run.version.desc())
    .limit(1)
)
_AHEAD = select(func.count()).where(
    Run.state.in_(ACTIVE_STATES), Run.requested_at < bindparam("requested_at", type_=Run.requested_at.type)
)
_CLASS_RUNS = (
    select(func.count(), func.max(Run.finished_at))
    .join(Group, Group.id == Run.group_id)
    .where(Group.event_id == bindparam("event_id"), Run.state == RunState.DONE)
)


@dataclass(frozen=True)
class LabelNow:
    """A label as it is called now; its photos: how many, and when the newest was stored."""

    label_id: str
    emoji: str
    name_ja: str
    name_en: str
    photos: int
    newest: dt.datetime | None


@dataclass(frozen=True)
class StepsNow:
    """How many models the group has, whether the class shows practice photos and lets AIs go home, when the
    group last chose which model counts, and the class's rules for both.
    """

    versions: int
    show_practice: bool
    take_home: bool
    chosen_at: dt.datetime | None
    counted: str
    trainings_max: int | None


@dataclass(frozen=True)
class NewestRun:
    """The group's newest run; `ahead`: active runs before it, while it is queued."""

    id: str
    state: RunState
    stage: str
    progress: float
    ahead: int


@dataclass(frozen=True)
class ClassRuns:
    """The runs of all groups of a class that were trained to the end."""

    runs: int
    last: dt.datetime | None


def identity(session: Session, group_id: str, cookie_id: str) -> RowMapping | None:
    """The columns of a GroupIdentity, the time of joining, the version of its cookies, and whether the iPad
    with this one has left; none: the group is gone."""
    asked = {"group_id": group_id, "cookie_id": cookie_id}
    return session.connection().execute(_IDENTITY, asked).mappings().one_or_none()


def labels(session: Session, group_id: str, event_id: str) -> Sequence[LabelNow]:
    """All of the class, with the group's photos to train on: not those just deleted, nor those of the
    challenge."""
    asked = {"group_id": group_id, "event_id": event_id}
    return [LabelNow(*row) for row in session.connection().execute(_LABELS, asked)]


def group_names(session: Session, event_id: str) -> Sequence[tuple[str, ...]]:
    """What the groups of the class are called now."""
    return [tuple(row) for row in session.connection().execute(_GROUP_NAMES, {"event_id": event_id})]


def steps(session: Session, group_id: str, event_id: str) -> StepsNow:
    asked = {"group_id": group_id, "event_id": event_id}
    versions, shown, taken, chosen_at, counted, most = session.connection().execute(_STEPS, asked).one()
    return StepsNow(versions, bool(shown), bool(taken), chosen_at, counted, most)


def newest_run(session: Session, group_id: str) -> NewestRun | None:
    row = session.connection().execute(_RUN, {"group_id": group_id}).one_or_none()
    if row is None:
        return None
    queued = row.state == RunState.QUEUED
    ahead = session.connection().scalar(_AHEAD, {"requested_at": row.requested_at}) if queued else 0
    return NewestRun(row.id, row.state, row.stage, row.progress, ahead or 0)


def class_runs(session: Session, event_id: str) -> ClassRuns:
    return ClassRuns(*session.connection().execute(_CLASS_RUNS, {"event_id": event_id}).one())
