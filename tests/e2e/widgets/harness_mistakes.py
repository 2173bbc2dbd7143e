"""The mistakes of the harness server: a page with so many cards, and reasons that can fail on demand."""

from __future__ import annotations

import asyncio
import base64

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from classroom_app.ui.widgets import mistakes as mistakes_widget
from classroom_app.views.classes import LabelView
from classroom_app.views.training import Mistake
from tests.e2e.widgets.store import STORE

ROWS = 6
HEAT = bytes(255 if row < 2 and column < 2 else 0 for row in range(ROWS) for column in range(ROWS))
SIMILAR = ("photo-1", "photo-4", "photo-gone")


def page(labels: list[LabelView], strings: dict[str, str], color: str) -> None:
    """`?cards=` cards, all of rock that was taken for paper; own photos are those of the store. `?mixed`: and
    what looks mixed is the heap of paper.
    """
    named = {label.id: label for label in labels}
    number = int(st.query_params.get("cards", "3"))
    action = mistakes_widget.mistakes(
        found=[Mistake(f"m{n}", named["rock"], named["paper"], (99 - n % 60) / 100) for n in range(number)],
        labels=labels,
        lang=st.query_params.get("lang", "ja"),
        own={one: photo.label for one, photo in STORE.photos.items()},
        may_change="closed" not in st.query_params,
        take_next="closed" not in st.query_params,
        look_in={"rock": "paper"} if "mixed" in st.query_params else {},
        undo="deleted" in st.session_state,
        strings=strings,
        key="mistakes",
        color=color,
    )
    if action is not None:
        st.session_state["told"] = f"{action.kind} {action.photo_id}{action.label_id}"
        if action.kind == "delete":
            st.session_state["deleted"] = (action.photo_id, STORE.photos.pop(action.photo_id))
        elif action.kind == "move":
            STORE.photos[action.photo_id].label = action.label_id
        elif action.kind == "undo":
            photo_id, photo = st.session_state.pop("deleted")
            STORE.photos[photo_id] = photo
        st.rerun()
    st.caption(f"TOLD={st.session_state.get('told')}")


async def reason(request: Request) -> Response:
    """GET /mistakes/{id}/reason as agreed."""
    STORE.fetched.append(request.url.path)
    await asyncio.sleep(float(str(STORE.switches.get("delay_s", 0))))
    if STORE.switches.get("reasons") == "refused":
        return JSONResponse({"error": "error_photo_not_found", "message": "", "retry": False}, 404)
    if STORE.switches.get("reasons") == "down":
        return JSONResponse({"error": "down", "message": "", "retry": True}, 503)
    return JSONResponse({**_map(), "nearest": list(SIMILAR)})


async def explain(request: Request) -> Response:
    """POST /explain as agreed: a guess and where it came from."""
    STORE.fetched.append(f"{request.url.path}?{request.url.query}")
    await request.body()
    await asyncio.sleep(float(str(STORE.switches.get("delay_s", 0))))
    if STORE.switches.get("reasons") == "down":
        return JSONResponse({"error": "down", "message": "", "retry": True}, 503)
    if STORE.switches.get("reasons") == "refused":
        return JSONResponse({"error": "photo_not_image", "message": "", "retry": False}, 422)
    return JSONResponse({"version": 1, "unsure": False, "scores": [], **_map()})


def _map() -> dict[str, object]:
    heat = bytes(ROWS * ROWS) if STORE.switches.get("reasons") == "flat" else HEAT
    return {"rows": ROWS, "columns": ROWS, "heat": base64.b64encode(heat).decode()}


ROUTES = [Route("/mistakes/{photo_id}/reason", reason), Route("/explain", explain, methods=["POST"])]
