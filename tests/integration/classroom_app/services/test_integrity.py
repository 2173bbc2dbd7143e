"""The check of everything: a healthy app passes, what can break is found, what is safe is mended."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from types import SimpleNamespace

import pytest
import structlog
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from classroom_app import resources
from classroom_app.__main__ import cli
from classroom_app.content import i18n
from classroom_app.data import blob_keys
from classroom_app.data.tables import (
    ChallengePhoto,
    Comparison,
    Event,
    FinalEntry,
    Label,
    Photo,
    Receipt,
    Run,
    RunResult,
    utcnow,
)
from classroom_app.errors import UnavailableError
from classroom_app.resources import App
from classroom_app.services import integrity, retention
from classroom_app.services.staff_logins import FIRST_FACILITATOR
from classroom_app.services.training import queue
from classroom_app.states import REPAIRABLE, DeletionScope, EmbedState, Half, ProblemKind, RunState
from classroom_app.views.classes import EventView, GroupIdentity
from classroom_app.views.deletion import IntegrityReport, Problem
from tests.conftest import ON_POSTGRES
from tests.integration.classroom_app.services.test_purge import files, stored
from tests.integration.classroom_app.web.test_routes import Browser
from tests.support.challenge_set import put_in
from tests.support.stand_ins import COLORS, group_cookie, jpeg, take, train


def check(app: App) -> IntegrityReport:
    return app.integrity.check(lambda _seconds: None)


@pytest.fixture
def day(app: App, event: EventView, group: GroupIdentity, monkeypatch: pytest.MonkeyPatch) -> Day:
    """A class with photos and a finished run; the queue knows its workflow."""
    day = Day(app, event, group)
    monkeypatch.setattr(app.queue, "workflows", lambda: set(day.workflows))
    monkeypatch.setattr(app.queue, "forget", day.workflows.difference_update)
    return day


class Day:
    def __init__(self, app: App, event: EventView, group: GroupIdentity) -> None:
        self.app = app
        self.event = event
        self.photo_ids = take(app, group, event, 5)
        self.photo_key = blob_keys.photo_key(event.id, group.id, self.photo_ids[0])
        self.group_prefix = blob_keys.group_prefix(event.id, group.id)
        self.run_id = train(app, group)
        self.workflows = {self.run_id}

    def change(self, kind: type[object], row_id: str, **values: object) -> None:
        with self.app.db.write() as session:
            row = session.get(kind, row_id)
            assert row is not None
            for name, value in values.items():
                setattr(row, name, value)


def lose_the_photo(day: Day) -> str:
    stored(day.app).delete(day.photo_key)
    return day.photo_ids[0]


def lose_the_thumb(day: Day) -> str:
    stored(day.app).delete(blob_keys.thumb_key(day.photo_key))
    return day.photo_ids[0]


def lose_the_features(day: Day) -> str:
    day.change(Photo, day.photo_ids[0], features=None)
    return day.photo_ids[0]


def take_a_label_of_another_class(day: Day) -> str:
    other = day.app.classes.create("Other class", 1, template="fruit")
    day.change(Photo, day.photo_ids[0], label_id=other.labels[0].id)
    return day.photo_ids[0]


def put_a_challenge_photo_in_both_halves(day: Day) -> str:
    with day.app.db.write() as session:
        one, other = (
            session.query(ChallengePhoto).filter_by(half=half, label_id=day.event.labels[0].id).first()
            for half in (Half.PRACTICE, Half.FINAL)
        )
        assert one is not None
        assert other is not None
        for name in ("perceptual_hash", "size_bytes", "brightness"):
            setattr(other, name, getattr(one, name))
        return max(one.id, other.id)


def take_a_photo_for_one_of_another_challenge(day: Day) -> str:
    other = day.app.classes.create("Other class", 1, template="fruit")
    files = [("a.jpg", jpeg(COLORS["apple"], 1234))]
    put_in(day.app.challenge, other.id, other.labels[0].id, files)
    with day.app.db.read() as session:
        theirs = session.query(ChallengePhoto).filter_by(event_id=other.id).one().id
    day.change(Comparison, day.photo_ids[0], seen_as=theirs)
    return day.photo_ids[0]


def lose_the_row(day: Day) -> str:
    key = f"{day.group_prefix}photos/{uuid.uuid4()}.jpg"
    stored(day.app).put(key, b"a photo")
    return key


def stop_writing(day: Day) -> str:
    key = f"{day.photo_key}.writing-e3q_1ji3"
    (day.app.settings.data_dir / "blobs" / key).write_bytes(b"a photo")
    return key


def lose_the_model(day: Day) -> str:
    [key] = [key for key in files(day.app) if "/models/" in key]
    stored(day.app).delete(key)
    return day.run_id


def lose_the_result(day: Day) -> str:
    with day.app.db.write() as session:
        result = session.get(RunResult, day.run_id)
        assert result is not None
        stored(day.app).delete(result.model_key)
        session.delete(result)
    return day.run_id


def fail_after_all(day: Day) -> str:
    day.change(Run, day.run_id, state=RunState.FAILED)
    return day.run_id


def make_run(day: Day, asked: dt.timedelta) -> str:
    with day.app.db.write() as session:
        done = session.get(Run, day.run_id)
        assert done is not None
        run = Run(group_id=done.group_id, epoch=done.epoch, version=2, requested_at=utcnow() - asked)
        session.add(run)
        session.flush()
        return run.id


def lose_the_workflow(day: Day) -> str:
    return make_run(day, dt.timedelta(minutes=5))


def lose_the_run(day: Day) -> str:
    lost = str(uuid.uuid4())
    day.workflows.add(lost)
    return lost


def score_too_well(day: Day) -> str:
    day.change(RunResult, day.run_id, practice_correct=7)
    return day.run_id


def write_another_final(day: Day) -> str:
    day.app.classes.set_phase(day.event.id, "reveal")
    with day.app.db.write() as session:
        entry = session.query(FinalEntry).filter_by(run_id=day.run_id).one()
        entry.final_correct = 1
    return day.event.id


def lose_the_owner(day: Day) -> str:
    """Neither database lets it happen; a file that was copied or repaired by hand may have it."""
    lost = str(uuid.uuid4())
    connection = day.app.db.engine.raw_connection()
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.execute(
        "INSERT INTO labels (id, event_id, key, position, emoji, name_ja, name_en) VALUES (?,?,?,?,?,?,?)",
        (lost, str(uuid.uuid4()), "apple", 0, "x", "x", "x"),
    )
    cursor.execute("PRAGMA foreign_keys=ON")
    connection.commit()
    connection.close()
    return f"{Label.__tablename__}/{lost}"


def leave_something(day: Day) -> str:
    with day.app.db.write() as session:
        row = Receipt(scope=DeletionScope.GROUP, subject="x", deleted={"files": 1}, left={"files": 2})
        session.add(row)
        session.flush()
        return row.id


BROKEN = {
    ProblemKind.PHOTO_WITHOUT_FILE: lose_the_photo,
    ProblemKind.PHOTO_WITHOUT_THUMB: lose_the_thumb,
    ProblemKind.PHOTO_WITHOUT_FEATURES: lose_the_features,
    ProblemKind.PHOTO_OF_ANOTHER_CLASS: take_a_label_of_another_class,
    ProblemKind.PHOTO_IN_BOTH_HALVES: put_a_challenge_photo_in_both_halves,
    ProblemKind.SEEN_IN_ANOTHER_CLASS: take_a_photo_for_one_of_another_challenge,
    ProblemKind.FILE_WITHOUT_ROW: lose_the_row,
    ProblemKind.HALF_WRITTEN_FILE: stop_writing,
    ProblemKind.MODEL_WITHOUT_FILE: lose_the_model,
    ProblemKind.RUN_WITHOUT_RESULT: lose_the_result,
    ProblemKind.RESULT_OF_UNDONE_RUN: fail_after_all,
    ProblemKind.RUN_WITHOUT_WORKFLOW: lose_the_workflow,
    ProblemKind.WORKFLOW_WITHOUT_RUN: lose_the_run,
    ProblemKind.SCORE_WRONG: score_too_well,
    ProblemKind.FINAL_WRONG: write_another_final,
    ProblemKind.ROW_WITHOUT_OWNER: lose_the_owner,
    ProblemKind.RECEIPT_NOT_CLEAN: leave_something,
}


def test_a_healthy_app_has_no_problems(day: Day) -> None:
    assert check(day.app).sound
    assert day.app.integrity.repair(lambda _seconds: None).sound


def test_every_kind_is_tried_and_has_its_sentence() -> None:
    assert BROKEN.keys() == set(ProblemKind)
    for kind in ProblemKind:
        for lang in i18n.LANGUAGES:
            assert "7" in i18n.t(f"check_{kind}", lang, number=7)


@pytest.mark.parametrize("kind", list(ProblemKind))
def test_what_is_broken_is_found_and_mended_where_that_is_safe(day: Day, kind: ProblemKind) -> None:
    if kind == ProblemKind.ROW_WITHOUT_OWNER and ON_POSTGRES:
        pytest.skip("Postgres has no way around its foreign keys")
    problem = Problem(kind, BROKEN[kind](day))
    assert check(day.app).problems == (problem,)
    left = day.app.integrity.repair(lambda _seconds: None)
    assert left.problems == (() if kind in REPAIRABLE else (problem,))
    assert check(day.app) == left


def test_a_family_of_pictures_alike_on_either_side_is_found(day: Day) -> None:
    with day.app.db.write() as session:
        rows = session.query(ChallengePhoto).order_by(ChallengePhoto.half).all()
        one, other = rows[0], rows[-1]
        one.kin = other.kin = one.id
        found = Problem(ProblemKind.PHOTO_IN_BOTH_HALVES, max(one.id, other.id))
    assert check(day.app).problems == (found,)


def test_lost_features_are_made_anew(day: Day) -> None:
    photo_id = lose_the_features(day)
    day.app.integrity.repair(lambda _seconds: None)
    with day.app.db.read() as session:
        photo = session.get(Photo, photo_id)
        assert photo is not None
        assert photo.embed_state == EmbedState.PENDING
    assert day.app.embedding.embed_some(Photo) == 1
    assert check(day.app).sound


def test_what_is_only_on_its_way_is_no_problem(day: Day) -> None:
    """An upload's files wait for their row, a run for its workflow, a model for its result."""
    key = lose_the_row(day)
    at_work = make_run(day, dt.timedelta(seconds=1))
    stored(day.app).put(f"{day.group_prefix}models/{at_work}-abc.safetensors", b"a model")
    waited: list[float] = []

    def meanwhile(seconds: float) -> None:
        waited.append(seconds)
        stored(day.app).delete(key)  # its row came, or its upload gave up

    assert day.app.integrity.check(meanwhile).sound
    assert waited == [integrity.BETWEEN_LOOKS_S]


