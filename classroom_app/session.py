"""Who is looking at this page, in which language; every session_state key has its name here.

Knows nothing of what pages show. The cookie is checked against the database on every rerun:
session_state can be thrown away at any moment.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import urlsplit

import streamlit as st

from classroom_app import i18n
from classroom_app.errors import ClassroomError
from classroom_app.resources import App, get_app
from classroom_app.services.access import GroupIdentity

# Names of the session_state entries, and of the widgets that pages read back.
LABEL: Final = "label"  # id of the label whose camera is open
PHOTO_CHOSEN: Final = "photo_chosen"
PICTURE_CODE: Final = "picture_code"  # pictures tapped so far
TILE: Final = "tile"  # id of the group whose tile was tapped
EVENT: Final = "event"  # id of the class a facilitator looks at
DELETION: Final = "deletion"  # what a facilitator is about to delete
RECEIPT: Final = "receipt"  # of the deletion just made
NOTICE: Final = "notice"  # a sentence for the next run of the page
SECTION: Final = "section"  # open tab of the facilitator page
NEW_CLASS: Final = "new_class"  # the form for one is open
CLASS_MADE: Final = "class_made"  # to be shown next
SUBJECT: Final = "subject"  # chosen in that form
PHASE_WANTED: Final = "phase_wanted"  # waits for a facilitator's yes
UPLOAD: Final = "upload"  # what became of the challenge photos just sent
CURTAIN: Final = "curtain"  # the facilitator looks at the hidden half
PHOTO_PAGE: Final = "photo_page"
REVEAL_BEGAN: Final = "reveal_began"  # seconds of the clock, by class id
# What streamlit-authenticator leaves behind; it must never count as being logged in.
LIBRARY_LOGIN: Final = ("authentication_status", "name", "username", "email", "roles", "logout")
CODE_TRIES: Final = "code_tries"  # wrong picture codes on this iPad so far
CODE_PROBLEM: Final = "code_problem"  # what was wrong with the last one, in words
PLAYED: Final = "played"  # version that this iPad has tried with the camera
RUN_SEEN: Final = "run_seen"  # id of the run whose result this iPad has celebrated

CHILDREN_PAGES: Final = frozenset({"collect", "train", "play", "results", "mistakes"})
FACILITATOR_PAGES: Final = frozenset({"facilitator", "reset"})
PROJECTOR_PAGES: Final = frozenset({"projector"})
_PAGES = Path(__file__).parent.parent / "pages"


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


def strings(keys: Iterable[str]) -> dict[str, str]:
    """The texts of a widget, with furigana."""
    return {key: t_html(key) for key in keys}


def sorry(error: ClassroomError) -> str:
    """An error as one friendly sentence (HTML); never its own text."""
    key = error.key if i18n.has(error.key) else ClassroomError.key
    return t_html(key, **error.params)


def label_html(name: str) -> str:
    """A label's name with furigana; names come from people, so they are escaped."""
    return i18n.ruby(html.escape(name))


def label_plain(name: str) -> str:
    """A label's name in the reading, for buttons."""
    return i18n.plain(name)


def label_kanji(name: str) -> str:
    """A label's name with kanji and without readings, for grown-ups."""
    return i18n.kanji(name)


def page_path(name: str) -> str:
    """A page as st.page_link and st.switch_page want it."""
    return str(_PAGES / f"{name}.py")


def goto(name: str) -> NoReturn:
    """Leave for another page of ours; no reload, the camera page opens at once."""
    st.switch_page(page_path(name))


def children_home(phase: str) -> str:
    """The page on which a group goes on in this phase of the class."""
    return {"lobby": "join", "collect": "collect"}.get(phase, "results")


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
    """The app and the id of the class on the projector's signed link."""
    app = get_app()
    event_id = app.access.projector_event(cookies().get("projector"))
    if event_id is None:
        _way_back("projector_link_old", "/login")
    return app, event_id


def base_url() -> str:
    """What QR codes and copied links begin with: the public address, or the one of this page."""
    given = get_app().settings.public_url
    here = urlsplit(st.context.url or "")
    own = f"{here.scheme}://{here.netloc}" if here.netloc else ""
    return (given or own).rstrip("/")


def library_login_status() -> bool | None:
    """What streamlit-authenticator thinks of the name and password just sent; None when none were."""
    status = st.session_state.get(LIBRARY_LOGIN[0])
    return status if isinstance(status, bool) else None


def tell(text: str, *, good: bool = True) -> None:
    """Keep a sentence until the page has run again, when it is shown once."""
    st.session_state[NOTICE] = (text, good)


def told() -> tuple[str, bool] | None:
    notice: tuple[str, bool] | None = st.session_state.pop(NOTICE, None)
    return notice


def clear_library_login() -> None:
    for key in LIBRARY_LOGIN:
        st.session_state.pop(key, None)


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
    sentence, link = t_html(key), t("way_login" if url == "/login" else "way_back")
    st.html(
        f'<div class="way-back"><p>{sentence}</p>'
        f'<a class="big-link" href="{url}" target="_self">{link}</a></div>'
    )
    st.stop()
    raise AssertionError("st.stop() does not return")
