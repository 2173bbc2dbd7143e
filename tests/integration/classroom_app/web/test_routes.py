"""The HTTP routes as a browser meets them: cookies, headers, closed doors, errors in words."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from classroom_app.data.tables import ChallengePhoto, EndedCookie, utcnow
from classroom_app.printing.group_cards import GroupCard
from classroom_app.resources import App, set_app
from classroom_app.services import throttle
from classroom_app.services.signing import Signer
from classroom_app.states import StaffWord
from classroom_app.ui.page_table import HOME, PAGES
from classroom_app.views.classes import EventView, StaffSentence
from classroom_app.views.console import SendingTrouble
from classroom_app.web import open_paths
from classroom_app.web.asgi import OwnRoutes, first_part, own_routes
from classroom_app.web.open_paths import OpenPaths
from classroom_app.web.request_observer import RequestObserver
from classroom_app.web.request_pace import party_signed_for
from classroom_app.web.routes import facilitator as routes_facilitator
from classroom_app.web.routes.common import OwnRoute
from tests.support.stand_ins import COLORS, StandInMl, group_cookie, jpeg

OWN = {"X-Classroom": "1"}


class Browser:
    """A browser with its own cookie jar, speaking to the app without a network."""

    def __init__(self, app: App, scheme: str = "http", address: str = "192.0.2.7") -> None:
        routes = own_routes(app.settings)
        layers = [
            Middleware(RequestObserver),
            Middleware(OpenPaths, routes=routes),
            Middleware(OwnRoutes, routes=routes),
        ]
        asgi = Starlette(middleware=layers)
        self._transport = httpx.ASGITransport(asgi, client=(address, 50000))
        self._base = f"{scheme}://class.test"
        self.cookies = httpx.Cookies()

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=self._transport, base_url=self._base, cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, **options)
                self.cookies = client.cookies
                return answer

        return asyncio.run(ask())

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self("POST", path, headers={**OWN, **options.pop("headers", {})}, **options)


@pytest.fixture
def browser(app: App) -> Iterator[Browser]:
    set_app(app)
    yield Browser(app)
    set_app(None)


@pytest.fixture
def ipad(browser: Browser, event: EventView) -> Browser:
    assert browser("GET", event.groups[0].join_path).status_code == 303
    return browser


@pytest.fixture
def facilitator(app: App, browser: Browser) -> Browser:
    app.logins.first_start("a-long-password")
    body = {"username": "facilitator", "password": "a-long-password"}
    assert browser.post("/session/facilitator", json=body).status_code == 204
    return browser


def send(ipad: Browser, label_id: str, photo_id: str, data: bytes) -> httpx.Response:
    return ipad.post(f"/photos?label={label_id}&taken_at=1", content=data, headers={"X-Photo-Id": photo_id})


def test_the_join_link_sets_a_cookie_that_no_script_can_read(browser: Browser, event: EventView) -> None:
    answer = browser("GET", event.groups[0].join_path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/join?by=card")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "max-age=36000" in cookie
    assert "secure" not in cookie


def test_a_browser_can_ask_whether_its_cookie_stayed(
    app: App, browser: Browser, facilitator: Browser, event: EventView
) -> None:
    browser("GET", event.groups[0].join_path)
    for who in ("group", "facilitator"):
        path = f"/session/known?who={who}"
        assert browser("GET", path).status_code == 204
        stripped = Browser(app)
        stripped.cookies = httpx.Cookies({key: v for key, v in browser.cookies.items() if key != who})
        answer = stripped("GET", path)
        assert (answer.status_code, answer.json()["error"]) == (401, "error_not_allowed")


def test_every_answer_of_ours_says_that_it_is_ours(ipad: Browser, event: EventView) -> None:
    """Browsers take what has no such header for a page of a filter or a proxy."""
    label = event.labels[0].id
    answers = [
        ipad("GET", "/api/group"),
        ipad("GET", "/photos/nothing/thumb"),
        ipad("POST", "/predict"),
        send(ipad, label, str(uuid.uuid4()), jpeg(COLORS["apple"])),
        send(ipad, label, str(uuid.uuid4()), b"no photo"),
        send(ipad, label, str(uuid.uuid4()), b"x" * (9 * 1024 * 1024)),
        ipad("GET", event.groups[0].join_path),
        ipad("GET", "/healthz"),
        ipad("GET", "/readyz"),
    ]
    assert [answer.headers.get("x-classroom") for answer in answers] == ["1"] * len(answers)
    assert {answer.status_code for answer in answers} >= {200, 201, 303, 401, 404, 413, 422}
    assert "x-classroom" not in ipad("GET", "/join").headers, "no route of ours"


def test_an_ipad_says_how_it_fares_and_hears_whose_it_is(app: App, ipad: Browser, event: EventView) -> None:
    word = {"ipad": str(uuid.uuid4()), "unsent": 4, "cannot_send": True}
    answer = ipad.post("/ipads/here", json=word)
    assert (answer.status_code, answer.json()) == (200, {"group": event.groups[0].id, "number": None})
    assert app.ipads.trouble(event.id) == SendingTrouble(1, 4)
    for wrong in ({}, {**word, "ipad": "me"}, {**word, "unsent": "4"}, {**word, "unsent": True}):
        assert ipad.post("/ipads/here", json=wrong).status_code == 422
    assert Browser(app).post("/ipads/here", json=word).status_code == 401


def test_over_https_the_cookie_is_secure(app: App, event: EventView) -> None:
    set_app(app)
    answer = Browser(app, "https")("GET", event.groups[0].join_path)
    assert "secure" in answer.headers["set-cookie"].lower()


def test_an_unknown_join_link_leads_to_a_sentence(browser: Browser) -> None:
    answer = browser("GET", "/join/nobody-has-this")
    assert answer.headers["location"] == "/join?problem=join_token_unknown"
    assert "set-cookie" not in answer.headers


def test_a_photo_goes_up_once_and_comes_back_to_its_group_alone(
    app: App, ipad: Browser, event: EventView
) -> None:
    photo_id, data = str(uuid.uuid4()), jpeg(COLORS["apple"])
    assert send(ipad, event.labels[0].id, photo_id, data).status_code == 201
    again = send(ipad, event.labels[0].id, photo_id, data)
    assert (again.status_code, again.json()["status"]) == (200, "already")
    answer = ipad("GET", f"/photos/{photo_id}/thumb")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "private, no-store"
    other = Browser(app)
    assert other("GET", f"/photos/{photo_id}/thumb").status_code == 401
    other("GET", event.groups[1].join_path)
    assert other("GET", f"/photos/{photo_id}/full").status_code == 404


def test_a_photo_of_the_group_before_is_not_taken_under_this_cookie(ipad: Browser, event: EventView) -> None:
    headers = {"X-Photo-Id": str(uuid.uuid4()), "X-Group-Id": event.groups[1].id}
    path = f"/photos?label={event.labels[0].id}"
    assert ipad.post(path, content=jpeg(COLORS["apple"]), headers=headers).status_code == 401
    headers["X-Group-Id"] = event.groups[0].id
    assert ipad.post(path, content=jpeg(COLORS["apple"]), headers=headers).status_code == 201


def test_refusals_are_sentences_and_say_whether_to_try_again(ipad: Browser, event: EventView) -> None:
    label = event.labels[0].id
    answer = send(ipad, label, str(uuid.uuid4()), b"no photo")
    assert (answer.status_code, answer.json()["error"], answer.json()["retry"]) == (
        422,
        "photo_not_image",
        False,
    )
    assert "しゃしん" in answer.json()["message"]
    assert send(ipad, label, str(uuid.uuid4()), b"x" * (9 * 1024 * 1024)).status_code == 413
    assert send(ipad, "no-label", str(uuid.uuid4()), jpeg(COLORS["apple"])).status_code == 404
    ipad.cookies.set("lang", "en")
    assert "photo" in send(ipad, label, str(uuid.uuid4()), b"no photo").json()["message"]


def test_a_request_without_our_header_changes_nothing(ipad: Browser, event: EventView) -> None:
    answer = ipad(
        "POST",
        f"/photos?label={event.labels[0].id}",
        content=jpeg(COLORS["apple"]),
        headers={"X-Photo-Id": str(uuid.uuid4())},
    )
    assert answer.status_code == 401
    assert all(label["photos"] == 0 for label in ipad("GET", "/api/group").json()["labels"])


def test_an_open_page_asks_for_news_and_gets_nothing_where_there_is_none(
    app: App, ipad: Browser, event: EventView
) -> None:
    def ask(**headers: str) -> httpx.Response:
        return ipad("GET", "/api/group/now?page=collect", headers=headers)

    first = ask()
    mark = first.headers["etag"].strip('"')
    assert first.json() == {"mark": mark, "phase": "collect", "epoch": 1, "lent": ""}
    same = ask(**{"If-None-Match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert "no-store" in same.headers["cache-control"]
    label = event.labels[0].id
    send(ipad, label, str(uuid.uuid4()), jpeg(COLORS["apple"]))
    news = ask(**{"If-None-Match": first.headers["etag"]})
    assert (news.status_code, news.json()["mark"] != mark) == (200, True)
    assert ipad("GET", "/api/group/now?page=nowhere").json()["error"] == "error_bad_input"


def test_a_page_that_asks_hears_why_its_group_is_no_more(app: App, ipad: Browser, event: EventView) -> None:
    def answer() -> tuple[int, str]:
        got = ipad("GET", "/api/group/now?page=collect")
        return got.status_code, got.json().get("error", "")

    app.classes.set_phase(event.id, "closed")
    assert answer() == (401, "ended_over")
    app.classes.set_phase(event.id, "lobby")
    assert answer() == (200, ""), "opened again, it goes on by itself"
    app.classes.renew_group_links(event.id, event.groups[0].id)
    assert answer() == (401, "ended_renewed")


def test_the_card_of_a_closed_class_says_that_it_is_over(
    app: App, browser: Browser, event: EventView
) -> None:
    app.classes.set_phase(event.id, "closed")
    answer = browser("GET", event.groups[0].join_path)
    assert answer.headers["location"] == "/join?problem=join_class_over"
    assert "set-cookie" not in answer.headers


def test_whoever_only_looks_at_a_page_is_seen_by_the_facilitator(
    app: App, ipad: Browser, event: EventView
) -> None:
    assert app.classes.monitor(event.id)[0].seen_seconds_ago is None
    ipad("GET", "/api/group/now?page=collect")
    assert app.classes.monitor(event.id)[0].seen_seconds_ago is not None


def test_a_double_tap_is_one_run_and_guesses_come_after_it(
    app: App, ipad: Browser, event: EventView, ml: StandInMl
) -> None:
    assert ipad.post("/runs").json()["error"] == "not_enough_photos"
    assert ipad.post("/predict", content=jpeg(COLORS["apple"])).json()["error"] == "no_model"
    for label in event.labels:
        for n in range(5):
            send(ipad, label.id, str(uuid.uuid4()), jpeg(COLORS[label.key], n))
    app.queue.start()
    try:
        first, second = ipad.post("/runs"), ipad.post("/runs")
        assert first.status_code == second.status_code == 202
        assert first.json()["id"] == second.json()["id"]
        limit = time.monotonic() + 60
        run = first.json()
        while run["state"] in {"queued", "running"} and time.monotonic() < limit:
            time.sleep(0.05)
            run = ipad("GET", f"/runs/{first.json()['id']}").json()
    finally:
        app.queue.stop()
    assert run["state"] == "done"
    assert (run["practice_correct"], run["practice_total"], run["version"]) == (6, 6, 1)
    assert not [key for key in run if "final" in key]
    guess = ipad.post("/predict", content=jpeg(COLORS["banana"], 7)).json()
    assert guess["scores"][0]["key"] == "banana"
    assert sum(score["p"] for score in guess["scores"]) == pytest.approx(1)
    assert "variety" not in guess
    frames = [ipad.post("/predict?camera=a-1", content=jpeg(COLORS["banana"], 7)).json() for _ in range(3)]
    assert [frame["looked_around"] for frame in frames] == [False, False, True]
    assert frames[0]["variety"] < frames[2]["variety"] == 1
    other = ipad.post("/predict?camera=b-2", content=jpeg(COLORS["banana"], 7)).json()
    assert not other["looked_around"]  # each camera is a stream of its own
    shown = ipad.post(f"/explain?label={event.labels[1].id}", content=jpeg(COLORS["banana"], 7))
    assert {"scores", "rows", "columns", "heat"} <= shown.json().keys()
    other_class = ipad.post("/explain?label=nobodys", content=jpeg(COLORS["banana"], 7))
    assert (other_class.status_code, other_class.json()["error"]) == (404, "error_label_not_found")
    undone = ipad.post("/predict?camera=a-1&look=0", content=jpeg(COLORS["banana"], 7)).json()
    assert not undone["looked_around"]
    assert ipad.post("/predict?camera=a%20b", content=jpeg(COLORS["banana"], 7)).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/events"),
        ("GET", "/api/events/x"),
        ("DELETE", "/api/events/x"),
        ("POST", "/api/events/x/phase"),
        ("POST", "/api/events/x/challenge"),
        ("GET", "/api/events/x/leaderboard"),
        ("GET", "/api/events/x/contest"),
        ("POST", "/api/events/x/contest"),
        ("POST", "/api/events/x/round"),
        ("GET", "/api/events/x/recount"),
        ("GET", "/api/events/x/results.zip"),
        ("GET", "/api/events/x/results.pdf"),
        ("GET", "/api/events/x/certificates.pdf"),
        ("GET", "/api/events/x/class.yaml"),
        ("GET", "/cards/x.pdf"),
        ("GET", "/cards/x/y.pdf"),
        ("GET", "/challenge/x/thumb"),
        ("POST", "/photos"),
        ("GET", "/photos/x/full"),
        ("GET", "/api/group"),
        ("GET", "/api/group/now?page=collect"),
        ("POST", "/runs"),
        ("GET", "/runs/x"),
        ("POST", "/predict"),
    ],
)
def test_nothing_answers_without_its_cookie(browser: Browser, method: str, path: str) -> None:
    answer = browser(method, path, headers=OWN)
    assert answer.status_code == 401
    assert answer.json()["error"] == "error_not_allowed"


def test_a_groups_cookie_opens_nothing_of_the_facilitators(ipad: Browser, event: EventView) -> None:
    assert ipad("GET", f"/api/events/{event.id}").status_code == 401
    ipad.cookies.set("facilitator", ipad.cookies["group"])
    assert ipad("GET", f"/api/events/{event.id}/leaderboard").status_code == 401


def test_challenge_photos_are_for_facilitators_alone(
    app: App, facilitator: Browser, event: EventView
) -> None:
    ipad = Browser(app)
    assert ipad("GET", event.groups[0].join_path).status_code == 303
    with app.db.read() as session:
        photo_id = session.query(ChallengePhoto).all()[0].id
    answer = facilitator("GET", f"/challenge/{photo_id}/thumb")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert "no-store" in answer.headers["cache-control"]
    assert facilitator("GET", f"/challenge/{photo_id}/huge").status_code == 422
    assert facilitator("GET", f"/challenge/{event.id}/full").status_code == 404
    assert ipad("GET", f"/challenge/{photo_id}/full").status_code == 401


def test_logging_in_and_out(app: App, facilitator: Browser, event: EventView) -> None:
    assert facilitator("GET", f"/api/events/{event.id}").json()["phase"] == "collect"
    wrong = {"username": "facilitator", "password": "wrong"}
    assert Browser(app).post("/session/facilitator", json=wrong).json()["error"] == "login_wrong"
    kept = facilitator.cookies["facilitator"]
    assert facilitator.post("/session/leave?who=facilitator").status_code == 204
    facilitator.cookies.set("facilitator", kept)
    assert facilitator("GET", f"/api/events/{event.id}").status_code == 401


def test_a_class_is_made_printed_and_deleted_over_http(facilitator: Browser) -> None:
    made = facilitator.post("/api/events", json={"name": "HTTP", "template": "fruit", "groups": 2})
    event_id = made.json()["id"]
    assert made.status_code == 201
    pdf = facilitator("GET", f"/cards/{event_id}.pdf")
    assert pdf.content.startswith(b"%PDF")
    assert pdf.headers["cache-control"] == "private, no-store"
    refused = facilitator.post(f"/api/events/{event_id}/phase", json={"phase": "collect"})
    assert (refused.status_code, refused.json()["error"]) == (409, "challenge_missing")
    assert facilitator.post("/api/events", json={"name": "x", "groups": "many"}).status_code == 422
    assert facilitator.post("/api/events", content=b"{").status_code == 422


def test_one_groups_card_is_printed_for_facilitators_alone_and_renewed(
    app: App, facilitator: Browser, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    def pdf(*, cards: Sequence[GroupCard], **_more: str) -> bytes:
        shown.extend(card.join_url for card in cards)
        return b"%PDF"

    monkeypatch.setattr(routes_facilitator, "group_cards_pdf", pdf)
    own, other = event.groups[0], app.classes.create("Other", 1, template="fruit")
    path = f"/cards/{event.id}/{own.id}.pdf"
    assert facilitator("GET", path).content == b"%PDF"
    app.classes.renew_group_links(event.id, own.id)
    facilitator("GET", path)
    renewed = app.classes.get(event.id).groups[0].join_path
    assert [url[url.index("/join") :] for url in shown] == [own.join_path, renewed]
    assert renewed != own.join_path
    missing = facilitator("GET", f"/cards/{other.id}/{own.id}.pdf")
    assert (missing.status_code, missing.json()["error"]) == (404, "error_group_not_found")
    for index in (0, 1):
        group = Browser(app)
        group("GET", app.classes.get(event.id).groups[index].join_path)
        assert group("GET", "/api/group").status_code == 200
        assert group("GET", path).status_code == 401, "not even to this very group"
    assert Browser(app)("GET", path).status_code == 401


def test_a_photo_of_a_group_that_waits_stays_on_its_ipad(app: App, ipad: Browser, event: EventView) -> None:
    app.words.lock(event.id, event.groups[0].id, StaffSentence(StaffWord.WAIT))
    photo = {"X-Photo-Id": str(uuid.uuid4())}
    url = f"/photos?label={event.labels[0].id}"
    waits = ipad.post(url, content=jpeg(COLORS["apple"]), headers=photo)
    assert (waits.status_code, waits.json()["error"], waits.json()["retry"]) == (
        503,
        "group_waits_photo",
        True,
    )
    assert waits.headers["retry-after"] == "5"
    app.words.unlock(event.id, event.groups[0].id)
    assert ipad.post(url, content=jpeg(COLORS["apple"]), headers=photo).status_code == 201


def test_one_device_that_guesses_does_not_lock_the_facilitator_out(app: App, browser: Browser) -> None:
    app.logins.first_start("a-long-password")
    guess = {"username": "facilitator", "password": "wrong"}
    answers = [browser.post("/session/facilitator", json=guess).status_code for _ in range(8)]
    assert (answers[0], answers[-1]) == (401, 429)
    elsewhere = Browser(app, address="192.0.2.8")
    right = {"username": "facilitator", "password": "a-long-password"}
    assert elsewhere.post("/session/facilitator", json=right).status_code == 204


def test_a_child_that_tries_passwords_at_the_schools_address_keeps_the_facilitator_not_out(
    app: App, facilitator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose computer was let in before, and who is logged out now: on the morning of the class."""
    now = utcnow()
    monkeypatch.setattr(throttle, "utcnow", lambda: now)  # tries fade while so many are made
    facilitator.post("/session/leave?who=facilitator")
    child = Browser(app)
    guess = {"username": "facilitator", "password": "wrong"}
    tries = int(throttle.TRIES_PER_SUBJECT) + 10  # more than any of the limits
    answers = [child.post("/session/facilitator", json=guess).status_code for _ in range(tries)]
    assert set(answers) == {401, 429}
    right = {"username": "facilitator", "password": "a-long-password"}
    assert facilitator.post("/session/facilitator", json=right).status_code == 204
    for odd in ({"browser": "forged"}, {"browser": app.access.browsers.seen(None) or ""}):
        child.cookies.update(odd)
        assert child.post("/session/facilitator", json=right).status_code == 429


