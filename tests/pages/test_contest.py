"""The children's pages in the contest: time that is up, pauses, rules, a reveal that is not given away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from classroom_app.resources import App
from classroom_app.states import CountedRun, Phase
from classroom_app.views.classes import EventView, GroupIdentity
from classroom_app.views.contest import Board
from classroom_app.views.training import TrainingReadiness
from tests.pages.ipad import IPad, ipad
from tests.support.contest import LedContest, LedShow, lead
from tests.support.stand_ins import identity, take, train

__all__ = ["ipad"]

AT_WORK = ("collect", "train", "play", "mistakes", "results")
SPOILERS = ("位！", "さいごの 順位", "confetti", "🥇", "🥈", "🥉", "🎖️")


@pytest.fixture
def contest(app: App) -> LedContest:
    led = LedContest()
    lead(app, led)
    return led


@pytest.fixture
def trained(ipad: IPad, app: App, event: EventView) -> GroupIdentity:
    """A joined group with one AI."""
    group = ipad.join(event)
    take(app, group, event, 5)
    train(app, group)
    return group


# -- time is up ------------------------------------------------------------------------------------


def end_by_phase(app: App, event: EventView, contest: LedContest) -> None:
    app.classes.set_phase(event.id, Phase.FINAL)


def end_by_clock(app: App, event: EventView, contest: LedContest) -> None:
    contest.left_s = 0.0


@pytest.mark.parametrize("end", [end_by_phase, end_by_clock])
@pytest.mark.parametrize(
    ("page", "way"),
    [
        ("collect", "big_to_results"),
        ("train", "big_to_results"),
        ("play", "big_to_results"),
        ("results", "big_to_play"),
    ],
)
def test_when_time_is_up_every_page_says_so_and_has_one_next_step(
    ipad: IPad,
    app: App,
    event: EventView,
    contest: LedContest,
    trained: GroupIdentity,
    end: object,
    page: str,
    way: str,
) -> None:
    assert callable(end)
    end(app, event, contest)
    ipad.open(page)
    assert "AIづくりは ここまで" in ipad.text
    assert [key for key in ipad.buttons if key.startswith("big_")] == [way]
    assert "big_train" not in ipad.buttons


@pytest.mark.parametrize("page", AT_WORK)
def test_a_group_without_an_ai_is_not_sent_to_make_one_after_the_end(
    ipad: IPad, app: App, event: EventView, contest: LedContest, page: str
) -> None:
    ipad.join(event)
    contest.left_s = 0.0
    ipad.open(page)
    assert "AIづくりは ここまで" in ipad.text
    assert not {"big_to_train", "big_to_first_train"} & set(ipad.buttons)


@pytest.mark.parametrize("phase", [Phase.COLLECT, Phase.FINAL])
def test_results_always_have_one_next_step(
    ipad: IPad, app: App, event: EventView, trained: GroupIdentity, phase: Phase
) -> None:
    app.classes.set_phase(event.id, phase)
    ipad.open("results")
    assert len([key for key in ipad.buttons if key.startswith("big_")]) == 1


def test_a_page_that_is_open_at_zero_shows_the_end_with_its_next_look(
    ipad: IPad, event: EventView, contest: LedContest, trained: GroupIdentity
) -> None:
    contest.left_s = 60.0
    ipad.open("train")
    assert "big_to_play" in ipad.buttons
    assert "ここまで" not in ipad.text
    contest.left_s = 0.0
    ipad.run()
    assert "ここまで" in ipad.text
    assert "big_to_play" not in ipad.buttons


def test_after_the_end_nobody_is_told_to_take_more_photos(
    ipad: IPad, app: App, event: EventView, contest: LedContest, trained: GroupIdentity
) -> None:
    train(app, trained)
    ipad.open("train")
    assert "写真を たしてみよう" in ipad.text
    contest.left_s = 0.0
    ipad.run()
    assert "たしてみよう" not in ipad.text


def test_photos_that_come_after_the_end_can_still_be_trained_on(
    ipad: IPad, app: App, event: EventView, contest: LedContest, trained: GroupIdentity
) -> None:
    take(app, trained, event, 1, start=5)
    contest.left_s, contest.late = 0.0, True
    ipad.open("collect")
    assert "とどいたよ" in ipad.text
    assert "gallery" not in ipad.shown
    ipad.tap("big_to_train")
    assert "とどいたよ" in ipad.text
    assert "＋3まいで" in ipad.at.button(key="big_train").label
    contest.late = False
    ipad.run()
    assert "big_train" not in ipad.buttons
    assert "ここまで" in ipad.text


def test_in_a_pause_nothing_is_asked_of_the_children(
    ipad: IPad, event: EventView, contest: LedContest, trained: GroupIdentity
) -> None:
    contest.left_s, contest.paused = 60.0, True
    for page in AT_WORK:
        ipad.open(page)
        if page != "mistakes":  # all was right: there is nothing to do there anyway
            assert "休み時間" in ipad.text, page
        assert [key for key in ipad.buttons if key.startswith("big_")] == [], page


@pytest.mark.parametrize("page", AT_WORK)
def test_the_clock_stands_in_the_head_of_every_page_where_there_is_one(
    ipad: IPad, event: EventView, contest: LedContest, page: str
) -> None:
    ipad.join(event)
    ipad.open(page)
    assert "round_clock" not in ipad.keys
    contest.left_s = 300.0
    ipad.run()
    assert "round_clock" in ipad.keys


# -- the rules -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counted", "sentence"),
    [
        (CountedRun.BEST, "いちばん よかった AIの"),
        (CountedRun.LAST, "さいごに そだてた AIの"),
        (CountedRun.CHOSEN, "じぶんたちで えらべる"),
    ],
)
def test_the_train_page_says_which_run_counts(
    ipad: IPad, contest: LedContest, trained: GroupIdentity, counted: CountedRun, sentence: str
) -> None:
    contest.counted = counted
    ipad.open("train")
    assert sentence in ipad.text


def test_the_train_page_says_that_the_ai_always_answers_in_the_test(
    ipad: IPad, event: EventView, trained: GroupIdentity
) -> None:
    ipad.open("train")
    assert "「見たこと ない みたい」と いえない" in ipad.text


def test_before_the_first_ai_nothing_is_said_of_what_it_may_say(
    ipad: IPad, app: App, event: EventView
) -> None:
    take(app, ipad.join(event), event, 5)
    ipad.open("train")
    assert "「見たこと ない みたい」" not in ipad.text


def test_how_often_it_can_still_be_trained(
    ipad: IPad, app: App, contest: LedContest, trained: GroupIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    readiness = app.runs.readiness
    left = 2

    def limited(group: GroupIdentity) -> TrainingReadiness:
        return replace(readiness(group), trainings_left=left)

    monkeypatch.setattr(app.runs, "readiness", limited)
    ipad.open("train")
    assert "あと 2回 そだてられる" in ipad.text
    left = 0
    ipad.run()
    assert "そだてられる 回数は ここまで" in ipad.text
    assert [key for key in ipad.buttons if "train" in key] == []
    assert "big_to_play" in ipad.buttons


def test_one_tap_chooses_the_run_that_counts(
    ipad: IPad, app: App, event: EventView, trained: GroupIdentity
) -> None:
    take(app, trained, event, 1, start=5)
    second = train(app, trained)
    first = app.runs.history(trained)[0].id
    ipad.open("results")
    assert not [key for key in ipad.buttons if key.startswith("small_choose")]  # the rules choose
    assert "👑" not in ipad.text
    app.contest.set_rules(event.id, replace(app.contest.rules(event.id), counted=CountedRun.CHOSEN))
    app.contest.choose_run(trained, second)
    ipad.run()
    assert [key for key in ipad.buttons if key.startswith("small_choose")] == [f"small_choose_{first}"]
    ipad.tap(f"small_choose_{first}")
    assert app.board.counted_runs(event.id)[trained.id] == first
    assert ipad.text.count("👑") == 1
    chosen = ipad.at.button(key=f"small_choose_{second}")
    assert (chosen.label, chosen.icon) == ("2ごうで しょうぶする", "")  # what is chosen has the crown, alone
    assert [key for key in ipad.buttons if key.startswith("small_choose")] == [f"small_choose_{second}"]


def test_a_board_that_stands_still_says_why(ipad: IPad, contest: LedContest, trained: GroupIdentity) -> None:
    ipad.open("results")
    assert "ここからの 順位は ひみつ" not in ipad.text
    contest.frozen = True
    ipad.run()
    assert "ここからの 順位は ひみつ" in ipad.text


# -- the reveal ------------------------------------------------------------------------------------


@pytest.fixture
def show(ipad: IPad, app: App, event: EventView) -> LedShow:
    """Three groups at the reveal, the third without an AI; nothing is on the screen yet."""
    for index in (0, 1):
        other = identity(app, event, index)
        take(app, other, event, 5, start=10 * index)
        train(app, other)
    app.classes.set_phase(event.id, Phase.REVEAL)
    led = LedShow()
    lead(app, show=led)
    ipad.join(event)
    return led


def spoils(ipad: IPad) -> list[str]:
    return [word for word in SPOILERS if word in ipad.text or word in ipad.html]


@pytest.mark.parametrize("page", AT_WORK)
def test_until_its_place_was_shown_an_ipad_says_look_at_the_screen(
    ipad: IPad, event: EventView, show: LedShow, page: str
) -> None:
    show.shown = (event.groups[2].id, event.groups[1].id)  # others' places are on the screen, not ours
    ipad.open(page)
    assert "スクリーンを 見よう" in ipad.text
    assert spoils(ipad) == []
    assert ipad.step == "results"  # the page that follows the show
    assert "score-bar" not in ipad.html


def test_then_it_shows_its_own_place_and_at_the_end_the_board(
    ipad: IPad, event: EventView, show: LedShow
) -> None:
    ipad.open("results")
    show.shown = (event.groups[2].id, event.groups[0].id)
    ipad.run()
    assert "1位！" in ipad.text
    assert "🥇" in ipad.text
    assert "6問の うち 6問" in ipad.text
    assert "つづきは スクリーンで" in ipad.text
    assert "さいごの 順位" not in ipad.text
    assert "ライオン" not in ipad.text  # nothing of the others
    show.over = True
    ipad.run()
    assert "さいごの 順位" in ipad.text
    assert "ライオン" in ipad.text
    assert "つづきは" not in ipad.text
    assert "big_to_play" in ipad.buttons


def test_a_show_that_goes_back_takes_its_word_back(ipad: IPad, event: EventView, show: LedShow) -> None:
    show.shown = (event.groups[0].id,)
    ipad.open("results")
    assert "1位！" in ipad.text
    show.shown = ()
    ipad.run()
    assert spoils(ipad) == []


def test_a_group_without_an_ai_is_honoured_too(ipad: IPad, app: App, event: EventView, show: LedShow) -> None:
    group = ipad.join(event, 2)
    ipad.open("results")
    assert "スクリーンを 見よう" in ipad.text
    show.shown = (group.id,)
    ipad.run()
    assert "がんばったね" in ipad.text
    assert "いっしょに できて うれしかった" in ipad.text
    assert "位！" not in ipad.text
    show.over = True
    ipad.run()
    assert "さいごの 順位" in ipad.text


@pytest.mark.parametrize(
    ("rank", "last", "picture", "word"),
    [
        (1, False, "🥇", "おめでとう"),
        (3, False, "🥉", "おめでとう"),
        (2, True, "🥈", "さいごまで よく がんばった"),
        (5, False, "🎖️", "よく がんばった"),
        (8, True, "🎖️", "さいごまで よく がんばった"),
    ],
)
def test_every_place_has_its_kind_word(
    ipad: IPad,
    app: App,
    event: EventView,
    show: LedShow,
    monkeypatch: pytest.MonkeyPatch,
    rank: int,
    last: bool,
    picture: str,
    word: str,
) -> None:
    group = ipad.join(event)
    board = app.board.board

    def ranked(event_id: str, *, final: bool | None = None) -> Board:
        real = board(event_id, final=final)
        own = next(row for row in real.rows if row.group_id == group.id)
        others = [replace(own, group_id=str(n), rank=n) for n in range(1, rank if last else rank + 2)]
        return replace(real, rows=(*others, replace(own, rank=rank)))

    monkeypatch.setattr(app.board, "board", ranked)
    show.shown = (group.id,)
    ipad.open("results")
    assert f"{rank}位！" in ipad.text
    assert picture in ipad.text
    assert word in ipad.text
    assert ("おめでとう" in ipad.text) is (word == "おめでとう")
