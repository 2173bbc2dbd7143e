"""The figures of several runs of the bench as Markdown tables, a row for each set and place.

Knows nothing of how a figure was measured.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml_core.errors import InvalidInputError

# What a run writes with --json, as it is read again: lists of figures, each a dict.
_PARTS = ("figures", "unknown", "looking")
_OURS = "ours"
_BY_ONE = "photo"


@dataclass(frozen=True)
class MeasuredSet:
    """One run of the bench: a set of photos as they are or elsewhere."""

    name: str
    figures: list[dict[str, Any]]
    unknown: list[dict[str, Any]]
    looking: list[dict[str, Any]]


def read_run(path: Path) -> MeasuredSet:
    """What `bench --json` wrote. InvalidInputError `bad_figures` where it is something else, OSError where it
    cannot be read.
    """
    content = path.read_bytes()
    try:
        told = json.loads(content)
        name = f"{told['folder']}, moved" if told["elsewhere"] else str(told["folder"])
        return MeasuredSet(name, *(list(told[part]) for part in _PARTS))
    except (ValueError, KeyError, TypeError) as exc:
        raise InvalidInputError("bad_figures", f"{path}: {type(exc).__name__}: {exc}") from exc


def tables(runs: Sequence[MeasuredSet]) -> str:
    """Four tables, those without a row left out: accuracy, after looking around, "I don't know", and the
    areas under the curve of our rule and others. Runs on several backbones have a row for each."""
    parts = (
        (
            "Accuracy, mean over the seeds (the worst of them)",
            _table(_rows(runs, "figures", ()), "recipe", _accuracy),
        ),
        (
            "After looking around, from what without it",
            _table(_rows(runs, "looking", ("photos",)), ("recipe", "way"), _looked),
        ),
        ('"I don\'t know"', _unknown([row for row in _rows(runs, "unknown", ("seen",)) if _is_ours(row)])),
        (
            "Areas under the curve, far and near",
            _table([row for row in _rows(runs, "unknown", ()) if row[1]["seen"] == _BY_ONE], "rule", _areas),
        ),
    )
    return "\n".join(f"{title}:\n\n{table}\n" for title, table in parts if table)


_Row = tuple[tuple[str, ...], dict[str, Any]]


def _rows(runs: Iterable[MeasuredSet], part: str, more: Sequence[str]) -> list[_Row]:
    """(what the line is called, figure), the name of the line being set, k and the fields `more`."""
    found = []
    for run in runs:
        figures = getattr(run, part)
        several = len({figure["backbone"] for figure in figures}) > 1
        for figure in figures:
            name = f"{run.name}, {figure['backbone']}" if several else run.name
            found.append(((name, str(figure["k"]), *(str(figure[field]) for field in more)), figure))
    return found


def _is_ours(row: _Row) -> bool:
    return bool(row[1]["rule"] == _OURS)


def _table(rows: Sequence[_Row], column: str | tuple[str, ...], cell: Callable[[dict[str, Any]], str]) -> str:
    """A line for each name, a column for each value of the field or fields, in their order."""
    fields = (column,) if isinstance(column, str) else column
    cells = {(name, ", ".join(str(figure[field]) for field in fields)): cell(figure) for name, figure in rows}
    names = list(dict.fromkeys(name for name, _ in cells))
    columns = list(dict.fromkeys(value for _, value in cells))
    if not names:
        return ""
    head = ["photos", "k", *[""] * (len(names[0]) - 2), *columns]
    return _markdown(head, [[*name, *(cells.get((name, value), "") for value in columns)] for name in names])


def _unknown(rows: Sequence[_Row]) -> str:
    if not rows:
        return ""
    shares = ("known_answered", "right_among_answered", "far_rejected", "near_rejected")
    head = ["photos", "k", "", *(share.replace("_", " ") for share in shares)]
    return _markdown(head, [[*name, *(_share(figure[share]) for share in shares)] for name, figure in rows])


def _markdown(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *lines))


def _accuracy(figure: dict[str, Any]) -> str:
    return f"{_share(figure['accuracy'])} ({_share(figure['worst'])})"


def _looked(figure: dict[str, Any]) -> str:
    return f"{_share(figure['plain'])} to {_share(figure['looked_around'])}"


def _areas(figure: dict[str, Any]) -> str:
    return f"{_share(figure['far_area'])}, {_share(figure['near_area'])}"


def _share(value: float) -> str:
    """Nothing is right among the answered where nothing was answered: that is no number."""
    return "none" if math.isnan(value) else f"{value:.3f}"
