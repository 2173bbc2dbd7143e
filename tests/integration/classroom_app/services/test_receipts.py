"""The receipts as a file: for facilitators alone, readable by a spreadsheet, nothing that it would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator

import pytest

from classroom_app.resources import App, set_app
from classroom_app.services.staff_logins import FIRST_FACILITATOR
from classroom_app.states import DeletionScope, Role
from classroom_app.views.classes import EventView
from classroom_app.views.deletion import DeletionTarget
from tests.integration.classroom_app.web.test_routes import Browser
from tests.support.roles import GROWN_UPS, OTHER, OWN, OWNER, cast

PATH = "/api/receipts.csv"


@pytest.fixture
def browser(app: App) -> Iterator[Browser]:
    set_app(app)
    yield Browser(app)
    set_app(None)


def test_only_for_facilitators(browser: Browser) -> None:
    assert browser("GET", PATH).status_code == 401


def test_every_receipt_is_in_it(browser: Browser, app: App) -> None:
    app.logins.first_start("a-long-password")
    browser.cookies.set("facilitator", app.logins.facilitator_cookie(FIRST_FACILITATOR))
    for name in ("5年2組", "=1+1"):
        app.privacy.delete(
            DeletionTarget(DeletionScope.EVENT, app.classes.create(name, 2, template="fruit").id)
        )
    answer = browser("GET", PATH)
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {line["subject"] for line in lines} == {"5年2組", "'=1+1"}
    [groups] = [line for line in lines if line["kind"] == "groups" and line["subject"] == "5年2組"]
    assert (groups["scope"], groups["deleted"], groups["left"]) == ("event", "2", "0")


def found_by(app: App, cookies: dict[str, str]) -> set[str]:
    """Whose deletions an account finds again: the subjects of its receipts."""
    browser = Browser(app)
    browser.cookies.update(cookies)
    text = browser("GET", PATH).content.decode("utf-8-sig")
    return {line["subject"] for line in csv.DictReader(io.StringIO(text))}


def at_once(app: App, event: EventView) -> None:
    app.privacy.delete(DeletionTarget(DeletionScope.EVENT, event.id))


def when_the_undo_is_over(app: App, event: EventView) -> None:
    app.deletions.finish(app.deletions.begin(DeletionTarget(DeletionScope.EVENT, event.id)).id)


def first_a_group(app: App, event: EventView) -> None:
    """Also of what was deleted before the class itself."""
    group = DeletionTarget(DeletionScope.GROUP, event.id, event.groups[0].id)
    app.deletions.begin(group)
    app.deletions.delete_now(DeletionTarget(DeletionScope.EVENT, event.id))


@pytest.mark.parametrize("delete", [at_once, when_the_undo_is_over, first_a_group])
def test_facilitators_find_the_receipts_of_their_classes_when_these_are_gone(
    browser: Browser, app: App, delete: Callable[[App, EventView], None]
) -> None:
    event = app.classes.create("5年2組", 2, template="fruit")
    people = cast(app, event)
    delete(app, event)
    at_once(app, people.other)
    found = {who: found_by(app, dict(people.cookies[who])) for who in GROWN_UPS}
    assert event.name in found[OWNER] & found[OWN]
    assert people.other.name in found[OWNER] & found[OTHER]
    assert people.other.name not in found[OWN]
    assert event.name not in found[OTHER]
    assert not any(names for who, names in found.items() if who not in {OWNER, OWN, OTHER})
    [receipt, *_] = [one for one in app.privacy.receipts() if one.subject == event.name]
    paper = Browser(app)
    paper.cookies.update(dict(people.cookies[OWN]))
    assert paper("GET", f"/api/receipts/{receipt.id}.pdf").content.startswith(b"%PDF")


def test_what_was_deleted_before_somebody_got_the_class_is_not_theirs(browser: Browser, app: App) -> None:
    app.logins.first_start("a-long-password")
    event = app.classes.create("Early", 2, template="fruit")
    app.privacy.delete(DeletionTarget(DeletionScope.GROUP, event.id, event.groups[0].id))
    app.accounts.add("late", Role.FACILITATOR, [event.id])
    cookie = {"facilitator": app.logins.facilitator_cookie("late")}
    assert found_by(app, cookie) == set()
    app.privacy.delete(DeletionTarget(DeletionScope.EVENT, event.id))
    assert found_by(app, cookie) == {"Early"}
    app.accounts.remove("late")
    app.accounts.add("late", Role.FACILITATOR, [])
    cookie = {"facilitator": app.logins.facilitator_cookie("late")}
    assert found_by(app, cookie) == set(), "another person of the same name"