def test_the_cookie_that_a_browser_is_known_by_opens_nothing_and_lasts_half_a_year(
    app: App, facilitator: Browser, event: EventView
) -> None:
    right = {"username": "facilitator", "password": "a-long-password"}
    again = facilitator.post("/session/facilitator", json=right)
    [known] = [text for text in again.headers.get_list("set-cookie") if text.startswith("browser=")]
    assert "httponly" in known.lower()
    assert "max-age=15552000" in known.lower()
    stranger = Browser(app)
    for name in ("browser", "facilitator", "group", "projector"):
        stranger.cookies.set(name, facilitator.cookies["browser"])
    for path in (f"/api/events/{event.id}", "/api/group", f"/api/show/now?event={event.id}"):
        assert stranger("GET", path).status_code == 401


def test_values_that_no_database_takes_are_refused_in_words(facilitator: Browser, event: EventView) -> None:
    for path in ("/join/%00", "/photos/%00/thumb", f"/cards/{event.id}%00.pdf"):
        assert facilitator("GET", path).status_code == 404
    for name, password in (("\ud800", "x"), ("facilitator", "\ud800"), ("\0", "x")):
        body = json.dumps({"username": name, "password": password}).encode()
        answer = facilitator.post("/session/facilitator", content=body)
        assert (answer.status_code, answer.json()["error"]) == (422, "error_bad_input")
    for odd in ({"template": ["fruit"]}, {"name": "\0"}, {"groups": "3"}, {"labels": "cat"}):
        body = json.dumps({"name": "Fruit", "template": "fruit", "groups": 3} | odd).encode()
        assert facilitator.post("/api/events", content=body).status_code == 422, odd


