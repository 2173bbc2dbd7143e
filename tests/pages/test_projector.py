"""The projector: lobby, live leaderboard, reveal from the last to the first; no photos, no buttons."""

from __future__ import annotations

from itertools import pairwise

import pytest

from classroom_app.resources import App
from classroom_app.states import DeletionScope
from classroom_app.ui.widgets import projector
from classroom_app.views import DeletionTarget, EventView
from tests.pages.desk import Desk, desk
from tests.support.stand_ins import identity, take, train

__all__ = ["desk"]


@pytest.fixture
def trained(app: App, event: EventView) -> EventView:
    """Two of three groups have a model."""
    for index in (0, 1):
        group = identity(app, event, index)
        take(app, group, event, 5, start=10 * index)
        train(app, group)
    return event


def test_only_with_the_signed_link(desk: Desk, event: EventView) -> None:
    desk.open("projector")
    assert "リンクは 期限が 切れています" in desk.text
    assert "pj-head" not in desk.html


def test_a_renewed_link_ends_the_old_page(desk: Desk, app: App, event: EventView) -> None:
    desk.project(event.id)
    app.access.rotate_projector(event.id)
    desk.run()
    assert "リンクは 期限が 切れています" in desk.text


def test_the_lobby_lights_up_who_has_joined(desk: Desk, app: App, event: EventView) -> None:
    app.classes.set_phase(event.id, "lobby")
    app.access.confirm_group(event.groups[1].id)
    desk.project(event.id)
    assert desk.html.count("pj-tile") == 3
    assert desk.html.count("pj-lit") == 1
    assert "data:image/svg+xml" in desk.html
    assert "/join" in desk.text


def test_before_the_first_model_it_says_what_to_do(desk: Desk, event: EventView) -> None:
    desk.project(event.id)
    assert "AIを そだてよう" in desk.text
    assert not desk.at.get("vega_lite_chart")


def test_groups_without_a_run_are_listed_apart(desk: Desk, trained: EventView) -> None:
    desk.project(trained.id)
    assert len(desk.at.get("vega_lite_chart")) == 1
    assert "これから ちょうせん" in desk.text
    assert "かえる" in desk.text
    assert "ペンギン" not in desk.text  # ranked: in the chart


def test_it_follows_the_phase_by_itself(desk: Desk, app: App, trained: EventView) -> None:
    desk.project(trained.id)
    for phase, words in (("final", "しめきり"), ("reveal", "じゅんびは いい"), ("closed", "ありがとう")):
        app.classes.set_phase(trained.id, phase)
        desk.run()
        assert words in desk.text


def test_the_reveal_hides_every_name_at_first_and_tells_all_at_last(
    desk: Desk, app: App, trained: EventView
) -> None:
    app.classes.set_phase(trained.id, "reveal")
    desk.project(trained.id)
    assert "？？？" in desk.text
    assert "ペンギン" not in desk.text
    desk.at.session_state["reveal_began"] = {trained.id: 0.0}
    desk.run()
    assert "？？？" not in desk.text
    assert "優勝" in desk.text
    assert "pj-confetti" in desk.html


def test_nothing_to_tap_and_no_photos(desk: Desk, app: App, trained: EventView) -> None:
    for phase in ("lobby", "collect", "final", "reveal", "closed"):
        app.classes.set_phase(trained.id, phase)
        desk.project(trained.id)
        assert desk.buttons == []
        assert "/photos/" not in desk.html


def test_the_last_rank_comes_first_and_the_winner_waits_longest() -> None:
    times = projector.reveal_times([1, 2, 2, 4, 5])
    assert list(times) == [5, 4, 2, 1]
    moments = list(times.values())
    assert moments == sorted(moments)
    assert moments[0] == projector.START_S
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert gaps == [projector.STEP_S, projector.TOP_STEP_S, projector.FIRST_STEP_S]


def test_thirty_groups_are_told_within_a_minute() -> None:
    assert projector.reveal_times(range(1, 31))[1] < 60


def test_one_rank_for_all_is_told_at_once() -> None:
    assert projector.reveal_times([1, 1, 1]) == {1: projector.START_S}


def test_a_deleted_class_shows_the_way_back(desk: Desk, app: App, event: EventView) -> None:
    desk.project(event.id)
    app.privacy.delete(DeletionTarget(DeletionScope.EVENT, event.id))
    desk.run()
    assert "リンクは 期限が 切れています" in desk.text
