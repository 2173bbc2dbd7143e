"""Play: point the camera at something and see what the group's AI says."""

import streamlit as st

from classroom_app.states import Phase
from classroom_app.ui import guard, state, texts
from classroom_app.ui.widgets import big_messages, children_frame, device, player

app, group = guard.require_group()
guard.follow_the_show(app, group)
now = app.now.look(group, "play")
journey = app.runs.journey(group)
if journey.versions:
    st.session_state[state.PLAYED] = journey.versions
children_frame.header(now, group, journey)
if group.phase == Phase.LOBBY or (not journey.versions and not now.may_work):
    big_messages.closed(now, group.picture)
elif not journey.versions:
    big_messages.show("🌱", texts.t_html("play_no_model"), texts.t_html("play_no_model_text"))
    with st.container(key="narrow"):
        big_messages.way_on("to_first_train", "🌱", "train")
else:
    big_messages.why_closed(now)
    model = app.play.model(group)
    player.player(
        strings=texts.strings(player.STRINGS),
        key="player",
        color=group.color,
        device=device.offer(model.version, model.model_id, group.epoch, texts.label_rows(model.labels))
        if app.settings.live_guesses == "device"
        else None,
    )
    with st.container(key="after_play", horizontal=True, gap="small"):
        if now.may_work:
            big_messages.way_on("to_collect_more", "📷", "collect", big=False)
        big_messages.way_on("to_results", "🏆", "results")