def test_a_deletion_that_takes_longer_than_the_looks_is_no_problem(day: Day) -> None:
    """Its files go first, one after another, and its rows when all have gone."""
    photos = sorted(key for key in files(day.app) if key.startswith(f"{day.group_prefix}photos/"))
    assert len(photos) > integrity.LOOKS
    waits = 0
    stored(day.app).delete(photos.pop())

    def meanwhile(_seconds: float) -> None:
        nonlocal waits
        if photos:
            stored(day.app).delete(photos.pop())
        else:
            with day.app.db.write() as session:
                session.delete(session.get_one(Event, day.event.id))
            day.workflows.clear()
        waits += 1

    assert day.app.integrity.check(meanwhile).sound
    assert waits > integrity.LOOKS


def test_a_file_is_given_as_long_for_its_row_as_by_the_purge_before_it_is_deleted(day: Day) -> None:
    key = lose_the_row(day)
    waited: list[float] = []

    def meanwhile(seconds: float) -> None:
        if seconds == retention.ORPHAN_WAIT_S:
            assert key in files(day.app)
        waited.append(seconds)

    assert day.app.integrity.repair(meanwhile).sound
    assert retention.ORPHAN_WAIT_S in waited


def test_the_queue_says_what_it_has(app: App, event: EventView, group: GroupIdentity) -> None:
    """Before the first start it has no tables; a command asks beside the web process."""
    assert app.queue.workflows() == set()
    assert app.queue.forget(["a run"]) == 0
    take(app, group, event, 5)
    app.queue.start()
    run_id = train(app, group)
    app.queue.enqueue(run_id)
    here = app.queue.workflows()
    app.queue.stop()
    assert here == app.queue.workflows() == {run_id}
    assert check(app).sound


