"""What kill -9 does to a class day: nothing is lost, nothing is doubled, the run completes by itself."""

from __future__ import annotations

import os
import signal
import sqlite3
from pathlib import Path

import pytest

from tests.faults.conftest import GroupAtWork
from tests.support.class_over_http import result_of, send_photos
from tests.support.running import wait_for
from tests.support.stand_ins import COLORS, jpeg

pytestmark = pytest.mark.slow


def counts(data: Path) -> dict[str, int]:
    with sqlite3.connect(data / "classroom.sqlite") as database:
        return {
            table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("photos", "runs", "run_results")
        }


def wait_until_running(at_work: GroupAtWork, run_id: str) -> None:
    wait_for(lambda: result_of(at_work.ipad.run(run_id)).state == "running", 30, "the run has begun")


@pytest.mark.parametrize("victim", ["web", "ml_core"])
def test_a_run_survives_the_death_of_a_process(at_work: GroupAtWork, victim: str) -> None:
    send_photos(at_work.ipad, at_work.label_ids, range(15))
    run_id = result_of(at_work.ipad.start_run()).id
    wait_until_running(at_work, run_id)
    os.kill(at_work.app.child(victim), signal.SIGKILL)
    run = result_of(at_work.ipad.wait_for_run(run_id, limit_s=120))
    assert (run.state, run.version, run.photos) == ("done", 1, 45)
    assert run.practice_total == 6
    assert counts(at_work.app.data) == {"photos": 45, "runs": 1, "run_results": 1}
    assert result_of(at_work.ipad.start_run()).id != run_id


def test_a_killed_app_starts_again_with_all_its_data_and_finishes_the_run(at_work: GroupAtWork) -> None:
    """The launcher and everything under it, as when the laptop's battery is empty."""
    app = at_work.app
    send_photos(at_work.ipad, at_work.label_ids, range(12))
    run_id = result_of(at_work.ipad.start_run()).id
    wait_until_running(at_work, run_id)
    assert app.process is not None
    children = [app.child("web"), app.child("ml_core")]
    for pid in (app.process.pid, *children):
        os.kill(pid, signal.SIGKILL)
    app.process.wait()
    wait_for(
        lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), 20, "nothing is left running"
    )
    app.start()
    run = result_of(at_work.ipad.wait_for_run(run_id, limit_s=120))
    assert (run.state, run.version) == ("done", 1)
    assert counts(app.data) == {"photos": 36, "runs": 1, "run_results": 1}
    assert app.stop() == 0


def test_a_burst_survives_the_death_of_the_web_process(at_work: GroupAtWork) -> None:
    """An iPad sends each photo until it hears that it is saved: each is there once."""
    for number in range(20):
        if number == 7:
            os.kill(at_work.app.child("web"), signal.SIGKILL)
        result_of(at_work.ipad.send_photo(at_work.label_ids["apple"], jpeg(COLORS["apple"], number)))
    assert result_of(at_work.ipad.overview()).photos_by_key["apple"] == 20
    assert counts(at_work.app.data)["photos"] == 20
