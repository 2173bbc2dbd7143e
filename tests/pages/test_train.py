"""The train page: what is missing, the tap, the run, its result in words. Knows no queue."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace

import pytest

from classroom_app.resources import App
from classroom_app.services.tier import TierService
from classroom_app.states import DeletionScope
from classroom_app.ui import state
from classroom_app.views.classes import EventView, GroupIdentity
from classroom_app.views.deletion import DeletionTarget
from classroom_app.views.training import RunView
from tests.pages.ipad import IPad, ipad
from tests.support.stand_ins import COLORS, jpeg, take, train

__all__ = ["ipad"]


def test_missing_photos_lead_back_to_their_label(ipad: IPad, app: App, event: EventView) -> None:
    group = ipad.join(event)
    take(app, group, event, 2)
    take(app, group, replace(event, labels=event.labels[1:2]), 1, start=2)  # it is the nearest to enough now
    ipad.open("train")
    assert "big_train" not in ipad.buttons
    assert [key for key in ipad.buttons if key.startswith("big_")] == ["big_missing"]  # one next thing
    ipad.tap("big_missing")
    assert ipad.shown["labels"]["chosen"] == event.labels[1].id


def test_a_tap_asks_for_one_run_and_shows_it(ipad: IPad, app: App, event: EventView) -> None:
    group = ipad.join(event)
    take(app, group, event, 5)
    ipad.open("train").tap("big_train")
    run = app.runs.latest(group)
    assert run is not None
    assert ipad.enqueued == [run.id]
    assert "準備" in ipad.text
    assert "big_train" not in ipad.buttons
    app.training.start(run.id)
    assert "1まいずつ" in IPad.run(ipad).text  # another look, as after a reload, shows the same run
    app.training.prepare(run.id)
    app.training.finish(run.id, app.training.fit(run.id))
    ipad.run()
    assert "6/ 6問 正解" in ipad.text
    assert "15まいの 写真で" in ipad.text


def test_waiting_says_how_many_are_before(ipad: IPad, app: App, event: EventView) -> None:
    other = ipad.join(event, 1)
    take(app, other, event, 5)
    app.runs.request(other)
    group = ipad.join(event, 0)
    take(app, group, event, 5)
    ipad.open("train").tap("big_train")
    assert "まえに 1グループ" in ipad.text


def test_the_second_version_is_compared_with_the_first(ipad: IPad, app: App, event: EventView) -> None:
    group = ipad.join(event)
    take(app, group, event, 5)
    train(app, group)
    ipad.open("train")
    assert [key for key in ipad.buttons if key.endswith(("_train", "_to_play"))] == ["big_to_play"]
    assert "/ 6" in ipad.text
    take(app, group, event, 2, start=5)
    ipad.run()
    assert "＋6まいで" in ipad.at.button(key="big_train").label
    train(app, group)
    ipad.run()
    assert "まえと おなじ" in ipad.text
    assert "▲" not in ipad.text


def test_a_failed_run_is_told_in_words(ipad: IPad, app: App, event: EventView) -> None:
    group = ipad.join(event)
    take(app, group, event, 5)
    run_id = app.runs.request(group)
    app.training.fail(run_id, "run_waited_too_long")
    ipad.open("train")
    assert "先生に しらせてね" in ipad.text
    ipad.tap("big_train")
    assert len(ipad.enqueued) == 1
    assert ipad.enqueued[0] != run_id


def test_a_phase_that_moved_on_is_told_in_words(ipad: IPad, app: App, event: EventView) -> None:
    group = ipad.join(event)
    take(app, group, event, 5)
    ipad.open("train")
    app.classes.set_phase(event.id, "final")
    ipad.run()
    assert "ここまで" in ipad.text
    assert ipad.enqueued == []


def test_a_result_says_once_that_photos_of_the_challenge_were_left_out(
    ipad: IPad, app: App, event: EventView
) -> None:
    group = ipad.join(event)
    take(app, group, event, 5)
    app.photos.take(group, event.labels[0].id, str(uuid.uuid4()), None, jpeg(COLORS["apple"], 1000))
    train(app, group)
    ipad.open("train")
    assert "つかわなかったよ" in ipad.text
    train(app, group)
    ipad.run()
    assert "つかわなかったよ" not in ipad.text


def test_while_it_learns_the_groups_own_photos_are_what_it_grows_from(
    ipad: IPad, app: App, event: EventView
) -> None:
    group = ipad.join(event)
    taken = take(app, group, event, 5)
    ipad.open("train").tap("big_train")
    shown = re.findall(r"/photos/([^/]+)/thumb", ipad.html)
    assert len(shown) == len(set(shown)) == 12
    assert set(shown) <= set(taken)


def test_photos_that_were_put_elsewhere_are_a_reason_to_train_again(
    ipad: IPad, app: App, event: EventView
) -> None:
    group = ipad.join(event)
    photos = take(app, group, event, 6)
    train(app, group)
    ipad.open("train")
    assert "big_train" not in ipad.buttons
    app.photos.move(group, photos[0], event.labels[1].id)
    ipad.run()
    assert ipad.at.button(key="big_train").label == "もういちど そだてる"


def mix_up(app: App, monkeypatch: pytest.MonkeyPatch, confusion: dict[str, dict[str, int]]) -> None:
    """The newest result as if the AI had answered so."""
    history = app.runs.history

    def mixed(group: GroupIdentity) -> list[RunView]:
        return [replace(run, confusion=confusion) for run in history(group)]

    monkeypatch.setattr(app.runs, "history", mixed)


def test_where_one_heap_holds_the_things_of_another_its_photos_are_shown(
    ipad: IPad, app: App, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    apple, orange = event.labels[0], event.labels[2]
    group = ipad.join(event)
    take(app, group, event, 5)
    train(app, group)
    mix_up(app, monkeypatch, {apple.id: {orange.id: 2}})
    ipad.open("train")
    assert {"big_to_play", "small_hint"} <= set(ipad.buttons), "their first AI: they want to see it"
    ipad.at.session_state[state.PLAYED] = 1
    ipad.run()
    assert "まざっていないかな" in ipad.text
    assert "big_to_play" not in ipad.buttons
    heap = {photo.id for photo in app.photos.album(group, orange.id).photos}
    assert set(re.findall(r"/photos/([^/]+)/thumb", ipad.html)) == heap
    ipad.tap("big_hint")
    assert ipad.shown["labels"]["chosen"] == orange.id


@pytest.mark.parametrize(
    ("number", "places"), [(5, (0, 1, 2, 3, 4)), (7, (0, 1, 2, 3, 4, 5)), (11, (0, 1, 3, 5, 7, 9))]
)
def test_the_photos_of_a_heap_are_from_all_over_it(
    ipad: IPad,
    app: App,
    event: EventView,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    places: tuple[int, ...],
) -> None:
    apple, orange = event.labels[0], event.labels[2]
    group = ipad.join(event)
    take(app, group, event, number)
    train(app, group)
    mix_up(app, monkeypatch, {apple.id: {orange.id: 2}})
    ipad.open("train")
    heap = [photo.id for photo in app.photos.album(group, orange.id).photos]
    assert re.findall(r"/photos/([^/]+)/thumb", ipad.html) == [heap[place] for place in places]


def test_a_single_mistake_asks_for_more_photos_of_its_label(
    ipad: IPad, app: App, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    apple, orange = event.labels[0], event.labels[2]
    group = ipad.join(event)
    take(app, group, event, 5)
    train(app, group)
    mix_up(app, monkeypatch, {apple.id: {orange.id: 2, apple.id: 2}})
    ipad.open("train")
    assert "たしかめる" not in ipad.at.button(key="small_hint").label
    ipad.tap("small_hint")
    assert ipad.shown["labels"]["chosen"] == apple.id


def test_nobody_is_sent_for_photos_that_can_no_longer_be_taken(
    ipad: IPad, app: App, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    apple, orange = event.labels[0], event.labels[2]
    group = ipad.join(event)
    take(app, group, event, 5)
    train(app, group)
    app.classes.set_phase(event.id, "final")
    ipad.open("train")
    assert "ちがう 場所" not in ipad.text
    assert "ぜんぶ 正解" in ipad.text
    mix_up(app, monkeypatch, {apple.id: {orange.id: 2}})
    ipad.open("train")
    assert "まざっていないかな" not in ipad.text
    assert "まちがえたよ" in ipad.text


def test_counts_of_photos_do_not_look_like_buttons(ipad: IPad, app: App, event: EventView) -> None:
    group = ipad.join(event)
    take(app, group, event, 1)
    ipad.open("collect")
    assert 'class="chip"' not in ipad.html
    take(app, group, event, 4, start=1)
    ipad.open("train")
    assert 'class="chip"' not in ipad.html


def test_an_ai_that_an_adult_deleted_is_told_and_the_failed_run_before_it_is_no_news(
    ipad: IPad, app: App, event: EventView
) -> None:
    group = ipad.join(event)
    first = take(app, group, event, 5)
    app.training.fail(app.runs.request(group), "run_failed")
    train(app, group)
    ipad.open("train")
    assert "6/ 6問 正解" in ipad.text
    app.deletions.begin(DeletionTarget(DeletionScope.PHOTOS, event.id, group.id, photo_ids=(first[0],)))
    ipad.run()
    assert "けしたよ" in ipad.text
    assert "うまく" not in ipad.text, "nothing failed now"
    assert [key for key in ipad.buttons if key.startswith("big_")] == ["big_train"]
    ipad.tap("big_train")
    assert "けしたよ" not in ipad.text


def test_of_the_ais_that_are_left_it_is_said_which_one_this_is(
    ipad: IPad, app: App, event: EventView
) -> None:
    group = ipad.join(event)
    take(app, group, event, 5)
    train(app, group)
    late = take(app, group, event, 1, start=60)
    train(app, group)
    app.deletions.delete_now(
        DeletionTarget(DeletionScope.PHOTOS, event.id, group.id, photo_ids=tuple(late[:1]))
    )
    ipad.open("train")
    assert "その まえの AI" in ipad.text
    assert "6/ 6問 正解" in ipad.text


def test_a_run_whose_computer_is_away_is_told_to_wait(
    ipad: IPad, app: App, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TierService, "away", lambda _: True)
    group = ipad.join(event)
    take(app, group, event, 5)
    ipad.open("train").tap("big_train")
    assert "コンピューターを まっている" in ipad.text
