"""A server with the widgets' pages and with routes kept in memory that can fail, wait or refuse on demand."""

from __future__ import annotations

import asyncio
import io
import time
from pathlib import Path

import streamlit as st
from PIL import Image, ImageDraw
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from classroom_app.content import catalog
from tests.e2e.widgets import harness_mistakes
from tests.e2e.widgets.store import STORE, Photo

ASSETS = Path(catalog.__file__).with_name("assets")
FOREIGN = {"X-Foreign": "1"}  # an answer that is played by somebody else's machine


class OwnMark:
    """As the app's routes: every answer says that it is our own, but for those of others."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start" and "x-foreign" not in MutableHeaders(scope=message):
                MutableHeaders(scope=message)["X-Classroom"] = "1"
            await send(message)

        await self._app(scope, receive, marked)


async def fault() -> Response | None:
    """The answer of the fault that is switched on, after the wait that is switched on."""
    await asyncio.sleep(float(str(STORE.switches.get("delay_s", 0))))
    mode = STORE.switches.get("mode")
    if mode == "down":
        return JSONResponse({"error": "down", "message": "", "retry": True}, 503)
    if mode == "refuse":
        message = "まっくらな {写真|しゃしん}みたい。もういちど とってね"
        return JSONResponse({"error": "photo_too_dark", "message": message, "retry": False}, 422)
    if mode == "signed_out":
        return JSONResponse({"error": "signed_out", "message": "", "retry": False}, 401)
    if mode == "class_over":
        return JSONResponse({"error": "class_over", "message": "おしまい", "retry": False}, 401)
    if mode == "portal":  # a Wi-Fi log-in page answers everything with a friendly 200
        return PlainTextResponse("<html>Welcome to the school Wi-Fi</html>", headers=FOREIGN)
    if mode == "filter":  # a school's filter, or a firewall before the app
        return HTMLResponse("<html>This page is blocked</html>", 403, FOREIGN)
    return None


def drawn(number: int) -> bytes:
    """A small picture of its own colour for each number."""
    out = io.BytesIO()
    picture = Image.new(
        "RGB", (240, 240), (number * 37 % 200 + 40, number * 71 % 200 + 40, number * 13 % 200 + 40)
    )
    ImageDraw.Draw(picture).ellipse((50, 50, 190, 190), fill=(255, 250, 240))
    picture.save(out, "JPEG")
    return out.getvalue()


async def predict(request: Request) -> Response:
    """POST /predict as agreed, with shares that tremble as a real model's do."""
    STORE.frames.append(time.monotonic())
    await request.body()
    problem = await fault()
    if problem is not None:
        return problem
    guess = STORE.switches.get("guess", "sure")
    if guess == "no_model":
        return JSONResponse({"error": "no_model", "message": "", "retry": True}, 409)
    tremble = 0.08 * (len(STORE.frames) % 2)
    shares = {"rock": 0.82 - tremble, "paper": 0.13 + tremble, "scissors": 0.05}
    if guess == "unsure":
        shares = {"rock": 0.38 - tremble, "paper": 0.33 + tremble, "scissors": 0.29}
    looks = {"rock": ("✊", "グー"), "paper": ("✋", "パー"), "scissors": ("✌️", "チョキ")}
    scores = [
        {"label_id": label, "key": label, "emoji": looks[label][0], "name": looks[label][1], "p": share}
        for label, share in sorted(shares.items(), key=lambda item: -item[1])
    ]
    around = {
        "variety": STORE.switches.get("variety", 0.0),
        "looked_around": STORE.switches.get("around", False),
    }
    return JSONResponse({"version": 1, "unsure": guess == "unsure", "scores": scores, **around})


async def session(request: Request) -> Response:
    """POST /session: a cookie for a good ticket."""
    ticket = (await request.json())["ticket"]
    STORE.tickets.append(ticket)
    problem = await fault()
    if problem is not None:
        return problem
    if ticket != "good" or request.headers.get("X-Classroom") != "1":
        message = "この {番号|ばんごう}は ちがうみたい"
        return JSONResponse({"error": "ticket_unknown", "message": message, "retry": False}, 401)
    answer = Response(status_code=204)
    answer.set_cookie("group", "penguins", httponly=True, samesite="lax")
    return answer


async def take_photo(request: Request) -> Response:
    """POST /photos as agreed: idempotent by the client's id."""
    photo_id = request.headers["X-Photo-Id"]
    STORE.attempts.append(photo_id)
    data = await request.body()
    if request.headers.get("X-Classroom") != "1":
        return JSONResponse({"error": "csrf", "message": "", "retry": False}, 403)
    problem = await fault()
    epoch = STORE.switches.get("epoch")
    if epoch is not None and request.headers.get("X-Group-Epoch") != str(epoch):
        return JSONResponse({"error": "error_group_was_reset", "message": "リセット", "retry": False}, 409)
    if STORE.switches.get("mode") == "lost_answer" and photo_id not in STORE.photos:
        problem = JSONResponse({"error": "down", "message": "", "retry": True}, 502)
    elif problem is not None:
        return problem
    known = photo_id in STORE.photos
    if not known:
        group = request.headers.get("X-Group-Id", "")
        STORE.add(photo_id, Photo(request.query_params["label"], group, data))
    advice = STORE.switches.get("coach")  # [kind, sentence] of the photo coach
    kind, message = advice if isinstance(advice, list) else (None, None)
    body = {"id": photo_id, "status": "already" if known else "saved", "coach": kind, "message": message}
    return problem or JSONResponse(body, 200 if known else 201)


async def control(request: Request) -> Response:
    """POST replaces the switches (and empties the store with `clear`), GET tells what has arrived."""
    if request.method == "POST":
        wanted = await request.json()
        if wanted.pop("clear", False):
            STORE.clear()
        for number in range(int(wanted.pop("seed", 0))):
            label = ("rock", "paper", "scissors")[number % 3]
            STORE.photos[f"photo-{number}"] = Photo(label, "penguins", drawn(number))
        STORE.switches = wanted
        return Response(status_code=204)
    photos = [
        {"id": one, "label": photo.label, "group": photo.group, "bytes": len(photo.data)}
        for one, photo in STORE.photos.items()
    ]
    asked = {"attempts": STORE.attempts, "fetched": STORE.fetched, "frames": STORE.frames}
    return JSONResponse({"photos": photos, "tickets": STORE.tickets, **asked})


async def photo_bytes(request: Request) -> Response:
    """GET /photos/{id}/thumb|full: the bytes as they arrived."""
    photo = STORE.photos.get(request.path_params["photo_id"])
    STORE.fetched.append(request.url.path)
    if photo is None:
        return Response(status_code=404)
    return Response(photo.data, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


async def mistake_bytes(request: Request) -> Response:
    """GET /mistakes/{id}/thumb: a drawn picture."""
    STORE.fetched.append(request.url.path)
    return Response(drawn(len(STORE.fetched)), media_type="image/jpeg")


app = st.App(
    Path(__file__).with_name("harness_app.py"),
    routes=[
        Route("/photos", take_photo, methods=["POST"]),
        Route("/photos/{photo_id}/{size}", photo_bytes),
        *harness_mistakes.ROUTES,
        Route("/mistakes/{photo_id}/{size}", mistake_bytes),
        Route("/predict", predict, methods=["POST"]),
        Route("/session", session, methods=["POST"]),
        Route("/test", control, methods=["GET", "POST"]),
        Mount("/assets", StaticFiles(directory=ASSETS)),
    ],
    middleware=[Middleware(OwnMark)],
)
