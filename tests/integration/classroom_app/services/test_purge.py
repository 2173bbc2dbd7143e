"""The scheduled purge: what is due goes, what is not stays, and the exit status says whether all went."""

from __future__ import annotations

import datetime as dt
import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from classroom_app import resources
from classroom_app.__main__ import cli
from classroom_app.data.repository import classes
from classroom_app.data.tables import Event, Photo, utcnow
from classroom_app.onsite.tier_certificates import make_certificates
from classroom_app.resources import App
from classroom_app.services import retention
from classroom_app.services.class_terms import ClassTerms
from classroom_app.services.retention import RetentionService
from classroom_app.settings import Settings
from classroom_app.states import Phase
from classroom_app.views.classes import EventView, GroupIdentity
from classroom_app.views.deletion import PurgeReport
from ml_core.contract.blobs import BlobError, BlobStore, FolderBlobs
from tests.support.stand_ins import take, train

ROOT = Path(__file__).parents[4]


def purge(app: App, keep_days: float = 0) -> PurgeReport:
    return retention_of(app, keep_days).purge(lambda seconds: None)


def retention_of(app: App, keep_days: float) -> RetentionService:
    """The app's own, with other days of grace."""
    terms = ClassTerms(lasts=dt.timedelta(days=7), keep=dt.timedelta(days=keep_days))
    close = functools.partial(app.classes.set_phase, phase=Phase.CLOSED)
    return RetentionService(app.db, app.privacy, app.deletions, terms, close)


def ended(app: App, event_id: str, days: float) -> None:
    """The class came to its end so many days ago."""
    with app.db.write() as session:
        classes.event(session, event_id).ends_at = utcnow() - dt.timedelta(days=days)


def stored(app: App) -> BlobStore:
    """The folder in which the app keeps its files."""
    return resources.make_blobs(app.settings)


def files(app: App) -> set[str]:
    return set(stored(app).keys("events/"))


def test_a_photo_past_its_undo_goes_and_others_stay(app: App, event: EventView, group: GroupIdentity) -> None:
    ids = take(app, group, event, 1)
    app.photos.delete(group, ids[0])
    assert purge(app).photos_and_files == 0  # it can still be brought back
    with app.db.write() as session:
        photo = session.get(Photo, ids[0])
        assert photo is not None
        photo.deleted_at = utcnow() - dt.timedelta(hours=1)
    assert purge(app).photos_and_files == 1
    assert not any(ids[0] in key for key in files(app))
    assert any(ids[1] in key for key in files(app))


def test_a_file_without_a_row_goes_when_it_is_still_there_after_the_wait(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    key = f"events/{event.id}/groups/{group.id}/photos/nobody.jpg"
    stored(app).put(key, b"x")
    waited: list[float] = []

    def meanwhile(seconds: float) -> None:
        waited.append(seconds)
        assert key in files(app)  # it may be an upload whose row comes in a moment

    report = retention_of(app, 0).purge(meanwhile)
    assert waited == [retention.ORPHAN_WAIT_S]
    assert report.photos_and_files == 1
    assert key not in files(app)


def test_classes_go_after_their_days_with_their_runs_and_a_receipt(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    take(app, group, event, 5)
    app.queue.start()  # makes the queue's tables; the purge itself works beside it, as another process
    run_id = train(app, group)
    app.queue.enqueue(run_id)
    app.queue.stop()
    assert purge(app, keep_days=1) == PurgeReport(0, 0, 0, closed=0)
    ended(app, event.id, 15)
    assert purge(app, keep_days=16) == PurgeReport(0, 0, 0, closed=1)
    assert app.classes.get(event.id).phase == Phase.CLOSED
    assert purge(app, keep_days=0).classes == 0
    assert purge(app, keep_days=14) == PurgeReport(0, 1, 0, closed=0)
    assert not files(app)
    with app.db.read() as session:
        assert session.query(Event).count() == 0
    [receipt] = app.privacy.receipts()
    assert receipt.clean
    assert (receipt.deleted["runs"], receipt.left["queue_entries"]) == (1, 0)


def command(settings: Settings, **more: str) -> subprocess.CompletedProcess[str]:
    """`python -m classroom_app purge` without the wait."""
    code = (
        "from classroom_app.services import retention; retention.ORPHAN_WAIT_S = 0.0\n"
        "from classroom_app.__main__ import cli; cli(['purge'])"
    )
    env = {
        "PATH": os.environ["PATH"],
        "CLASSROOM_DATA_DIR": str(settings.data_dir),
        "CLASSROOM_DATABASE_URL": settings.database_url,
        "CLASSROOM_QUEUE_DATABASE_URL": settings.queue_database_url,
        "CLASSROOM_KEEP_CLOSED_DAYS": "14",
        **more,
    }
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


def test_the_command_says_in_its_log_what_went(app: App, settings: Settings) -> None:
    event = app.classes.create("Old class", 2, template="fruit")
    ended(app, event.id, 15)
    done = command(settings)
    assert done.returncode == 0, done.stderr
    line = json.loads(done.stderr.splitlines()[-1])
    assert (line["message"], line["classes"], line["left"]) == ("purged", 1, 0)
    with app.db.read() as session:
        assert list(classes.events(session)) == []


@pytest.mark.parametrize(("days", "warned"), [(30, []), (3, ["client.pem"])])
def test_the_command_warns_of_certificates_that_end_soon(
    settings: Settings, app: App, tmp_path: Path, days: float, warned: list[str]
) -> None:
    """An alert reads this line: it comes every night, also while no pod runs."""
    make_certificates(tmp_path / "certs", ["ml"], days=days, ca_days=365)
    files = {"CA": "ca.pem", "CERT": "client.pem", "KEY": "client.key"}
    tls = {f"CLASSROOM_ML_TLS_{name}": str(tmp_path / "certs" / file) for name, file in files.items()}
    done = command(settings, **tls)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["file"] for line in lines if line["message"] == "certificate_ends_soon"] == warned


def test_the_command_fails_when_the_files_cannot_be_reached(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_blobs: FolderBlobs, prefix: str = "") -> list[str]:
        raise BlobError("the store is away")

    monkeypatch.setattr(FolderBlobs, "keys", away)
    monkeypatch.setattr(resources, "build", lambda settings: app)
    assert CliRunner().invoke(cli, ["purge"]).exit_code == 1
