"""Play: point the camera at something and see what the group's AI says.

Knows nothing of models; the player asks for its guesses by itself.
"""

import streamlit as st

from classroom_app import session
from classroom_app.widgets import chrome, player, scenes

app, group = session.require_group()
journey = app.runs.journey(group)
if journey.versions:
    st.session_state[session.PLAYED] = journey.versions
chrome.header("play", group, journey)
if group.phase == "lobby":
    scenes.closed(group.phase, group.picture)
elif not journey.versions:
    scenes.scene("🌱", session.t_html("play_no_model"), session.t_html("play_no_model_text"))
    with st.container(key="narrow"):
        scenes.way_on("to_first_train", "🌱", "train")
else:
    player.player(strings=session.strings(player.STRINGS), key="player", color=group.color)
    with st.container(key="after_play", horizontal=True, gap="small"):
        if group.phase == "collect":
            scenes.way_on("to_collect_more", "📷", "collect", big=False)
        scenes.way_on("to_results", "🏆", "results")
