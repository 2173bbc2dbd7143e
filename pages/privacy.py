"""Answers for parents, without a log-in: what is kept, where, for how long, who sees it, how to object."""

from urllib.parse import urlencode

import streamlit as st

from classroom_app.errors import NotFoundError
from classroom_app.resources import get_app
from classroom_app.states import FaceRule
from classroom_app.ui import viewer
from classroom_app.ui.facilitator import ways
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import privacy, staff_frame
from classroom_app.ui.widgets.privacy import PhotoStore, PrivacyFacts

app = get_app()


def facts() -> PrivacyFacts:
    """Of the app, and of the class whose card or page led here."""
    where = PhotoStore.HERE
    if app.settings.blobs.startswith("gs://"):
        where = PhotoStore.EMULATOR if app.settings.blobs_emulated else PhotoStore.CLOUD
    tls = viewer.base_url().startswith("https://")
    minutes = round(app.settings.undo_minutes)
    group = viewer.group()
    event_id = st.query_params.get("class", "") or (group.event_id if group is not None else "")
    try:
        event, end = app.classes.get(event_id), app.retention.end(event_id)
    except NotFoundError:
        return PrivacyFacts(where, tls, minutes)
    stricter = any(group.faces == FaceRule.BLOCK for group in event.groups)
    return PrivacyFacts(where, tls, minutes, event.name, event.faces, stricter, end)


staff_frame.style()
known = {"class": st.query_params["class"]} if "class" in st.query_params else {}
address = f"privacy?{urlencode(known)}" if known else "privacy"
ways.top_bar(ways.app_of_reader(app), t_kanji("privacy_title"), address)
privacy.answers(facts())
