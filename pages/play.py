"""Play: point the camera at something and see what the group's AI says; in a swap round, another group's."""

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.states import Phase
from classroom_app.ui import guard, state, texts
from classroom_app.ui.widgets import big_messages, children_frame, device, player, swap
from classroom_app.views.play import LentAi

app, group = guard.require_group()
guard.follow_the_show(app, group)
now = app.now.look(group, "play")
journey = app.runs.journey(group)
if journey.versions:
    st.session_state[state.PLAYED] = journey.versions


def try_own() -> None:
    model = app.play.model(group)
    player.player(
        strings=texts.strings(player.STRINGS),
        key="player",
        color=group.color,
        device=device.offer(model.version, model.model_id, group.epoch, texts.label_rows(model.labels))
        if app.settings.live_guesses == "device"
        else None,
    )


def try_another(lent: LentAi) -> None:
    try:
        model = app.play.model(group, lent=True)
    except ClassroomError as error:  # the round is over since, or the other group was reset
        children_frame.problem(texts.sorry(error))
        return
    labels = texts.label_rows(model.labels)
    swap.whose(lent)
    player.player(
        strings=texts.strings(player.STRINGS),
        key=f"player_{lent.word}",  # another AI is another player: nothing of the one before is left in it
        predict_url="/swap/predict",
        explain_url="/swap/explain",
        color=lent.owner.color,
        device=device.offer(
            model.version, model.model_id, group.epoch, labels, folder="/swap/models", lent=lent.word
        )
        if app.settings.live_guesses == "device"
        else None,
        fooling=labels,
    )
    swap.tally(lent)


children_frame.header(now, group, journey)
if (lent := app.swap.lent(group)) is not None:
    try_another(lent)
    st.session_state[state.LENT] = True
elif group.phase == Phase.LOBBY or (not journey.versions and not now.may_work):
    big_messages.closed(now, group.picture, wait=not journey.versions)
elif not journey.versions:
    big_messages.no_ai_yet(journey, "play_no_model", "play_no_model_text")
else:
    big_messages.why_closed(now, tries=True)
    if st.session_state.pop(state.LENT, False):
        st.toast(texts.t("swap_ended"), icon="🎭")
    try_own()
    with st.container(key="after_play", horizontal=True, gap="small"):
        if now.may_work:
            big_messages.way_on("to_collect_more", "📷", "collect", big=False)
        big_messages.way_on("to_results", "🏆", "results")