def test_a_queue_that_cannot_be_asked_is_not_taken_for_an_empty_one(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(**_which: object) -> list[object]:
        raise OperationalError("SELECT", {}, Exception('canceling statement: relation "workflow_status"'))

    client = SimpleNamespace(list_workflows=locked, destroy=lambda: None)
    monkeypatch.setattr(queue, "DBOSClient", lambda **_where: client)
    for ask in (app.queue.workflows, lambda: app.queue.forget(["a run"])):
        with pytest.raises(UnavailableError):
            ask()


@pytest.fixture
def command(app: App, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    monkeypatch.setattr(resources, "build", lambda _settings: app)
    for name in ("BETWEEN_LOOKS_S", "ORPHAN_WAIT_S"):
        monkeypatch.setattr(integrity, name, 0.0)

    def run(*options: str) -> tuple[int, str]:
        # The threads of this process would log into the command's words.
        with structlog.testing.capture_logs():
            done = CliRunner().invoke(cli, ["check", *options])
        return done.exit_code, done.output

    return run


def test_the_command_says_it_in_words_and_by_its_exit_status(
    day: Day, command: Callable[..., tuple[int, str]]
) -> None:
    assert command() == (0, "Everything is in order.\n")
    key = lose_the_row(day)
    status, said = command()
    assert status == 1
    assert "Files that no record knows: 1" in said
    assert key in said
    assert "--repair" in said
    assert command("--repair") == (0, "Everything is in order.\n")
    assert key not in files(day.app)


def test_the_command_speaks_to_programs(day: Day, command: Callable[..., tuple[int, str]]) -> None:
    lose_the_photo(day)
    status, said = command("--json", "--repair")
    assert status == 1
    assert json.loads(said) == {
        "sound": False,
        "problems": [{"kind": "photo_without_file", "subject": day.photo_ids[0], "repairable": False}],
    }


def test_the_command_says_when_it_cannot_look(
    app: App, command: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> set[str]:
        raise UnavailableError

    monkeypatch.setattr(app.queue, "workflows", away)
    status, said = command()
    assert status == 2
    assert "could not look" in said


def test_facilitators_alone_are_told_over_http(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrity, "BETWEEN_LOOKS_S", 0.0)
    resources.set_app(day.app)
    try:
        browser = Browser(day.app)
        assert browser("GET", "/api/check").status_code == 401
        browser.cookies.set("group", group_cookie(day.app, day.event, 0))
        assert browser("GET", "/api/check").status_code == 401
        day.app.logins.first_start("a-long-password")
        browser.cookies.set("facilitator", day.app.logins.facilitator_cookie(FIRST_FACILITATOR))
        assert browser("GET", "/api/check").json() == {"sound": True, "problems": []}
        key = lose_the_row(day)
        told = browser("GET", "/api/check").json()
    finally:
        resources.set_app(None)
    assert told == {"sound": False, "problems": [{"kind": "file_without_row", "subject": key}]}
