"""A log-in, a card or a link ends under an open page: the whole page says so, not a part of it."""

from __future__ import annotations

import pytest

from classroom_app.resources import App
from classroom_app.services.staff_logins import FIRST_FACILITATOR
from classroom_app.states import Phase
from classroom_app.views.classes import EventView
from tests.pages.desk import Desk, desk
from tests.pages.ipad import IPad, ipad
from tests.support.stand_ins import identity, take, train

__all__ = ["desk", "ipad"]


def words_at_top(ipad: IPad) -> list[str]:
    """The HTML that stands on the page itself, in no fragment's place."""
    return [child.proto.body for child in ipad.at.main.children.values() if child.type == "html"]


@pytest.mark.parametrize("page", ["facilitator", "jobs", "group", "reset"])
def test_an_ended_log_in_leaves_nothing_of_the_page(
    desk: Desk, app: App, event: EventView, page: str
) -> None:
    app.classes.set_phase(event.id, Phase.COLLECT)
    desk.log_in().open(page, event=event.id, group=event.groups[0].id)
    assert "log_out" in desk.buttons
    app.logins.set_password(FIRST_FACILITATOR, "another-long-password")
    desk.tick()
    assert any("ログインしてください。" in body for body in words_at_top(desk))
    assert desk.buttons == []
    [journey] = desk.journeys
    assert journey["url"].startswith(f"/login?to={page}&event={event.id}")
    assert journey["url"].endswith("&told=login_ended")
    assert desk.html.count("way-back") == 1


def test_who_is_still_logged_in_keeps_the_page(desk: Desk, event: EventView) -> None:
    desk.log_in().open("jobs", event=event.id)
    desk.tick()
    assert "way-back" not in desk.html
    assert desk.html, "the part that looks again"
    assert "log_out" not in desk.buttons, "it alone ran, nothing around it"


def test_a_link_that_was_renewed_leaves_nothing_on_the_wall(desk: Desk, app: App, event: EventView) -> None:
    desk.project(event.id)
    desk.cookies["projector"] = "of another day"
    desk.tick()
    assert any("way-back" in body for body in words_at_top(desk))


def test_a_card_that_was_renewed_leaves_nothing_of_the_childrens_page(
    ipad: IPad, app: App, event: EventView
) -> None:
    group = ipad.join(event)
    app.classes.set_phase(event.id, Phase.COLLECT)
    take(app, group, event, 5)
    train(app, identity(app, event, 0))
    ipad.open("results")
    assert any("board" in key or "step" in key for key in ipad.keys)
    app.classes.renew_group_links(event.id, group.id)
    ipad.tick()
    assert any('href="/join"' in body for body in words_at_top(ipad))
    assert not any("step" in key for key in ipad.keys), "the path of steps is of the page"
