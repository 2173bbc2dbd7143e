"""The class as it is right now, a tile a group, who needs help first: who is here, photos, AIs, scores, what
went wrong. A tap opens the group.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from classroom_app.states import PHOTOS_TO_TRAIN, Half, Need
from classroom_app.ui import viewer
from classroom_app.ui.texts import side_by_side, t_kanji
from classroom_app.ui.widgets.face_rule import group_badge
from classroom_app.ui.widgets.staff_frame import animal, badge, escape, name
from classroom_app.views.classes import LabelView
from classroom_app.views.console import (
    ClassNow,
    GroupHelp,
    GroupIPads,
    GroupStatus,
    ScoreLine,
    SendingTrouble,
)
from classroom_app.views.contest import BoardRow

_HERE_S: Final = 90  # an iPad is noted at most twice a minute
_HOUR_MINUTES: Final = 60
_GENTLE: Final = frozenset({Need.STUCK, Need.REFUSED, Need.ABSENT})  # nothing is broken
_DENSE_FROM: Final = 13  # groups: so many more tiles have to fit beside and below each other


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


def tiles(now: ClassNow, labels: Sequence[LabelView], address: Callable[[str], str]) -> None:
    """A tile a group in the order of `now.wanted`; `address`: of a group's own page, by its id."""
    by_id = {line.group.id: line for line in now.lines}
    shown = [
        _tile(by_id[one.group_id], labels, now, one, address(one.group_id))
        for one in now.wanted
        if one.group_id in by_id
    ]
    dense = " staff-dense" if len(shown) >= _DENSE_FROM else ""
    st.html(f'<div class="staff-tiles{dense}">{"".join(shown)}</div>')


def _tile(
    line: GroupStatus, labels: Sequence[LabelView], now: ClassNow, help_for: GroupHelp, url: str
) -> str:
    group_id = line.group.id
    waits = badge(f"🔒 {t_kanji('cs_locked')}", "busy") if group_id in now.locked else ""
    no_faces = group_badge(line.group.faces)
    behind = f"<small>{_final(now.final[group_id])}</small>" if now.final is not None else ""
    aside = badge(f"{t_kanji('mo_set_aside')} {line.set_aside}", "bad") if line.set_aside else ""
    scores = now.scores.get(group_id)
    ai = escape(t_kanji("mo_version", number=line.version)) if line.version else ""
    needs = need_badges(help_for)
    away = not {Need.ABSENT, Need.AWAY}.isdisjoint(help_for.needs)
    facts = f"{_photos(line, labels)}{_seen(line, help_for.ipads, away=away)}{behind}"
    return (
        f'<a class="staff-tile staff-tile-{_mood(help_for, line)}" href="{escape(url)}" target="_self">'
        f'<span class="staff-tile-top">{animal(line.group.picture)}'
        f"<b>{name(line.group.name(viewer.lang()))}</b>"
        f'<span class="staff-tile-score">{ai} {_scores(scores)}</span></span>'
        f'<span class="staff-tile-needs">{waits}{needs}{aside}{_state(line)}{no_faces}</span>'
        f'<span class="staff-tile-facts">{facts}</span></a>'
    )


def _mood(help_for: GroupHelp, line: GroupStatus) -> str:
    """What a tile looks like from afar; the words on it say the same."""
    if any(need not in _GENTLE for need in help_for.needs):
        return "bad"
    if help_for.needs:
        return "slow"
    heard = _heard(line, help_for.ipads)
    return "good" if line.group.joined and heard is not None and heard < _HERE_S else "quiet"


def _photos(line: GroupStatus, labels: Sequence[LabelView]) -> str:
    few = ' class="staff-few"'
    counts = [(label, line.photos.get(label.id, 0)) for label in labels]
    pending = badge(f"⏳{line.features_pending}", "busy") if line.features_pending else ""
    return pending + "".join(
        f"<span{few if number < PHOTOS_TO_TRAIN else ''}>{escape(label.emoji)}{number}</span>"
        for label, number in counts
    )


def _scores(scores: ScoreLine | None) -> str:
    """Such as `18 / 20`, and the best where the newest AI is not as good; empty without an AI."""
    if scores is None:
        return ""
    best = t_kanji("mo_best", score=_of(scores.best)) if scores.best != scores.last else ""
    return f"<b>{_of(scores.last)}</b>" + (f" <small>{escape(best)}</small>" if best else "")


