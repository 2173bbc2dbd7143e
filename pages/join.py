"""A group comes in: "that is us" after the QR code, or its tile and a picture code without one."""

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.resources import get_app
from classroom_app.states import Phase
from classroom_app.ui import guard, navigation, state, texts, viewer
from classroom_app.ui.widgets import children_frame, join

app = get_app()
group = viewer.group()
if group is not None:
    st.query_params.pop("by", None)
if group is not None and st.query_params.get("here") != group.key:
    if join.confirm(group):
        app.access.confirm_group(group.id)
        st.query_params["here"] = group.key  # stays over a reload: the question is asked once
        if group.phase != Phase.LOBBY:
            navigation.goto(navigation.children_home(group.phase))
        st.rerun()
elif group is not None:
    if group.phase != Phase.LOBBY:
        navigation.goto(navigation.children_home(group.phase))
    guard.note_read(app, group)
    join.lobby(group, app.now.look(group, "join"))
else:
    problem = st.query_params.get("problem", "")
    join.end_of_a_class(app.ending.look(viewer.cookies().get("group")), problem)
    if st.query_params.get("by") == "card" and "group" not in viewer.cookies():
        problem = "join_no_cookie"  # the card's address set one, and it did not come back
    classes = app.access.groups_to_join(viewer.address())
    known = {item.id: item for _, groups in classes for item in groups}
    chosen = known.get(st.session_state.get(state.TILE, ""))
    if problem in {"join_token_unknown", "join_no_cookie"}:
        below = problem == "join_token_unknown" and known and chosen is None
        another_way = f"<br>{texts.t_html('join_choose_below')}" if below else ""
        children_frame.problem(texts.t_html(problem) + another_way)
    if chosen is None:
        join.choose_group(classes)
    else:
        code = join.ask_code(chosen)
        if code:
            try:
                ticket = app.access.ticket_by_picture_code(
                    chosen.id,
                    code,
                    viewer.address(),
                    browser=viewer.cookies().get("browser"),
                    before=viewer.cookies().get("group"),
                )
            except ClassroomError as exc:
                join.wrong_code(texts.sorry(exc))
            join.enter(ticket)
