"""What a class's challenge photos let expect, before the class: what "the teacher's AI" scores, and a coin.

The teacher's AI is trained by the trainer of the children's AIs, on a part of the challenge photos, and
tried on the rest. Of the halves nothing leaves here but counts.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import structlog
from pydantic import TypeAdapter

from classroom_app.compute.interface import Example, MlClient
from classroom_app.data.acting import action
from classroom_app.data.engine import Database
from classroom_app.data.repository import challenge, classes, comparisons, embedding
from classroom_app.data.repository.photo_filter import PhotoFilter
from classroom_app.data.tables import ChallengePhoto, ExpectationRow
from classroom_app.errors import AlreadyThereError, MlRefusedError
from classroom_app.services import halves, holding_back
from classroom_app.services.contest_score import features_of
from classroom_app.services.holding_back import Families, HeldBackTally, Round
from classroom_app.services.likeness import picture_of, places
from classroom_app.services.seen_before import Pictures, same_pairs, usual_cosine
from classroom_app.services.turn import each_due
from classroom_app.states import Half, Verdict
from classroom_app.views.training import Baseline, Expectation, ExpectedMistake, ExpectedScore

PHOTOS_TRIED: Final = (5, 10)  # of each label: what a group has after minutes, and after a while
TOO_EASY_ABOVE = 0.9
TOO_HARD_SHARE = 0.2  # of the way from guessing to all right
MISTAKES_SHOWN = 6
# Ordinary photos from several rooms differ by more; tests/bench/seen_before.py prints both figures.
ONE_LIGHT_BELOW = 40.0  # of 255, between the darker and the brighter tenth of the photos
ONE_PLACE_ABOVE = 0.9  # usual cosine of two photos of a label
LEASE: Final = "forecast"
TURN = dt.timedelta(minutes=2)  # for one class; a process that is done gives it back, one that died does not
COIN, TEACHER = "coin", "teacher"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What is kept: of a set of photos, whichever halves they are in. `right`: by photo id."""

    needed: int
    scores: tuple[ExpectedScore, ...] = ()
    right: Mapping[str, bool] | None = None
    mistakes: tuple[ExpectedMistake, ...] = ()
    one_light: bool = False
    one_place: bool = False


_OUTCOME = TypeAdapter(Outcome)


