"""AIs that learnt from deleted photos go with them, unless somebody chose otherwise, and are known for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from classroom_app.data.tables import FinalEntry, Group, Run, RunResult
from classroom_app.resources import App
from classroom_app.states import CountedRun, DeletionScope, Half, Need, RunState
from classroom_app.views.classes import EventView, GroupIdentity
from classroom_app.views.deletion import LEARNT_KEPT, DeletionTarget, Learnt
from tests.integration.classroom_app.services.test_purge import files
from tests.support.stand_ins import identity, take, train

PHOTO_SCOPES = [DeletionScope.PHOTO, DeletionScope.PHOTOS, DeletionScope.LABEL]


@pytest.fixture
def versions(app: App, event: EventView, group: GroupIdentity) -> tuple[list[str], list[str]]:
    """The ids of the group's photos and of two versions; the second also learnt from the last ones."""
    early = take(app, group, event, 5)
    first = train(app, group)
    late = take(app, group, event, 1, start=90)
    return early + late, [first, train(app, group)]


def of(scope: DeletionScope, event: EventView, group: GroupIdentity, photo_id: str) -> DeletionTarget:
    return DeletionTarget(
        scope, event.id, group.id, label_id=event.labels[-1].id, photo_id=photo_id, photo_ids=(photo_id,)
    )


def history(app: App, group: GroupIdentity) -> list[str]:
    return [run.id for run in app.runs.history(group)]


@pytest.mark.parametrize("scope", PHOTO_SCOPES)
@pytest.mark.parametrize("undo", [True, False])
def test_the_versions_that_learnt_from_a_photo_go_with_it(
    app: App, event: EventView, group: GroupIdentity, versions: tuple[list[str], list[str]],
    scope: DeletionScope, undo: bool,
) -> None:  # fmt: skip
    ids, (first, second) = versions
    others = identity(app, event, 1)
    take(app, others, event, 5, start=50)
    theirs = train(app, others)
    target = of(scope, event, group, ids[-1])
    gone = {first, second} if scope is DeletionScope.LABEL else {second}
    assert app.privacy.learnt(target) == Learnt(len(gone), 0)
    counts = app.privacy.count(target)
    assert counts["runs"] == counts["results"] == len(gone)
    keys = files(app)
    if undo:
        pending = app.deletions.begin(target)
        assert files(app) == keys
        receipt = app.deletions.finish(pending.id)
    else:
        receipt = app.deletions.delete_now(target)
    assert receipt.clean
    assert receipt.deleted["results"] == len(gone)
    assert set(history(app, group)) == {first, second} - gone
    assert not [key for key in files(app) if any(run_id in key for run_id in gone)]
    assert history(app, others) == [theirs]
    assert app.integrity.check(lambda _seconds: None).sound


@pytest.mark.parametrize("undo", [True, False])
def test_somebody_may_choose_to_keep_them_and_the_receipt_says_so(
    app: App, event: EventView, group: GroupIdentity, versions: tuple[list[str], list[str]], undo: bool
) -> None:
    ids, runs = versions
    target = DeletionTarget(
        DeletionScope.PHOTOS, event.id, group.id, photo_ids=tuple(ids[-1:]), keep_models=True
    )
    assert "runs" not in app.privacy.count(target)
    if undo:
        receipt = app.deletions.finish(app.deletions.begin(target).id)
    else:
        receipt = app.deletions.delete_now(target)
    assert receipt.clean
    assert receipt.left[LEARNT_KEPT] == 1
    assert receipt.deleted[LEARNT_KEPT] == 0
    assert history(app, group) == runs
    gone = {line.version: line.photos_gone for line in app.console.runs_of(event.id, group.id)}
    assert gone == {1: 0, 2: 1}, "the facilitators see which"


def test_an_undo_brings_the_versions_back_with_the_photo(
    app: App, event: EventView, group: GroupIdentity, versions: tuple[list[str], list[str]]
) -> None:
    ids, (first, second) = versions
    pending = app.deletions.begin(of(DeletionScope.PHOTO, event, group, ids[-1]))
    assert history(app, group) == [first]
    third = train(app, group)
    assert [run.version for run in app.runs.history(group)] == [1, 3]
    app.deletions.undo(pending.id)
    assert history(app, group) == [first, second, third]
    assert [run.version for run in app.runs.history(group)] == [1, 2, 3]


