"""Rows as a CSV that spreadsheets open without running anything in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

# What a spreadsheet takes for the begin of a formula, a Japanese one in full width too; it passes over
# tabs and line ends before.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")  # full width is meant


def csv_table(rows: Iterable[Iterable[object]]) -> bytes:
    """UTF-8 with a byte order mark: spreadsheets in Japan take a CSV for Shift JIS without it."""
    lines = io.StringIO()
    csv.writer(lines).writerows([_cell(value) for value in row] for row in rows)
    return lines.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    """Numbers as they are; every text guarded, wherever it comes from."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
