"""What open pages ask all the time: the mark changes with what a page shows, and with nothing else."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from sqlalchemy import select

from classroom_app.data.repository import photos
from classroom_app.data.tables import ChallengePhoto, Comparison
from classroom_app.errors import BadInputError
from classroom_app.resources import App
from classroom_app.services.group_now import SHOWS
from classroom_app.states import CountedRun, DeletionScope, Phase
from classroom_app.views.classes import EventView, GroupIdentity, NewLabel
from classroom_app.views.deletion import DeletionTarget
from tests.support.contest import LedContest, LedShow, lead
from tests.support.stand_ins import identity, take, train

ALL = frozenset(SHOWS)


def marks(app: App, event: EventView, index: int = 0) -> dict[str, str]:
    group = identity(app, event, index)
    return {page: app.now.look(group, page).mark for page in SHOWS}


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {page for page in SHOWS if before[page] != after[page]}


@pytest.fixture
def group(app: App, event: EventView) -> GroupIdentity:
    return identity(app, event, 0)


def test_while_nothing_happens_nothing_changes(app: App, event: EventView, group: GroupIdentity) -> None:
    take(app, group, event, 2)
    assert marks(app, event) == marks(app, event)


def test_a_photo_is_news_where_photos_are_counted(app: App, event: EventView, group: GroupIdentity) -> None:
    before = marks(app, event)
    take(app, group, event, 1)
    assert changed(before, marks(app, event)) == {"collect", "train", "mistakes"}


def test_a_photo_of_another_group_is_no_news(app: App, event: EventView) -> None:
    before = marks(app, event)
    take(app, identity(app, event, 1), event, 6)
    assert changed(before, marks(app, event)) == set()


def test_the_photo_that_makes_it_enough_opens_the_next_step_on_every_page(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    take(app, group, event, 4)
    before = marks(app, event)
    take(app, group, event, 1, start=4)
    assert changed(before, marks(app, event)) == {"collect", "train", "play", "mistakes", "results"}
    assert app.runs.journey(group).photos_ready


def test_a_photo_found_to_be_of_the_challenge_is_none_of_those_that_are_enough(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    photo_ids = take(app, group, event, 5)
    before = marks(app, event)
    with app.db.write() as session:
        challenge_id = session.scalars(
            select(ChallengePhoto.id).where(ChallengePhoto.event_id == event.id)
        ).first()
        for photo_id in photo_ids[:-2]:
            session.merge(Comparison(photo_id=photo_id, seen_as=challenge_id))
    assert changed(before, marks(app, event)) == {"collect", "train", "play", "mistakes", "results"}
    assert not app.runs.journey(group).photos_ready


def test_photos_of_the_challenge_are_counted_nowhere(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    """The iPad, the console and the board speak of the photos that an AI can learn from."""
    photo_ids = take(app, group, event, 5)
    with app.db.write() as session:
        challenge_id = session.scalars(
            select(ChallengePhoto.id).where(ChallengePhoto.event_id == event.id)
        ).first()
        for photo_id in photo_ids[:-2]:
            session.merge(Comparison(photo_id=photo_id, seen_as=challenge_id))
    with app.db.read() as session:
        after_a_shot = photos.label_counts(session, event.id, group.id)
    assert sum(after_a_shot.values()) == sum(app.photos.album(group).counts.values()) == 2
    assert {row.photos for row in app.board.board(event.id).rows if row.group_id == group.id} == {2}
    assert sum(app.classes.monitor(event.id)[0].photos.values()) == 2


def test_other_rules_are_news_where_they_are_told(app: App, event: EventView, group: GroupIdentity) -> None:
    before = marks(app, event)
    rules = app.contest.rules(event.id)
    app.contest.set_rules(event.id, dataclasses.replace(rules, trainings_max=3))
    first = marks(app, event)
    assert changed(before, first) == {"train", "results"}
    app.contest.set_rules(event.id, dataclasses.replace(rules, trainings_max=3, counted=CountedRun.LAST))
    assert changed(first, marks(app, event)) == {"train", "results"}


def test_a_photo_that_moves_to_another_label_or_goes_and_comes_back_is_news(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    first, *_ = take(app, group, event, 1)
    seen = [marks(app, event)["collect"]]
    app.photos.move(group, first, event.labels[1].id)
    seen.append(marks(app, event)["collect"])
    app.photos.delete(group, first)
    seen.append(marks(app, event)["collect"])
    assert len(set(seen)) == 3
    app.photos.undo_delete(group)
    assert marks(app, event)["collect"] == seen[1]


def test_one_photo_for_another_is_news_though_the_counts_are_the_same(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    first, *_ = take(app, group, event, 1)
    before = marks(app, event)["collect"]
    app.photos.delete(group, first)
    label = event.labels[0]
    take(app, group, dataclasses.replace(event, labels=(label,)), 1, start=9)
    assert marks(app, event)["collect"] != before


def test_a_run_is_news_from_the_tap_to_its_end(app: App, event: EventView, group: GroupIdentity) -> None:
    take(app, group, event, 5)
    begin = marks(app, event)
    run = app.runs.request(group)
    queued = marks(app, event)
    assert changed(begin, queued) == {"train", "run"}
    app.training.start(run)
    running = marks(app, event)
    assert changed(queued, running) == {"train", "run"}
    app.training.prepare(run)
    app.training.finish(run, app.training.fit(run))
    assert changed(running, marks(app, event)) == ALL - {"join"}


def test_what_one_ipad_chooses_to_count_the_others_show(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    take(app, group, event, 5)
    train(app, group)
    train(app, group)
    app.contest.set_rules(
        event.id, dataclasses.replace(app.contest.rules(event.id), counted=CountedRun.CHOSEN)
    )
    before = marks(app, event)
    app.contest.choose_run(group, app.runs.history(group)[0].id)
    assert changed(before, marks(app, event)) == {"results"}


def test_whoever_waits_sees_the_place_change(app: App, event: EventView, group: GroupIdentity) -> None:
    other = identity(app, event, 1)
    take(app, other, event, 5)
    take(app, group, event, 5)
    first = app.runs.request(other)
    app.runs.request(group)
    before = marks(app, event)
    app.training.fail(first, "train_failed")
    # The part of the train page that shows the run follows it by itself; the page has no reason to run again.
    assert changed(before, marks(app, event)) == {"run"}


def test_the_board_hears_of_another_groups_model(app: App, event: EventView) -> None:
    other = identity(app, event, 1)
    take(app, other, event, 5)
    before = marks(app, event)
    train(app, other)
    assert changed(before, marks(app, event)) == {"board"}


def test_the_phase_and_a_reset_are_news_everywhere(app: App, event: EventView, group: GroupIdentity) -> None:
    before = marks(app, event)
    app.classes.set_phase(event.id, Phase.FINAL)
    moved = marks(app, event)
    assert changed(before, moved) == ALL
    app.privacy.delete(DeletionTarget(DeletionScope.GROUP_RESET, event.id, group.id))
    assert changed(moved, marks(app, event)) == ALL


def test_the_class_setting_for_practice_photos_is_news(app: App, event: EventView) -> None:
    before = marks(app, event)
    app.classes.allow_practice_photos(event.id, not app.classes.get(event.id).show_practice)
    assert changed(before, marks(app, event)) == {"collect", "train", "play", "mistakes", "results"}


def test_a_label_that_is_renamed_is_news_where_labels_are_named(app: App, event: EventView) -> None:
    """Without a photo in it too: the buttons of the camera have its name."""
    named = {"collect", "train", "play", "mistakes", "results"}
    seen = [marks(app, event)]
    app.class_changes.rename_label(
        event.id, event.labels[0].id, NewLabel("", "🍏", event.labels[0].name_ja, event.labels[0].name_en)
    )
    seen.append(marks(app, event))
    app.class_changes.rename_label(
        event.id, event.labels[0].id, NewLabel("", "🍏", "青りんご", "Green apple")
    )
    seen.append(marks(app, event))
    assert [changed(*pair) for pair in itertools.pairwise(seen)] == [named, named]


def test_a_group_that_is_renamed_sees_it_everywhere_and_the_others_on_the_board(
    app: App, event: EventView
) -> None:
    own, others = marks(app, event), marks(app, event, 1)
    app.class_changes.rename_group(event.id, event.groups[0].id, "{赤|あか}チーム", "Red team")
    assert changed(own, marks(app, event)) == ALL
    assert changed(others, marks(app, event, 1)) == {"board"}


def test_a_page_looks_with_the_phase_that_it_was_drawn_with(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    """Otherwise what changes between its first line and its last would never be noticed."""
    drawn = app.now.look(group, "collect")
    app.classes.set_phase(event.id, Phase.FINAL)
    assert app.now.look(group, "collect").mark == drawn.mark
    assert app.now.look(identity(app, event, 0), "collect").mark != drawn.mark


def test_a_page_that_nobody_knows_is_refused(app: App, group: GroupIdentity) -> None:
    with pytest.raises(BadInputError):
        app.now.look(group, "nowhere")


WITH_A_CLOCK = {"collect", "train", "play", "mistakes", "results", "board"}


def test_the_clock_ticks_without_news_and_its_end_is_news(app: App, event: EventView) -> None:
    contest = LedContest(left_s=100.0)
    lead(app, contest)
    before = marks(app, event)
    contest.left_s = 1.0
    assert marks(app, event) == before
    contest.left_s = 0.0
    over = marks(app, event)
    assert changed(before, over) == WITH_A_CLOCK
    contest.left_s = 300.0  # a facilitator gives more time
    assert marks(app, event) == before


@pytest.mark.parametrize("news", [{"paused": True}, {"frozen": True}, {"left_s": None}])
def test_a_pause_a_freeze_and_the_end_of_the_time_box_are_news(
    app: App, event: EventView, news: dict[str, bool | None]
) -> None:
    contest = LedContest(left_s=100.0)
    lead(app, contest)
    before = marks(app, event)
    for name, value in news.items():
        setattr(contest, name, value)
    assert changed(before, marks(app, event)) == WITH_A_CLOCK


def test_the_look_brings_the_clock_and_says_when_time_is_up(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    contest = LedContest(left_s=100.0)
    lead(app, contest)
    now = app.now.look(group, "train")
    assert (now.clock.left_s, now.time_up, now.may_work) == (100.0, False, True)
    contest.paused = True
    assert not app.now.look(group, "train").may_work
    contest.left_s, contest.paused = 0.0, False
    now = app.now.look(group, "train")
    assert (now.time_up, now.may_work) == (True, False)
    contest.left_s = None
    app.classes.set_phase(event.id, Phase.FINAL)
    assert app.now.look(identity(app, event, 0), "train").time_up  # the phase says it then


def test_the_show_is_news_when_it_comes_to_the_group_and_at_its_end(app: App, event: EventView) -> None:
    app.classes.set_phase(event.id, Phase.REVEAL)
    show = LedShow()
    lead(app, show=show)
    before = marks(app, event)
    show.shown = (event.groups[2].id,)
    assert marks(app, event) == before  # another group's turn says nothing here
    show.shown += (event.groups[0].id,)
    own = marks(app, event)
    assert changed(before, own) == {"results"}
    show.over = True
    assert changed(own, marks(app, event)) == {"results"}
