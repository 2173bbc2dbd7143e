"""Which photos a query is about, in plain words: SQL stays in this room."""

from __future__ import annotations

import datetime as dt
from dataclasses import astuple, dataclass

from sqlalchemy import ColumnElement, and_

from classroom_app.data.tables import ChallengePhoto, Photo, UnreadPhoto

PhotoTable = type[Photo] | type[ChallengePhoto]


@dataclass(frozen=True)
class PhotoFilter:
    """Photos that fit all that is given. Groups have photos, a class (`event_id`) has challenge photos.

    Raises ValueError when nothing is given: that would be every photo there is.
    """

    group_ids: tuple[str, ...] | None = None
    event_id: str | None = None
    label_id: str | None = None
    photo_ids: tuple[str, ...] | None = None
    saved_by: dt.datetime | None = None

    def __post_init__(self) -> None:
        if all(value is None for value in astuple(self)):
            raise ValueError("a filter of photos needs something to go by")


def condition(table: PhotoTable | type[UnreadPhoto], which: PhotoFilter) -> ColumnElement[bool]:
    """The filter as SQL. Raises ValueError when the table's photos have no such thing."""
    asked = {
        "group_id": which.group_ids,
        "event_id": which.event_id,
        "label_id": which.label_id,
        "id": which.photo_ids,
    }
    parts: list[ColumnElement[bool]] = []
    for name, value in asked.items():
        if value is None:
            continue
        column = table.__table__.columns.get(name)
        if column is None:
            raise ValueError(f"{table.__tablename__} has no {name}")
        parts.append(column.in_(value) if isinstance(value, tuple) else column == value)
    if which.saved_by is not None:
        saved_at = table.__table__.columns.get("created_at")
        if saved_at is None:
            raise ValueError(f"{table.__tablename__} has no created_at")
        parts.append(saved_at <= which.saved_by)
    return and_(*parts)
