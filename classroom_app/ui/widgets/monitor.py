"""The class as it is right now, a line a group: who is here, photos, AIs, scores, what went wrong.

Knows nothing of where the figures come from; the hidden half is shown only when it is passed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets.staff_frame import badge, escape, name, table

_HERE_S: Final = 90  # an iPad is noted at most twice a minute
_HOUR_S: Final = 3600
_ENOUGH_PHOTOS: Final = 5  # of a label, to train


@dataclass(frozen=True)
class MonitorLine:
    emoji: str
    name: str
    joined: bool
    seen_seconds_ago: float | None
    photos: Mapping[str, int]  # by label id
    pending: int
    versions: int
    active: str | None  # queued | running
    problem: str  # in words, empty when all is well
    best: str  # such as 18/20
    final: str | None = None  # such as 2位 15/18, only behind the curtain


def summary(lines: Sequence[MonitorLine]) -> None:
    """Four figures that tell from afar whether the class runs."""
    joined = sum(line.joined for line in lines)
    figures = [
        ("🚪", t_kanji("mo_sum_joined"), f"{joined} / {len(lines)}"),
        ("📷", t_kanji("mo_sum_photos"), str(sum(sum(line.photos.values()) for line in lines))),
        ("⏳", t_kanji("mo_sum_pending"), str(sum(line.pending for line in lines))),
        ("🤖", t_kanji("mo_sum_training"), str(sum(line.active is not None for line in lines))),
    ]
    cells = "".join(
        f'<div><span class="gu-emoji">{emoji}</span><b>{escape(value)}</b><small>{escape(text)}</small></div>'
        for emoji, text, value in figures
    )
    st.html(f'<div class="gu-figures">{cells}</div>')


def lines_table(lines: Sequence[MonitorLine], labels: Sequence[tuple[str, str]]) -> None:
    """`labels`: (id, emoji) in the order of the columns."""
    head = [t_kanji("mo_group"), t_kanji("mo_seen")]
    head += [emoji for _, emoji in labels]
    head += [t_kanji("mo_pending"), t_kanji("mo_versions"), t_kanji("mo_state"), t_kanji("mo_best")]
    curtain = any(line.final is not None for line in lines)
    if curtain:
        head.append(t_kanji("mo_final"))
    rows = [_row(line, [label_id for label_id, _ in labels], curtain=curtain) for line in lines]
    st.html(f'<div class="gu-monitor">{table([escape(text) for text in head], rows)}</div>')


def _row(line: MonitorLine, label_ids: Sequence[str], *, curtain: bool) -> list[str]:
    counts = [line.photos.get(label_id, 0) for label_id in label_ids]
    cells = [
        f'<span class="gu-emoji">{escape(line.emoji)}</span> {name(line.name)}',
        _seen(line),
        *(f'<span class="{"" if n >= _ENOUGH_PHOTOS else "gu-few"}">{n}</span>' for n in counts),
        badge(str(line.pending), "busy") if line.pending else "0",
        escape(t_kanji("mo_version", number=line.versions)) if line.versions else "—",
        _state(line),
        f"<b>{escape(line.best)}</b>" if line.best else "—",
    ]
    return [*cells, escape(line.final or "—")] if curtain else cells


def _seen(line: MonitorLine) -> str:
    seconds = line.seen_seconds_ago
    if seconds is None:
        return badge(t_kanji("mo_never"))
    if seconds < _HERE_S:
        return badge(t_kanji("mo_now"), "good")
    if seconds < _HOUR_S:
        return badge(t_kanji("mo_minutes", number=round(seconds / 60)), "quiet")
    return badge(t_kanji("mo_hours", number=round(seconds / _HOUR_S)), "quiet")


def _state(line: MonitorLine) -> str:
    if line.active is not None:
        return badge(t_kanji(f"mo_{line.active}"), "busy")
    return badge(line.problem, "bad") if line.problem else escape(t_kanji("mo_idle"))
