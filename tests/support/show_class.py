"""A class with results of every kind, written as its rows: many groups in a moment."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence

from classroom_app.data.repository import challenge
from classroom_app.data.tables import Photo, Run, RunResult, utcnow
from classroom_app.resources import App
from classroom_app.services.contest_score import asked, right
from classroom_app.services.training.records import ChallengeAnswer, answers_to_json
from classroom_app.states import EmbedState, Half, RunStage, RunState
from classroom_app.views.classes import EventView, NewLabel
from tests.support.challenge_set import put_in
from tests.support.prepared_class import LABELS, drawn

CHALLENGE_PER_LABEL = 8
VERSIONS = 2


def make_show_class(app: App, groups: int, without_ai: int = 0, name: str = "AIきょうしつ 5の2") -> EventView:
    """Drawn challenge photos; all but the last `without_ai` groups have joined, taken photos and trained."""
    labels = [NewLabel(label.key, label.emoji, label.name_ja, label.name_en) for label in LABELS]
    event = app.classes.create(name, groups, labels=labels)
    for label in event.labels:
        files = [(f"{n}.jpg", drawn(label.key, "challenge", n)) for n in range(CHALLENGE_PER_LABEL)]
        assert put_in(app.challenge, event.id, label.id, files).added == CHALLENGE_PER_LABEL
    app.classes.set_phase(event.id, "collect")
    event = app.classes.get(event.id)
    for number, group in enumerate(event.groups[: groups - without_ai]):
        app.access.confirm_group(group.id)
        add_photos(app, event, number, 3 + (7 * number) % 11)
        for version in range(1, VERSIONS + 1):
            add_run(app, event, number, version, skill=0.9 - 0.04 * ((5 * number) % 13) + 0.05 * version)
    return event


def add_photos(app: App, event: EventView, number: int, per_label: int) -> None:
    """Rows of photos, without files: they are counted and never looked at."""
    with app.db.write() as session:
        for label in event.labels:
            for _ in range(per_label):
                photo_id = str(uuid.uuid4())
                session.add(
                    Photo(
                        id=photo_id,
                        group_id=event.groups[number].id,
                        label_id=label.id,
                        blob_key=f"none/{photo_id}",
                        size_bytes=1,
                        width=1,
                        height=1,
                        brightness=1.0,
                        sharpness=1.0,
                        perceptual_hash=1,
                        taken_at=utcnow(),
                        embed_state=EmbedState.READY,
                    )
                )


def add_run(app: App, event: EventView, number: int, version: int, skill: float) -> None:
    """An AI that is right as often as `skill` says; some photos are harder than others, for all alike."""
    chance = random.Random(f"{number}/{version}")  # repeatable results
    with app.db.write() as session:
        photos = challenge.photos(session, event.id)
        order = {label.id: at for at, label in enumerate(event.labels)}
        answers = []
        for at, photo in enumerate(photos):
            hard = 0.5 if at % 7 == 0 else 0.0
            is_right = chance.random() < skill - hard
            others = [label.id for label in event.labels if label.id != photo.label_id]
            wrong = others[(order[photo.label_id] + int(chance.random() < 0.3)) % len(others)]
            guess = photo.label_id if is_right else wrong
            answers.append(ChallengeAnswer(photo.id, photo.half, photo.label_id, guess, 0.9, unsure=False))
        run = Run(
            group_id=event.groups[number].id,
            epoch=1,
            version=version,
            state=RunState.DONE,
            stage=RunStage.DONE,
            progress=1.0,
            photos={},
            requested_at=utcnow(),
            started_at=utcnow(),
            finished_at=utcnow(),
        )
        session.add(run)
        session.flush()
        session.add(_result(run.id, answers))


def _result(run_id: str, answers: Sequence[ChallengeAnswer]) -> RunResult:
    return RunResult(
        run_id=run_id,
        model_id="m" * 64,
        model_key=f"none/{run_id}",
        recipe="none",
        fit_seconds=0.1,
        curve=[],
        practice_correct=right(answers, Half.PRACTICE),
        practice_total=asked(answers, Half.PRACTICE),
        final_correct=right(answers, Half.FINAL),
        final_total=asked(answers, Half.FINAL),
        answers=answers_to_json(answers),
    )
