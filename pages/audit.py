"""Who did what in which class, for owners: with a filter, and as a table to take away."""

from urllib.parse import urlencode

import streamlit as st

from classroom_app.ui import guard
from classroom_app.ui.facilitator import ways
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import audit as audit_view
from classroom_app.ui.widgets import staff_frame

app, _ = guard.require_facilitator(to_own=True)
SHOWN = 200

staff_frame.style()
ways.top_bar(app, t_kanji("audit_title"), "audit")
st.html(f'<p class="staff-hint">{t_kanji("audit_hint")}</p>')
events = app.classes.all()
groups = {group.id: group for event in events for group in event.groups}
event_id, who, did = audit_view.choose(events, groups, app.audit.people(), app.audit.deeds())
found = app.audit.entries(event_id=event_id, who=who, did=did, limit=SHOWN)
asked = {name: value for name, value in (("event", event_id), ("who", who), ("did", did)) if value}
audit_view.lines(found, {event.id: event.name for event in events}, groups)
audit_view.take_away(f"/api/audit.csv?{urlencode(asked)}", at_most=SHOWN if len(found) == SHOWN else None)
