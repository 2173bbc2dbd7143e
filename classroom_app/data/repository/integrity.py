"""What must hold in the tables whatever happened, asked of all classes at once; and what can be mended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    ForeignKeyConstraint,
    Select,
    String,
    Table,
    and_,
    cast,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from classroom_app.data.tables import (
    Base,
    ChallengePhoto,
    Comparison,
    Group,
    Label,
    Photo,
    Receipt,
    Run,
    RunResult,
)
from classroom_app.states import ACTIVE_STATES, EmbedState, RunState
from classroom_app.views.deletion import NO_REST


def photo_files(session: Session) -> dict[str, str]:
    """Ids of all photos by the key of their JPEG."""
    both = (select(table.blob_key, table.id) for table in (Photo, ChallengePhoto))
    return {key: photo_id for query in both for key, photo_id in session.execute(query)}


def model_files(session: Session) -> dict[str, str]:
    """Ids of all runs with a result by the key of their model's file."""
    return dict(session.execute(select(RunResult.model_key, RunResult.run_id)).all())


def without_features(session: Session) -> list[str]:
    """Photos that are said to be embedded and are not."""
    return [
        photo_id
        for table in (Photo, ChallengePhoto)
        for photo_id in session.scalars(select(table.id).where(_hollow(table)))
    ]


def embed_again(session: Session) -> None:
    for table in (Photo, ChallengePhoto):
        session.execute(
            update(table).where(_hollow(table)).values(embed_state=EmbedState.PENDING, embed_tries=0)
        )


def _hollow(table: type[Photo] | type[ChallengePhoto]) -> Any:
    empty = or_(table.features.is_(None), table.feature_space.is_(None), func.length(table.features) == 0)
    return and_(table.embed_state == EmbedState.READY, empty)


def of_another_class(session: Session) -> list[str]:
    """Photos whose label is one of another class than they are."""
    own = (
        select(Photo.id)
        .join(Group, Group.id == Photo.group_id)
        .join(Label, Label.id == Photo.label_id)
        .where(Label.event_id != Group.event_id)
    )
    hidden = (
        select(ChallengePhoto.id)
        .join(Label, Label.id == ChallengePhoto.label_id)
        .where(Label.event_id != ChallengePhoto.event_id)
    )
    return [*session.scalars(own), *session.scalars(hidden)]


def done_without_result(session: Session) -> list[str]:
    results = select(RunResult.run_id)
    return list(session.scalars(select(Run.id).where(Run.state == RunState.DONE, Run.id.not_in(results))))


def results_of_others(session: Session) -> list[str]:
    """Runs that have a result although they were not trained to the end."""
    query = select(Run.id).join(RunResult, RunResult.run_id == Run.id).where(Run.state != RunState.DONE)
    return list(session.scalars(query))


def results(session: Session) -> Iterator[RunResult]:
    """One after another: the answers of all at once would be large."""
    for run_id in session.scalars(select(RunResult.run_id)).all():
        result = session.get(RunResult, run_id)
        if result is not None:
            yield result
            session.expunge(result)


def active_since(session: Session, moment: dt.datetime) -> list[str]:
    """Runs that were asked for before `moment` and have not ended."""
    return list(
        session.scalars(select(Run.id).where(Run.state.in_(ACTIVE_STATES), Run.requested_at < moment))
    )


def in_both_halves(session: Session) -> list[str]:
    """Challenge photos that are in either half: the intake makes the same numbers of the same file."""
    same = (
        ChallengePhoto.event_id,
        ChallengePhoto.perceptual_hash,
        ChallengePhoto.size_bytes,
        ChallengePhoto.brightness,
    )
    twice = (
        select(*same).group_by(*same).having(func.count(func.distinct(ChallengePhoto.half)) > 1).subquery()
    )
    query = select(func.max(ChallengePhoto.id)).join(
        twice, and_(*(column == twice.c[column.key] for column in same))
    )
    identical = session.scalars(query.group_by(*same)).all()
    return sorted({*identical, *session.scalars(_torn_kin())})


def _torn_kin() -> Select[Any]:
    """One photo of each family of pictures alike that is on either side."""
    family = (ChallengePhoto.event_id, ChallengePhoto.kin)
    return (
        select(func.max(ChallengePhoto.id))
        .where(ChallengePhoto.kin.is_not(None))
        .group_by(*family)
        .having(func.count(func.distinct(ChallengePhoto.half)) > 1)
    )


def seen_in_another_class(session: Session) -> list[str]:
    """Photos said to be of a challenge that is not their class's."""
    return list(session.scalars(select(Comparison.photo_id).where(_strange())))


def compare_again(session: Session) -> None:
    """They are held beside their own challenge before the next training."""
    session.execute(delete(Comparison).where(_strange()))


def _strange() -> Any:
    own = (
        select(Group.event_id)
        .join(Photo, Photo.group_id == Group.id)
        .where(Photo.id == Comparison.photo_id)
        .correlate(Comparison)
        .scalar_subquery()
    )
    theirs = (
        select(ChallengePhoto.event_id)
        .where(ChallengePhoto.id == Comparison.seen_as)
        .correlate(Comparison)
        .scalar_subquery()
    )
    return and_(Comparison.seen_as.is_not(None), own != theirs)


def unclean_receipts(session: Session, since: dt.datetime) -> list[str]:
    found = session.scalars(select(Receipt).where(Receipt.created_at >= since))
    return [
        receipt.id
        for receipt in found
        if any(number for kind, number in receipt.left.items() if kind not in NO_REST)
    ]


def without_parent(session: Session) -> list[tuple[str, str]]:
    """(table, id) of rows whose owner is gone, over every foreign key there is."""
    return sorted(
        {
            (table.name, str(key))
            for table, constraint in _foreign_keys()
            for key in session.scalars(select(_id(table)).where(_is_lost(table, constraint)))
        }
    )


def delete_without_parent(session: Session) -> None:
    # Owners before what they own: the next round then finds the rest.
    for table, constraint in _foreign_keys():
        session.execute(delete(table).where(_is_lost(table, constraint)))


def _foreign_keys() -> Iterator[tuple[Table, ForeignKeyConstraint]]:
    for table in Base.metadata.sorted_tables:
        for constraint in table.foreign_key_constraints:
            yield table, constraint


def _is_lost(table: Table, constraint: ForeignKeyConstraint) -> Any:
    owner = constraint.referred_table.alias()
    pairs = [(element.parent, owner.c[element.column.name]) for element in constraint.elements]
    there = select(1).select_from(owner).where(*(ours == theirs for ours, theirs in pairs)).exists()
    return and_(*(ours.is_not(None) for ours, _ in pairs), ~there.correlate(table))


def _id(table: Table) -> Any:
    return cast(next(iter(table.primary_key.columns)), String)
