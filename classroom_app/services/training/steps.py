"""One training run in steps that may be repeated: features, fit, score, result."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Sequence
from dataclasses import asdict

from classroom_app.compute.interface import Example, MlClient
from classroom_app.data import blob_keys
from classroom_app.data.engine import Database, Session
from classroom_app.data.files import Files
from classroom_app.data.repository import challenge, classes, comparisons, photos, runs
from classroom_app.data.tables import Photo, Run, RunResult, utcnow
from classroom_app.errors import ConflictError, StaleEpochError, UnavailableError
from classroom_app.services import contest_score, metrics
from classroom_app.services.contest_score import features_of
from classroom_app.services.embedding import EmbeddingService
from classroom_app.services.likeness import LikenessService
from classroom_app.services.model_store import ModelStore
from classroom_app.services.training.records import ChallengeAnswer, FittedModel, answers_to_json
from classroom_app.states import ACTIVE_STATES, LABELS_TO_TRAIN, Half, Notice, RunStage, RunState

EMBED_WAIT_S = 120.0
ONLY_SEEN = "run_only_seen"
PHOTOS_GONE = "run_photos_gone"
_STAGES = {stage.value: stage for stage in RunStage}


class TrainingService:
    """The steps of the workflow: each may be called again after a crash."""

    def __init__(
        self,
        db: Database,
        files: Files,
        models: ModelStore,
        ml: MlClient,
        embedding: EmbeddingService,
        likeness: LikenessService,
    ) -> None:
        self._db = db
        self._files = files
        self._models = models
        self._ml = ml
        self._embedding = embedding
        self._likeness = likeness

    def start(self, run_id: str) -> bool:
        """Mark the run as running; False when there is nothing (left) to do."""
        with self._db.write() as session:
            run = runs.lock(session, run_id)
            if run is None or run.state not in ACTIVE_STATES:
                return False
            run.state = RunState.RUNNING
            run.stage = RunStage.FEATURES
            if run.started_at is None:
                run.started_at = utcnow()
                metrics.RUN_WAIT_SECONDS.observe((run.started_at - run.requested_at).total_seconds())
            return True

    def prepare(self, run_id: str) -> None:
        """Wait until the features are there, of the photos that were there at the tap and of the set, and
        hold one beside the other.
        """
        group_id, event_id = self._owner(run_id)
        with self._db.read() as session:
            asked_at = self._active(session, run_id).requested_at
        # A run that was stopped must not keep its place among those at work until then.
        still = functools.partial(self._owner, run_id)
        self._embedding.embed_group(group_id, asked_at, EMBED_WAIT_S, still)
        self._embedding.embed_challenge(event_id, EMBED_WAIT_S, still)
        self._likeness.settle(event_id)
        self._likeness.compare_group(group_id, asked_at)

    def fit(self, run_id: str) -> FittedModel:
        """Train, and keep the model's bytes under the run's key.

        Raises ConflictError `run_only_seen` when too few labels are left without the challenge's photos.
        """
        owner, _ = self._owner(run_id)
        with self._db.read() as session:
            asked_at = self._active(session, run_id).requested_at
        self._likeness.compare_group(owner, asked_at)  # nothing to do unless the set's features are new
        with self._db.read() as session:
            run = self._active(session, run_id)
            group = classes.group(session, run.group_id)
            event_id, group_id = group.event_id, group.id
            if comparisons.any_not_compared(session, group_id, run.requested_at):
                raise UnavailableError  # the set got new features since: this step comes again
            rows = photos.for_training(session, group_id, run.requested_at)
            left_out = comparisons.count_seen(session, group_id, run.requested_at)
            order = [label.id for label in classes.event(session, event_id).labels]
            examples = _examples(rows)
        present = {example.label for example in examples}
        labels = [label_id for label_id in order if label_id in present]
        if left_out and len(labels) < LABELS_TO_TRAIN:
            raise ConflictError(ONLY_SEEN)
        counts = {label_id: sum(item.label == label_id for item in examples) for label_id in labels}
        note = self._progress_writer(run_id)
        trained = self._ml.train(labels, examples, note)
        key = blob_keys.model_key(event_id, group_id, run_id, trained.model_id)
        self._files.put(key, trained.model)
        try:
            self._owner(run_id)
        except StaleEpochError:
            # A reset may have listed the group's files just before this one was written.
            self.discard_model(key)
            raise
        return FittedModel(
            model_id=trained.model_id,
            model_key=key,
            recipe=trained.recipe,
            fit_seconds=trained.fit_seconds,
            photos=counts,
            curve=trained.curve,
            left_out=left_out,
            photo_ids=tuple(example.id for example in examples),
        )

    def finish(self, run_id: str, fitted: FittedModel) -> None:
        """Score on the challenge set and write the result: once, and only in the run's own epoch."""
        try:
            _, event_id = self._owner(run_id)
            with self._db.read() as session:
                asked = challenge.photos(session, event_id, with_features=True)
            answers = contest_score.answers(self._ml, self._models, fitted, asked)
            if not self._write_result(run_id, fitted, answers):
                self.discard_model(fitted.model_key)
        except StaleEpochError:  # reset, stopped, or finished elsewhere
            self.discard_model(fitted.model_key)
            raise

    def _write_result(self, run_id: str, fitted: FittedModel, answers: list[ChallengeAnswer]) -> bool:
        """False when photos that it learnt from are gone: then it is cancelled."""
        with self._db.write() as session:
            run = runs.lock(session, run_id)
            if run is None or run.state not in ACTIVE_STATES:
                raise StaleEpochError  # reset, or finished by another process that took it over
            if photos.count_kept(session, fitted.photo_ids) < len(fitted.photo_ids):
                # A facilitator deleted some of them while it learnt: nothing of these is to stay.
                run.state, run.error_key, run.finished_at = RunState.CANCELLED, PHOTOS_GONE, utcnow()
                return False
            run.result = RunResult(
                run_id=run.id,
                model_id=fitted.model_id,
                model_key=fitted.model_key,
                recipe=fitted.recipe,
                fit_seconds=fitted.fit_seconds,
                curve=[asdict(point) for point in fitted.curve],
                practice_correct=contest_score.right(answers, Half.PRACTICE),
                practice_total=contest_score.asked(answers, Half.PRACTICE),
                final_correct=contest_score.right(answers, Half.FINAL),
                final_total=contest_score.asked(answers, Half.FINAL),
                answers=answers_to_json(answers),
                learnt_from=list(fitted.photo_ids) or None,
            )
            run.photos, run.left_out = fitted.photos, fitted.left_out
            group = classes.group(session, run.group_id)
            if fitted.left_out and group.seen_notice != Notice.TOLD:
                run.tells_seen, group.seen_notice = True, Notice.TOLD
            run.state, run.stage, run.progress = RunState.DONE, RunStage.DONE, 1.0
            run.finished_at = utcnow()
            return True

    def fail(self, run_id: str, error_key: str) -> None:
        """End the run with a sentence for the children; nothing of it is kept but that."""
        with self._db.write() as session:
            run = session.get(Run, run_id, with_for_update=True)
            if run is not None and run.state in ACTIVE_STATES:
                run.state, run.error_key, run.finished_at = RunState.FAILED, error_key, utcnow()

    def discard_model(self, key: str) -> None:
        """Unless another process finished the run with this very model."""
        with self._db.read() as session:
            if runs.model_is_kept(session, key):
                return
        self._models.forget(key)
        with contextlib.suppress(UnavailableError):  # the sweep for files without a row takes it later
            self._files.delete(key)

    # -- helpers -------------------------------------------------------------------------------

    def _owner(self, run_id: str) -> tuple[str, str]:
        with self._db.read() as session:
            run = self._active(session, run_id)
            return run.group_id, classes.group(session, run.group_id).event_id

    @staticmethod
    def _active(session: Session, run_id: str) -> Run:
        run = session.get(Run, run_id)
        if run is None or run.state not in ACTIVE_STATES:
            raise StaleEpochError
        return run

    def _progress_writer(self, run_id: str) -> Callable[[str, float], None]:
        last = (RunStage.FEATURES, -1.0)

        def note(word: str, fraction: float) -> None:
            nonlocal last
            # A word of a newer compute tier: the page goes on with the last one that it knows.
            stage = _STAGES.get(word, last[0])
            if stage == last[0] and fraction - last[1] < 0.1:
                return  # a row is not worth writing for every percent
            last = (stage, fraction)
            with self._db.write() as session:
                run = self._active(session, run_id)
                run.stage, run.progress = stage, fraction

        return note


def _examples(rows: Sequence[Photo]) -> list[Example]:
    return [
        Example(
            id=row.id,
            label=row.label_id,
            features=features_of(row),
            taken_at_ms=round(row.taken_at.timestamp() * 1000),
            perceptual_hash=row.perceptual_hash,
        )
        for row in rows
    ]