def _of(score: tuple[int, int]) -> str:
    return f"{score[0]} / {score[1]}"


def _final(row: BoardRow) -> str:
    """Such as `2位・15 / 18`."""
    if row.rank is None:
        return "—"
    score = row.score(Half.FINAL)
    return escape(side_by_side(t_kanji("mo_rank", number=row.rank), _of(score) if score else ""))


def need_badges(help_for: GroupHelp) -> str:
    """What the group needs a grown-up for, the most urgent first; empty where all is well."""
    ipads = help_for.ipads
    blanks = {
        Need.CANNOT_SEND: {"number": ipads.cannot_send},
        Need.AWAY: {"number": ipads.known},
        Need.NO_CAMERA: {"number": ipads.without_camera},
        Need.STUCK: {"number": round((help_for.still_s or 0) / 60)},
        Need.REFUSED: {"number": ipads.failed},
    }
    words = {Need.AWAY: "mo_need_away_one"} if ipads.known == 1 else {}
    badges = [
        badge(
            t_kanji(words.get(need, f"mo_need_{need}"), **blanks.get(need, {})),
            "busy" if need in _GENTLE else "bad",
        )
        for need in help_for.needs
    ]
    return " ".join(badges)


def help_first(now: ClassNow) -> None:
    """The groups that lose something when the class goes on as it is; nothing where there are none."""
    lang, groups = viewer.lang(), {line.group.id: line.group for line in now.lines}
    rows = "".join(
        f"<li>{animal(group.picture)}<span><b>{name(group.name(lang))}</b> {need_badges(one)} "
        f"{_unsent(one.ipads)}</span></li>"
        for one in now.wanted
        if (group := groups.get(one.group_id)) is not None
        and (one.ipads.unsent or not _GENTLE.issuperset(one.needs))
    )
    if rows:
        told = escape(t_kanji("phase_help_first"))
        st.html(f'<div class="staff-help-first"><p>{told}</p><ul class="staff-will">{rows}</ul></div>')


def _seen(line: GroupStatus, ipads: GroupIPads, *, away: bool) -> str:
    """When it was heard of last; how many iPads are here, of how many where there are fewer or more; the
    photos that wait on them. Of a group that has not come, that.

    `away`: that the group has not come, or its iPads are silent, is said already: "now" or "never" beside it
    would contradict it.
    """
    heard = _heard(line, ipads) if line.group.joined else None
    parts = [] if away and (heard is None or heard < _HERE_S) else [_ago(heard)]
    if ipads.here and ipads.here != line.group.ipads:
        here = t_kanji("mo_ipads_of", here=ipads.here, planned=line.group.ipads)
        parts.append(badge(f"📱 {here}", "busy"))
    elif ipads.here:
        parts.append(badge(f"📱 {t_kanji('mo_ipads', number=ipads.here)}", "good"))
    return " ".join(filter(None, (*parts, _unsent(ipads))))


def _unsent(ipads: GroupIPads) -> str:
    return badge(t_kanji("mo_unsent", number=ipads.unsent), "busy") if ipads.unsent else ""


def _heard(line: GroupStatus, ipads: GroupIPads) -> float | None:
    """Seconds since the last word of its iPads or its pages."""
    return min((s for s in (line.seen_seconds_ago, ipads.silent_s) if s is not None), default=None)


def ago(seconds: float, *, here: bool) -> str:
    """How long ago something was heard of last, in words: now, in whole minutes, in whole hours."""
    if here:
        return t_kanji("mo_now")
    minutes = max(1, int(seconds // 60))
    if minutes < _HOUR_MINUTES:
        return t_kanji("mo_minutes", number=minutes)
    return t_kanji("mo_hours", number=minutes // _HOUR_MINUTES)


def _ago(seconds: float | None) -> str:
    if seconds is None:
        return badge(t_kanji("mo_never"))
    here = seconds < _HERE_S
    return badge(t_kanji("mo_heard", ago=ago(seconds, here=here)), "good" if here else "quiet")


def _state(line: GroupStatus) -> str:
    """Of the newest training; that it failed is told by what the group needs."""
    return badge(t_kanji(f"mo_{line.active_state}"), "busy") if line.active_state is not None else ""