class ExpectationService:
    def __init__(self, db: Database, ml: MlClient) -> None:
        self._db = db
        self._ml = ml

    # -- reading -------------------------------------------------------------------------------

    def expect(self, event_id: str) -> Expectation:
        """For facilitators. Raises NotFoundError."""
        with self._db.read() as session:
            event = classes.event(session, event_id)
            version, labels = event.challenge_version, len(event.labels)
            row = comparisons.expectation(session, event_id)
            outcome = _OUTCOME.validate_python(row.found) if row is not None else None
            waiting = row is None or row.challenge_version != version
        if outcome is None or waiting:
            return Expectation(waiting=True, needed=0)
        chance = 1 / labels
        return Expectation(
            waiting=False,
            needed=outcome.needed,
            scores=outcome.scores,
            chance=chance,
            verdict=verdict(outcome.scores, chance),
            mistakes=outcome.mistakes,
            one_light=outcome.one_light,
            one_place=outcome.one_place,
        )

    def baselines(self, event_id: str, *, final: bool) -> tuple[Baseline, ...]:
        """Rows for the board beside the groups, of one half; none while the class does not show them."""
        half = Half.FINAL if final else Half.PRACTICE
        with self._db.read() as session:
            event = classes.event(session, event_id)
            if not event.show_baselines:
                return ()
            row = comparisons.expectation(session, event_id)
            right = (_OUTCOME.validate_python(row.found).right or {}) if row is not None else {}
            mine = [photo.id for photo in challenge.looks(session, event_id) if photo.half == half]
            labels = len(event.labels)
        total = len(mine)
        if not total:
            return ()
        rows = [Baseline(COIN, round(total / labels), total)]
        tried = [right[photo_id] for photo_id in mine if photo_id in right]
        if len(tried) == total:  # of a part of the half it would be no row beside the groups
            rows.append(Baseline(TEACHER, sum(tried), total))
        return tuple(rows)

    def shown(self, event_id: str) -> bool:
        """Does the board show the baselines?"""
        with self._db.read() as session:
            return classes.event(session, event_id).show_baselines

    @action("baselines_set")
    def show(self, event_id: str, wanted: bool) -> None:
        with self._db.write() as session:
            classes.event(session, event_id).show_baselines = wanted

    # -- finding out ---------------------------------------------------------------------------

    def renew(self) -> None:
        """For each class whose challenge set has changed; a step of a background thread.

        Raises UnavailableError while the compute tier is away.
        """
        each_due(self._db, LEASE, TURN, comparisons.not_expected, self._renew)

    def _renew(self, event_id: str) -> None:
        which, space = PhotoFilter(event_id=event_id), self._ml.space()
        with self._db.write() as session:
            embedding.await_other_space(session, ChallengePhoto, which, space)
        with self._db.read() as session:
            if embedding.any_pending(session, ChallengePhoto, which):
                return
            version, _ = comparisons.versions(session, event_id)
            rows = challenge.photos(session, event_id, with_features=True)
            labels = [label.id for label in classes.event(session, event_id).labels]
        try:
            outcome = self._outcome(labels, rows)
        except MlRefusedError as exc:  # as it would be the next time: the set has to change first
            _log.warning("expectation_refused", class_id=event_id, detail=exc.params)
            outcome = Outcome(needed=0)
        with contextlib.suppress(AlreadyThereError), self._db.write() as session:
            if comparisons.versions(session, event_id)[0] != version:
                return  # it changed meanwhile, or is gone
            session.merge(
                ExpectationRow(
                    event_id=event_id,
                    challenge_version=version,
                    found=_OUTCOME.dump_python(outcome, mode="json"),
                )
            )

    def _outcome(self, labels: Sequence[str], rows: Sequence[ChallengePhoto]) -> Outcome:
        by_label = families(labels, rows)
        needed = max(PHOTOS_TRIED[0] + 1 - len(by_label[label]) for label in labels)
        if needed > 0:
            return Outcome(needed)
        truth = {row.id: row.label_id for row in rows}
        scores: list[ExpectedScore] = []
        found: dict[str, HeldBackTally] = {}
        for number in PHOTOS_TRIED:
            rounds = holding_back.rounds(by_label, number)
            if not rounds:
                break
            guesses = [guess for one in rounds for guess in self._guesses(labels, rows, one)]
            correct = sum(truth[photo_id] == guess for photo_id, guess in guesses)
            scores.append(ExpectedScore(number, correct, len(guesses)))
            found = holding_back.tallies(guesses, truth)
        return Outcome(
            needed=0,
            scores=tuple(scores),
            right={photo_id: tally.mostly_right for photo_id, tally in found.items()},
            mistakes=_mistakes(found, truth),
            one_light=is_one_light([row.brightness for row in rows]),
            one_place=is_one_place(labels, rows),
        )

    def _guesses(
        self, labels: Sequence[str], rows: Sequence[ChallengePhoto], one: Round
    ) -> list[tuple[str, str]]:
        """(photo id, guessed label) of the photos held back."""
        by_id = {row.id: row for row in rows}
        examples = [
            Example(
                id=photo_id,
                label=by_id[photo_id].label_id,
                features=features_of(by_id[photo_id]),
                taken_at_ms=0,  # unknown: it is the time of the upload, and one ZIP would be one burst
                perceptual_hash=by_id[photo_id].perceptual_hash,
            )
            for photo_id in one.learned
        ]
        trained = self._ml.train(labels, examples, lambda _stage, _fraction: None)
        featured = [(photo_id, features_of(by_id[photo_id])) for photo_id in one.tried]
        answers = self._ml.predict_features(trained.model_id, lambda: trained.model, featured)
        for answer in answers:
            if not answer.scores:
                raise MlRefusedError(reason=answer.error_key)
        return [(answer.id, answer.scores[0][0]) for answer in answers]


def verdict(scores: Sequence[ExpectedScore], chance: float) -> Verdict | None:
    """By the AI that has learned from the most photos; None without one."""
    if not scores:
        return None
    share = scores[-1].correct / scores[-1].total
    if share > TOO_EASY_ABOVE:
        return Verdict.TOO_EASY
    return Verdict.TOO_HARD if share < chance + TOO_HARD_SHARE * (1 - chance) else Verdict.FITTING


def families(labels: Sequence[str], rows: Sequence[ChallengePhoto]) -> Mapping[str, Families]:
    """Ids of each label's photos; pictures alike are one family."""
    pairs = same_pairs(Pictures([picture_of(row) for row in rows]))
    found: dict[str, list[list[str]]] = {label: [] for label in labels}
    for family in halves.families(places(rows), pairs):
        for label in labels:
            own = [photo.id for photo in family if photo.label_id == label]
            if own:
                found[label].append(own)
    return found


def is_one_light(brightness: Sequence[float]) -> bool:
    dark, bright = np.percentile(brightness, (10, 90))
    return bool(bright - dark < ONE_LIGHT_BELOW)


def is_one_place(labels: Sequence[str], rows: Sequence[ChallengePhoto]) -> bool:
    usual = [
        usual_cosine(Pictures([picture_of(row) for row in rows if row.label_id == label])) for label in labels
    ]
    return float(np.mean(usual)) > ONE_PLACE_ABOVE


def _mistakes(found: Mapping[str, HeldBackTally], truth: Mapping[str, str]) -> tuple[ExpectedMistake, ...]:
    wrong = [
        (tally.right / tally.tries, photo_id) for photo_id, tally in found.items() if not tally.mostly_right
    ]
    return tuple(
        ExpectedMistake(photo_id, truth[photo_id], found[photo_id].usual_mistake)
        for _, photo_id in sorted(wrong)[:MISTAKES_SHOWN]
    )
