"""A class's tables as one ZIP: each as CSV for spreadsheets and Parquet for programs, with a dictionary."""

from __future__ import annotations

import datetime as dt
import io
import sys
import zipfile
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from classroom_app.services.results_export import TABLES, Cell, Column, Table
from classroom_app.web.routes.csv_table import csv_table

_KINDS: dict[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "yes_no": pa.bool_(),
    "time": pa.timestamp("ms", tz="UTC"),
}
INTRODUCTION = """\
<!-- Made by `make http-docs`; edit `classroom_app/services/results_export.py`. -->

# A class's results as tables

`GET /api/events/{id}/results.zip` (the button "Data" on the facilitators' page after the reveal) gives each
of these tables twice: as `NAME.csv` in UTF-8 with a byte order mark, times in ISO 8601 (UTC), yes or no as
words, and as `NAME.parquet` with types, and with these meanings as metadata of its columns. The archive has
this dictionary too. An empty cell means that there is no such value. Groups are named by their animals;
nothing here is of a single child, and no photo and no id of one is in it.
"""
README = """\
The results of one class of the classroom AI app.

Each table is there twice: NAME.csv for spreadsheets (UTF-8 with a byte order mark, times in ISO 8601, UTC)
and NAME.parquet for programs (typed, times in UTC). dictionary.csv says what every column means; an empty
cell means that there is no such value. Groups are named by their animals: nothing here is of a single child.
"""


def results_zip(tables: Sequence[Table]) -> bytes:
    """The archive; the same tables give the same bytes in every table."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("README.txt", README)
        files.writestr("dictionary.csv", csv_table(dictionary(tables)))
        for table in tables:
            head = [column.name for column in table.columns]
            rows = [[_plain(cell) for cell in row] for row in table.rows]
            files.writestr(f"{table.name}.csv", csv_table([head, *rows]))
            files.writestr(f"{table.name}.parquet", parquet(table))
    return archive.getvalue()


def dictionary(tables: Sequence[Table]) -> list[tuple[str, ...]]:
    """Every column of every table with its kind and what it means; the head first."""
    rows = [
        (table.name, column.name, column.kind, column.meaning) for table in tables for column in table.columns
    ]
    return [("table", "column", "kind", "meaning"), *rows]


def paper(tables: Sequence[Table] = TABLES) -> str:
    """The same as docs/results.md."""
    lines = [INTRODUCTION]
    for table in tables:
        lines += [f"## {table.name}", "", table.meaning, "", "| column | kind | meaning |", "|---|---|---|"]
        lines += [f"| `{column.name}` | {column.kind} | {column.meaning} |" for column in table.columns]
        lines.append("")
    return "\n".join(lines)


def parquet(table: Table) -> bytes:
    columns = [_column(table, place, column) for place, column in enumerate(table.columns)]
    schema = pa.schema(
        [
            pa.field(column.name, _KINDS[column.kind], metadata={"meaning": column.meaning})
            for column in table.columns
        ],
        metadata={"meaning": table.meaning},
    )
    out = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, schema=schema), out)
    return out.getvalue()


def _column(table: Table, place: int, column: Column) -> pa.Array:
    return pa.array([row[place] for row in table.rows], type=_KINDS[column.kind])


def _plain(cell: Cell) -> object:
    if isinstance(cell, dt.datetime):
        return cell.isoformat(timespec="milliseconds")
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return "" if cell is None else cell


if __name__ == "__main__":
    sys.stdout.write(paper())
