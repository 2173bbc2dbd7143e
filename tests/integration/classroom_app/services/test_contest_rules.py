"""The contest on a real database: the end of a round, rules, the freeze, the final that is written down."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from classroom_app import settings as settings_module
from classroom_app.__main__ import cli
from classroom_app.data.tables import Event, Final, FinalEntry, Photo, Run, RunResult, utcnow
from classroom_app.errors import BadInputError, ConflictError, NotFoundError
from classroom_app.resources import App
from classroom_app.states import CountedRun, DeletionScope, Half, Phase
from classroom_app.views.classes import ContestRules, EventView, GroupIdentity
from classroom_app.views.deletion import DeletionTarget
from tests.support.stand_ins import COLORS, identity, jpeg, take, train

MINUTE = dt.timedelta(minutes=1)
DAY_MS = 24 * 3600 * 1000
RULES = ContestRules(CountedRun.BEST, None, 3, tie_break=False)


def move_clock(app: App, event: EventView, minutes: float) -> None:
    """As if so much time had passed: every time of the class's round lies so much earlier."""
    with app.db.write() as session:
        row = session.get(Event, event.id)
        assert row is not None
        for name in ("round_started_at", "round_ends_at", "round_paused_at", "collect_ended_at"):
            moment = getattr(row, name)
            if moment is not None:
                setattr(row, name, moment - minutes * MINUTE)
        groups = [group.id for group in row.groups]
        for run in session.query(Run).filter(Run.group_id.in_(groups)):
            run.requested_at -= minutes * MINUTE
            if run.finished_at:
                run.finished_at -= minutes * MINUTE
        for photo in session.query(Photo).filter(Photo.group_id.in_(groups)):
            photo.created_at -= minutes * MINUTE


def send(
    app: App, group: GroupIdentity, event: EventView, age_s: float, wrong_ms: int = 0, seed: int = 900
) -> bool:
    """A photo that was taken so long ago, from an iPad whose clock is wrong."""
    now_ms = round(utcnow().timestamp() * 1000) + wrong_ms
    label = event.labels[0]
    photo_id, picture = str(uuid.uuid4()), jpeg(COLORS[label.key], seed)
    taken_ms = now_ms - round(age_s * 1000)
    return bool(app.photos.take(group, label.id, photo_id, taken_ms, picture, sent_at_ms=now_ms))


def refusal(app: App, group: GroupIdentity, event: EventView, age_s: float = 0) -> str:
    with pytest.raises(ConflictError) as problem:
        send(app, group, event, age_s)
    return problem.value.key


def score(app: App, run_id: str, practice: int, final: int) -> None:
    """What the run's answers say, and its figures with them."""
    with app.db.write() as session:
        result = session.get(RunResult, run_id)
        assert result is not None
        answers = [dict(answer) for answer in result.answers]
        for half, right in ((Half.PRACTICE, practice), (Half.FINAL, final)):
            own = [answer for answer in answers if answer["half"] == half]
            labels = sorted({answer["label"] for answer in answers})
            for place, answer in enumerate(own):
                wrong = next(label for label in labels if label != answer["label"])
                answer["guess"] = answer["label"] if place < right else wrong
        result.answers = answers
        result.practice_correct, result.final_correct = practice, final


# -- the end of a round ------------------------------------------------------------------------


