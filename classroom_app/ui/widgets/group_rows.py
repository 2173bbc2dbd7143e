"""The groups of a class to be made: a preview, and for those who want it a row a group, with its animal and
iPads. Knows nothing of groups that are there already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from classroom_app.content import catalog
from classroom_app.content.catalog import GroupTemplate
from classroom_app.states import IPADS_MAX
from classroom_app.ui import texts, viewer
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets.staff_frame import animal, escape, name


@dataclass(frozen=True)
class WantedGroups:
    """What the rows say; two may still have the same animal. `ipads`: how many, by a group's key."""

    animals: tuple[GroupTemplate, ...]
    ipads: Mapping[str, int]


def choose_groups(number: int, ipads_each: int) -> WantedGroups:
    """`ipads_each`: of a group for which nothing else is said."""
    preview = st.empty()
    with st.expander(f"🐾 {t_kanji('fa_groups_each')}"):
        st.html(f'<p class="staff-hint">{escape(t_kanji("fa_groups_each_hint"))}</p>')
        every = catalog.groups_for(max(number, len(catalog.GROUP_TEMPLATES)))
        with st.container(key="group_rows", horizontal=True):
            rows = [_row(place, every, ipads_each) for place in range(number)]
    wanted = WantedGroups(tuple(group for group, _ in rows), {group.key: ipads for group, ipads in rows})
    with preview.container():
        _preview(wanted)
        _shared(wanted.animals)
    return wanted


def _row(place: int, every: Sequence[GroupTemplate], ipads_each: int) -> tuple[GroupTemplate, int]:
    """Without anything chosen the place in the catalogue is that in the class."""
    by_key, lang = {group.key: group for group in every}, viewer.lang()
    with st.container(
        key=f"group_row_{place}", horizontal=True, vertical_alignment="center", width="content", gap="small"
    ):
        drawing = st.empty()
        key: str = st.selectbox(
            t_kanji("fa_group_animal", number=place + 1),
            list(by_key),
            index=place,
            format_func=lambda key: texts.label_kanji(by_key[key].name(lang)) if key in by_key else "",
            key=f"group_animal_{place}",
            label_visibility="collapsed",
            width=150,
        )
        ipads = st.number_input(
            t_kanji("fa_group_ipads", number=place + 1),
            1,
            IPADS_MAX,
            ipads_each,
            # Another number for all groups is one for this group too.
            key=f"group_ipads_{place}_{ipads_each}",
            label_visibility="collapsed",
            icon="📱",
            width=180,
        )
    group = by_key.get(key, every[place])
    drawing.html(_chip(group, ""), width="content")
    return group, int(ipads)


def _preview(wanted: WantedGroups) -> None:
    lang = viewer.lang()
    chips = "".join(
        _chip(group, f" {name(group.name(lang))}{_ipads(wanted.ipads[group.key])}")
        for group in wanted.animals
    )
    st.html(
        f'<p class="staff-hint">{escape(t_kanji("fa_animals"))}</p><div class="staff-animals">{chips}</div>'
    )


def _chip(group: GroupTemplate, text: str) -> str:
    """`text`: HTML, behind the drawing on the group's colour."""
    return (
        f'<span class="staff-group-chip" style="background:{escape(group.color)};color:{escape(group.ink)}">'
        f"{animal(catalog.drawing_address(group.emoji))}{text}</span>"
    )


def _ipads(number: int) -> str:
    """Nothing where it is one, which goes without saying."""
    return f" <small>{escape(t_kanji('fa_ipads_times', number=number))}</small>" if number > 1 else ""


def _shared(animals: Sequence[GroupTemplate]) -> None:
    """An animal that two groups have; the service refuses it too."""
    twice = next((group for place, group in enumerate(animals) if group in animals[:place]), None)
    if twice is not None:
        told = texts.label_kanji(twice.name(viewer.lang()))
        st.error(t_kanji("class_group_animal_twice", name=told), icon="🐾")
