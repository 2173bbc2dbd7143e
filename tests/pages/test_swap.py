"""The swap round on the pages: of a group, of grown-ups, on the projector."""

from __future__ import annotations

import datetime as dt

import pytest

from classroom_app.resources import App
from classroom_app.services import swap_pairs
from classroom_app.states import Role
from classroom_app.ui.widgets import device, player
from classroom_app.views.classes import EventView
from tests.pages.desk import Desk, desk
from tests.pages.ipad import IPad, ipad
from tests.support.stand_ins import identity, take, train

__all__ = ["desk", "ipad"]


@pytest.fixture
def trained(app: App, event: EventView, monkeypatch: pytest.MonkeyPatch) -> EventView:
    """Two of three groups have an AI."""
    monkeypatch.setattr(swap_pairs, "SOON", dt.timedelta(0))
    for place in (0, 1):
        group = identity(app, event, place)
        take(app, group, event, 5, start=10 * place)
        train(app, group)
    return event


def fool(app: App, event: EventView, place: int, times: int = 1) -> None:
    for _ in range(times):
        app.swap.fool(identity(app, event, place), event.labels[0].id, event.labels[1].id)


@pytest.fixture
def shown(ipad: IPad, monkeypatch: pytest.MonkeyPatch) -> IPad:
    """An iPad that keeps what its player was given."""
    monkeypatch.setattr(player, "player", ipad.widget("player"))
    return ipad


def test_the_page_shows_the_other_groups_animal_and_name_plainly(
    shown: IPad, app: App, trained: EventView
) -> None:
    shown.join(trained)
    shown.open("play")
    assert shown.shown["player"]["key"] == "player"
    before = shown.html, shown.buttons
    app.swap.start(trained.id)
    shown.run()
    assert "いま ためしているのは ライオンの AI" in shown.text
    assert "swap-whose" in shown.html
    assert "まちがえそうな ものを 見せて" in shown.text, "what the game is"
    given = shown.shown["player"]
    assert (given["predict_url"], given["explain_url"]) == ("/swap/predict", "/swap/explain")
    assert given["key"] != "player", "nothing of the own AI is left in it"
    assert [label["label_id"] for label in given["fooling"]] == [label.id for label in trained.labels]
    assert given["color"] == trained.groups[1].color
    if given["device"] is not None:
        lent = app.play.model(identity(app, trained, 1)).model_id
        assert given["device"]["model"]["url"] == f"/swap/models/{lent}"
        assert given["device"]["lent"] == app.now.look(identity(app, trained, 0), "play").lent
    assert shown.buttons == ["language"], "one thing to do"
    app.swap.end(trained.id)
    shown.run()
    assert (shown.html, shown.buttons) == before, "all is as before"
    assert "fooling" not in shown.shown["player"]
    assert [toast.value for toast in shown.at.toast] == [
        "とりかえっこは おわったよ。また じぶんたちの AIだよ！"
    ]
    shown.run()
    assert not shown.at.toast, "said once"


def test_both_groups_see_what_fooled_an_ai(shown: IPad, app: App, trained: EventView) -> None:
    app.swap.start(trained.id)
    fool(app, trained, 0, times=2)
    shown.join(trained)
    shown.open("play")
    assert "ひっかけた かず：2" in shown.text
    assert "ひっかかった" not in shown.text
    shown.join(trained, 1)
    shown.run()
    assert "ひっかけた かず：0" in shown.text
    assert "じぶんたちの AIは 2回 ひっかかった" in shown.text
    assert "りんごを バナナと 2回 まちがえた" in shown.text


def test_a_group_without_an_ai_gets_one_to_try(shown: IPad, app: App, trained: EventView) -> None:
    shown.join(trained, 2)
    shown.open("play")
    assert "まだ AIが いない" in shown.text
    app.swap.start(trained.id)
    shown.run()
    assert "ためしているのは" in shown.text


def test_the_other_pages_have_one_way_there(ipad: IPad, app: App, trained: EventView) -> None:
    ipad.join(trained)
    ipad.open("results")
    assert "big_swap_way" not in ipad.buttons
    app.swap.start(trained.id)
    ipad.run()
    ipad.tap("big_swap_way")
    assert ipad.step == "play"
    assert "big_swap_way" not in ipad.buttons


@pytest.mark.parametrize("phase", ["collect", "final"])
def test_during_a_round_the_way_there_is_the_one_next_thing_of_every_page(
    ipad: IPad, app: App, trained: EventView, phase: str
) -> None:
    take(app, identity(app, trained, 0), trained, 1, start=50)  # a reason to train
    app.classes.set_phase(trained.id, phase)
    app.swap.start(trained.id)
    for place in (0, 2):  # with an AI, and without one
        ipad.join(trained, place)
        for page in ("collect", "train", "results", "mistakes"):
            ipad.open(page)
            assert [key for key in ipad.buttons if key.startswith("big_")] == ["big_swap_way"], page
    app.swap.end(trained.id)
    ipad.join(trained)
    ipad.open("train")
    if phase == "collect":
        assert [key for key in ipad.buttons if key.startswith("big_")] == ["big_train"]


