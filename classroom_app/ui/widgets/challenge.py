"""The challenge set as a facilitator judges it: pictures alike, how hard it is, groups' photos of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from classroom_app.states import Half, Verdict
from classroom_app.ui import viewer
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets.staff_frame import animal, badge, escape, name, table
from classroom_app.views.classes import GroupView, LabelView
from classroom_app.views.photos import AlikePhoto, SeenPhoto
from classroom_app.views.training import Expectation, ExpectedMistake

FAMILIES_SHOWN = 12
_BADGES = {Verdict.TOO_EASY: "bad", Verdict.FITTING: "good", Verdict.TOO_HARD: "bad"}


def one_sided(labels: Sequence[LabelView], counts: Mapping[tuple[str, Half], int]) -> list[LabelView]:
    """Labels that have photos enough and yet an empty half: they all look alike."""
    return [
        label
        for label in labels
        if sum(counts.get((label.id, half), 0) for half in Half) >= len(Half)
        and not all(counts.get((label.id, half), 0) for half in Half)
    ]


def alike(families: Sequence[Sequence[AlikePhoto]]) -> None:
    """The pictures of each family beside each other; which half they are in is told by no picture."""
    if not families:
        return
    with st.expander(
        f"👯 {t_kanji('al_title', number=len(families))}", key="alike"
    ):  # open whatever the number
        st.html(f'<p class="staff-hint">{escape(t_kanji("al_hint"))}</p>')
        rows = "".join(
            f'<div class="staff-family">{"".join(_challenge_photo(photo.photo_id) for photo in family)}</div>'
            for family in families[:FAMILIES_SHOWN]
        )
        st.html(f'<div class="staff-families">{rows}</div>')
        if len(families) > FAMILIES_SHOWN:
            more = t_kanji("sb_more", number=len(families) - FAMILIES_SHOWN)
            st.html(f'<p class="staff-hint">{escape(more)}</p>')


def expectation(found: Expectation, labels: Sequence[LabelView]) -> None:
    """What an AI would score: a few lines."""
    if found.waiting:
        st.html(f'<p class="staff-hint">⏳ {escape(t_kanji("ex_waiting"))}</p>')
        return
    if found.needed:
        st.html(f'<p class="staff-hint">{escape(t_kanji("ex_needed", number=found.needed))}</p>')
        return
    if found.verdict is None:
        return
    with st.container(key="expectation", border=True):
        head = [escape(t_kanji("ex_title")), *_columns(found)]
        figures = [f"<b>{score.correct / score.total:.0%}</b>" for score in found.scores]
        text = badge(t_kanji(f"ex_{found.verdict}"), _BADGES[found.verdict])
        st.html(table(head, [[text, *figures, f"{found.chance:.0%}"]]))
        st.html(f'<p class="staff-hint">{escape(t_kanji("ex_hint"))}</p>')
        if found.verdict == Verdict.TOO_EASY:
            _harder(found, labels)


def _columns(found: Expectation) -> list[str]:
    trained = [t_kanji("ex_photos", number=score.photos_per_label) for score in found.scores]
    return [escape(text) for text in (*trained, t_kanji("ex_chance"))]


def _harder(found: Expectation, labels: Sequence[LabelView]) -> None:
    """What the set lacks, and the photos that it should have more of."""
    lacks = [
        key
        for key, lacking in (("ex_one_place", found.one_place), ("ex_one_light", found.one_light))
        if lacking
    ]
    items = "".join(f"<li>{escape(t_kanji(key))}</li>" for key in (*lacks, "ex_harder"))
    st.html(f'<ul class="staff-list">{items}</ul>')
    if found.mistakes:
        st.html(f'<p class="staff-hint">{escape(t_kanji("ex_mistakes"))}</p>')
        named = {label.id: label for label in labels}
        cells = "".join(_mistake(mistake, named) for mistake in found.mistakes)
        st.html(f'<div class="staff-family">{cells}</div>')


def _mistake(mistake: ExpectedMistake, labels: Mapping[str, LabelView]) -> str:
    lang = viewer.lang()
    true, guess = labels.get(mistake.label_id), labels.get(mistake.guess_id)
    if true is None or guess is None:
        return ""
    text = t_kanji("ex_mistake", label=true.emoji, guess=guess.emoji)
    title = f"{name(true.name(lang))} → {name(guess.name(lang))}"
    image = f'<img src="/challenge/{escape(mistake.photo_id)}/thumb" alt="{escape(t_kanji("ex_alt"))}">'
    return f'<figure title="{title}">{image}<figcaption>{escape(text)}</figcaption></figure>'


def show_baselines(event_id: str, shown: bool) -> bool:
    """The switch; gives back what is wanted."""
    return st.toggle(
        t_kanji("ex_show"),
        value=shown,
        key=f"show_baselines_{event_id}_{shown}",  # what another facilitator chose meanwhile is not undone
        help=t_kanji("ex_show_hint"),
    )


def seen(found: Mapping[str, tuple[int, Sequence[SeenPhoto]]], groups: Sequence[GroupView]) -> None:
    """Per group how many of its photos are of the challenge, each beside that one; nothing where none is."""
    if not found:
        return
    total = sum(number for number, _ in found.values())
    with st.expander(f"🙈 {t_kanji('sb_title', number=total)}", key="seen_before"):
        st.html(f'<p class="staff-hint">{escape(t_kanji("sb_hint"))}</p>')
        rows = [_seen_by(group, *found[group.id]) for group in groups if group.id in found]
        head = ["mo_group", "sb_number", "sb_pairs"]
        st.html(table([escape(t_kanji(key)) for key in head], rows))


def _seen_by(group: GroupView, number: int, pairs: Sequence[SeenPhoto]) -> list[str]:
    more = t_kanji("sb_more", number=number - len(pairs)) if number > len(pairs) else ""
    return [
        f"{animal(group.picture)} {name(group.name(viewer.lang()))}",
        badge(str(number), "busy"),
        f'<div class="staff-pairs">{"".join(map(_pair, pairs))}</div> {escape(more)}',
    ]


def _pair(pair: SeenPhoto) -> str:
    own, theirs = escape(t_kanji("sb_own")), escape(t_kanji("sb_challenge"))
    return (
        f'<span class="staff-pair"><img src="/photos/{escape(pair.photo_id)}/thumb" alt="{own}">'
        f'<img src="/challenge/{escape(pair.challenge_id)}/thumb" alt="{theirs}"></span>'
    )


def _challenge_photo(photo_id: str) -> str:
    alt = escape(t_kanji("sb_challenge"))
    return f'<img src="/challenge/{escape(photo_id)}/thumb" alt="{alt}">'
