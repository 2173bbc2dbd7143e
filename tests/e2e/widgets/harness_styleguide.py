"""The style guide: every token of the look, and every part of the pages in its states. Not of the app: it is
served by `make styleguide` and by the tests alone.
"""

from __future__ import annotations

import re
from typing import Final

import streamlit as st

from classroom_app.content import catalog
from classroom_app.ui import texts, viewer
from classroom_app.ui.widgets import (
    assets,
    big_messages,
    children_frame,
    hold_button,
    picture_code,
    round_clock,
    staff_frame,
    tiles,
    tryout,
)
from classroom_app.views.classes import RoundClock

_SHEET: Final = """
.guide { display: flex; flex-wrap: wrap; gap: var(--s-3); }
.guide div { flex: 0 0 148px; font: 500 14px/1.5 var(--st-font); color: var(--ink); }
.guide i { display: block; height: 64px; border-radius: var(--r-field); }
.guide-text { display: flex; align-items: baseline; gap: var(--s-4); margin: 0; }
.guide-text code { flex: 0 0 110px; font-size: 14px; }
"""
_TOKEN: Final = re.compile(r"--([a-z0-9-]+): ([^;]+);(?: /\\* ([^\n]*?) \\*/)?")
_GROUPS: Final = {
    "t-": "iPad", "pic-": "Pictures", "c-": "Console", "p-": "Projector",
    "s-": "Space", "r-": "Corners", "m-": "Movement",
}  # fmt: skip
_WORDS: Final = "写真を とって AIを そだてよう"


def page() -> None:
    """All of it, one part below the other."""
    viewer.lang = lambda: st.query_params.get("lang", "ja")
    children_frame.style()
    st.html(f"<style>{_SHEET}</style>")
    _tokens(re.findall(_TOKEN, assets.source("common/tokens.css")))
    _groups()
    _children()
    _grown_ups()


def _tokens(found: list[tuple[str, str, str]]) -> None:
    st.html("<h2>Colours</h2>" + _boxes([
        (name, f"background:var(--{name})", told or value)
        for name, value, told in found
        if value.startswith(("#", "rgb"))
    ]))  # fmt: skip
    for start in ("t-", "c-", "p-"):
        lines = "".join(
            f'<p class="guide-text"><code>{name}</code>'
            f'<span style="font-size:var(--{name});line-height:1.4;font-weight:800">{_WORDS}</span></p>'
            for name, *_ in found
            if name.startswith(start)
        )
        st.html(f"<h2>{_GROUPS[start]}</h2>{lines}")
    pictures = [f'<span class="emoji" style="font-size:var(--{name})">🌱</span>' for name, *_ in found
                if name.startswith("pic-")]  # fmt: skip
    st.html(f"<h2>Pictures</h2><p>{' '.join(pictures)}</p>")
    style = {
        "s-": "width:var(--{0});background:var(--ink)",
        "r-": "border-radius:var(--{0});background:var(--warm)",
    }
    for start, look in style.items():
        named = [(name, look.format(name), value) for name, value, _ in found if name.startswith(start)]
        st.html(f"<h2>{_GROUPS[start]}</h2>{_boxes(named)}")
    shadows = [(name, f"background:var(--card);box-shadow:var(--{name})", "") for name in ("shade", "lift")]
    st.html(f"<h2>Height</h2>{_boxes(shadows)}")


def _boxes(named: list[tuple[str, str, str]]) -> str:
    inner = "".join(f'<div><i style="{style}"></i>{name}<br>{told}</div>' for name, style, told in named)
    return f'<div class="guide">{inner}</div>'


def _groups() -> None:
    boxes = [
        (
            f"{group.key} {catalog.contrast(group.deep, catalog.PAPER):.1f}",
            f"background:linear-gradient(90deg,{group.color} 50%,{group.deep} 50%)",
            f'<b style="background:{group.color};color:{group.ink}">{group.name_ja}</b>',
        )
        for group in catalog.GROUP_TEMPLATES
    ]
    st.html(f"<h2>Groups: surface and deep tone</h2>{_boxes(boxes)}")


def _children() -> None:
    st.html("<h2>The one next thing, and all others</h2>")
    st.button(texts.t("to_train"), key="big_guide", icon="🌱", type="primary", width="stretch", wrap=True)
    st.button(texts.t("to_collect_more"), key="small_guide", icon="📷", width="stretch", wrap=True)
    children_frame.problem(texts.t_html("join_token_unknown"))
    for number, fresh in ((0, False), (4, False)):
        big_messages.score(43, 48, fresh=fresh, more=number)
    big_messages.working("fitting", 0.6, texts.t_html("stage_fitting"), [f"photo-{n}" for n in range(12)])
    big_messages.show("/assets/emoji/1f427.svg", texts.t_html("lobby_title"), texts.t_html("lobby_text"))
    st.html("<h2>Labels and groups</h2>")
    row = [
        tiles.Tile(emoji, name, emoji, photos=photos, note=texts.t("photos_count", number=photos))
        for emoji, name, photos in (
            ("🍎", "りんご", 0),
            ("✏️", "えんぴつ", 2),
            ("☕", "コップ", 5),
            ("⭐", "ほし", 20),
        )
    ]
    tiles.tiles(row, label="labels", key="guide_labels", chosen="✏️", color="#1f5fb4")
    cards = [
        tiles.Tile(
            group.key,
            group.name_ja,
            group.emoji,
            f"/assets/emoji/{catalog.emoji_file(group.emoji)}",
            group.color,
        )
        for group in catalog.GROUP_TEMPLATES
    ]
    tiles.tiles(cards, label="groups", key="guide_groups", layout="cards")
    picture_code.picture_code(
        pictures=catalog.PICTURES, length=4, strings=texts.strings(picture_code.STRINGS), key="guide_code",
        problem="", tries=0, color="#c9184a",
    )  # fmt: skip
    round_clock.round_clock(RoundClock(200.0, paused=False, frozen=False), texts.strings(round_clock.STRINGS))
    st.html("<h2>The camera</h2>")
    tryout.tryout(color="#f5c518", strings=texts.strings(tryout.STRINGS), key="guide_tryout")


def _grown_ups() -> None:
    kinds = ("good", "busy", "bad", "quiet")
    staff_frame.style()
    staff_frame.section("Console", "")
    st.html(" ".join(staff_frame.badge(kind, kind) for kind in kinds))
    st.html(staff_frame.table(("A", "B"), [("a", staff_frame.badge("3", "bad"))]))
    for strong in (False, True):  # deleting has a form of its own
        hold_button.hold_button(text="削除する", hint="長押し", key=f"guide_hold_{strong}", strong=strong)
