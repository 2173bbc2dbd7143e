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

_SHARES = ("known_answered", "right_among_answered", "far_rejected", "near_rejected")
# What a run writes with --json, as it is read again: lists of figures, each with at least these fields.
_PARTS = {
    "figures": ("backbone", "k", "recipe", "accuracy", "worst"),
    "unknown": ("backbone", "k", "rule", "seen", *_SHARES, "far_area", "near_area"),
    "looking": ("backbone", "k", "recipe", "way", "photos", "plain", "looked_around"),
}
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
        for part, fields in _PARTS.items():
            missing = {field for figure in told[part] for field in fields if field not in figure}
            if missing:  # an earlier release wrote fewer
                raise KeyError(min(missing))
        return MeasuredSet(name, *(list(told[part]) for part in _PARTS))
    except (ValueError, KeyError, TypeError) as exc:
        raise InvalidInputError("bad_figures", f"{path}: {type(exc).__name__}: {exc}") from exc


def tables(runs: Sequence[MeasuredSet]) -> str:
    """Four tables, those without a row left out: accuracy, after looking around, "I don't know", and the
    areas under the curve of our rule and others. A set that was measured on several backbones has a row for
    each. InvalidInputError `bad_figures` where one was measured twice on the same.
    """
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


def _rows(runs: Sequence[MeasuredSet], part: str, more: Sequence[str]) -> list[_Row]:
    """(what the line is called, figure), the name of the line being set, k and the fields `more`."""
    found = []
    backbones = _backbones(runs, part)
    for run in runs:
        for figure in getattr(run, part):
            several = len(backbones[run.name]) > 1
            name = f"{run.name}, {figure['backbone']}" if several else run.name
            found.append(((name, str(figure["k"]), *(str(figure[field]) for field in more)), figure))
    return found


def _backbones(runs: Iterable[MeasuredSet], part: str) -> dict[str, set[str]]:
    """On which each set was measured, by the set's name."""
    found: dict[str, set[str]] = {}
    for run in runs:
        here = {str(figure["backbone"]) for figure in getattr(run, part)}
        known = found.setdefault(run.name, set())
        if twice := known & here:
            raise InvalidInputError("bad_figures", f"{run.name} was measured twice on {min(twice)}")
        known |= here
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
    head = ["photos", "k", "", *(share.replace("_", " ") for share in _SHARES)]
    return _markdown(head, [[*name, *(_share(figure[share]) for share in _SHARES)] for name, figure in rows])


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
