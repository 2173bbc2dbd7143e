"""The class as it is right now, a line a group: who is here, photos, AIs, scores, what went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from classroom_app.states import PHOTOS_TO_TRAIN, Half, Need
from classroom_app.ui import viewer
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets.staff_frame import badge, escape, name, table
from classroom_app.views import BoardRow, GroupHelp, GroupIPads, GroupStatus, LabelView, SendingTrouble

_HERE_S: Final = 90  # an iPad is noted at most twice a minute
_HOUR_S: Final = 3600
_GENTLE: Final = frozenset({Need.STUCK, Need.REFUSED, Need.ABSENT})  # nothing is broken


def summary(lines: Sequence[GroupStatus]) -> None:
    """Four figures that tell from afar whether the class runs, and a fifth when photos had to be given up."""
    joined = sum(line.group.joined for line in lines)
    figures = [
        ("🚪", t_kanji("mo_sum_joined"), f"{joined} / {len(lines)}"),
        ("📷", t_kanji("mo_sum_photos"), str(sum(sum(line.photos.values()) for line in lines))),
        ("⏳", t_kanji("mo_sum_pending"), str(sum(line.features_pending for line in lines))),
        ("🤖", t_kanji("mo_sum_training"), str(sum(line.active_state is not None for line in lines))),
    ]
    if set_aside := sum(line.set_aside for line in lines):
        figures.append(("🗃️", t_kanji("mo_set_aside"), str(set_aside)))
    cells = "".join(
        f'<div><span class="staff-emoji">{emoji}</span><b>{escape(value)}</b>'
        f"<small>{escape(text)}</small></div>"
        for emoji, text, value in figures
    )
    st.html(f'<div class="staff-figures">{cells}</div>')


def cannot_send(trouble: SendingTrouble) -> None:
    """What to do for iPads whose photos a filter holds back; nothing where there are none."""
    if trouble.ipads:
        st.warning(t_kanji("mo_cannot_send", number=trouble.ipads, photos=trouble.photos), icon="🚧")


def lines_table(
    lines: Sequence[GroupStatus],
    labels: Sequence[LabelView],
    practice: Mapping[str, BoardRow],
    final: Mapping[str, BoardRow] | None,
    wanted: Sequence[GroupHelp],
) -> None:
    """The rows of the board by group id; those of the final half only behind the curtain. In the order of
    `wanted`: who needs help first.
    """
    head = [t_kanji("mo_group"), t_kanji("mo_help"), t_kanji("mo_seen")]
    head += [label.emoji for label in labels]
    head += [t_kanji("mo_pending"), t_kanji("mo_versions"), t_kanji("mo_state"), t_kanji("mo_best")]
    any_set_aside = any(line.set_aside for line in lines)
    if any_set_aside:
        head.append(t_kanji("mo_set_aside"))
    if final is not None:
        head.append(t_kanji("mo_final"))
    by_id = {line.group.id: line for line in lines}
    rows = [
        [
            *_cells(line, labels, practice[line.group.id], help_for),
            *([_set_aside(line)] if any_set_aside else []),
            *([] if final is None else [_final(final[line.group.id])]),
        ]
        for help_for in wanted
        if (line := by_id.get(help_for.group_id)) is not None
    ]
    st.html(f'<div class="staff-monitor">{table([escape(text) for text in head], rows)}</div>')


def _cells(line: GroupStatus, labels: Sequence[LabelView], best: BoardRow, help_for: GroupHelp) -> list[str]:
    counts = [line.photos.get(label.id, 0) for label in labels]
    score = _score(best, Half.PRACTICE)
    return [
        f'<span class="staff-emoji">{escape(line.group.emoji)}</span> {name(line.group.name(viewer.lang()))}',
        _needs(help_for),
        _seen(line, help_for.ipads),
        *(f'<span class="{"" if n >= PHOTOS_TO_TRAIN else "staff-few"}">{n}</span>' for n in counts),
        badge(str(line.features_pending), "busy") if line.features_pending else "0",
        escape(t_kanji("mo_version", number=line.runs)) if line.runs else "—",
        _state(line),
        f"<b>{escape(score)}</b>" if score else "—",
    ]


def _set_aside(line: GroupStatus) -> str:
    return badge(str(line.set_aside), "bad") if line.set_aside else "0"


def _score(row: BoardRow, half: Half) -> str:
    """Such as `18 / 20`; empty without a run."""
    found = row.score(half)
    return f"{found[0]} / {found[1]}" if found else ""


def _final(row: BoardRow) -> str:
    """Such as `2位　15 / 18`."""
    if row.rank is None:
        return "—"
    return escape(f"{t_kanji('mo_rank', number=row.rank)}　{_score(row, Half.FINAL)}")


def _needs(help_for: GroupHelp) -> str:
    """Badges, the most urgent first."""
    ipads = help_for.ipads
    blanks = {
        Need.CANNOT_SEND: {"number": ipads.cannot_send},
        Need.AWAY: {"number": ipads.known},
        Need.NO_CAMERA: {"number": ipads.without_camera},
        Need.STUCK: {"number": round((help_for.still_s or 0) / 60)},
        Need.REFUSED: {"number": ipads.failed},
    }
    badges = [
        badge(t_kanji(f"mo_need_{need}", **blanks.get(need, {})), "busy" if need in _GENTLE else "bad")
        for need in help_for.needs
    ]
    return " ".join(badges) or "—"


def _seen(line: GroupStatus, ipads: GroupIPads) -> str:
    """When it was heard of last; how many iPads are here; the photos that wait on them."""
    heard = [seconds for seconds in (line.seen_seconds_ago, ipads.silent_s) if seconds is not None]
    parts = [_ago(min(heard, default=None))]
    if ipads.here:
        parts.append(f'<span title="{escape(t_kanji("mo_ipads"))}">📱{ipads.here}</span>')
    if ipads.unsent:
        parts.append(badge(t_kanji("mo_unsent", number=ipads.unsent), "busy"))
    return " ".join(parts)


def _ago(seconds: float | None) -> str:
    if seconds is None:
        return badge(t_kanji("mo_never"))
    if seconds < _HERE_S:
        return badge(t_kanji("mo_now"), "good")
    if seconds < _HOUR_S:
        return badge(t_kanji("mo_minutes", number=round(seconds / 60)), "quiet")
    return badge(t_kanji("mo_hours", number=round(seconds / _HOUR_S)), "quiet")


def _state(line: GroupStatus) -> str:
    if line.active_state is not None:
        return badge(t_kanji(f"mo_{line.active_state}"), "busy")
    problem = line.last_error_key
    return badge(t_kanji(problem), "bad") if problem else escape(t_kanji("mo_idle"))