def test_a_training_that_has_read_a_photo_writes_nothing_when_that_is_gone(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    ids = take(app, group, event, 5)
    run_id = app.runs.request(group)
    assert app.training.start(run_id)
    app.training.prepare(run_id)
    fitted = app.training.fit(run_id)
    assert set(fitted.photo_ids) == set(ids)
    app.deletions.begin(of(DeletionScope.PHOTO, event, group, ids[0]))
    app.training.finish(run_id, fitted)
    with app.db.read() as session:
        run = session.get(Run, run_id)
        assert run is not None
        assert (run.state, run.error_key, run.result) == (RunState.CANCELLED, "run_photos_gone", None)
    assert not [key for key in files(app) if run_id in key]


def test_a_child_that_deletes_a_photo_loses_no_version(
    app: App, event: EventView, group: GroupIdentity, versions: tuple[list[str], list[str]]
) -> None:
    ids, runs = versions
    app.photos.delete(group, ids[-1])
    assert history(app, group) == runs
    gone = {line.version: line.photos_gone for line in app.console.runs_of(event.id, group.id)}
    assert gone == {1: 0, 2: 1}
    assert app.photos.undo_delete(group)
    assert not any(line.photos_gone for line in app.console.runs_of(event.id, group.id))


def test_of_a_version_of_the_release_before_the_time_says_what_it_may_have_learnt_from(
    app: App, event: EventView, group: GroupIdentity, versions: tuple[list[str], list[str]]
) -> None:
    ids, (first, _) = versions
    with app.db.write() as session:
        session.execute(sa.update(RunResult).values(learnt_from=None))
    app.deletions.begin(of(DeletionScope.PHOTO, event, group, ids[-1]))
    assert history(app, group) == [first]
    app.deletions.begin(of(DeletionScope.PHOTO, event, group, ids[0]))
    assert history(app, group) == []


@pytest.mark.parametrize("which", list(CountedRun))
def test_a_final_whose_version_goes_has_no_place_for_its_group_and_can_still_be_counted_again(
    app: App, event: EventView, group: GroupIdentity, versions: tuple[list[str], list[str]],
    which: CountedRun,
) -> None:  # fmt: skip
    ids, (first, _) = versions
    others = identity(app, event, 1)
    take(app, others, event, 5, start=50)
    train(app, others)
    rules = app.contest.rules(event.id)
    app.contest.set_rules(event.id, replace(rules, counted=which))
    app.classes.set_phase(event.id, "reveal")
    with app.db.read() as session:
        counted = session.scalar(sa.select(FinalEntry.run_id).where(FinalEntry.group_id == group.id))
    others_row = next(row for row in app.board.board(event.id, final=True).rows if row.group_id == others.id)
    awards = app.awards.awards(event.id)

    # The version that did not count: nothing moves.
    late = of(DeletionScope.PHOTO, event, group, ids[-1])
    if counted == first:
        assert app.privacy.learnt(late) == Learnt(1, 0)
        before = app.board.board(event.id, final=True).rows
        pending = app.deletions.begin(late)
        assert app.board.board(event.id, final=True).rows == before
        assert app.final.recount(event.id).differences == ()
        app.deletions.undo(pending.id)

    # The one that counted: the group is on the board without an AI, the others stay as they were.
    early = of(DeletionScope.PHOTO, event, group, ids[0])
    assert app.privacy.learnt(early) == Learnt(2, 1)
    pending = app.deletions.begin(early)
    rows = {row.group_id: row for row in app.board.board(event.id, final=True).rows}
    assert rows[group.id].rank is None
    assert rows[others.id].score(Half.FINAL) == others_row.score(Half.FINAL)
    assert app.final.recount(event.id).differences == ()
    assert {award.kind for award in app.awards.awards(event.id)} <= {award.kind for award in awards}
    app.deletions.undo(pending.id)
    assert app.awards.awards(event.id) == awards
    assert app.final.recount(event.id).differences == ()
    assert (
        next(row for row in app.board.board(event.id, final=True).rows if row.group_id == others.id)
        == others_row
    )


def test_a_run_that_failed_before_a_deleted_ai_is_no_news(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    ids = take(app, group, event, 5)
    app.training.fail(app.runs.request(group), "run_failed")
    ai = train(app, group)
    pending = app.deletions.begin(of(DeletionScope.PHOTO, event, group, ids[0]))
    assert app.runs.latest(group) is None
    assert app.runs.readiness(group).ai_deleted
    [line] = app.jobs.look(event.id).lines
    assert (line.state, line.may_retry) == (RunState.FAILED, False)
    help_for = {one.group_id: one for one in app.help_wanted.look(event.id)}[group.id]
    assert Need.RUN_FAILED not in help_for.needs
    now = app.console.look(event.id)
    assert not any(Need.RUN_FAILED in one.needs for one in now.wanted)
    assert all(line.last_error_key is None for line in now.lines)
    app.deletions.undo(pending.id)
    newest = app.runs.latest(group)
    assert newest is not None
    assert newest.id == ai
    assert not app.runs.readiness(group).ai_deleted


@pytest.mark.parametrize("undo", [True, False])
def test_the_number_of_a_deleted_ai_is_not_given_again(
    app: App, event: EventView, group: GroupIdentity, versions: tuple[list[str], list[str]], undo: bool
) -> None:
    ids, _ = versions
    target = of(DeletionScope.PHOTO, event, group, ids[-1])
    if undo:
        app.deletions.begin(target)
    else:
        app.deletions.delete_now(target)
    assert app.runs.readiness(group).ai_deleted
    train(app, group)
    assert [run.version for run in app.runs.history(group)] == [1, 3]
    assert not app.runs.readiness(group).ai_deleted
    assert app.integrity.check(lambda _seconds: None).sound


@pytest.mark.parametrize("undo", [True, False])
def test_a_group_that_was_emptied_begins_at_one(
    app: App, event: EventView, group: GroupIdentity, versions: tuple[list[str], list[str]], undo: bool
) -> None:
    for scope in (DeletionScope.RUNS, DeletionScope.GROUP_RESET):
        target = DeletionTarget(scope, event.id, group.id)
        if undo:
            app.deletions.begin(target)
        else:
            app.deletions.delete_now(target)
        fresh = identity(app, event, 0)
        assert app.runs.readiness(fresh).ai_deleted is (scope is DeletionScope.RUNS)
    take(app, fresh, event, 5, start=200)
    train(app, fresh)
    assert [run.version for run in app.runs.history(fresh)] == [1]


def test_a_run_at_work_is_news_whatever_its_number(app: App, event: EventView, group: GroupIdentity) -> None:
    """The release before gives a deleted AI's number again."""
    take(app, group, event, 5)
    run_id = app.runs.request(group)
    with app.db.write() as session:
        row = session.get(Group, group.id)
        assert row is not None
        row.deleted_version, row.deleted_epoch = 3, row.epoch
    latest = app.runs.latest(group)
    assert latest is not None
    assert latest.id == run_id
