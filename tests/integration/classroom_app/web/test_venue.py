"""A class that is kept to its networks: who gets in from where, and what becomes of a photo elsewhere."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from classroom_app.content import i18n
from classroom_app.errors import BadInputError, NotAllowedError
from classroom_app.resources import App, set_app
from classroom_app.services import venue
from classroom_app.services.venue import is_inside, parsed
from classroom_app.ui.page_table import HOME, PAGES, Audience
from classroom_app.views.classes import EventView
from classroom_app.web.asgi import OwnRoutes, own_routes
from classroom_app.web.open_paths import OpenPaths
from classroom_app.web.venue import VenueOnly
from tests.integration.classroom_app.web.test_roles import A_GROUP, SCREENS, TABLE
from tests.support.running import OWN
from tests.support.stand_ins import COLORS, group_cookie, jpeg

SCHOOL, ELSEWHERE = "192.168.10.7", "203.0.113.9"


async def page(request: Request) -> PlainTextResponse:
    kept = ",".join(sorted(request.cookies))
    return PlainTextResponse(f"{request.headers.get('x-classroom-venue')} {kept}")


class Place:
    """A browser at an address, with cookies."""

    def __init__(self, app: App, address: str, **cookies: str) -> None:
        routes = own_routes(app.settings)
        layers = [
            Middleware(OpenPaths, routes=routes),
            Middleware(VenueOnly, routes=routes),
            Middleware(OwnRoutes, routes=routes),
        ]
        pages = [Route("/" if one is HOME else f"/{one.name}", page) for one in PAGES]
        self._transport = httpx.ASGITransport(Starlette(routes=pages, middleware=layers), client=(address, 1))
        self._cookies = cookies

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=self._transport, base_url="http://class.test", cookies=self._cookies
            ) as client:
                headers = {**OWN, **options.pop("headers", {})}
                return await client.request(method, path, headers=headers, **options)

        return asyncio.run(ask())


@pytest.fixture
def limited(app: App, event: EventView, monkeypatch: pytest.MonkeyPatch) -> Iterator[EventView]:
    """A class that only the school's network reaches."""
    monkeypatch.setattr(venue, "KEPT_S", 0.0)
    set_app(app)
    app.logins.first_start("a-long-password")
    app.venue.set_networks(event.id, "192.168.10.0/24")
    yield event
    set_app(None)


def test_a_groups_photo_is_taken_in_the_room_and_waits_elsewhere(app: App, limited: EventView) -> None:
    cookie = group_cookie(app, limited, 0)

    def send(address: str, photo_id: str) -> httpx.Response:
        path = f"/photos?label={limited.labels[0].id}"
        headers = {"X-Photo-Id": photo_id}
        return Place(app, address, group=cookie)("POST", path, content=jpeg(COLORS["apple"]), headers=headers)

    photo_id = str(uuid.uuid4())
    refused = send(ELSEWHERE, photo_id)
    assert refused.status_code == 403
    assert "x-classroom" not in refused.headers, "no answer of ours: the iPad keeps its photo and asks again"
    assert send(SCHOOL, photo_id).status_code == 201


def test_whoever_is_elsewhere_reads_one_page_in_both_languages(app: App, limited: EventView) -> None:
    away = Place(
        app, ELSEWHERE, group=group_cookie(app, limited, 0), projector=app.access.projector_link(limited.id)
    )
    for spec in PAGES:
        answer = away("GET", f"/{spec.name}" if spec is not HOME else "/")
        if spec.audience in {Audience.GROUP, Audience.PROJECTOR}:
            assert answer.status_code == 403, spec.name
            for lang in i18n.LANGUAGES:
                assert i18n.t_html("venue_outside", lang) in answer.text
                assert i18n.t_html("venue_outside_do", lang) in answer.text
            assert "x-classroom" not in answer.headers
            assert "no-store" in answer.headers["cache-control"]
        else:
            assert answer.text == "outside ", "there without its cookies: another class may take it"


def test_every_route_of_a_group_or_a_screen_is_shut_elsewhere(app: App, limited: EventView) -> None:
    group = Place(app, ELSEWHERE, group=group_cookie(app, limited, 0))
    screen = Place(app, ELSEWHERE, projector=app.access.projector_link(limited.id))
    asked = 0
    for (method, path), let_in in TABLE.items():
        filled = path.replace("{id}", limited.id).replace("{size}", "thumb")
        for who, place in ((A_GROUP, group), (SCREENS, screen)):
            if let_in == who or (who == A_GROUP and let_in > A_GROUP and path.startswith("/photos")):
                if path == "/session/known":  # says only whether a cookie stayed
                    continue
                answer = place(method, f"{filled}?event={limited.id}")
                assert (answer.status_code, "x-classroom" in answer.headers) == (403, False), path
                asked += 1
    assert asked >= 14


