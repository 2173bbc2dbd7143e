"""A swap round: whose AI a group tries, what it finds, and what is left of it afterwards."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable

import pytest

from classroom_app.data.tables import Event, FooledAi, Run
from classroom_app.errors import BadInputError, ClassroomError, ConflictError, NotFoundError, StaleEpochError
from classroom_app.resources import App
from classroom_app.services import swap_pairs
from classroom_app.states import AwardKind, CountedRun, DeletionScope, FoolCheck, Leader
from classroom_app.views.classes import ContestRules, EventView
from classroom_app.views.deletion import DeletionTarget
from tests.support.stand_ins import COLORS, identity, jpeg, take, train

FIRST, SECOND, THIRD = range(3)
SCOPES_OF_AIS = (DeletionScope.RUNS, DeletionScope.GROUP_RESET, DeletionScope.GROUP)


@pytest.fixture
def trained(app: App, event: EventView) -> EventView:
    """Two of three groups have an AI."""
    for place in (FIRST, SECOND):
        group = identity(app, event, place)
        take(app, group, event, 5, start=10 * place)
        train(app, group)
    return event


@pytest.fixture
def swapped(app: App, trained: EventView, monkeypatch: pytest.MonkeyPatch) -> EventView:
    """A round is on, and nobody has to wait between two finds."""
    monkeypatch.setattr(swap_pairs, "SOON", dt.timedelta(0))
    app.swap.start(trained.id)
    return trained


def whose(app: App, event: EventView) -> list[str | None]:
    """The emoji of the group whose AI each group tries."""
    found = [app.swap.lent(identity(app, event, place)) for place in range(len(event.groups))]
    return [lent.owner.emoji if lent is not None else None for lent in found]


def fool(app: App, event: EventView, place: int, label: int = 0, guess: int = 1) -> FoolCheck:
    ids = [row.id for row in event.labels]
    return app.swap.fool(identity(app, event, place), ids[label], ids[guess]).check


def rows(app: App) -> int:
    with app.db.read() as session:
        return session.query(FooledAi).count()


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(ClassroomError) as caught:
        call()
    return caught.value.key


def test_it_needs_two_ais_and_a_class_that_works(app: App, event: EventView) -> None:
    group = identity(app, event, FIRST)
    take(app, group, event, 5)
    train(app, group)
    assert refused(lambda: app.swap.start(event.id)) == "swap_needs_two"
    assert app.swap.look(event.id).turn is None
    app.classes.set_phase(event.id, "lobby")
    assert refused(lambda: app.swap.start(event.id)) == "swap_not_now"


def test_each_tries_anothers_ai_and_who_has_none_tries_one_too(app: App, trained: EventView) -> None:
    assert whose(app, trained) == [None, None, None], "off until a grown-up begins it"
    app.swap.start(trained.id)
    penguins, lions, frogs = (group.emoji for group in trained.groups)
    assert whose(app, trained) == [lions, penguins, penguins]
    app.swap.start(trained.id)
    assert app.swap.look(trained.id).turn == 1, "pressed twice"
    third = identity(app, trained, THIRD)
    take(app, third, trained, 5, start=30)
    train(app, third)
    assert whose(app, trained) == [lions, penguins, penguins], "a new AI changes nobody's"
    app.swap.turn_on(trained.id, 1)
    app.swap.turn_on(trained.id, 1)
    assert app.swap.look(trained.id).turn == 2, "two who press at once make one turn"
    assert whose(app, trained) == [frogs, penguins, lions]


def test_it_is_over_when_somebody_says_so_or_the_class_goes_on(app: App, swapped: EventView) -> None:
    app.classes.set_phase(swapped.id, "final")
    assert app.swap.look(swapped.id).turn == 1, "before the reveal there is time for it"
    app.swap.end(swapped.id)
    assert whose(app, swapped) == [None, None, None]
    app.swap.start(swapped.id)
    app.classes.set_phase(swapped.id, "reveal")
    assert whose(app, swapped) == [None, None, None]
    app.classes.set_phase(swapped.id, "collect", reopen=True)
    assert app.swap.look(swapped.id).turn is None, "it does not come back by itself"


def test_what_is_lent_is_the_version_that_counts_and_no_other(app: App, swapped: EventView) -> None:
    first, second = (identity(app, swapped, place) for place in (FIRST, SECOND))
    lent = app.play.model(first, lent=True)
    assert lent.model_id == app.play.model(second).model_id
    assert app.play.model_file(first, lent.model_id, lent=True)
    own = app.play.model(first).model_id
    for model_id in (own, "0" * 64):
        with pytest.raises(NotFoundError):
            app.play.model_file(first, model_id, lent=True)
    with pytest.raises(NotFoundError):
        app.play.model_file(first, lent.model_id)
    before = lent.version
    app.contest.set_rules(swapped.id, ContestRules(CountedRun.LAST, None, 0, tie_break=False))
    take(app, second, swapped, 2, start=40)
    train(app, second)
    assert app.play.model(first, lent=True).version == before + 1
    app.swap.end(swapped.id)
    for call in (
        lambda: app.play.model(first, lent=True),
        lambda: app.play.model_file(first, lent.model_id, lent=True),
        lambda: app.play.guess(first, jpeg(COLORS["apple"]), lent=True),
        lambda: app.play.explain(first, jpeg(COLORS["apple"]), lent=True),
        lambda: fool(app, swapped, FIRST),
    ):
        assert refused(call) == "swap_over"


def test_a_find_is_two_labels_and_a_time_and_both_groups_see_it(app: App, swapped: EventView) -> None:
    first, second = (identity(app, swapped, place) for place in (FIRST, SECOND))
    told = app.swap.fool(first, swapped.labels[0].id, swapped.labels[1].id)
    assert (told.check, told.fooled) == (FoolCheck.COUNTED, 1)
    columns = {column.name for column in FooledAi.__table__.columns}
    assert columns == {"id", "group_id", "run_id", "label_id", "guess_id", "at"}
    finder, owner = app.swap.lent(first), app.swap.lent(second)
    assert finder is not None
    assert owner is not None
    assert (finder.fooled, finder.own_fooled) == (1, ())
    [mix_up] = owner.own_fooled
    assert (mix_up.label.id, mix_up.guess.id, mix_up.times) == (
        swapped.labels[0].id,
        swapped.labels[1].id,
        1,
    )
    now = app.swap.look(swapped.id)
    assert [line.fooled for line in now.lines] == [1, 0, 0]
    assert now.fooled == 1
    assert now.newest is not None
    board = app.board.board(swapped.id)
    assert {row.group_id: row.practice_correct for row in board.rows}[first.id] is not None


def test_no_score_moves_by_it(app: App, swapped: EventView) -> None:
    before = app.board.board(swapped.id).rows, app.final.recount(swapped.id).rows
    for label, guess in itertools.permutations(range(3), 2):
        fool(app, swapped, FIRST, label, guess)
    assert (app.board.board(swapped.id).rows, app.final.recount(swapped.id).rows) == before


def test_nonsense_is_refused(app: App, swapped: EventView) -> None:
    group, other = identity(app, swapped, FIRST), app.classes.create("Other", 2, template="fruit")
    own, foreign = swapped.labels[0].id, other.labels[0].id
    with pytest.raises(BadInputError):
        app.swap.fool(group, own, own)
    for pair in ((own, foreign), (foreign, own), (own, "x")):
        with pytest.raises(NotFoundError):
            app.swap.fool(group, *pair)
    app.privacy.delete(DeletionTarget(DeletionScope.GROUP_RESET, swapped.id, group.id))
    with pytest.raises(StaleEpochError):
        app.swap.fool(group, own, swapped.labels[1].id)
    assert rows(app) == 0


def test_the_limits_hold_in_the_service_too(app: App, trained: EventView) -> None:
    app.swap.start(trained.id)
    assert fool(app, trained, FIRST) is FoolCheck.COUNTED
    assert fool(app, trained, FIRST, 1, 0) is FoolCheck.SOON
    assert fool(app, trained, SECOND) is FoolCheck.COUNTED, "each group has a pace of its own"
    assert rows(app) == 2


@pytest.mark.parametrize("scope", SCOPES_OF_AIS)
@pytest.mark.parametrize("gone", [FIRST, SECOND], ids=["the finder's", "the owner's"])
def test_a_find_goes_with_either_group_and_comes_back_with_an_undo(
    app: App, swapped: EventView, scope: DeletionScope, gone: int
) -> None:
    fool(app, swapped, FIRST)
    target = DeletionTarget(scope, swapped.id, swapped.groups[gone].id)
    assert app.privacy.count(target)["fooled_ais"] == 1
    pending = app.deletions.begin(target)
    assert rows(app) == 0
    app.deletions.undo(pending.id)
    assert rows(app) == 1
    receipt = app.deletions.delete_now(target)
    assert (receipt.deleted["fooled_ais"], receipt.left["fooled_ais"]) == (1, 0)
    assert rows(app) == 0


def test_an_undo_brings_back_what_is_only_the_groups_own_when_the_other_is_gone_since(
    app: App, swapped: EventView
) -> None:
    """Before, the row of two groups stopped the undo of the first for ever."""
    fool(app, swapped, FIRST)
    second = swapped.groups[SECOND].id
    pending = app.deletions.begin(DeletionTarget(DeletionScope.GROUP, swapped.id, second))
    app.deletions.delete_now(DeletionTarget(DeletionScope.GROUP, swapped.id, swapped.groups[FIRST].id))
    app.deletions.undo(pending.id)
    with app.db.read() as session:
        assert session.query(Run).filter(Run.group_id == second).count() == 1
    assert rows(app) == 0


def test_whose_owner_is_gone_tries_another_ai_at_once(app: App, swapped: EventView) -> None:
    third = identity(app, swapped, THIRD)
    take(app, third, swapped, 5, start=30)
    train(app, third)
    mark = app.now.look(identity(app, swapped, FIRST), "play")
    app.deletions.begin(DeletionTarget(DeletionScope.GROUP_RESET, swapped.id, swapped.groups[SECOND].id))
    frogs = swapped.groups[THIRD].emoji
    assert whose(app, swapped)[FIRST] == frogs
    now = app.now.look(identity(app, swapped, FIRST), "play")
    assert now.mark != mark.mark
    assert now.lent != mark.lent


def test_the_groups_pages_hear_of_each_thing_that_they_show(app: App, trained: EventView) -> None:
    def marks(place: int) -> tuple[str, str]:
        group = identity(app, trained, place)
        return app.now.look(group, "play").mark, app.now.look(group, "collect").mark

    seen = [marks(FIRST)]
    app.swap.start(trained.id)
    seen.append(marks(FIRST))
    fool(app, trained, SECOND)
    seen.append(marks(FIRST))
    assert len({play for play, _ in seen}) == 3, "its own AI was fooled"
    assert len({collect for _, collect in seen}) == 2, "the way there is all that other pages have of it"
    app.swap.end(trained.id)
    assert marks(FIRST) == seen[0], "all is as before"


def test_the_screens_hear_of_a_turn_at_once_and_of_finds_calmly(app: App, swapped: EventView) -> None:
    def parts() -> list[str]:
        return app.screen.look(swapped.id).mark.split(".")

    before = parts()
    fool(app, swapped, FIRST)
    found = parts()
    assert found[0] == before[0]
    assert found[1] != before[1]
    app.swap.turn_on(swapped.id, 1)
    assert parts()[0] != before[0]
    assert app.screen.look(swapped.id).swaps
    app.swap.end(swapped.id)
    assert not app.screen.look(swapped.id).swaps


def test_the_best_at_fooling_win_an_award_that_a_recount_gives_again(app: App, swapped: EventView) -> None:
    for label, guess in ((0, 1), (1, 0), (2, 0)):
        assert fool(app, swapped, FIRST, label, guess) is FoolCheck.COUNTED
    for label, guess in ((0, 1), (1, 2)):  # below the floor
        fool(app, swapped, SECOND, label, guess)
    app.classes.set_phase(swapped.id, "reveal")
    found = {award.kind: award for award in app.awards.awards(swapped.id)}
    trickster = found[AwardKind.TRICKSTER]
    assert trickster.group_ids == (swapped.groups[FIRST].id,)
    assert trickster.figure == "3"
    assert app.final.recount(swapped.id).differences == ()
    assert AwardKind.TRICKSTER in {award.kind for award in app.show.story(swapped.id).awards}
    app.show.go(swapped.id, 1, Leader.FACILITATOR)
    # The AI that was fooled is gone, what counted is not.
    app.privacy.delete(DeletionTarget(DeletionScope.GROUP, swapped.id, swapped.groups[SECOND].id))
    assert app.final.recount(swapped.id).differences == ()


def test_finds_are_a_table_of_the_results(app: App, swapped: EventView) -> None:
    fool(app, swapped, FIRST)
    [table] = [table for table in app.results.tables(swapped.id) if table.name == "fooled"]
    [row] = table.rows
    told = dict(zip([column.name for column in table.columns], row, strict=True))
    first, second = swapped.groups[FIRST], swapped.groups[SECOND]
    assert (told["group"], told["ai_of"], told["version"]) == (first.key, second.key, 1)
    assert (told["label"], told["guessed_as"]) == (swapped.labels[0].key, swapped.labels[1].key)


def test_a_class_of_the_release_before_has_no_round(app: App, trained: EventView) -> None:
    with app.db.write() as session:
        row = session.get_one(Event, trained.id)
        row.swap_turn, row.swap_pairs = 1, None  # written by hand, or half
    assert None not in whose(app, trained)[:2], "the rule alone gives everybody one"
    app.swap.end(trained.id)
    with pytest.raises(ConflictError):
        app.play.model(identity(app, trained, FIRST), lent=True)