def test_when_time_is_up_collecting_and_training_end_though_nobody_presses_anything(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    take(app, group, event, 5)
    app.contest.start_round(event.id, 20)
    assert app.runs.readiness(group).ready
    move_clock(app, event, 21)
    assert app.classes.get(event.id).phase == Phase.COLLECT
    assert app.contest.clock(event.id).left_s == 0.0
    assert not app.runs.readiness(group).phase_open
    with pytest.raises(ConflictError, match="round_over"):
        app.runs.request(group)
    assert refusal(app, group, event) == "round_over"
    [photo, *_] = app.photos.album(group).photos
    for change in (
        lambda: app.photos.move(group, photo.id, event.labels[1].id),
        lambda: app.photos.delete(group, photo.id),
        lambda: app.photos.undo_delete(group),
    ):
        with pytest.raises(ConflictError, match="round_over"):
            change()


@pytest.mark.parametrize("wrong_ms", [0, DAY_MS, -DAY_MS, 3 * DAY_MS])
def test_the_last_photos_of_a_queue_count_when_they_were_taken_in_time(
    app: App, event: EventView, group: GroupIdentity, wrong_ms: int
) -> None:
    """Whatever the iPad's clock says: its photo is as old as its two stamps are apart."""
    app.contest.start_round(event.id, 20)
    move_clock(app, event, 21)
    assert send(app, group, event, age_s=90, wrong_ms=wrong_ms)
    with pytest.raises(ConflictError, match="round_over"):
        send(app, group, event, age_s=30, wrong_ms=wrong_ms, seed=901)
    move_clock(app, event, 4)
    with pytest.raises(ConflictError, match="round_over"):
        send(app, group, event, age_s=6 * 60, wrong_ms=wrong_ms, seed=902)


def test_they_count_in_an_ai_too(app: App, event: EventView, group: GroupIdentity) -> None:
    """A group whose photos came late may train once more, for as long as photos may come late."""
    take(app, group, event, 5)
    train(app, group)
    app.contest.start_round(event.id, 20)
    move_clock(app, event, 21)
    assert not app.runs.readiness(group).phase_open
    send(app, group, event, age_s=90)
    assert app.runs.readiness(group).ready
    run_id = train(app, group)
    assert app.runs.status(group, run_id).photos == 5 * len(event.labels) + 1
    assert not app.runs.readiness(group).phase_open, "they are in an AI now"
    with pytest.raises(ConflictError, match="round_over"):
        app.runs.request(group)


def test_a_training_asked_for_before_zero_is_finished_and_counts(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    take(app, group, event, 5)
    app.contest.start_round(event.id, 20)
    run_id = app.runs.request(group)
    move_clock(app, event, 21)
    assert app.runs.request(group) == run_id, "a second tap is still the same run"
    with_a_fresh_tap(app, run_id)
    with pytest.raises(ConflictError, match="runs_finishing"):
        app.classes.set_phase(event.id, "reveal")
    assert app.training.start(run_id)
    app.training.prepare(run_id)
    app.training.finish(run_id, app.training.fit(run_id))
    app.classes.set_phase(event.id, "reveal")
    assert app.board.board(event.id).rows[0].final_correct is not None


def with_a_fresh_tap(app: App, run_id: str) -> None:
    with app.db.write() as session:
        run = session.get(Run, run_id)
        assert run is not None
        run.requested_at = utcnow()


def test_a_training_that_is_lost_does_not_hold_up_the_reveal(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    take(app, group, event, 5)
    app.runs.request(group)
    move_clock(app, event, 3)
    app.classes.set_phase(event.id, "reveal")
    assert app.classes.get(event.id).phase == Phase.REVEAL


def test_a_facilitator_who_moves_on_ends_the_round_for_what_comes_after(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    app.classes.set_phase(event.id, "final")
    move_clock(app, event, 1)
    assert send(app, group, event, age_s=90)
    assert refusal(app, group, event, age_s=20) == "phase_no_photos"
    with app.db.read() as session:
        assert session.query(Photo).count() == 1
    app.classes.set_phase(event.id, "reveal")
    assert refusal(app, group, event, age_s=90) == "phase_no_photos"


def test_a_pause_stops_the_clock_and_everybody(app: App, event: EventView, group: GroupIdentity) -> None:
    take(app, group, event, 5)
    app.contest.start_round(event.id, 20)
    move_clock(app, event, 5)
    app.contest.pause(event.id)
    app.contest.pause(event.id)
    move_clock(app, event, 60)  # an hour of lunch; the pause lies before it
    clock = app.contest.clock(event.id)
    assert clock.paused
    assert clock.left_s == pytest.approx(15 * 60, abs=5)
    with pytest.raises(ConflictError, match="round_paused"):
        app.runs.request(group)
    assert refusal(app, group, event, age_s=60) == "round_paused"
    assert send(app, group, event, age_s=70 * 60), "taken before the pause"
    app.contest.go_on(event.id)
    app.contest.go_on(event.id)
    clock = app.contest.clock(event.id)
    assert not clock.paused
    assert clock.left_s == pytest.approx(15 * 60, abs=5)
    assert app.runs.readiness(group).ready


def test_more_time_comes_from_the_end_on_or_from_now_on(app: App, event: EventView) -> None:
    app.contest.start_round(event.id, 10)
    app.contest.add_minutes(event.id, 5)
    assert app.contest.clock(event.id).left_s == pytest.approx(15 * 60, abs=5)
    move_clock(app, event, 40)
    app.contest.add_minutes(event.id, 5)
    assert app.contest.clock(event.id).left_s == pytest.approx(5 * 60, abs=5)
    app.contest.start_round(event.id, None)
    assert app.contest.clock(event.id).left_s is None
    with pytest.raises(ConflictError, match="round_not_now"):
        app.contest.add_minutes(event.id, 5)
    for wrong in (0, -1, 10_000):
        with pytest.raises(BadInputError, match="round_minutes_wrong"):
            app.contest.start_round(event.id, wrong)
    app.classes.set_phase(event.id, "final")
    with pytest.raises(ConflictError, match="round_not_now"):
        app.contest.start_round(event.id, 10)
    with pytest.raises(ConflictError, match="round_not_now"):
        app.contest.pause(event.id)


def test_going_back_to_collecting_before_the_reveal_opens_a_round_that_was_over(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    app.contest.start_round(event.id, 10)
    move_clock(app, event, 11)
    app.classes.set_phase(event.id, "final")
    app.classes.set_phase(event.id, "collect")
    assert send(app, group, event, age_s=0)


# -- rules -------------------------------------------------------------------------------------


def test_a_round_has_so_many_trainings(app: App, event: EventView, group: GroupIdentity) -> None:
    app.contest.set_rules(event.id, replace(RULES, trainings_max=2))
    take(app, group, event, 5)
    assert app.runs.readiness(group).trainings_left == 2
    train(app, group)
    train(app, group)
    assert app.runs.readiness(group).trainings_left == 0
    assert not app.runs.readiness(group).ready
    with pytest.raises(ConflictError, match="trainings_used_up"):
        app.runs.request(group)
    app.contest.start_round(event.id, 10)
    assert app.runs.readiness(group).trainings_left == 2, "a new round"
    failed = app.runs.request(group)
    app.training.fail(failed, "run_failed")
    assert app.runs.readiness(group).trainings_left == 2, "what failed was none"
    app.contest.set_rules(event.id, RULES)
    assert app.runs.readiness(group).trainings_left is None


def test_rules_that_make_no_sense_are_refused(app: App, event: EventView) -> None:
    for wrong in (
        replace(RULES, trainings_max=0),
        replace(RULES, trainings_max=1000),
        replace(RULES, freeze_minutes=-1),
        replace(RULES, freeze_minutes=1000),
    ):
        with pytest.raises(BadInputError, match="rules_wrong"):
            app.contest.set_rules(event.id, wrong)
    assert app.contest.rules(event.id) == RULES, "the usual ones"


def test_the_version_that_counts_follows_the_rule(app: App, event: EventView, group: GroupIdentity) -> None:
    take(app, group, event, 5)
    made = [train(app, group) for _ in range(3)]
    for run_id, (practice, final) in zip(made, ((3, 1), (5, 2), (4, 3)), strict=True):
        score(app, run_id, practice, final)

    def on_board() -> int | None:
        return app.board.board(event.id, final=True).rows[0].final_correct

    assert on_board() == 2
    app.contest.set_rules(event.id, replace(RULES, counted=CountedRun.LAST))
    assert on_board() == 3
    with pytest.raises(ConflictError, match="choice_closed"):
        app.contest.choose_run(group, made[0])
    app.contest.set_rules(event.id, replace(RULES, counted=CountedRun.CHOSEN))
    assert on_board() == 2, "its best one, until it chooses"
    app.contest.choose_run(group, made[0])
    assert (on_board(), app.board.counted_runs(event.id)[group.id]) == (1, made[0])
    with pytest.raises(NotFoundError):
        app.contest.choose_run(identity(app, event, 1), made[0])
    app.classes.set_phase(event.id, "reveal")
    with pytest.raises(ConflictError, match="choice_closed"):
        app.contest.choose_run(group, made[1])
    assert on_board() == 1


def test_of_equals_fewer_photos_come_first_where_the_class_wants_that(app: App, event: EventView) -> None:
    many, few, late = (identity(app, event, place) for place in range(3))
    for group, photos in ((many, 7), (few, 5), (late, 5)):
        take(app, group, event, photos, start=hash(group.id) % 1000)
        score(app, train(app, group), 4, 4)
    assert [row.rank for row in app.board.board(event.id).rows] == [1, 1, 1]
    app.contest.set_rules(event.id, replace(RULES, tie_break=True))
    board = app.board.board(event.id)
    assert [row.group_id for row in board.rows] == [few.id, late.id, many.id]
    assert [row.rank for row in board.rows] == [1, 2, 3]


def test_the_board_stands_still_in_the_last_minutes_but_not_for_facilitators(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    take(app, group, event, 5)
    score(app, train(app, group), 3, 3)
    app.contest.start_round(event.id, 20)
    move_clock(app, event, 18)
    assert app.contest.clock(event.id).frozen
    score(app, train(app, group), 6, 6)

    def best(*, live: bool = False) -> tuple[int | None, int]:
        row = app.board.board(event.id, final=False, live=live).rows[0]
        return row.practice_correct, row.runs

    assert best() == (3, 1)
    assert best(live=True) == (6, 2)
    app.contest.pause(event.id)
    app.contest.go_on(event.id)
    app.contest.add_minutes(event.id, 5)
    assert app.contest.clock(event.id).frozen, "what stands still does not begin to move again"
    assert best() == (3, 1)
    app.classes.set_phase(event.id, "final")
    assert best() == (3, 1)
    app.classes.set_phase(event.id, "reveal")
    assert best() == (6, 2)


# -- the final ---------------------------------------------------------------------------------


@pytest.fixture
def trained(app: App, event: EventView) -> EventView:
    """Two groups with an AI, one without."""
    for place, (practice, final) in enumerate(((5, 2), (3, 4))):
        group = identity(app, event, place)
        take(app, group, event, 5, start=10 * place)
        score(app, train(app, group), practice, final)
    return event


def test_after_the_reveal_nobody_goes_back_to_collecting_by_accident(app: App, trained: EventView) -> None:
    app.classes.set_phase(trained.id, "reveal")
    for before in ("reveal", "final", "lobby", "closed"):
        app.classes.set_phase(trained.id, before)
        with pytest.raises(ConflictError, match="final_is_made"):
            app.classes.set_phase(trained.id, "collect")
    assert app.final.number(trained.id) == 1


def test_the_final_is_written_down_once_with_its_rules_and_halves(app: App, trained: EventView) -> None:
    app.classes.set_phase(trained.id, "reveal")
    app.classes.set_phase(trained.id, "final")
    app.classes.set_phase(trained.id, "reveal")
    app.classes.set_phase(trained.id, "closed")
    with app.db.read() as session:
        [written] = session.query(Final)
        assert ContestRules(**written.rules) == RULES
        assert {half: len(ids) for half, ids in written.halves.items()} == {"practice": 6, "final": 6}
        entries = sorted(
            (entry.practice_correct or 0, entry.final_correct or 0, entry.photos, entry.runs)
            for entry in written.entries
        )
    assert entries == [(0, 0, 0, 0), (3, 4, 15, 1), (5, 2, 15, 1)]
    board = app.board.board(trained.id)
    assert [(row.rank, row.practice_rank) for row in board.rows] == [(1, 2), (2, 1), (None, None)]
    assert board.final_number == 1


def test_no_later_rule_run_or_figure_moves_the_final(app: App, trained: EventView) -> None:
    app.classes.set_phase(trained.id, "reveal")
    before = app.board.board(trained.id).rows
    with pytest.raises(ConflictError, match="final_is_made"):
        app.contest.set_rules(trained.id, replace(RULES, counted=CountedRun.LAST))
    with app.db.write() as session:
        row = session.get(Event, trained.id)
        assert row is not None
        row.phase, row.counted = Phase.COLLECT, CountedRun.LAST  # as an old release, or a hand, would do it
    train(app, identity(app, trained, 0))
    with app.db.write() as session:
        for result in session.query(RunResult):
            result.final_correct = 0
        row = session.get(Event, trained.id)
        assert row is not None
        row.phase = Phase.REVEAL
    assert app.board.board(trained.id).rows == before


def test_who_collects_once_more_gets_a_second_final_that_says_so(app: App, trained: EventView) -> None:
    app.contest.set_rules(trained.id, replace(RULES, trainings_max=1))
    app.classes.set_phase(trained.id, "reveal")
    first = app.board.board(trained.id).rows
    app.classes.set_phase(trained.id, "collect", reopen=True)
    assert app.board.board(trained.id).final_number == 0
    assert app.awards.awards(trained.id) == ()
    group = identity(app, trained, 0)
    assert app.runs.readiness(group).trainings_left == 1, "the trainings before are of another round"
    score(app, train(app, group), 6, 6)
    app.classes.set_phase(trained.id, "reveal")
    board = app.board.board(trained.id)
    assert board.final_number == app.results.sheet(trained.id).final_number == 2
    assert board.rows != first
    [about, *_] = app.results.tables(trained.id)
    assert about.rows[0][2] == 2
    with app.db.read() as session:
        old, new = session.query(Final).order_by(Final.number)
        assert old.reopened_at is not None
        assert (len(old.entries), len(new.entries)) == (3, 3)
    assert app.final.recount(trained.id).differences == ()


def test_a_class_that_is_closed_without_any_ai_has_no_final(app: App, event: EventView) -> None:
    app.classes.set_phase(event.id, "closed")
    app.classes.set_phase(event.id, "collect")
    assert app.final.number(event.id) == 0


def test_closing_after_trainings_writes_it_down_too(app: App, trained: EventView) -> None:
    app.classes.set_phase(trained.id, "closed")
    with pytest.raises(ConflictError, match="final_is_made"):
        app.classes.set_phase(trained.id, "collect")


# -- the recount -------------------------------------------------------------------------------


@pytest.mark.parametrize("which", list(CountedRun))
@pytest.mark.parametrize("tie_break", [False, True])
@pytest.mark.parametrize("revealed", [False, True])
def test_a_recount_gives_the_same_board(
    app: App, trained: EventView, which: CountedRun, tie_break: bool, revealed: bool
) -> None:
    app.contest.set_rules(trained.id, replace(RULES, counted=which, tie_break=tie_break))
    group = identity(app, trained, 0)
    score(app, train(app, group), 4, 4)
    if which is CountedRun.CHOSEN:
        app.contest.choose_run(group, app.runs.history(group)[0].id)
    if revealed:
        app.classes.set_phase(trained.id, "reveal")
    found = app.final.recount(trained.id)
    assert found.differences == ()
    assert found.rows == app.board.board(trained.id, final=True).rows
    assert found.final_number == int(revealed)


def test_a_recount_names_what_differs(app: App, trained: EventView) -> None:
    app.classes.set_phase(trained.id, "reveal")
    first, second = (identity(app, trained, place) for place in range(2))
    with app.db.write() as session:
        entry = session.query(FinalEntry).filter_by(group_id=first.id).one()
        entry.final_correct = 6
    found = {
        (item.what, item.group_id, item.written, item.counted)
        for item in app.final.recount(trained.id).differences
    }
    assert found == {
        ("final", first.id, "6/6", "2/6"),
        ("rank", first.id, "1", "2"),
        ("rank", second.id, "2", "1"),
    }


def test_before_the_reveal_a_recount_finds_scores_that_are_not_what_the_answers_say(
    app: App, trained: EventView
) -> None:
    with app.db.write() as session:
        session.query(RunResult).filter_by(practice_correct=3).one().practice_correct = 2
    [found] = app.final.recount(trained.id).differences
    assert (found.what, found.written, found.counted) == ("practice", "2/6", "3/6")


def test_a_reset_takes_a_group_out_of_the_final_and_leaves_the_others(app: App, trained: EventView) -> None:
    app.classes.set_phase(trained.id, "reveal")
    gone = identity(app, trained, 1)
    receipt = app.privacy.delete(DeletionTarget(DeletionScope.GROUP_RESET, trained.id, gone.id))
    assert receipt.clean
    assert receipt.deleted["final_entries"] == 1
    rows = {row.group_id: row for row in app.board.board(trained.id).rows}
    assert (rows[gone.id].rank, rows[gone.id].photos) == (None, 0)
    assert rows[trained.groups[0].id].rank == 1
    assert app.final.recount(trained.id).differences == ()
    assert all(gone.id not in award.group_ids for award in app.awards.awards(trained.id))
    receipt = app.privacy.delete(DeletionTarget(DeletionScope.EVENT, trained.id))
    assert receipt.clean
    with app.db.read() as session:
        assert session.query(Final).count() == session.query(FinalEntry).count() == 0


@pytest.fixture
def command(app: App, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setattr(settings_module, "get_settings", lambda: app.settings)
    return CliRunner()


def test_the_command_says_whether_every_board_is_right(
    app: App, trained: EventView, command: CliRunner
) -> None:
    app.classes.set_phase(trained.id, "reveal")
    good = command.invoke(cli, ["recount"])
    assert (good.exit_code, "Test class (final no. 1): the same" in good.output) == (0, True), good.output
    with app.db.write() as session:
        entry = session.query(FinalEntry).filter_by(group_id=trained.groups[0].id).one()
        entry.final_correct = 6
    bad = command.invoke(cli, ["recount", "--class", trained.id])
    assert bad.exit_code == 1
    assert "final was written down as 6/6, counted again it is 2/6" in bad.output
    assert command.invoke(cli, ["recount", "--class", "nobody"]).exit_code == 2
    told = command.invoke(cli, ["recount", "--json"])
    assert '"what": "final"' in told.output