def test_nobody_joins_from_elsewhere(app: App, limited: EventView) -> None:
    group = limited.groups[0]
    for path in (group.join_path, f"/projector/{app.access.projector_link(limited.id)}"):
        answer = Place(app, ELSEWHERE)("GET", path)
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
        assert i18n.t_html("venue_outside", "en") in answer.text
        assert Place(app, SCHOOL)("GET", path).status_code == 303
    with pytest.raises(NotAllowedError, match="venue_outside"):
        app.access.ticket_by_picture_code(group.id, group.picture_code, ELSEWHERE)
    assert app.access.ticket_by_picture_code(group.id, group.picture_code, SCHOOL)
    assert app.access.groups_to_join(ELSEWHERE) == []
    assert [name for name, _ in app.access.groups_to_join(SCHOOL)] == [limited.name]


def test_a_facilitator_is_never_shut_out_by_it(app: App, limited: EventView) -> None:
    cookies = {
        "facilitator": app.logins.facilitator_cookie("facilitator"),
        "group": group_cookie(app, limited, 0),
    }
    away = Place(app, ELSEWHERE, **cookies)
    assert away("GET", f"/api/events/{limited.id}").status_code == 200
    assert away("GET", f"/api/show/now?event={limited.id}").status_code == 200
    assert away("GET", "/facilitator").text == "outside facilitator"


def test_the_limit_is_of_one_class_and_ends_with_it(app: App, limited: EventView) -> None:
    other = app.classes.create("Other", 1, template="fruit")
    assert Place(app, ELSEWHERE, group=group_cookie(app, other, 0))("GET", "/api/group").status_code == 200
    mine = Place(app, ELSEWHERE, group=group_cookie(app, limited, 0))
    assert mine("GET", "/api/group").status_code == 403
    app.classes.set_phase(limited.id, "closed")
    assert mine("GET", "/api/group/now?page=join").json()["error"] == "ended_over", "the right good-bye"
    app.classes.set_phase(limited.id, "lobby")
    app.venue.set_networks(limited.id, "")
    assert mine("GET", "/api/group").status_code == 200


def test_a_browser_cannot_say_that_it_is_outside_or_inside(app: App, limited: EventView) -> None:
    cookie = group_cookie(app, limited, 0)
    claims = {"X-Classroom-Venue": "outside", "X-Forwarded-For": SCHOOL}
    assert Place(app, SCHOOL, group=cookie)("GET", "/join", headers=claims).text == "None group"
    assert Place(app, ELSEWHERE, group=cookie)("GET", "/api/group", headers=claims).status_code == 403


def test_a_websocket_from_elsewhere_has_no_cookie_of_the_class(app: App, limited: EventView) -> None:
    seen: list[dict[bytes, bytes]] = []

    async def inner(scope: Any, _receive: object, _send: object) -> None:
        seen.append(dict(scope["headers"]))

    header = (b"cookie", f"lang=ja; group={group_cookie(app, limited, 0)}".encode())
    scope = {"type": "websocket", "path": "/_stcore/stream", "headers": [header], "client": (ELSEWHERE, 1)}
    asyncio.run(VenueOnly(inner, [])(scope, None, None))  # type: ignore[arg-type]  # nothing is sent
    assert seen == [{b"cookie": b"lang=ja", b"x-classroom-venue": b"outside"}]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        ("192.168.10.7/24", ("192.168.10.0/24",)),
        ("10.0.0.1, 2001:db8::/48\n10.0.0.1", ("10.0.0.1/32", "2001:db8::/48")),
        ("１９２．１６８．１０．０／２４、10.0.0.0/8", ("192.168.10.0/24", "10.0.0.0/8")),
    ],
)
def test_networks_as_people_write_them(text: str, found: tuple[str, ...]) -> None:
    assert parsed(text) == found


@pytest.mark.parametrize("text", ["school", "192.168.10.0/33", "10.0.0.0/8 and more", "1.2.3"])
def test_what_is_no_network_is_refused(app: App, event: EventView, text: str) -> None:
    with pytest.raises(BadInputError, match="venue_wrong"):
        app.venue.set_networks(event.id, text)
    assert app.venue.networks(event.id) == ()
    with pytest.raises(BadInputError, match="venue_many"):
        parsed(" ".join(f"10.0.{number}.0/24" for number in range(21)))


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("11.0.0.1", False),
        ("2001:db8::5", True),
        ("", False),
        ("x", False),
    ],
)
def test_which_addresses_are_inside(address: str, inside: bool) -> None:
    assert is_inside("10.0.0.0/8,2001:db8::/48", address) is inside
    assert is_inside("", address) is True
