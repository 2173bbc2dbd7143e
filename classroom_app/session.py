"""Who is looking at this page, in which language; every session_state key has its name here.

Knows nothing of what pages show. The cookie is checked against the database on every rerun:
session_state can be thrown away at any moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NoReturn

import streamlit as st

from classroom_app import i18n
from classroom_app.resources import App, get_app
from classroom_app.services.access import GroupIdentity

# Names of the session_state entries, and of the widgets that pages read back.
LABEL: Final = "label"  # id of the label whose camera is open
PHOTO_CHOSEN: Final = "photo_chosen"
PICTURE_CODE: Final = "picture_code"  # pictures tapped so far
TILE: Final = "tile"  # id of the group whose tile was tapped
EVENT: Final = "event"  # id of the class a facilitator looks at
DELETION: Final = "deletion"  # what a facilitator is about to delete
RECEIPT: Final = "receipt"
RUN_SEEN: Final = "run_seen"  # id of the run whose result this iPad has celebrated

CHILDREN_PAGES: Final = frozenset({"collect", "train", "play", "results"})
FACILITATOR_PAGES: Final = frozenset({"facilitator", "reset"})
PROJECTOR_PAGES: Final = frozenset({"projector"})


def cookies() -> Mapping[str, str]:
    """The cookies of the connection that this session came over."""
    return st.context.cookies


def lang() -> str:
    chosen = cookies().get("lang", "")
    return chosen if chosen in i18n.LANGUAGES else get_app().settings.language


def t(key: str, **params: object) -> str:
    """Plain text in this viewer's language, for buttons and grown-ups' pages."""
    return i18n.t(key, lang(), **params)


def t_html(key: str, **params: object) -> str:
    """HTML with furigana in this viewer's language."""
    return i18n.t_html(key, lang(), **params)


def t_kanji(key: str, **params: object) -> str:
    """Text with kanji and without furigana, for grown-ups."""
    return i18n.t_kanji(key, lang(), **params)


def group() -> GroupIdentity | None:
    return get_app().access.group(cookies().get("group"))


def facilitator() -> str | None:
    return get_app().access.facilitator(cookies().get("facilitator"))


def require_group() -> tuple[App, GroupIdentity]:
    """The app and the group behind the cookie; without one, the way back in, and nothing else runs."""
    app = get_app()
    identity = group()
    if identity is None:
        _way_back("joined_out", "/join")
    app.access.note_seen(identity.id)
    return app, identity


def require_facilitator() -> tuple[App, str]:
    app = get_app()
    username = facilitator()
    if username is None:
        _way_back("login_needed", "/login")
    return app, username


def require_projector() -> tuple[App, str]:
    """The app and the id of the class on the projector's signed link; facilitators may look too."""
    app = get_app()
    event_id = app.access.projector_event(cookies().get("projector"))
    if event_id is None:
        _way_back("projector_link_old", "/login")
    return app, event_id


def guard(url_path: str) -> None:
    """The first of two checks: nobody's page runs before its cookie was checked."""
    if url_path in CHILDREN_PAGES:
        require_group()
    elif url_path in FACILITATOR_PAGES:
        require_facilitator()
    elif url_path in PROJECTOR_PAGES:
        require_projector()


def _way_back(key: str, url: str) -> NoReturn:
    """One sentence and one big link; a full page load, so that the new cookie is seen."""
    sentence, link = t_html(key), t("way_back")
    st.html(
        f'<div class="way-back"><p>{sentence}</p>'
        f'<a class="big-link" href="{url}" target="_self">{link}</a></div>'
    )
    st.stop()
    raise AssertionError("st.stop() does not return")
