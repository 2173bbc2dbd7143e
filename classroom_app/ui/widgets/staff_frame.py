"""What the grown-ups' pages share: their style, the bar on top, tables and badges as HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import streamlit as st

from classroom_app.content import catalog, i18n
from classroom_app.ui import state, texts, viewer
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets.in_view import in_view
from classroom_app.ui.widgets.navigate import navigate

_CSS: Final = Path(__file__).with_name("staff_frame.css")


def style() -> None:
    """Once a run, first thing on a grown-ups' page."""
    st.html(f"<style>{_CSS.read_text(encoding='utf-8')}</style>")


def escape(text: object) -> str:
    return html.escape(str(text))


def code_html(text: str) -> str:
    """The text, with what stands between backticks as something to type."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))


def name(text: str) -> str:
    """A label's or group's name with its kanji and without furigana, escaped."""
    return escape(texts.label_kanji(text))


def animal(picture: str) -> str:
    """The drawing that the children know as their group's, by its address on this site."""
    return f'<img class="staff-animal" src="{escape(picture)}" alt="">'


def code(pictures: Sequence[catalog.Picture]) -> str:
    """A group's picture code, as the tiles and its card show it."""
    drawings = "".join(map(_drawing, pictures))
    return f'<p class="staff-code">{drawings}</p>'


def _drawing(picture: catalog.Picture) -> str:
    address = escape(catalog.drawing_address(picture.emoji))
    return f'<img src="{address}" alt="{name(picture.name(viewer.lang()))}">'


def top_bar(title: str, page: str, links: Sequence[tuple[str, str]] = (), user: str | None = None) -> None:
    """Title, links to other pages, that to this one marked, language; and the way out when somebody is logged
    in. `page`: the address of this one, with what must stay in it when the language changes.
    """
    here = f"/{page}".partition("?")[0]
    with st.container(key="bar", horizontal=True, vertical_alignment="center"):
        anchors = "".join(_link(text, url, here=url.partition("?")[0] == here) for text, url in links)
        ways = f"<nav>{anchors}</nav>" if anchors else ""
        st.html(f'<div class="staff-top"><h1>{escape(title)}</h1>{ways}</div>', width="stretch")
        other = next(lang for lang in i18n.LANGUAGES if lang != viewer.lang())
        language = st.button(
            i18n.t("staff_language", other), key="staff_language", type="tertiary", icon="🌐"
        )
        leave = user is not None and st.button(t_kanji("staff_log_out"), key="log_out", type="tertiary")
    if language:
        navigate(url=f"/{page}", post_url="/session/language", body={"lang": other}, key="go_language")
    if leave:
        navigate(url="/login", post_url="/session/leave?who=facilitator", body={}, key="go_out")


def _link(text: str, url: str, *, here: bool) -> str:
    mark = ' aria-current="page"' if here else ""
    window = "_blank" if url.endswith(".pdf") else "_self"  # a paper opens beside the page
    return f'<a class="staff-link" href="{escape(url)}" target="{window}"{mark}>{escape(text)}</a>'


def notice(place: str) -> None:
    """What became of a button's press, right beside it and moved into view: what the press has changed may
    have moved the place.
    """
    told = state.told(place)
    if told is not None:
        with st.container(key=f"notice_{place}"):
            (st.success if told.good else st.error)(told.text, icon="✅" if told.good else "⚠️")
            in_view(f"notice_{place}", str(told.at))


def section(title: str, hint: str = "") -> None:
    text = f'<p class="staff-hint">{escape(hint)}</p>' if hint else ""
    st.html(f'<div class="staff-section"><h2>{escape(title)}</h2>{text}</div>')


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, first_wide: bool = True) -> str:
    """An HTML table; head and cells are HTML already, and begin at the left."""
    top = "".join(f"<th scope='col'>{cell}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    wide = " staff-first" if first_wide else ""
    return (
        f'<div class="staff-scroll"><table class="staff-table{wide}">'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def badge(text: str, kind: str = "quiet") -> str:
    """`kind`: good, busy, bad, quiet."""
    return f'<span class="staff-badge staff-{kind}">{escape(text)}</span>'
