"""Every route by everybody: who is let in, in a table that has to name each of them."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from starlette.routing import Route

from classroom_app.data.tables import ChallengePhoto, utcnow
from classroom_app.resources import App, set_app
from classroom_app.states import DeletionScope
from classroom_app.views.classes import EventView
from classroom_app.views.deletion import DeletionTarget
from classroom_app.web.asgi import own_routes
from tests.integration.classroom_app.web.test_routes import OWN as OWN_HEADER
from tests.integration.classroom_app.web.test_routes import Browser
from tests.support.roles import (
    CHANGES,
    EVERYBODY,
    GROUP,
    GROWN_UPS,
    INSTRUCTOR,
    LOOKS,
    MAKES,
    NOBODY,
    OTHER,
    OWN,
    OWNER,
    PROJECTOR,
    STRANGE,
    Cast,
    cast,
)
from tests.support.stand_ins import COLORS, jpeg

A_GROUP = frozenset({GROUP})
SCREENS = LOOKS | {PROJECTOR}
# Who is let in. What is sent is well-formed; what becomes of it is not looked at.
TABLE: dict[tuple[str, str], frozenset[str]] = {
    ("GET", "/healthz"): EVERYBODY,
    ("GET", "/readyz"): EVERYBODY,
    ("GET", "/guide.pdf"): EVERYBODY,
    ("GET", "/join/{token}"): EVERYBODY,
    ("GET", "/projector/{token}"): EVERYBODY,
    ("POST", "/session/group"): EVERYBODY,
    ("POST", "/session/facilitator"): EVERYBODY,
    ("GET", "/session/known"): A_GROUP,
    ("POST", "/session/language"): EVERYBODY,
    ("POST", "/photos"): A_GROUP,
    ("GET", "/photos/{id}/{size}"): LOOKS | A_GROUP,
    ("GET", "/api/group"): A_GROUP,
    ("POST", "/ipads/here"): A_GROUP,
    ("GET", "/api/group/now"): A_GROUP,
    ("POST", "/runs"): A_GROUP,
    ("GET", "/runs/{id}"): A_GROUP,
    ("POST", "/predict"): A_GROUP,
    ("POST", "/explain"): A_GROUP,
    ("GET", "/on-device/graphs/{sha256}"): A_GROUP,
    ("GET", "/on-device/models/{sha256}"): A_GROUP,
    ("GET", "/on-device/{stamp}/{name}"): EVERYBODY,
    ("GET", "/swap/models/{sha256}"): A_GROUP,
    ("POST", "/swap/predict"): A_GROUP,
    ("POST", "/swap/explain"): A_GROUP,
    ("POST", "/swap/fooled"): A_GROUP,
    ("GET", "/mistakes/{id}/reason"): A_GROUP,
    ("GET", "/mistakes/{id}/{size}"): A_GROUP,
    ("POST", "/api/events"): MAKES,
    ("POST", "/api/events/{id}/challenge"): CHANGES,
    ("POST", "/api/events/{id}/challenge/photos"): CHANGES,
    ("GET", "/api/events/{id}/challenge/uploads/{upload_id}"): CHANGES,
    ("GET", "/challenge/{id}/{size}"): LOOKS,
    ("POST", "/api/events/{id}/phase"): CHANGES,
    ("GET", "/api/events/{id}/leaderboard"): LOOKS,
    ("GET", "/api/events/{id}"): LOOKS,
    ("GET", "/api/receipts.csv"): GROWN_UPS,  # each gets what is of its classes
    ("GET", "/api/check"): frozenset({OWNER}),
    ("GET", "/cards/{id}.pdf"): LOOKS,
    ("GET", "/cards/{id}/{group_id}.pdf"): LOOKS,
    ("GET", "/api/events/{id}/class.yaml"): LOOKS,
    ("POST", "/api/events/{id}/end"): CHANGES,
    ("GET", "/api/events/{id}/deletions"): GROWN_UPS,  # as above
    ("POST", "/api/events/{id}/deletions"): CHANGES,
    ("POST", "/api/deletions/{id}/undo"): CHANGES,
    ("POST", "/api/deletions/{id}/finish"): CHANGES,
    (
        "GET",
        "/api/receipts/{id}.pdf",
    ): GROWN_UPS,  # for each but an owner there is none but those of its classes
    ("GET", "/api/receipts/{id}.csv"): GROWN_UPS,
    ("GET", "/api/audit.csv"): frozenset({OWNER}),
    ("GET", "/api/events/{id}/contest"): LOOKS,
    ("POST", "/api/events/{id}/contest"): CHANGES,
    ("POST", "/api/events/{id}/round"): CHANGES,
    ("GET", "/api/events/{id}/recount"): LOOKS,
    ("GET", "/api/events/{id}/results.zip"): LOOKS,
    ("GET", "/api/events/{id}/results.pdf"): LOOKS,
    ("GET", "/api/events/{id}/certificates.pdf"): LOOKS,
    ("GET", "/take-home/{token}"): EVERYBODY,
    ("GET", "/api/events/{id}/take-home.zip"): CHANGES,
    ("POST", "/api/events/{id}/take-home"): CHANGES,
    ("GET", "/api/show/now"): SCREENS,
    ("POST", "/api/show/step"): SCREENS,
    ("GET", "/api/show/photos/{id}"): SCREENS,
    # At last: after these there is no class, and nobody is logged in.
    ("DELETE", "/api/events/{id}"): CHANGES,
    ("POST", "/session/leave"): EVERYBODY,
}
SHUT = {"error_not_allowed", "error_role", "error_class_not_found"}


@pytest.fixture
def people(app: App, event: EventView) -> Iterator[Cast]:
    set_app(app)
    yield cast(app, event)
    set_app(None)


def as_(app: App, people: Cast, who: str) -> Browser:
    browser = Browser(app)
    browser.cookies = httpx.Cookies(dict(people.cookies[who]))
    return browser


def ids(app: App, people: Cast) -> dict[str, str]:
    """What stands for the parameter of each path."""
    photo = str(uuid.uuid4())
    group = as_(app, people, GROUP)
    label = people.event.labels[0].id
    sent = group.post(
        f"/photos?label={label}&taken_at=1", content=jpeg(COLORS["apple"]), headers={"X-Photo-Id": photo}
    )
    assert sent.status_code == 201
    with app.db.read() as session:
        challenge = session.query(ChallengePhoto).filter(ChallengePhoto.event_id == people.event.id).first()
        assert challenge is not None
        challenge_id = challenge.id
    target = DeletionTarget(DeletionScope.GROUP_RESET, people.event.id, people.event.groups[1].id)
    pending = {name: app.deletions.begin(target).id for name in ("undo", "finish")}
    return {"challenge": challenge_id, "photos": photo, **pending}


def bodies(people: Cast) -> Mapping[str, Any]:
    rules = {"counted": "best", "trainings_max": None, "freeze_minutes": 3, "tie_break": False}
    return {
        "/api/events": {"name": "New", "template": "fruit", "groups": 2},
        "/api/events/{id}/phase": {"phase": "collect"},
        "/api/events/{id}/contest": rules,
        "/api/events/{id}/end": {"ends_at": (utcnow() + dt.timedelta(days=3)).isoformat()},
        "/api/events/{id}/deletions": {"scope": "group_reset", "group_id": people.event.groups[2].id},
        "/api/events/{id}/round": {"action": "start", "minutes": 5},
        "/api/events/{id}/take-home": {"allowed": True},
        "/api/show/step": {"event": people.event.id, "go": "next", "seen": 0},
        "/session/language": {"lang": "ja"},
        "/session/facilitator": {"username": "nobody", "password": "wrong"},
        "/session/group": {"ticket": "none"},
    }


def test_the_table_names_every_route(app: App) -> None:
    routes = [route for route in own_routes(app.settings) if isinstance(route, Route)]
    named = {(method, route.path) for route in routes for method in (route.methods or ()) if method != "HEAD"}
    assert named == TABLE.keys()


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_each_is_let_in_where_the_table_says_and_nowhere_else(app: App, people: Cast, who: str) -> None:
    browser, known, sent = as_(app, people, who), ids(app, people), bodies(people)
    wrong = []
    for (method, path), let_in in TABLE.items():
        parts = path.split("/")
        first = parts[2] if parts[1] == "api" else parts[1]
        first = parts[-1] if first == "deletions" else first  # undone or finished, it is there no more
        filled = re.sub(r"\{size\}", "thumb", path)
        filled = re.sub(r"\{id\}", known.get(first, people.event.id), filled)
        filled = filled.replace("{group_id}", people.event.groups[0].id)
        filled = re.sub(r"\{(token|sha256|stamp|name|upload_id)\}", "none", filled)
        query = f"?event={people.event.id}" if path.startswith("/api/show") else ""
        answer = browser(method, f"{filled}{query}", json=sent.get(path, {}), headers=OWN_HEADER)
        error = answer.json().get("error", "") if "json" in answer.headers.get("content-type", "") else ""
        anybodys = let_in == EVERYBODY  # a ticket that there is not is refused, whoever shows it
        is_in = anybodys or error not in SHUT
        if is_in != (who in let_in):
            wrong.append(f"{method} {path}: {answer.status_code} {error}")
        assert answer.status_code != 500, path
    assert wrong == []


def test_what_is_refused_has_changed_nothing(app: App, people: Cast) -> None:
    before = app.classes.get(people.event.id), app.contest.clock(people.event.id), len(app.classes.all())
    for who in EVERYBODY - CHANGES - {OTHER}:
        browser = as_(app, people, who)
        for (method, path), let_in in TABLE.items():
            if method != "GET" and who not in let_in and path.startswith("/api/events"):
                filled = path.replace("{id}", people.event.id)
                body = bodies(people).get(path, {})
                assert browser(method, filled, json=body, headers=OWN_HEADER).status_code in {401, 403, 404}
    assert (
        app.classes.get(people.event.id),
        app.contest.clock(people.event.id),
        len(app.classes.all()),
    ) == before


def test_a_class_that_an_account_does_not_see_is_as_if_it_were_not(app: App, people: Cast) -> None:
    def answer(who: str, event_id: str) -> tuple[int, str]:
        got = as_(app, people, who)("GET", f"/api/events/{event_id}")
        return got.status_code, got.json()["error"]

    assert answer(OTHER, people.event.id) == answer(OTHER, "nowhere") == (404, "error_class_not_found")
    assert answer(STRANGE, people.event.id) == (404, "error_class_not_found")


def test_a_class_belongs_to_whoever_makes_it(app: App, people: Cast) -> None:
    made = as_(app, people, OTHER).post("/api/events", json={"name": "A", "template": "fruit", "groups": 1})
    assert made.status_code == 201
    path = f"/api/events/{made.json()['id']}"
    seen = {who: as_(app, people, who)("GET", path).status_code for who in (OWNER, OTHER, OWN, STRANGE)}
    assert seen == {OWNER: 200, OTHER: 200, OWN: 404, STRANGE: 404}


def test_receipts_are_each_ones_own(app: App, people: Cast) -> None:
    as_(app, people, OWN)("DELETE", f"/api/events/{people.event.id}", headers=OWN_HEADER)
    texts = {who: as_(app, people, who)("GET", "/api/receipts.csv").text for who in (OWNER, OTHER)}
    assert people.event.name in texts[OWNER]
    assert people.event.name not in texts[OTHER]
    [receipt] = app.privacy.receipts()
    for kind in ("pdf", "csv"):
        path = f"/api/receipts/{receipt.id}.{kind}"
        got = {who: as_(app, people, who)("GET", path).status_code for who in (OWNER, OWN, INSTRUCTOR, OTHER)}
        assert got == {OWNER: 200, OWN: 200, INSTRUCTOR: 404, OTHER: 404}


def test_a_browser_with_both_cookies_sees_what_either_may(app: App, people: Cast) -> None:
    photo = ids(app, people)["photos"]
    both = Browser(app)
    both.cookies = httpx.Cookies({**people.cookies[OTHER], **people.cookies[GROUP]})
    assert both("GET", f"/photos/{photo}/thumb").status_code == 200, "the group's own"
    screen = Browser(app)
    screen.cookies = httpx.Cookies({**people.cookies[OTHER], **people.cookies[PROJECTOR]})
    assert screen("GET", f"/api/show/now?event={people.event.id}").status_code == 200
    assert screen("GET", f"/api/show/now?event={people.other.id}").status_code == 200, "its own class"
    assert as_(app, people, NOBODY)("GET", f"/photos/{photo}/thumb").status_code == 401


def test_nobody_may_send_files_to_a_page(app: App, people: Cast) -> None:
    """Streamlit's uploader would keep them in memory; no page has one."""
    for who in EVERYBODY:
        answer = as_(app, people, who)("PUT", "/_stcore/upload_file/a/b", content=b"a file")
        assert (answer.status_code, answer.text) == (404, "Not found"), who  # our words