def test_over_https_the_cards_lead_to_https(
    facilitator: Browser, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    def pdf(*, cards: Sequence[GroupCard], **_more: str) -> bytes:
        shown.extend(card.join_url for card in cards)
        return b"%PDF-"

    monkeypatch.setattr(routes_facilitator, "group_cards_pdf", pdf)
    facilitator(
        "GET", f"/cards/{event.id}.pdf", headers={"X-Forwarded-Proto": "https"}
    )  # anybody can write this
    facilitator("GET", f"https://class.test/cards/{event.id}.pdf")
    assert [url.split("//")[0] for url in shown] == ["http:"] * 3 + ["https:"] * 3


def test_every_route_carries_the_security_headers(app: App, browser: Browser, facilitator: Browser) -> None:
    asked = 0
    for route in own_routes(app.settings):
        if not isinstance(route, OwnRoute):
            continue
        path = re.sub(r"\{[^}]*\}", "1", route.path)
        for who in (browser, facilitator):
            headers = who(route.method, path, headers=OWN).headers
            asked += 1
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cross-origin-resource-policy"] == "same-origin"
            policy = headers["content-security-policy"]
            assert "frame-ancestors 'none'" in policy
            # No page, so nothing in it may run or load: a photo that is no photo, a name with a script in it.
            assert policy.startswith("default-src 'none'") or not headers.get("content-type")
            assert "strict-transport-security" not in headers
    assert asked > 40
    assert "content-security-policy" in browser("GET", "/nothing").headers


@pytest.mark.parametrize("policy", [open_paths.PAGE_POLICY, open_paths.DATA_POLICY])
def test_nothing_is_loaded_from_another_host(policy: Mapping[str, str]) -> None:
    """Of hosts only our own, of schemes only those that leave the page nowhere."""
    here = {"'self'", "'none'", "'unsafe-inline'", "'unsafe-eval'", "data:", "blob:"}
    directives = [part.split() for part in policy["Content-Security-Policy"].split(";")]
    assert {source for _, *sources in directives for source in sources} <= here
    assert "default-src" in {name for name, *_ in directives}, "what is not named is held by this"


def test_over_tls_a_browser_stays_with_tls_for_a_day(browser: Browser) -> None:
    headers = browser("GET", "https://class.test/healthz").headers
    assert headers["strict-transport-security"] == "max-age=86400"


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/metrics",
        "/metrics",
        "/_stcore/agent/interact",
        "/_stcore/agent/mcp",
        "/_stcore/agent/openapi.json",
        "/_stcore/script-health-check",
        "/_stcore/upload_file/a/b",
        "/media/abc.jpg",
        "/app/static/x",
        "/.env",
        "/assets/../settings.py",
        "/assets/fonts/make_subset.py",
    ],
)
def test_what_is_not_needed_is_closed(browser: Browser, path: str) -> None:
    assert browser("PUT" if "upload" in path else "GET", path).status_code == 404


