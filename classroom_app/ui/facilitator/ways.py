"""The ways between the pages of staff: the same row on top of each, the page that is open marked.

Knows nothing of what the pages show, nor of who is let in (ui/guard.py).
"""

from __future__ import annotations

from urllib.parse import quote

import streamlit as st

from classroom_app.resources import App
from classroom_app.ui import state, viewer
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import staff_frame

_OF_DELETION = frozenset({"reset", "audit", "privacy"})  # for those who delete, or are asked to


def top_bar(app: App, title: str, page: str) -> None:
    """`page`: as of staff_frame.top_bar."""
    account = app.account
    links = ways(app, page.partition("?")[0])
    staff_frame.top_bar(title, page, links, None if account is None else account.username)


def ways(app: App, name: str) -> list[tuple[str, str]]:
    """(text, address) for the account whose services these are; none for somebody who has not logged in."""
    if app.account is None:
        return []
    class_id = st.query_params.get(state.EVENT, "") or st.query_params.get("class", "")
    at_class = f"?{state.EVENT}={quote(class_id)}" if class_id else ""
    links = [(t_kanji("fa_class"), f"/facilitator{at_class}"), (t_kanji("cs_jobs"), f"/jobs{at_class}")]
    deletes = app.lets("deletions", "begin")
    if deletes:
        links.append((t_kanji("fa_reset"), f"/reset{at_class}"))
    if deletes and name in _OF_DELETION:
        if app.account.is_owner:
            links.append((t_kanji("audit_title"), "/audit"))
        of_class = f"?class={quote(class_id)}" if class_id else ""
        links.append((t_kanji("privacy_title"), f"/privacy{of_class}"))
    return [*links, (t_kanji("account_title"), "/accounts"), (t_kanji("guide_link"), "/guide.pdf")]


def app_of_reader(app: App) -> App:
    """For a page that is open to everybody: the services of whoever is logged in here, or `app` itself."""
    if not viewer.is_at_staff_door():
        return app
    return app.as_account(viewer.cookies().get("facilitator")) or app
