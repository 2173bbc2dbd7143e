"""Deletions, receipts, a class's end and the audit over HTTP: facilitators alone, and all is written down."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
import zipfile
from collections.abc import Callable, Iterator

import httpx
import pytest

from classroom_app.data.tables import utcnow
from classroom_app.resources import App, set_app
from classroom_app.views.classes import EventView
from classroom_app.web.asgi import own_routes
from classroom_app.web.routes import common
from classroom_app.web.routes.show import may_follow
from tests.integration.classroom_app.web.test_routes import Browser
from tests.support.deleting import photos_deleted
from tests.support.stand_ins import COLORS, identity, jpeg, take, train

Call = Callable[[Browser], httpx.Response]
READ = {"GET"}


@pytest.fixture(autouse=True)
def app_of_routes(app: App) -> Iterator[None]:
    set_app(app)
    yield
    set_app(None)


@pytest.fixture
def desk(app: App) -> Browser:
    app.logins.first_start("a-long-password")
    browser = Browser(app)
    body = {"username": "facilitator", "password": "a-long-password"}
    assert browser.post("/session/facilitator", json=body).status_code == 204
    return browser


def ipad(app: App, event: EventView, index: int) -> Browser:
    browser = Browser(app)
    browser("GET", event.groups[index].join_path)
    return browser


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_deletion_its_undo_and_its_end(app: App, desk: Browser, event: EventView) -> None:
    group = event.groups[0]
    ids = take(app, identity(app, event, 0), event, 2)
    where = f"/api/events/{event.id}/deletions"
    asked = desk.post(where, json={"scope": "photos", "photo_ids": ids[:3]}).json()
    assert asked["counts"]["photos"] == 3
    assert dt.datetime.fromisoformat(asked["due"]) > utcnow()
    assert desk("GET", where).json()["pending"] == [asked | {"scope": "photos"}]
    assert len(app.photos.of_group(event.id, group.id)) == 3
    assert desk.post(f"/api/deletions/{asked['id']}/undo").status_code == 204
    assert len(app.photos.of_group(event.id, group.id)) == 6
    late = desk.post(f"/api/deletions/{asked['id']}/undo")
    assert (late.status_code, late.json()["error"]) == (409, "deletion_too_late")
    asked = desk.post(where, json={"scope": "group", "group_id": group.id}).json()
    receipt = desk.post(f"/api/deletions/{asked['id']}/finish").json()
    assert receipt["clean"]
    assert receipt["deleted"]["photos"] == 6
    assert desk.post(f"/api/deletions/{asked['id']}/finish").status_code == 404


def test_a_privacy_request_is_one_request(app: App, desk: Browser, event: EventView) -> None:
    take(app, identity(app, event, 0), event, 1)
    body = {"scope": "group_reset", "group_id": event.groups[0].id, "now": True}
    receipt = desk.post(f"/api/events/{event.id}/deletions", json=body).json()
    assert receipt["clean"]
    assert app.deletions.pending() == []
    assert app.privacy.receipt(receipt["id"]).deleted["photos"] == 3


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"scope": "everything"},
        {"scope": "photos", "photo_ids": "all"},
        {"scope": "photos", "photo_ids": [1]},
        {"scope": "group", "group_id": 7},
    ],
)
def test_what_says_nothing_deletes_nothing(desk: Browser, event: EventView, body: dict[str, object]) -> None:
    assert desk.post(f"/api/events/{event.id}/deletions", json=body).status_code == 422


def test_of_another_class_nothing_is_deleted(app: App, desk: Browser, event: EventView) -> None:
    other = app.classes.create("Other", 2, template="fruit")
    ids = take(app, identity(app, event, 0), event, 1)
    where = f"/api/events/{other.id}/deletions"
    assert desk.post(where, json={"scope": "group", "group_id": event.groups[0].id}).status_code == 404
    assert desk.post(where, json={"scope": "photos", "photo_ids": ids}).json()["counts"]["photos"] == 0
    assert len(app.photos.of_group(event.id, event.groups[0].id)) == 3


def test_a_receipt_can_be_fetched_later_as_paper_and_table(app: App, desk: Browser, event: EventView) -> None:
    take(app, identity(app, event, 0), event, 1)
    receipt = desk("DELETE", f"/api/events/{event.id}", headers={"X-Classroom": "1"}).json()
    for lang in ("ja", "en"):
        desk.post("/session/language", json={"lang": lang})
        pdf = desk("GET", f"/api/receipts/{receipt['id']}.pdf")
        assert pdf.headers["content-type"] == "application/pdf"
        assert pdf.content.startswith(b"%PDF")
    table = rows(desk("GET", f"/api/receipts/{receipt['id']}.csv"))
    assert {row["kind"]: int(row["left"]) for row in table} == receipt["left"]
    assert set(table[0]) == {"time_utc", "scope", "subject", "kind", "deleted", "left"}
    assert len(rows(desk("GET", "/api/receipts.csv"))) == len(table)
    assert desk("GET", "/api/receipts/none.pdf").status_code == 404


def test_the_end_of_a_class_is_set(app: App, desk: Browser, event: EventView) -> None:
    where, wanted = f"/api/events/{event.id}/end", utcnow() + dt.timedelta(days=2)
    answer = desk.post(where, json={"ends_at": wanted.isoformat()}).json()
    assert dt.datetime.fromisoformat(answer["ends_at"]) == wanted
    assert dt.datetime.fromisoformat(answer["goes_at"]) > wanted
    for wrong in ("tomorrow", "2026-12-04T15:00:00", (utcnow() - dt.timedelta(days=1)).isoformat()):
        assert desk.post(where, json={"ends_at": wrong}).status_code == 422
    told = {"ends_at": wanted.isoformat()}
    answer = desk.post(where, json={**told, "keep_days": 2}).json()
    assert dt.datetime.fromisoformat(answer["goes_at"]) == wanted + dt.timedelta(days=2)
    desk.post(where, json=told)
    assert app.retention.end(event.id).keep_days == 2, "what is not named stays"
    desk.post(where, json={**told, "keep_days": None})
    assert app.retention.end(event.id).keep_days is None
    later = (wanted + dt.timedelta(days=5)).isoformat()
    for wrong_days in (0, 8, "2", True):
        assert desk.post(where, json={"ends_at": later, "keep_days": wrong_days}).status_code == 422
    assert app.retention.end(event.id).ends_at == wanted, "what is refused changes nothing"


def test_the_audit_as_a_table(app: App, desk: Browser, event: EventView) -> None:
    desk.post(f"/api/events/{event.id}/phase", json={"phase": "final"})
    found = rows(desk("GET", f"/api/audit.csv?event={event.id}&did=phase_set"))
    assert (found[0]["who"], found[0]["kind"], found[0]["origin"]) == (
        "facilitator",
        "facilitator",
        "192.0.2.0/24",
    )
    assert rows(desk("GET", "/api/audit.csv?who=nobody")) == []


# -- who may, and that it is written down ------------------------------------------------------------------


def calls(app: App, event: EventView) -> dict[str, Call]:
    """Every route by which a grown-up changes something, with a call that does."""
    take(app, identity(app, event, 0), event, 5)
    train(app, identity(app, event, 0))
    pending, second = (photos_deleted(app, event.id, []) for _ in range(2))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("apple/1.jpg", jpeg(COLORS["apple"], 4000))
    fresh = app.classes.create("Fresh", 2, template="fruit")
    rules = {"counted": "best", "trainings_max": None, "freeze_minutes": 3, "tie_break": False}
    soon = (utcnow() + dt.timedelta(days=3)).isoformat()
    of = f"/api/events/{event.id}"
    return {
        "POST /api/events": lambda by: by.post(
            "/api/events", json={"name": "New", "groups": 2, "template": "fruit"}
        ),
        "POST /api/events/{id}/challenge": lambda by: by.post(
            f"/api/events/{fresh.id}/challenge", content=archive.getvalue()
        ),
        "POST /api/events/{id}/challenge/photos": lambda by: by.post(
            f"/api/events/{fresh.id}/challenge/photos?label={fresh.labels[0].id}",
            content=jpeg(COLORS["apple"], 77),
            headers={"X-Photo-Id": str(uuid.uuid4())},
        ),
        "POST /api/events/{id}/contest": lambda by: by.post(f"{of}/contest", json=rules),
        "POST /api/events/{id}/round": lambda by: by.post(
            f"{of}/round", json={"action": "start", "minutes": 5}
        ),
        "POST /api/events/{id}/end": lambda by: by.post(f"{of}/end", json={"ends_at": soon}),
        "POST /api/events/{id}/take-home": lambda by: by.post(f"{of}/take-home", json={"allowed": True}),
        "POST /api/deletions/{id}/undo": lambda by: by.post(f"/api/deletions/{pending.id}/undo"),
        "POST /api/deletions/{id}/finish": lambda by: by.post(f"/api/deletions/{second.id}/finish"),
        "POST /api/events/{id}/phase": lambda by: by.post(f"{of}/phase", json={"phase": "reveal"}),
        "POST /api/show/step": lambda by: by.post(
            "/api/show/step", json={"event": event.id, "go": "next", "seen": 0}
        ),
        "POST /api/events/{id}/deletions": lambda by: by.post(
            f"{of}/deletions", json={"scope": "group", "group_id": event.groups[2].id}
        ),
        "DELETE /api/events/{id}": lambda by: by("DELETE", of, headers={"X-Classroom": "1"}),
    }


def grown_ups_routes(app: App) -> set[str]:
    return {
        f"{route.method} {route.path}"
        for route in own_routes(app.settings)
        if isinstance(route, common.OwnRoute)
        and route.method not in READ
        and route.allow in {common.require_facilitator, may_follow}
    }


def test_every_route_by_which_a_facilitator_changes_something_writes_into_the_audit(
    app: App, desk: Browser, event: EventView
) -> None:
    known = calls(app, event)
    assert grown_ups_routes(app) == set(known), "a route without a call here may do things unseen"
    for name, call in known.items():
        before = len(app.audit.entries(who="facilitator"))
        answer = call(desk)
        assert answer.is_success, f"{name}: {answer.text}"
        new = app.audit.entries(who="facilitator")[: len(app.audit.entries(who="facilitator")) - before]
        assert len(new) == 1, name
        assert new[0].did != "other", name
        assert new[0].origin == "192.0.2.0/24", name


def test_nobody_else_may(app: App, event: EventView) -> None:
    known = calls(app, event)
    reads = [f"/api/events/{event.id}/deletions", "/api/receipts.csv", f"/api/receipts/{uuid.uuid4()}.pdf"]
    reads += [f"/api/receipts/{uuid.uuid4()}.csv", "/api/audit.csv"]
    for browser in (Browser(app), ipad(app, event, 0), ipad(app, event, 1)):
        before = len(app.audit.entries())
        assert {call(browser).status_code for call in known.values()} == {401}
        assert {browser("GET", path).status_code for path in reads} == {401}
        assert len(app.audit.entries()) == before
