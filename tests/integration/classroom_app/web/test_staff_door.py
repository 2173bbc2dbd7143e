"""Facilitators' own door: what is theirs is at one port or host name alone, whatever a browser claims."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from classroom_app.network import LOOPBACK, free_port
from classroom_app.resources import App, set_app
from classroom_app.settings import Settings
from classroom_app.ui.page_table import HOME, PAGES, Audience
from classroom_app.views.classes import EventView
from classroom_app.web.asgi import OwnRoutes, own_routes
from classroom_app.web.open_paths import OpenPaths
from classroom_app.web.staff_door import StaffDoor
from tests.integration.classroom_app.web.test_roles import TABLE
from tests.pages.ipad import IPad, ipad
from tests.support.roles import GROWN_UPS
from tests.support.running import OWN, PASSWORD, WebAlone

__all__ = ["ipad"]
DOORS = [({"port": 8502}, "http://class.test:8502"), ({"host": "adults.test"}, "http://adults.test")]
CLASS = "http://class.test:8501"
LOG_IN = ("POST", "/session/facilitator")


async def page(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"a page at {request.headers.get('x-classroom-door')}")


class Doors:
    """Asks at either door without a network."""

    def __init__(self, app: App, door: dict[str, Any]) -> None:
        routes = own_routes(app.settings)
        layers = [
            Middleware(StaffDoor, routes=routes, **door),
            Middleware(OpenPaths, routes=routes),
            Middleware(OwnRoutes, routes=routes),
        ]
        asgi = Starlette(
            routes=[Route("/" if one is HOME else f"/{one.name}", page) for one in PAGES], middleware=layers
        )
        self._transport = httpx.ASGITransport(asgi, client=("192.0.2.7", 50000))

    def __call__(self, method: str, url: str, **options: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            cookies, headers = options.pop("cookies", {}), {**OWN, **options.pop("headers", {})}
            async with httpx.AsyncClient(transport=self._transport, cookies=cookies) as client:
                return await client.request(method, url, headers=headers, **options)

        return asyncio.run(ask())


@pytest.fixture(params=DOORS, ids=["port", "host"])
def door(app: App, request: pytest.FixtureRequest) -> Iterator[tuple[Doors, str]]:
    set_app(app)
    app.logins.first_start(PASSWORD)
    given, url = request.param
    yield Doors(app, given), url
    set_app(None)


def test_the_pages_of_facilitators_are_at_their_door_alone(door: tuple[Doors, str]) -> None:
    doors, theirs = door
    for spec in PAGES:
        path = "" if spec is HOME else spec.name
        hidden = spec.name == "login" or spec.audience is Audience.FACILITATOR
        for ending in ("", "/") if path else ("",):
            here = doors("GET", f"{CLASS}/{path}{ending}", headers={"Accept": "text/html"})
            if hidden:
                assert (here.status_code, here.text) == (404, "Not found"), spec.name
        assert doors("GET", f"{theirs}/{path}").text == "a page at staff"
    assert doors("GET", f"{CLASS}/join").text == "a page at None"


def test_their_routes_are_there_alone_too(app: App, door: tuple[Doors, str], event: EventView) -> None:
    doors, theirs = door
    cookie = {"facilitator": app.logins.facilitator_cookie("facilitator")}
    gone = set()
    for method, path in TABLE:
        here = doors(method, f"{CLASS}{re.sub(r'{.*?}', event.id, path)}", cookies=cookie)
        if (here.status_code, here.text) == (404, "Not found"):
            gone.add((method, path))
    assert gone == {route for route, let_in in TABLE.items() if let_in <= GROWN_UPS} | {LOG_IN}
    login = {"username": "facilitator", "password": PASSWORD}
    assert doors("POST", f"{CLASS}/session/facilitator", json=login).status_code == 404
    assert doors("POST", f"{theirs}/session/facilitator", json=login).status_code == 204
    assert doors("GET", f"{theirs}/api/events/{event.id}", cookies=cookie).status_code == 200


def test_at_the_classs_door_nobody_is_a_facilitator(
    app: App, door: tuple[Doors, str], event: EventView
) -> None:
    doors, theirs = door
    cookie = {"facilitator": app.logins.facilitator_cookie("facilitator")}
    path = f"/api/show/now?event={event.id}"
    assert doors("GET", f"{CLASS}{path}", cookies=cookie).status_code == 401
    assert doors("GET", f"{theirs}{path}", cookies=cookie).status_code == 200
    assert doors("PUT", f"{CLASS}/_stcore/upload_file/a/b", cookies=cookie).text == "Not found"
    both = {**cookie, "projector": app.access.projector_link(event.id)}
    assert doors("GET", f"{CLASS}{path}", cookies=both).status_code == 200, "the other cookies stay"


@pytest.mark.parametrize(
    "claims",
    [
        {"X-Classroom-Door": "staff"},
        {"x-classroom-door": "staff", "X-Forwarded-Port": "8502"},
        {"X-Forwarded-Host": "adults.test:8502"},
        {"Host": "class.test:8502"},
    ],
)
def test_a_browser_cannot_say_that_it_is_at_the_other_door(
    door: tuple[Doors, str], claims: dict[str, str]
) -> None:
    doors, _ = door
    assert doors("GET", f"{CLASS}/login", headers=claims).status_code == 404
    assert doors("GET", f"{CLASS}/join", headers=claims).text == "a page at None"


def test_a_websocket_at_the_classs_door_carries_no_facilitators_cookie() -> None:
    seen: list[dict[bytes, bytes]] = []

    async def inner(scope: Any, _receive: object, _send: object) -> None:
        seen.append(dict(scope["headers"]))

    headers = [(b"cookie", b"group=g; facilitator=f;lang=ja"), (b"x-classroom-door", b"staff")]
    for port in (8501, 8502):
        scope = {"type": "websocket", "path": "/_stcore/stream", "headers": headers, "server": ("x", port)}
        asyncio.run(StaffDoor(inner, [], port=8502)(scope, None, None))  # type: ignore[arg-type]  # nothing is sent
    assert seen == [
        {b"cookie": b"group=g;lang=ja"},
        {b"cookie": b"group=g; facilitator=f;lang=ja", b"x-classroom-door": b"staff"},
    ]


def test_a_page_of_theirs_that_is_asked_for_over_another_pages_socket_does_not_run(
    app: App, ipad: IPad, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.logins.first_start(PASSWORD)
    ipad.cookies["facilitator"] = app.logins.facilitator_cookie("facilitator")
    monkeypatch.setattr(app, "settings", app.settings.model_copy(update={"staff_port": 8502}))
    told = {"X-Classroom-Door": ""}
    monkeypatch.setattr(type(st.context), "headers", property(lambda _: told))
    for name in ("login", "facilitator", "reset", "accounts"):
        assert "開けません" in ipad.open(name).text
        assert not ipad.at.text_input
    told["X-Classroom-Door"] = "staff"
    assert ipad.open("login").at.text_input or ipad.journeys


def test_one_door_and_not_the_port_of_something_else() -> None:
    for wrong in (
        {"staff_port": 8502, "staff_host": "adults.test"},
        {"staff_port": 8501},
        {"staff_port": 8500},
    ):
        with pytest.raises(ValueError, match="CLASSROOM_STAFF_PORT"):
            Settings(**wrong)


@pytest.mark.slow
def test_a_running_app_answers_facilitators_at_their_port_of_this_computer_alone(tmp_path: Path) -> None:
    port = free_port()
    with WebAlone(tmp_path, env={"CLASSROOM_STAFF_PORT": str(port)}) as running:
        theirs = f"http://{LOOPBACK}:{port}"
        login = {"username": "facilitator", "password": PASSWORD}
        for path in ("login", "facilitator", "reset", "accounts"):
            assert httpx.get(f"{running.url}/{path}").status_code == 404
            assert httpx.get(f"{theirs}/{path}").status_code == 200
        assert httpx.post(f"{running.url}/session/facilitator", json=login, headers=OWN).status_code == 404
        with httpx.Client() as desk:
            assert desk.post(f"{theirs}/session/facilitator", json=login, headers=OWN).status_code == 204
            assert desk.get(f"{theirs}/api/check").json()["sound"] is True
            assert desk.get(f"{running.url}/api/check").status_code == 404
        assert httpx.get(f"{running.url}/join").status_code == 200