def test_a_wrong_method_is_refused_and_other_paths_are_the_pages(browser: Browser) -> None:
    assert browser("GET", "/photos").status_code == 405
    assert browser("GET", "/join").status_code == 404, "no route of ours, and there are no pages in this test"


@pytest.mark.parametrize("path", ["/_stcore/agent/interact", "/_stcore/metrics", "/anything"])
def test_a_websocket_to_anything_but_the_pages_is_closed(path: str) -> None:
    async def inner(scope: object, receive: object, send: object) -> None:
        raise AssertionError("the door was open")

    sent: list[object] = []

    async def send(message: object) -> None:
        sent.append(message)

    async def receive() -> dict[str, object]:
        return {"type": "websocket.connect"}

    asyncio.run(OpenPaths(inner, [])({"type": "websocket", "path": path, "headers": []}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_every_route_of_ours_and_every_page_is_open_and_a_made_up_neighbour_is_not(app: App) -> None:
    """The paths that are open follow from the routes and the table of pages: nothing is listed twice."""
    reached: list[str] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope["path"])

    async def ignore(message: object) -> None:
        pass

    open_paths = OpenPaths(inner, own_routes(app.settings))

    def asked(path: str) -> bool:
        reached.clear()
        scope = {"type": "http", "path": path, "headers": [], "method": "GET"}
        asyncio.run(open_paths(scope, None, ignore))  # type: ignore[arg-type]  # nothing is received
        return reached == [path]

    for route in own_routes(app.settings):
        assert isinstance(route, (Route, Mount))
        path = route.path if isinstance(route, Route) else f"{route.path}/x"
        assert asked(re.sub(r"\{\w+\}", "x", path))
    assert all(asked("/" if page is HOME else f"/{page.name}") for page in PAGES)
    assert not any(asked(path) for path in ("/home", "/apis", "/photo", "/collect/x", "/api/other"))


def test_a_mistyped_address_leads_home(browser: Browser) -> None:
    answer = browser("GET", "/colect", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_fonts_may_be_kept_for_ever(browser: Browser) -> None:
    answer = browser("GET", "/assets/fonts/mplus-rounded-1c-500.woff2")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]


def test_who_left_is_out_with_every_copy_of_the_cookie_and_the_other_ipads_stay(
    app: App, event: EventView
) -> None:
    """Both came in by the same card within the same second."""
    set_app(app)
    try:
        one, other, copy = Browser(app), Browser(app), Browser(app)
        for ipad in (one, other):
            assert ipad("GET", event.groups[0].join_path).status_code == 303
        copy.cookies.set("group", one.cookies["group"])
        assert copy("GET", "/api/group").status_code == 200
        assert one("POST", "/session/leave", headers={"X-Classroom": "1"}).status_code == 204
        assert "group" not in one.cookies
        assert copy("GET", "/api/group").status_code == 401
        assert other("GET", "/api/group").status_code == 200
        assert copy("POST", "/session/leave", headers={"X-Classroom": "1"}).status_code == 204  # again
        assert one("GET", event.groups[0].join_path).status_code == 303
        assert one("GET", "/api/group").status_code == 200
    finally:
        set_app(None)


def test_an_ended_cookie_is_remembered_until_it_would_have_ended(
    app: App, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = app.access.group_cookie_by_token(event.groups[0].join_path.removeprefix("/join/"))
    app.access.leave_group(cookie)
    app.access.leave_group("nobody's")
    app.access.sweep()
    assert app.access.group(cookie) is None
    with app.db.write() as session:
        [ended] = session.query(EndedCookie).all()
        assert ended.expires_at > utcnow() + dt.timedelta(seconds=app.access.session_seconds - 60)
        ended.expires_at = utcnow() - dt.timedelta(seconds=1)
    app.access.sweep()
    with app.db.read() as session:
        assert session.query(EndedCookie).count() == 0


def test_a_cookie_of_the_release_before_is_still_taken(app: App, event: EventView) -> None:
    """While pods are replaced, and until the evening of an upgrade."""
    old = Signer("k" * 40).sign("group", {"g": event.groups[0].id, "v": 1})
    app.access.leave_group(old)
    found = app.access.group(old)
    assert found is not None
    assert found.id == event.groups[0].id


def test_a_cookie_of_before_a_renewal_is_another_party(browser: Browser, app: App, event: EventView) -> None:
    """Who kept a copy slows the group's own iPads down with nothing. (`browser`: the app is served.)"""
    old = group_cookie(app, event, 0)
    app.classes.renew_group_links(event.id, event.groups[0].id)
    new = group_cookie(app, app.classes.get(event.id), 0)
    parties = [party_signed_for({"group": cookie}) for cookie in (old, new)]
    assert None not in parties
    assert len(set(parties)) == 2


def test_any_target_of_a_request_has_a_first_part() -> None:
    """`OPTIONS *` names no path at all."""
    assert [first_part(path) for path in ("*", "", "/", "/photos", "/photos/1/thumb")] == [
        "*", "", "", "photos", "photos",
    ]  # fmt: skip
