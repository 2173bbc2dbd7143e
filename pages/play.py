"""Play: point the camera at something and see what the group's AI says."""

import streamlit as st

from classroom_app.states import Phase
from classroom_app.ui import guard, state, texts
from classroom_app.ui.widgets import big_messages, children_frame, player

app, group = guard.require_group()
now = app.now.look(group, "play")
journey = app.runs.journey(group)
if journey.versions:
    st.session_state[state.PLAYED] = journey.versions
children_frame.header(now, group, journey)
if group.phase == Phase.LOBBY:
    big_messages.closed(group.phase, group.picture)
elif not journey.versions:
    big_messages.show("🌱", texts.t_html("play_no_model"), texts.t_html("play_no_model_text"))
    with st.container(key="narrow"):
        big_messages.way_on("to_first_train", "🌱", "train")
else:
    player.player(strings=texts.strings(player.STRINGS), key="player", color=group.color)
    with st.container(key="after_play", horizontal=True, gap="small"):
        if group.phase == Phase.COLLECT:
            big_messages.way_on("to_collect_more", "📷", "collect", big=False)
        big_messages.way_on("to_results", "🏆", "results")
