"""What a challenge set lets expect: scores on photos held back, a verdict, baselines, no word of halves."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest

from classroom_app.compute.interface import Trained
from classroom_app.data.repository import leases
from classroom_app.data.tables import ChallengePhoto, ExpectationRow
from classroom_app.errors import MlRefusedError, NotFoundError, UnavailableError
from classroom_app.resources import App
from classroom_app.services import expectations
from classroom_app.services.expectations import verdict
from classroom_app.states import DeletionScope, Half, Verdict
from classroom_app.views.classes import EventView
from classroom_app.views.deletion import DeletionTarget
from classroom_app.views.training import Baseline, ExpectedScore
from tests.support.challenge_set import put_in
from tests.support.stand_ins import COLORS, StandInMl, jpeg

LABELS = len(COLORS)


@pytest.fixture
def event(app: App) -> EventView:
    return app.classes.create("Forecast", 2, template="fruit")


def fill(app: App, event: EventView, per_label: int, *, start: int = 0) -> None:
    for label in event.labels:
        color = COLORS[label.key]
        files = [(f"{n}.jpg", jpeg(color, 4000 + n)) for n in range(start, start + per_label)]
        assert put_in(app.challenge, event.id, label.id, files).added == per_label


def find_out(app: App) -> None:
    while app.embedding.embed_some(ChallengePhoto):
        pass
    app.likeness.compare_due()
    app.expectations.renew()


def test_easy_photos_are_said_to_be_too_easy_before_the_class(app: App, event: EventView) -> None:
    fill(app, event, 12)
    assert app.expectations.expect(event.id).waiting
    find_out(app)
    found = app.expectations.expect(event.id)
    assert [score.photos_per_label for score in found.scores] == [5, 10]
    assert all(score.correct == score.total > 0 for score in found.scores)
    assert found.verdict == Verdict.TOO_EASY
    assert found.chance == pytest.approx(1 / LABELS)
    assert found.mistakes == ()
    assert found.one_light or found.one_place


def test_few_photos_say_how_many_are_missing(app: App, event: EventView) -> None:
    fill(app, event, 4)
    find_out(app)
    found = app.expectations.expect(event.id)
    assert (found.waiting, found.needed, found.scores, found.verdict) == (False, 2, (), None)
    fill(app, event, 2, start=10)
    assert app.expectations.expect(event.id).waiting  # the set has changed
    find_out(app)
    assert [score.photos_per_label for score in app.expectations.expect(event.id).scores] == [5]


def test_an_unchanged_set_is_not_tried_again(app: App, event: EventView, ml: StandInMl) -> None:
    fill(app, event, 6)
    find_out(app)
    ml.away = True
    app.expectations.renew()
    fill(app, event, 1, start=20)
    with pytest.raises(UnavailableError):
        find_out(app)
    ml.away = False
    find_out(app)
    assert not app.expectations.expect(event.id).waiting


def test_of_many_processes_one_finds_out(app: App, event: EventView, ml: StandInMl) -> None:
    """Each would train the same, a dozen times, on the compute tier that children wait for."""
    fill(app, event, 6)
    with app.db.write() as session:
        until = leases.keep(session, "forecast", None, expectations.TURN)  # another process is at it
    assert until is not None
    find_out(app)
    assert app.expectations.expect(event.id).waiting
    with app.db.write() as session:
        leases.give_back(session, "forecast", until)
    ml.away = True
    with pytest.raises(UnavailableError):
        app.expectations.renew()
    ml.away = False
    app.expectations.renew()  # who was broken off has given it back
    assert not app.expectations.expect(event.id).waiting


def test_wrong_photos_are_shown_as_examples_and_nothing_says_their_half(app: App, event: EventView) -> None:
    fill(app, event, 8)
    apple, banana, _ = event.labels
    odd = [("odd.jpg", jpeg(COLORS[banana.key], 7777))]  # a yellow apple
    put_in(app.challenge, event.id, apple.id, odd)
    find_out(app)
    found = app.expectations.expect(event.id)
    [mistake] = found.mistakes
    assert (mistake.label_id, mistake.guess_id) == (apple.id, banana.id)
    told = repr(dataclasses.asdict(found))
    assert Half.FINAL not in told
    assert Half.PRACTICE not in told


def test_the_baselines_are_shown_when_the_facilitator_wants_them(app: App, event: EventView) -> None:
    fill(app, event, 8)
    apple, banana, _ = event.labels
    put_in(app.challenge, event.id, apple.id, [("odd.jpg", jpeg(COLORS[banana.key], 7777))])
    find_out(app)
    assert app.expectations.baselines(event.id, final=False) == ()
    assert not app.expectations.shown(event.id)
    app.expectations.show(event.id, True)
    assert app.expectations.shown(event.id)
    halves = {half: app.expectations.baselines(event.id, final=half is Half.FINAL) for half in Half}
    totals = dict.fromkeys(Half, 12)
    totals[Half.PRACTICE] += 1  # of equals practice gets the next photo
    for half, rows in halves.items():
        assert [row.kind for row in rows] == ["coin", "teacher"]
        assert {row.total for row in rows} == {totals[half]}
        assert rows[0] == Baseline("coin", round(totals[half] / LABELS), totals[half])
    assert halves[Half.PRACTICE][1].correct == totals[Half.PRACTICE] - 1
    assert halves[Half.FINAL][1].correct == totals[Half.FINAL]


def test_without_a_forecast_only_the_coin_is_a_baseline(app: App, event: EventView) -> None:
    app.expectations.show(event.id, True)
    assert app.expectations.baselines(event.id, final=True) == ()
    fill(app, event, 4)
    find_out(app)
    assert [row.kind for row in app.expectations.baselines(event.id, final=True)] == ["coin"]


def test_a_set_that_the_compute_tier_refuses_has_no_forecast_and_the_others_have_theirs(
    app: App, event: EventView, ml: StandInMl, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = app.classes.create("Another", 2, template="fruit")
    fill(app, event, 6)
    fill(app, other, 6)
    train, refused = ml.train, {label.id for label in event.labels}

    def picky(labels: Sequence[str], *rest: Any) -> Trained:
        if refused & set(labels):
            raise MlRefusedError(reason="bad_features")
        return train(labels, *rest)

    monkeypatch.setattr(ml, "train", picky)
    find_out(app)
    found = app.expectations.expect(event.id)
    assert (found.waiting, found.scores, found.verdict) == (False, (), None)
    assert app.expectations.expect(other.id).verdict == Verdict.TOO_EASY


def test_it_goes_with_its_class(app: App, event: EventView) -> None:
    fill(app, event, 6)
    find_out(app)
    assert app.privacy.delete(DeletionTarget(DeletionScope.EVENT, event.id)).clean
    with app.db.read() as session:
        assert session.query(ExpectationRow).filter_by(event_id=event.id).count() == 0
    with pytest.raises(NotFoundError):
        app.expectations.expect(event.id)
    app.expectations.renew()


@pytest.mark.parametrize(
    ("correct", "chance", "expected"),
    [
        (91, 1 / 3, Verdict.TOO_EASY),
        (90, 1 / 3, Verdict.FITTING),
        (47, 1 / 3, Verdict.FITTING),
        (46, 1 / 3, Verdict.TOO_HARD),
        (59, 1 / 2, Verdict.TOO_HARD),
        (30, 1 / 10, Verdict.FITTING),
    ],
)
def test_the_verdict_goes_by_the_ai_that_learned_the_most(
    correct: int, chance: float, expected: Verdict
) -> None:
    scores = [ExpectedScore(5, 1, 100), ExpectedScore(10, correct, 100)]
    assert verdict(scores, chance) == expected
    assert verdict([], chance) is None


def test_a_picture_that_is_like_two_others_joins_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a twin of a photo that was learned from would be tried, and the score too good."""
    rows = [
        ChallengePhoto(id=name, label_id="label", half=Half.PRACTICE, kin=kin)
        for name, kin in (("a", None), ("b", None), ("c", None), ("d", "d"), ("e", "d"), ("f", None))
    ]
    monkeypatch.setattr(expectations, "picture_of", lambda row: row)
    monkeypatch.setattr(expectations, "Pictures", list)
    monkeypatch.setattr(expectations, "same_pairs", lambda _pictures: [("a", "c"), ("b", "c"), ("e", "f")])
    found = expectations.families(["label"], rows)["label"]
    assert sorted(map(sorted, found)) == [["a", "b", "c"], ["d", "e", "f"]]
