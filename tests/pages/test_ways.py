"""The row of links on top of staff's pages: the same on each, the page that is open marked."""

from __future__ import annotations

import re

import pytest

from classroom_app.resources import App
from classroom_app.states import Role
from classroom_app.views.classes import EventView
from tests.pages.desk import Desk, desk

__all__ = ["desk"]

EVERYWHERE = ("facilitator", "jobs", "reset", "accounts", "guide.pdf")


def ways(desk: Desk) -> list[tuple[str, bool]]:
    """Where the links lead, without what is asked for there, and whether each is this page itself."""
    links = re.findall(
        r'<a class="staff-link" href="/([^"?]+)[^"]*" target="[^"]+"( aria-current="page")?', desk.html
    )
    return [(page, bool(here)) for page, here in links if not page.startswith("api/")]


@pytest.mark.parametrize("page", ["facilitator", "jobs", "group", "accounts"])
def test_a_page_has_the_same_ways(desk: Desk, event: EventView, page: str) -> None:
    desk.log_in().open(page, event=event.id, group=event.groups[0].id)
    assert ways(desk) == [(name, name == page) for name in EVERYWHERE]


@pytest.mark.parametrize("page", ["reset", "audit", "privacy"])
def test_pages_of_deletion_lead_to_each_other_too(desk: Desk, event: EventView, page: str) -> None:
    desk.log_in().open(page, event=event.id)
    names = (*EVERYWHERE[:3], "audit", "privacy", *EVERYWHERE[3:])
    assert ways(desk) == [(name, name == page) for name in names]


def test_the_class_stays_the_same_on_the_way(desk: Desk, app: App, event: EventView) -> None:
    other = app.classes.create("Other", 2, template="fruit")
    for page, known in (("jobs", "event"), ("reset", "event"), ("privacy", "class")):
        desk.log_in().open(page, **{known: other.id})
        assert f'href="/facilitator?event={other.id}"' in desk.html, page


def test_who_may_not_delete_is_not_led_there(desk: Desk, app: App, event: EventView) -> None:
    app.accounts.add("leader", Role.INSTRUCTOR, [event.id])
    desk.cookies["facilitator"] = app.logins.facilitator_cookie("leader")
    desk.open("facilitator")
    assert [page for page, _ in ways(desk)] == ["facilitator", "jobs", "accounts", "guide.pdf"]


def test_a_parent_is_led_to_no_page_of_staff(desk: Desk, event: EventView) -> None:
    desk.open("privacy")
    assert ways(desk) == []
