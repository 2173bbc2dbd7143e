"""The lobby on the projector: the code to scan, and the groups that pop in."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from classroom_app.ui.texts import t, t_html
from classroom_app.ui.widgets.projector.frame import animal, density, name_of
from classroom_app.ui.widgets.qr_code import qr_image
from classroom_app.ui.widgets.staff_frame import escape
from classroom_app.views.classes import GroupView


def lobby(join_url: str, groups: Sequence[GroupView]) -> None:
    joined, size = sum(group.joined for group in groups), density(len(groups))
    with st.container(key=f"pj_lobby_{size}"):
        st.html(
            f'<div class="pj-join">{qr_image(join_url, t("pj_join"))}<p>📷 {t_html("pj_join")}</p>'
            f"<code>{escape(_short(join_url))}</code></div>"
        )
        with st.container(key="pj_side"):
            st.html(f'<p class="pj-count"><b>{joined}</b> / {len(groups)} {t_html("pj_joined")}</p>')
            with st.container(key=f"pj_tiles_{size}"):
                for group in groups:  # one element each, so that only a tile that lights up is drawn anew
                    st.html(_tile(group))


def _short(url: str) -> str:
    """An address as people type it."""
    return url.removeprefix("https://").removeprefix("http://")


def _tile(group: GroupView) -> str:
    paint = f'style="background:{escape(group.color)};color:{escape(group.ink)}"' if group.joined else ""
    kind = "pj-tile pj-lit" if group.joined else "pj-tile"
    return f'<div class="{kind}" {paint}>{animal(group)}<b>{name_of(group)}</b></div>'
