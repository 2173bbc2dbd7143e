"""Rows that a deletion takes out of their tables, kept aside so that it can be undone.

What is of a row (all that its deletion would cascade to) goes with it, whatever tables there are: a
new table is found by its foreign keys.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import LargeBinary, Table, delete, func, insert, select
from sqlalchemy.orm import Session

from classroom_app.data.tables import (
    Base,
    BuriedPhoto,
    Comparison,
    Event,
    Group,
    Photo,
    Run,
    SetAsideRow,
    UtcDateTime,
)

_BATCH = 500
Root = tuple[str, str, Sequence[str]]  # (table, column, values)
Rows = dict[str, dict[tuple[Any, ...], dict[str, Any]]]  # by table and primary key


def take_out(session: Session, deletion_id: str, roots: Sequence[Root]) -> None:
    """Copy these rows, and all that is of them. Who calls deletes them in the same transaction."""
    found: Rows = {}
    for name, column, values in roots:
        _collect(session, found, Base.metadata.tables[name], column, values)
    position = 0
    for table in Base.metadata.sorted_tables:  # owners first
        rows = [
            {"deletion_id": deletion_id, "position": number, "table": table.name, "data": _packed(row)}
            for number, row in enumerate(found.get(table.name, {}).values(), start=position)
        ]
        position += len(rows)
        for start in range(0, len(rows), _BATCH):
            session.execute(insert(SetAsideRow), rows[start : start + _BATCH])


def _collect(session: Session, found: Rows, table: Table, column: str, values: Sequence[Any]) -> None:
    """Rows of the table whose column has one of the values, and what is of them."""
    new: dict[tuple[Any, ...], dict[str, Any]] = {}
    known = found.setdefault(table.name, {})
    for start in range(0, len(values), _BATCH):
        which = table.c[column].in_(values[start : start + _BATCH])
        for row in session.connection().execute(select(table).where(which)).mappings():
            key = tuple(row[item.name] for item in table.primary_key.columns)
            if key not in known:
                new[key] = known[key] = dict(row)
    if not new:
        return
    for other, own, pointed_at in _dependents(table):
        _collect(session, found, other, own, sorted({row[pointed_at] for row in new.values()}))


def _dependents(table: Table) -> Iterator[tuple[Table, str, str]]:
    """(table, its column, the column of ours that it points to) of all that goes when our row goes."""
    for other in Base.metadata.sorted_tables:
        for key in other.foreign_keys:
            if key.column.table is table and (key.ondelete or "").upper() == "CASCADE":
                yield other, key.parent.name, key.column.name


def _packed(row: Mapping[str, Any]) -> bytes:
    return json.dumps(dict(row), default=_plain, ensure_ascii=False).encode()


def _plain(value: object) -> str:
    """What JSON has no word for; the column's type says what it was."""
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, dt.datetime):
        return value.isoformat()
    raise TypeError(f"cannot keep {type(value).__name__} aside")


def _unpacked(table: Table, data: bytes) -> dict[str, Any]:
    """Columns that went since are left out, new ones have their default."""
    kept = json.loads(data)
    return {name: _value(table, name, kept[name]) for name in kept if name in table.columns}


def _value(table: Table, name: str, item: Any) -> Any:
    kind = table.columns[name].type
    if isinstance(item, str) and isinstance(kind, LargeBinary):
        return base64.b64decode(item)
    if isinstance(item, str) and isinstance(kind, UtcDateTime):
        return dt.datetime.fromisoformat(item)
    return item


def put_back(session: Session, deletion_id: str, asked_at: dt.datetime, *, but: Sequence[str] = ()) -> None:
    """All rows are in their tables again, except those of the tables `but`.

    Leaving the transaction raises AlreadyThereError when something that came meanwhile stands in their place.
    """
    _make_room(session, deletion_id, asked_at)
    for table in Base.metadata.sorted_tables:
        if table.name in but:
            continue
        kept = [_unpacked(table, data) for data in _kept(session, deletion_id, table.name)]
        rows = _with_owners(session, table, kept)
        for start in range(0, len(rows), _BATCH):
            session.connection().execute(insert(table), rows[start : start + _BATCH])
        if table.name == Photo.__tablename__:  # may be sent and shown again
            for start in range(0, len(rows), _BATCH):
                ids = [row["id"] for row in rows[start : start + _BATCH]]
                session.execute(delete(BuriedPhoto).where(BuriedPhoto.id.in_(ids)))
    drop(session, deletion_id)


def _with_owners(session: Session, table: Table, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without those that are of something else too that went meanwhile, such as what two groups did together:
    they would have gone with it.
    """
    for key in table.foreign_keys:
        if (key.ondelete or "").upper() != "CASCADE":
            continue
        own, owner = key.parent.name, key.column
        asked = sorted({row[own] for row in rows if row.get(own) is not None})
        here: set[Any] = set()
        for start in range(0, len(asked), _BATCH):
            here.update(session.scalars(select(owner).where(owner.in_(asked[start : start + _BATCH]))))
        rows = [row for row in rows if row.get(own) is None or row[own] in here]
    return rows


COMPARISONS = Comparison.__tablename__  # made anew by themselves, for whatever challenge set there is


def _make_room(session: Session, deletion_id: str, asked_at: dt.datetime) -> None:
    """Versions that were asked for since are later ones: their numbers move behind those that come back."""
    highest: dict[str, int] = {}
    for data in _kept(session, deletion_id, Run.__tablename__):
        row = json.loads(data)
        highest[row["group_id"]] = max(highest.get(row["group_id"], 0), row["version"])
    for group_id, number in highest.items():
        since = select(Run).where(Run.group_id == group_id, Run.requested_at > asked_at)
        newer = session.scalars(since.order_by(Run.version.desc())).all()
        behind = max(0, number + 1 - newer[-1].version) if newer else 0
        for run in newer:
            run.version += behind
            session.flush()  # one by one, from the last: no two have one number in between


def _kept(session: Session, deletion_id: str, table: str) -> Sequence[bytes]:
    query = select(SetAsideRow.data).where(SetAsideRow.deletion_id == deletion_id, SetAsideRow.table == table)
    return session.scalars(query.order_by(SetAsideRow.position)).all()


def owners_are_there(session: Session, event_id: str, group_ids: Sequence[str], deletion_id: str) -> bool:
    """Is what the rows were of still in the tables, or among what comes back?"""
    back = {
        json.loads(data)["id"]
        for table in (Event.__tablename__, Group.__tablename__)
        for data in _kept(session, deletion_id, table)
    }
    here = {
        *session.scalars(select(Event.id).where(Event.id == event_id)),
        *session.scalars(select(Group.id).where(Group.id.in_(group_ids))),
    }
    return {event_id, *group_ids} <= back | here


def count(session: Session, deletion_id: str, *tables: str) -> int:
    query = select(func.count()).where(SetAsideRow.deletion_id == deletion_id)
    if tables:
        query = query.where(SetAsideRow.table.in_(tables))
    return session.scalar(query) or 0


def drop(session: Session, deletion_id: str) -> None:
    session.execute(delete(SetAsideRow).where(SetAsideRow.deletion_id == deletion_id))