def test_a_round_that_ends_while_the_page_runs_is_one_sentence(
    shown: IPad, app: App, trained: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.swap.start(trained.id)
    lent = app.swap.lent(identity(app, trained, 0))
    monkeypatch.setattr(app.swap, "lent", lambda _group: lent)
    app.swap.end(trained.id)
    shown.join(trained)
    shown.open("play")
    assert "とりかえっこは おわったよ" in shown.text
    assert "player" not in shown.shown


def test_what_the_ipad_loads_is_the_lent_model_by_the_way_for_it() -> None:
    if device.device_files() is None:
        pytest.skip("the runtime is missing (make test fetches it)")
    offered = device.offer(1, "0" * 64, 1, [], folder="/swap/models", lent="1.1.x")
    assert offered is not None
    model = offered["model"]
    assert isinstance(model, dict)
    assert model["url"] == f"/swap/models/{'0' * 64}"


# -- grown-ups -------------------------------------------------------------------------------------


def test_a_facilitator_begins_turns_and_ends_it(desk: Desk, app: App, trained: EventView) -> None:
    desk.log_in().open("facilitator")
    assert app.swap.look(trained.id).turn is None
    assert "swap_end" not in desk.buttons
    desk.tap("swap_start")
    assert app.swap.look(trained.id).turn == 1
    assert "swap_start" not in desk.buttons
    fool(app, trained, 0)
    desk.run()
    assert "1回目の相手・ひっかけた数 1" in desk.text
    assert "ペンギン ➜  ライオン 🎭1" in desk.text
    assert "🐧" not in desk.html  # the drawing that the children know, not the computer's own
    desk.tap("swap_turn_on_1")
    assert app.swap.look(trained.id).turn == 2
    desk.tap("swap_end")
    assert app.swap.look(trained.id).turn is None
    assert "swap_start" in desk.buttons


def test_the_button_waits_for_two_ais_and_is_there_in_its_phases_alone(
    desk: Desk, app: App, event: EventView
) -> None:
    desk.log_in().open("facilitator")
    assert desk.at.button(key="swap_start").disabled
    for phase, there in (("lobby", False), ("collect", True), ("final", True), ("reveal", False)):
        app.classes.set_phase(event.id, phase)
        desk.run()
        assert ("swap_start" in desk.buttons) is there, phase


def test_an_instructor_leads_it_too(desk: Desk, app: App, trained: EventView) -> None:
    app.accounts.add("teacher", Role.INSTRUCTOR, [trained.id])
    desk.cookies["facilitator"] = app.logins.facilitator_cookie("teacher")
    desk.open("facilitator")
    desk.tap("swap_start")
    assert app.swap.look(trained.id).turn == 1


def test_two_who_turn_it_on_at_once_make_one_turn(desk: Desk, app: App, trained: EventView) -> None:
    desk.log_in().open("facilitator")
    desk.tap("swap_start")
    app.swap.turn_on(trained.id, 1)
    desk.at.button(key="swap_turn_on_1").click()
    desk.run()
    assert app.swap.look(trained.id).turn == 2
    assert "swap_turn_on_2" in desk.buttons


def test_it_is_in_the_audit(desk: Desk, app: App, trained: EventView) -> None:
    desk.log_in().open("facilitator")
    for key in ("swap_start", "swap_turn_on_1", "swap_end"):
        desk.tap(key)
    did = [entry.did for entry in app.audit.entries()][:3]
    assert did == ["swap_ended", "swap_turned", "swap_started"]


# -- the projector ---------------------------------------------------------------------------------


def test_the_projector_shows_who_tries_whom_and_counts(desk: Desk, app: App, trained: EventView) -> None:
    desk.project(trained.id)
    assert "とりかえっこ" not in desk.text
    app.swap.start(trained.id)
    desk.run()
    assert "AIの とりかえっこ" in desk.text
    assert desk.html.count('class="pj-swap-line"') == 3
    assert "ペンギン➜ライオン🎭 0" in desk.text
    assert "左の グループが 右の 🤖AIを ためすよ" in desk.text
    fool(app, trained, 0)
    desk.run()
    assert "ペンギン➜ライオン🎭 1" in desk.text
    assert "🍎を 🍌と まちがえた" in desk.text
    app.classes.set_phase(trained.id, "reveal")
    desk.run()
    assert "とりかえっこ" not in desk.text
