"""The projector: lobby, race, board, the show of the results; nothing of a child."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest

from classroom_app.content import i18n
from classroom_app.data.tables import Event, utcnow
from classroom_app.resources import App
from classroom_app.services.screen import ScreenService
from classroom_app.services.show import ShowService
from classroom_app.states import AwardKind, DeletionScope, Leader, Scene
from classroom_app.ui import viewer
from classroom_app.views.classes import EventView
from classroom_app.views.contest import Award
from classroom_app.views.deletion import DeletionTarget
from classroom_app.views.training import Baseline
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


@pytest.fixture
def shown(app: App, trained: EventView) -> EventView:
    """The same at its reveal; the third group has come and has nothing to show."""
    app.access.confirm_group(trained.groups[2].id)
    app.classes.set_phase(trained.id, "reveal")
    return trained


def lines(desk: Desk) -> list[dict[str, object]]:
    """What the charts of the board draw, row by row."""
    found = []
    for chart in desk.at.get("vega_lite_chart"):
        [data] = chart.proto.datasets
        found += pa.ipc.open_stream(data.data.data).read_pandas().to_dict("records")
    return found


def test_only_with_the_signed_link(desk: Desk, event: EventView) -> None:
    desk.open("projector")
    assert "リンクは使えなくなりました" in desk.text
    assert "pj-head" not in desk.html


def test_a_renewed_link_ends_the_old_page(desk: Desk, app: App, event: EventView) -> None:
    desk.project(event.id)
    app.access.rotate_projector(event.id)
    desk.run()
    assert "リンクは使えなくなりました" in desk.text


def test_the_lobby_lights_up_who_has_joined(desk: Desk, app: App, event: EventView) -> None:
    app.classes.set_phase(event.id, "lobby")
    app.access.confirm_group(event.groups[1].id)
    desk.project(event.id)
    assert desk.html.count("pj-tile") == 3
    assert desk.html.count("pj-lit") == 1
    assert "data:image/svg+xml" in desk.html
    assert "/join" in desk.text


def test_the_race_begins_before_there_is_an_ai(desk: Desk, app: App, event: EventView) -> None:
    desk.project(event.id)
    assert "AIを そだてよう" in desk.text
    assert [(line["photos"], line["none"]) for line in lines(desk)] == [("", "まだ いないよ")] * 3
    app.access.confirm_group(event.groups[2].id)
    desk.run()
    assert ("📷 0", "") in [(line["photos"], line["none"]) for line in lines(desk)]
    take(app, identity(app, event, 1), event, 2)
    app.access.confirm_group(event.groups[1].id)
    desk.run()
    first = lines(desk)[0]
    assert (first["name"], first["photos"], first["score"]) == ("ライオン", "📷 6", ""), "it is no score"
    assert math.isnan(float(str(first["latest"]))), "and there is no AI for a mark"
    assert "さいしょの AIは どの グループかな" in desk.text


def test_a_break_is_seen(desk: Desk, app: App, event: EventView) -> None:
    app.contest.start_round(event.id, 10)
    app.contest.pause(event.id)
    desk.project(event.id)
    assert "いまは 休み時間" in desk.text


def test_who_trains_now_and_the_first_ai_of_the_day(desk: Desk, app: App, event: EventView) -> None:
    group = identity(app, event, 0)
    app.access.confirm_group(group.id)
    take(app, group, event, 5)
    run = app.runs.request(group)
    desk.project(event.id)
    assert [line["state"] for line in lines(desk)] == ["🌱", "", ""]
    app.training.start(run)
    app.training.prepare(run)
    app.training.finish(run, app.training.fit(run))
    desk.run()
    assert "はじめての AI" in desk.text
    assert "ペンギン 6/6" in desk.text
    train(app, group)
    desk.run()
    assert "ペンギン 2ごう たんじょう！ 6 ➜ 6/6" in " ".join(desk.text.split())
    assert [line["earlier"] for line in lines(desk)] == ["1.0000", "", ""]
    assert "まえの AI" in desk.text, "what the dot is"


def test_the_board_shows_best_and_latest_and_groups_without_an_ai_too(desk: Desk, trained: EventView) -> None:
    desk.project(trained.id)
    shown = lines(desk)
    assert [line["rank"] for line in shown] == ["1", "1", ""]
    assert [line["share"] for line in shown] == [1.0, 1.0, 0.0]
    assert [line["latest"] for line in shown[:2]] == [1.0, 1.0]
    assert math.isnan(float(str(shown[2]["latest"]))), "no mark on an empty line"
    assert [line["name"] for line in shown] == ["ペンギン", "ライオン", "かえる"]
    assert [line["photos"] for line in shown] == ["📷 15", "📷 15", "📷 0"]


def test_every_line_without_a_score_says_why(desk: Desk, app: App, trained: EventView) -> None:
    desk.project(trained.id)
    assert [line["none"] for line in lines(desk)] == ["", "", "まだ いないよ"]
    app.access.confirm_group(trained.groups[2].id)
    desk.run()
    assert [line["none"] for line in lines(desk)] == ["", "", "AIは これから"]
    take(app, identity(app, trained, 2), trained, 5, start=50)
    app.runs.request(identity(app, trained, 2))
    desk.run()
    assert [(line["state"], line["none"]) for line in lines(desk)] == [("", ""), ("", ""), ("🌱", "")]


def test_once_the_round_is_over_a_line_without_photos_says_so_too(
    desk: Desk, app: App, trained: EventView
) -> None:
    app.classes.set_phase(trained.id, "final")
    desk.project(trained.id)
    assert [line["none"] for line in lines(desk)] == ["", "", "おやすみ"]
    app.access.confirm_group(trained.groups[2].id)
    desk.run()
    assert [line["none"] for line in lines(desk)] == ["", "", "また こんど"]


def test_once_the_round_is_over_no_ai_is_awaited_and_the_news_is_what_comes(
    desk: Desk, app: App, trained: EventView
) -> None:
    take(app, identity(app, trained, 2), trained, 5, start=50)
    app.classes.set_phase(trained.id, "final")
    desk.project(trained.id)
    assert [line["none"] for line in lines(desk)] == ["", "", "さんかしたよ"]
    assert "たんじょう" not in desk.text
    assert "まえの AI" not in desk.text, "no dot stands in a bar"
    assert "つぎは ひみつの 問題で しょうぶ！" in desk.text


def test_rows_for_comparison_stand_where_their_score_belongs(
    desk: Desk, app: App, trained: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = (Baseline("coin", 2, 6), Baseline("teacher", 6, 6))
    monkeypatch.setattr(app, "screen", ScreenService(app.db, app.show, app.contest, lambda _event_id: found))
    desk.project(trained.id)
    names = [line["name"] for line in lines(desk)]
    assert names == ["ペンギン", "ライオン", "せんせいの AI", "コインなげ", "かえる"]


def test_a_frozen_board_keeps_what_it_was_also_after_a_reload(
    desk: Desk, app: App, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = identity(app, event, 0)
    take(app, group, event, 5)
    train(app, group)
    app.contest.start_round(event.id, 10)
    desk.project(event.id)
    before = lines(desk)
    with app.db.write() as session:
        session.get_one(Event, event.id).board_frozen_at = utcnow()  # the last minutes have begun
    desk.run()
    other = identity(app, event, 1)
    take(app, other, event, 5, start=10)
    train(app, other)
    desk.project(event.id)
    assert "ランキングは ストップ" in desk.text
    assert [line["rank"] for line in lines(desk)] == [line["rank"] for line in before] == ["1", "", ""]
    app.contest.start_round(event.id, None)
    desk.run()
    assert [line["rank"] for line in lines(desk)] == ["1", "1", ""]


def test_it_follows_the_phase_by_itself(desk: Desk, app: App, trained: EventView) -> None:
    desk.project(trained.id)
    for phase, words in (("final", "しめきり"), ("reveal", "準備は いい"), ("closed", "ありがとう")):
        app.classes.set_phase(trained.id, phase)
        desk.run()
        assert words in desk.text


def test_the_show_names_everybody_from_last_to_first(
    desk: Desk, app: App, shown: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.project(shown.id)
    assert "準備は いい" in desk.text
    assert "ペンギン" not in desk.text
    told = []
    for step in range(3):
        app.show.next(shown.id, step, Leader.PROJECTOR)
        desk.run()
        told.append(desk.text)
    assert "かえる" in told[0]
    assert "いっしょに いてくれて ありがとう" in told[0], "a group without an AI is honoured too"
    assert "📷" not in told[0], "for what it did: no photos"
    assert "まい" not in told[0], "nobody is told of nothing"
    assert "ライオン" in told[1]
    assert "同点" in told[1]
    assert "いよいよ" in told[0]
    assert "もう ひとつの 1位" in told[1], "one of two winners is on the screen already"
    assert "練習 1位➜ほんばん 1位" in told[1]
    assert "ペンギン" in told[2]
    assert "優勝" in told[2]
    assert "pj-confetti" in desk.html
    app.show.next(shown.id, 3, Leader.PROJECTOR)
    desk.run()
    assert "表彰台" in desk.text
    assert desk.html.count("pj-step pj-step-1") == 1


def test_a_group_that_never_came_has_no_moment_of_its_own(desk: Desk, app: App, trained: EventView) -> None:
    app.classes.set_phase(trained.id, "reveal")
    assert [place.row.group_id for place in app.show.story(trained.id).places] == [
        trained.groups[1].id,
        trained.groups[0].id,
    ]


def test_a_reloaded_or_second_projector_is_where_the_show_is(desk: Desk, app: App, shown: EventView) -> None:
    for step in range(3):
        app.show.next(shown.id, step, Leader.FACILITATOR)
    desk.project(shown.id)
    assert "優勝" in desk.text


def test_a_second_reveal_is_told_from_its_beginning(desk: Desk, app: App, shown: EventView) -> None:
    app.show.go(shown.id, 3, Leader.FACILITATOR)
    app.classes.set_phase(shown.id, "final")
    app.classes.set_phase(shown.id, "reveal")
    desk.project(shown.id)
    assert "準備は いい" in desk.text


def test_awards_and_what_was_hardest_are_scenes_of_their_own(
    desk: Desk, app: App, shown: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tuple(Award(kind, (shown.groups[1].id,), "+4") for kind in AwardKind)
    show = ShowService(app.db, app.board, app.hardest, lambda _event_id: given)
    monkeypatch.setattr(app, "show", show)
    monkeypatch.setattr(app, "screen", ScreenService(app.db, show, app.contest, lambda _event_id: ()))
    scenes = show.story(shown.id).scenes
    assert Scene.AWARDS in scenes
    show.go(shown.id, scenes.index(Scene.AWARDS), Leader.FACILITATOR)
    desk.project(shown.id)
    assert "のびたで賞" in desk.text
    assert desk.text.count("ライオン") == len(AwardKind)
    assert "<em>+4</em>" in desk.html
    assert "<em>📷 +4</em>" in desk.html, "what the figure counts"


@pytest.mark.parametrize(
    ("address", "warned"), [("http://127.0.0.1:8501", True), ("https://192.168.3.4:8501", False)]
)
def test_the_lobby_warns_of_an_address_that_no_ipad_can_open(
    desk: Desk, app: App, event: EventView, monkeypatch: pytest.MonkeyPatch, address: str, warned: bool
) -> None:
    app.classes.set_phase(event.id, "lobby")
    monkeypatch.setattr(viewer, "base_url", lambda: address)
    desk.project(event.id)
    assert address.partition("://")[2] in desk.html
    assert (i18n.t("pj_loopback", "ja") in desk.text) is warned


def test_nothing_to_tap_and_no_photo_of_a_group(desk: Desk, app: App, trained: EventView) -> None:
    for phase in ("lobby", "collect", "final", "reveal", "closed"):
        app.classes.set_phase(trained.id, phase)
        desk.project(trained.id)
        assert desk.buttons == []
        assert "/photos/" not in desk.html


def test_dark_screens_are_dark(desk: Desk, app: App, event: EventView) -> None:
    desk.project(event.id)
    sheets = [item.proto.body for item in desk.at.get("html")]
    assert any("--pj-paper: var(--paper)" in sheet for sheet in sheets)
    app.show.set_dark(event.id, dark=True)
    desk.run()
    sheets = [item.proto.body for item in desk.at.get("html")]
    assert any("--pj-paper: var(--stage)" in sheet for sheet in sheets)


def test_a_deleted_class_shows_the_way_back(desk: Desk, app: App, event: EventView) -> None:
    desk.project(event.id)
    app.privacy.delete(DeletionTarget(DeletionScope.EVENT, event.id))
    desk.run()
    assert "リンクは使えなくなりました" in desk.text
